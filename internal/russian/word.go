package russian

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// A word is what we know of one written word, whatever text it stands in. It
// is shared by all tokens and, but for its note, never changed once it is made.
// It takes two lines of memory, and what every token asks for stands in the first.
type word struct {
	keyID
	note  atomic.Uint64 // see Token.Note
	norm  string
	forms []Form

	print  Print
	terms  []uint64 // Term of each lemma
	lemmas []string // distinct lemmas of forms, likeliest first
	long   *string  // the key, where keyID does not tell all of it
}

// A keyID is a key of up to fifteen letters: the first eight, then seven more
// below a byte that holds the length. Of longer keys it tells the first eight and
// the last seven, and longKey for the length. The two uppermost bits of a word's id
// are its marks.
type keyID struct{ first, last uint64 }

const (
	idLetters = 15
	longKey   = idLetters + 1
)

// Marks of a word.
const (
	markObscene uint64 = 1 << 63
	markSplit   uint64 = 1 << 62 // hyphens join words that read better one by one
	marks              = markObscene | markSplit
)

func identify(key []byte) keyID {
	n := len(key)
	switch {
	case n > idLetters:
		return keyID{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[n-8:])>>8 | longKey<<56}
	case n >= 8:
		return keyID{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[n-8:])>>(8*(16-n)) | uint64(n)<<56}
	case cap(key) >= 8:
		return keyID{binary.LittleEndian.Uint64(key[:8]) & (1<<(8*n) - 1), uint64(n) << 56}
	}
	id := keyID{last: uint64(n) << 56}
	for i, c := range key {
		id.first |= uint64(c) << (8 * i)
	}
	return id
}

// length is that of the key, at most longKey.
func (id keyID) length() int { return int(id.last &^ marks >> 56) }

// key appends the key that a short id was made of.
func (id keyID) key(out []byte) []byte {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], id.first)
	binary.LittleEndian.PutUint64(b[8:], id.last)
	return append(out, b[:id.length()]...)
}

// is reports whether the word is that of the key.
func (w *word) is(id keyID, key []byte) bool {
	return w.first == id.first && w.last&^marks == id.last && (w.long == nil || *w.long == string(key))
}

// hash hashes a key of which id was made.
func (id keyID) hash(key []byte) uint64 {
	h := mix(id.first^hashSeed1, id.last^hashSeed2)
	for i := 8; i+8 < len(key) && len(key) > idLetters; i += 8 {
		h = mix(h^hashSeed1, binary.LittleEndian.Uint64(key[i:])^hashSeed2)
	}
	return h
}

const (
	hashSeed1 = 0xa0761d6478bd642f
	hashSeed2 = 0xe7037ed1a0b428db
)

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
