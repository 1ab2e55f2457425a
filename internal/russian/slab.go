package russian

import (
	"strings"
	"sync"
)

// A slab is room for the words that are made next. They take it from runs of many,
// so that a word costs no allocation of its own and the collector finds few objects;
// words of one run leave the cache together (see cache.add). A word that does not go
// there is made in a new(slab), of which each piece is as long as it must be: one such
// word would keep a whole run, and a run of them no end of text.
type slab struct {
	run    int // how many pieces a run has, 0: those asked for
	words  []word
	forms  []Form
	lemmas []string
	terms  []uint64
	text   strings.Builder
	guess  guesses
}

// slabs keeps slabs whose words go to the cache. A run of 512 words is 64 KB; one of
// more than 32 begins with a line of memory.
var slabs = sync.Pool{New: func() any { return &slab{run: 512} }}

// take cuts n from a run, or from a new one.
func take[T any](s *slab, run *[]T, n int) []T {
	if len(*run) < n {
		*run = make([]T, max(n, s.run))
	}
	out := (*run)[:n:n]
	*run = (*run)[n:]
	return out
}

// put keeps a text.
func (s *slab) put(text []byte) string {
	if s.text.Cap()-s.text.Len() < len(text) {
		s.text.Reset()
		s.text.Grow(max(len(text), 16*s.run))
	}
	from := s.text.Len()
	s.text.Write(text)
	return s.text.String()[from:]
}
