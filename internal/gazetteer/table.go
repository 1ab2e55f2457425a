package gazetteer

import (
	"math/bits"
	"sync/atomic"

	"otklik/internal/place"
)

// A table finds the places of a key: open addressing over flat slices, 12 bytes
// a slot, so that a country's names are a few large objects that the garbage
// collector need not walk. Nothing is taken out of a table; what a replaced list
// held stays until the table is built anew.
type table struct {
	keys  []place.Key
	lists []uint32 // of the key in the same slot: 1 + its place in heads
	used  int
}

func newTable(n int) table {
	size := 1 << bits.Len(uint(max(8, n+n/2)))
	return table{keys: make([]place.Key, size), lists: make([]uint32, size)}
}

// slot returns where the key is, or where it would stand.
func (t *table) slot(key place.Key) int {
	mask := len(t.keys) - 1
	for i := int(key) & mask; ; i = (i + 1) & mask {
		if t.lists[i] == 0 || t.keys[i] == key {
			return i
		}
	}
}

// find returns the number of the key's list; ok is false when it has none.
func (t *table) find(key place.Key) (list uint32, ok bool) {
	if len(t.keys) == 0 {
		return 0, false
	}
	n := t.lists[t.slot(key)]
	return n - 1, n > 0
}

// set gives the key its list and grows the table as needed.
func (t *table) set(key place.Key, list uint32) {
	if 4*(t.used+1) > 3*len(t.keys) {
		old := *t
		*t = newTable(2 * (t.used + 1))
		for i, n := range old.lists {
			if n > 0 {
				s := t.slot(old.keys[i])
				t.keys[s], t.lists[s] = old.keys[i], n
			}
		}
		t.used = old.used
	}
	s := t.slot(key)
	if t.lists[s] == 0 {
		t.used++
	}
	t.keys[s], t.lists[s] = key, list+1
}

// A sieve says without a lock that a key is in no table: most words of a text
// name no place. One bit in eight is set at most; it may err on the other side only.
type sieve struct {
	words []atomic.Uint64
	room  int // keys until it should be made larger
}

func newSieve(keys int) *sieve {
	size := 1 << bits.Len(uint(max(1<<10, 8*keys)))
	return &sieve{words: make([]atomic.Uint64, size/64), room: size / 8}
}

func (s *sieve) add(key place.Key) {
	bit := uint64(key>>20) & uint64(len(s.words)*64-1)
	s.words[bit/64].Or(1 << (bit % 64))
}

func (s *sieve) passes(key place.Key) bool {
	bit := uint64(key>>20) & uint64(len(s.words)*64-1)
	return s.words[bit/64].Load()&(1<<(bit%64)) != 0
}
