package watch

import (
	"slices"
	"strings"
	"testing"
)

// TestPhrasesWhereTheBitsEnd moves words over the place where a text becomes long.
func TestPhrasesWhereTheBitsEnd(t *testing.T) {
	t.Parallel()
	var queries []*Query
	for _, q := range []string{`"а б"`, `"б а"`, `"а б в"`, `"а а"`, `"а б"~1`, `"а в"~2`, `"а в"~63`, `"а в"~64`, `"а а"~3`, `"а б в"~3`, `"а б" & !"б в"`} {
		queries = append(queries, mustParse(t, plain{}, q))
	}
	s := NewSet(queries)
	var b Buffer
	for fill := maxBits - 5; fill <= maxBits+2; fill++ {
		for _, words := range []string{"а б", "б а", "а в б", "а б в", "в б а", "а", "а а"} {
			for at := range strings.Fields(words) {
				list := slices.Insert(strings.Fields(words), at, slices.Repeat([]string{"ж"}, fill)...)
				text := plain{}.Read(strings.Join(list, " "))
				hits := s.Match(text, &b)
				for i, q := range queries {
					if got, want := slices.Contains(hits, Hit{int32(i)}), naive(q.root, text); got != want {
						t.Errorf("%s on %s with %d words before word %d: set %v, naive %v", q, words, fill, at, got, want)
					}
				}
			}
		}
	}
}
