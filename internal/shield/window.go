package shield

import (
	"crypto/hmac"
	"crypto/sha256"
	"sync"
	"time"
)

// A Key is what is kept of an address, a contact, a place or a text: the beginning of its
// HMAC under a secret that lives as long as the program.
type Key [16]byte

// A keyer makes keys.
type keyer struct{ secret []byte }

func (k keyer) key(what, value string) Key {
	if value == "" {
		return Key{}
	}
	m := hmac.New(sha256.New, k.secret)
	m.Write([]byte(what))
	m.Write([]byte{0})
	m.Write([]byte(value))
	return Key(m.Sum(nil)[:16])
}

// A window counts what happened under a key in the last span of time, nearly: the part of the
// span before that still counts is taken as if it had been spread evenly, which needs two
// numbers a key and errs by few. Memory is bounded: keys stand in two generations of at most
// half of the keys each, and the older one goes when the younger is full. What is in use
// moves to the younger.
type window struct {
	mu         sync.Mutex
	span       time.Duration
	half       int // keys of one generation
	young, old map[Key]tally
}

// A tally counts in the slice of time that at begins, and in the one before.
type tally struct {
	slice        int64 // number of the span since 1970
	now, earlier float64
}

func newWindow(span time.Duration, keys int) *window {
	return &window{span: span, half: max(keys/2, 1), young: map[Key]tally{}}
}

// add counts n more and returns how much the last span holds; n = 0 only asks. The zero Key
// counts nothing.
func (w *window) add(now time.Time, k Key, n float64) float64 {
	if k == (Key{}) {
		return 0
	}
	at := now.UnixNano()
	slice := at / int64(w.span)
	share := float64(at%int64(w.span)) / float64(w.span)
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.young[k]
	if !ok {
		t, ok = w.old[k]
	}
	switch {
	case !ok || slice > t.slice+1 || slice < t.slice:
		t = tally{slice: slice}
	case slice == t.slice+1:
		t = tally{slice: slice, earlier: t.now}
	}
	t.now += n
	if n != 0 {
		if len(w.young) >= w.half {
			if _, here := w.young[k]; !here {
				w.old, w.young = w.young, make(map[Key]tally, w.half/4)
			}
		}
		w.young[k] = t
	}
	return t.now + t.earlier*(1-share)
}

// size returns how many keys are held.
func (w *window) size() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.young) + len(w.old)
}
