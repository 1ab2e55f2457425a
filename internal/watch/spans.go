package watch

import (
	"slices"

	"otklik/internal/russian"
)

// Spans appends to dst the words of t that make the query match: evidence for
// the operator, sorted, without doubles; nothing when it does not match. It
// reads the text again, so ask it about what will be kept. The hits that Match
// left in b stay good, and conditions are asked of the message that it knew.
func (s *Set) Spans(h Hit, t *russian.Text, b *Buffer, dst []russian.Span) []russian.Span {
	root := s.roots[h.Query]
	if root < 0 {
		return dst
	}
	b.reset(s)
	b.text = t
	s.scan(t, b)
	if !s.holds(root, b) {
		return dst
	}
	b.chain()
	at := s.evidence(root, b, nil)
	slices.Sort(at)
	at = slices.Compact(at)
	pos, i := int32(-1), 0
	for k := range t.Tokens {
		tok := &t.Tokens[k]
		if !counted(tok) {
			continue
		}
		pos++
		for i < len(at) && at[i] < pos {
			i++
		}
		if i == len(at) {
			break
		}
		if at[i] == pos {
			dst = append(dst, russian.Span{Start: tok.Start, End: tok.End})
		}
	}
	return dst
}

// evidence appends the word positions that make the node hold; none when it does not.
func (s *Set) evidence(at int32, b *Buffer, dst []int32) []int32 {
	n := &s.nodes[at]
	switch n.op {
	case opWord, opPrefix:
		if b.has(n.term) {
			for o := b.last[n.term]; o >= 0; o = b.where[o].prev {
				dst = append(dst, b.where[o].pos)
			}
		}
	case opAnd, opOr:
		for k := n.first; k < n.first+n.n; k++ {
			if s.holds(k, b) {
				dst = s.evidence(k, b, dst)
			}
		}
	case opPhrase, opNear:
		kids := s.nodes[n.first : n.first+n.n]
		where := make([]int32, len(kids))
		for o := b.last[kids[0].term]; o >= 0; o = b.where[o].prev {
			if b.together(n, kids, b.where[o].pos, where) {
				dst = append(dst, where...)
			}
		}
	}
	return dst
}
