package locate

import (
	"math/bits"

	"otklik/internal/russian"
)

// A wordTable finds the entry of a word as written. Open addressing: a text asks
// for each of its words, and nearly none is there.
type wordTable struct {
	slots []wordSlot
}

type wordSlot struct {
	word  string
	entry *entry
}

func newWordTable(words map[string]*entry) wordTable {
	t := wordTable{make([]wordSlot, 1<<bits.Len(uint(4*len(words))))}
	for w, e := range words {
		i := wordHash(w)
		for ; t.slots[i&uint64(len(t.slots)-1)].entry != nil; i++ {
		}
		t.slots[i&uint64(len(t.slots)-1)] = wordSlot{w, e}
	}
	return t
}

func (t *wordTable) find(w string) *entry {
	for i := wordHash(w); ; i++ {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		if s.entry == nil || s.word == w {
			return s.entry
		}
	}
}

// wordHash mixes the ends and the length of a word: enough to tell the few
// hundred words of the vocabulary apart.
func wordHash(w string) uint64 {
	n := len(w)
	var a, b uint64
	switch {
	case n >= 8:
		a, b = eight(w), eight(w[n-8:])
	default:
		for i := range n {
			a = a<<8 | uint64(w[i])
		}
	}
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^uint64(n)^0xe7037ed1a0b428db)
	return high ^ low
}

func eight(w string) uint64 {
	_ = w[7]
	return uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
		uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
}

// A termTable finds the entry of a lemma by its term.
type termTable struct {
	terms   []uint64
	entries []*entry
}

func newTermTable(words map[string]*entry) termTable {
	size := 1 << bits.Len(uint(4*len(words)))
	t := termTable{make([]uint64, size), make([]*entry, size)}
	for w, e := range words {
		term := russian.Term(w)
		i := term & uint64(size-1)
		for ; t.entries[i] != nil; i = (i + 1) & uint64(size-1) {
		}
		t.terms[i], t.entries[i] = term, e
	}
	return t
}

func (t *termTable) find(term uint64) *entry {
	mask := uint64(len(t.terms) - 1)
	for i := term & mask; ; i = (i + 1) & mask {
		if t.terms[i] == term || t.entries[i] == nil {
			return t.entries[i]
		}
	}
}
