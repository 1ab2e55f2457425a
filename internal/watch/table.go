package watch

// A table finds the terms of a lemma by its hash. It is filled once and probed
// for every word of every message, so it is three flat slices: open addressing,
// at most half full, all of it in the second cache of a core.
type table struct {
	keys []uint64 // 0 = free; the key 0 itself is kept as 1
	at   []span   // into list
	list []int32
	mask uint64
}

type span struct{ from, to int32 }

func newTable(m map[uint64][]int32) table {
	size := 16
	for size < 2*len(m)+2 {
		size *= 2
	}
	t := table{keys: make([]uint64, size), at: make([]span, size), mask: uint64(size - 1)}
	for key, terms := range m {
		key = max(key, 1)
		i := key & t.mask
		for t.keys[i] != 0 {
			i = (i + 1) & t.mask
		}
		t.keys[i] = key
		t.at[i] = span{int32(len(t.list)), int32(len(t.list) + len(terms))}
		t.list = append(t.list, terms...)
	}
	return t
}

// find returns the terms of the lemma with this hash, nil if there are none.
func (t *table) find(key uint64) []int32 {
	key = max(key, 1)
	for i := key & t.mask; ; i = (i + 1) & t.mask {
		switch t.keys[i] {
		case key:
			return t.list[t.at[i].from:t.at[i].to]
		case 0:
			return nil
		}
	}
}
