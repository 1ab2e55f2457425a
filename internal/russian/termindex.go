package russian

import "math/bits"

// A TermIndex finds small numbers by the terms of a token (Token.Terms). Judges
// build one from their word lists and probe it for every word of every message,
// so it is two flat slices: open addressing, at most half full, a key beside
// what it leads to. It is never changed, and many goroutines may read it.
type TermIndex struct {
	// Most words of a text are in no list. The sieve, one bit in sixteen set, tells
	// nearly all of them from what stays in the processor's first cache; the slots do not fit there.
	sieve []uint64
	shift uint8 // of a term: its upper bits choose the bit
	slots []termSlot
	list  []int32
	mask  uint64
}

// A termSlot leads from a term to list[from:to]; the key 0 is free, the term 0 is kept as 1.
type termSlot struct {
	key      uint64
	from, to int32
}

// NewTermIndex returns an index of m.
func NewTermIndex(m map[uint64][]int32) TermIndex {
	size := 16
	for size < 2*len(m)+2 {
		size *= 2
	}
	width := max(6, bits.Len(uint(16*len(m))))
	t := TermIndex{sieve: make([]uint64, 1<<(width-6)), shift: uint8(64 - width), slots: make([]termSlot, size), mask: uint64(size - 1)}
	for key, numbers := range m {
		key = max(key, 1)
		at := key >> t.shift
		t.sieve[at>>6] |= 1 << (at & 63)
		i := key & t.mask
		for t.slots[i].key != 0 {
			i = (i + 1) & t.mask
		}
		t.slots[i] = termSlot{key, int32(len(t.list)), int32(len(t.list) + len(numbers))}
		t.list = append(t.list, numbers...)
	}
	return t
}

// Find returns the numbers of a term, nil if there are none. The slice is shared.
func (t *TermIndex) Find(term uint64) []int32 {
	term = max(term, 1)
	if at := term >> t.shift; t.sieve[at>>6]&(1<<(at&63)) == 0 {
		return nil
	}
	for i := term & t.mask; ; i++ {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		if s.key == term {
			return t.list[s.from:s.to]
		}
		if s.key == 0 {
			return nil
		}
	}
}
