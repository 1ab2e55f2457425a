package russian

import "encoding/binary"

// Most of the time of reading goes into waiting for memory: each word costs a
// look at its set in the cache and one at the word. So the scanner only notes
// what it wants to know, and looks up many words at once: their waits overlap.

// A lateWord is a token whose word is still to be looked up.
type lateWord struct {
	id    keyID
	hash  uint64
	token int
	word  *word
}

// lateWords is how many lookups wait at most; their notes stay in the first
// level cache of a processor.
const lateWords = 64

// later notes that the last token needs the word of the key just read, which
// has at most keyIDBytes bytes.
func (sc *scanner) later() {
	id := identify(sc.key)
	sc.late = append(sc.late, lateWord{id: id, hash: id.hash(sc.key), token: len(sc.tokens) - 1})
	if len(sc.late) == lateWords {
		sc.lookUp()
	}
}

// lookUp looks up all noted words. The first two loops do nothing but bring
// memory near, without a branch that depends on it.
func (sc *scanner) lookUp() {
	c := sc.a.cache
	warmed := uint32(0)
	for i := range sc.late {
		warmed += c.set(sc.late[i].hash).next.Load()
	}
	length := uint32(0)
	for i := range sc.late {
		l := &sc.late[i]
		if l.word = c.guess(l.hash); l.word != nil {
			length += l.word.id.length
		}
	}
	sc.warmed += uint64(warmed) + uint64(length)
	for i := range sc.late {
		l := &sc.late[i]
		w := l.word
		if w == nil || !w.id.same(&l.id) {
			w = sc.a.word(l.id.key(sc.key[:0]))
		}
		sc.tokens[l.token].know(w)
		l.word = nil
	}
	sc.late = sc.late[:0]
}

// key appends the key that an id of at most keyIDBytes bytes was made of.
func (id keyID) key(out []byte) []byte {
	var b [keyIDBytes]byte
	if id.length > 8 {
		binary.LittleEndian.PutUint64(b[id.length-8:], id.last)
	}
	binary.LittleEndian.PutUint64(b[:], id.first)
	return append(out, b[:id.length]...)
}
