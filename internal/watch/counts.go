package watch

import "sync/atomic"

// Counts counts how often each query of a set matched, for many goroutines. It
// keeps no time: whoever stores the counts takes them when it likes.
type Counts struct{ hits []atomic.Int64 }

// NewCounts returns counters for the queries of a set.
func NewCounts(s *Set) *Counts { return &Counts{make([]atomic.Int64, s.Len())} }

// Add counts the hits of one message.
func (c *Counts) Add(hits []Hit) {
	for _, h := range hits {
		c.hits[h.Query].Add(1)
	}
}

// Take returns the hits of every query since the last Take, by its number, and
// begins anew. A hit counted meanwhile is in this or in the next, never lost.
func (c *Counts) Take() []int64 {
	out := make([]int64, len(c.hits))
	for i := range c.hits {
		out[i] = c.hits[i].Swap(0)
	}
	return out
}
