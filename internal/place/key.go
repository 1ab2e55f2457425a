package place

import (
	"math/bits"
	"strings"

	"otklik/internal/russian"
)

// A Key stands for a name's words as lemmas: a hash of 64 bits, so that a text is
// compared with a hundred thousand names by numbers, without making a string of
// any word. Two names share one by chance once in 2⁶⁴ questions.
type Key uint64

// KeyOf returns the key of lemmas joined by blanks, «генерал тихонов», as Keys
// makes them; 0 for none.
func KeyOf(lemmas string) Key {
	k := Key(0)
	for lemma := range strings.FieldsSeq(lemmas) {
		k = k.And(russian.Term(lemma))
	}
	return k
}

// And returns the key of k's words and one more, given by russian.Term of its
// lemma. The key of one word is its term.
func (k Key) And(term uint64) Key {
	if k == 0 {
		return Key(term)
	}
	high, low := bits.Mul64(uint64(k)^0x9e3779b97f4a7c15, bits.RotateLeft64(term, 31)^0xd6e8feb86659fd93)
	return Key(high ^ low)
}
