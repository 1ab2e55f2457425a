package watch

// A table finds the terms of a lemma by its hash. It is filled once and probed
// for every word of every message, so it is two flat slices: open addressing,
// at most half full, a key beside what it leads to.
type table struct {
	slots []slot
	list  []int32
	mask  uint64
}

// A slot leads from a hash to list[from:to]; the key 0 is free, the hash 0 is kept as 1.
type slot struct {
	key      uint64
	from, to int32
}

func newTable(m map[uint64][]int32) table {
	size := 16
	for size < 2*len(m)+2 {
		size *= 2
	}
	t := table{slots: make([]slot, size), mask: uint64(size - 1)}
	for key, terms := range m {
		key = max(key, 1)
		i := key & t.mask
		for t.slots[i].key != 0 {
			i = (i + 1) & t.mask
		}
		t.slots[i] = slot{key, int32(len(t.list)), int32(len(t.list) + len(terms))}
		t.list = append(t.list, terms...)
	}
	return t
}

// find returns the terms of the lemma with this hash, nil if there are none.
func (t *table) find(key uint64) []int32 {
	key = max(key, 1)
	for i := key & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		if s.key == key {
			return t.list[s.from:s.to]
		}
		if s.key == 0 {
			return nil
		}
	}
}
