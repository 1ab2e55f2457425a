package watch

import "otklik/internal/russian"

// A Buffer is what one goroutine needs to match messages without allocating.
// The zero Buffer is ready, and may go from one Set to another.
type Buffer struct {
	set   *Set
	round uint32
	seen  []uint32 // term → round in which it stood in the text
	asked []uint32 // query → round in which it was evaluated
	last  []int32  // term → its latest occurrence in places, this round
	found []int32  // terms of this text, in order of first occurrence
	where []place  // occurrences, chained per term from the last to the first
	hits  []Hit
}

type place struct {
	pos  int32 // word position
	prev int32 // earlier occurrence of the term, or -1
}

// reset makes b ready for a new text of s.
func (b *Buffer) reset(s *Set) {
	if b.set != s {
		*b = Buffer{set: s, found: b.found, where: b.where, hits: b.hits,
			seen: make([]uint32, s.terms), last: make([]int32, s.terms), asked: make([]uint32, len(s.roots))}
	}
	b.round++
	if b.round == 0 { // wrapped after 4 billion texts: old rounds would look new
		clear(b.seen)
		clear(b.asked)
		b.round = 1
	}
	b.found, b.where = b.found[:0], b.where[:0]
}

// Match returns the queries that match t, in no particular order. The slice
// belongs to b and is good until its next Match.
func (s *Set) Match(t *russian.Text, b *Buffer) []Hit {
	b.reset(s)
	b.hits = b.hits[:0]
	s.scan(t, b, false)
	for _, term := range b.found {
		for _, p := range s.postings[s.fromTerm[term]:s.fromTerm[term+1]] {
			if p.need >= 0 && b.seen[p.need] != b.round {
				continue
			}
			switch p.mode {
			case flat:
				if !s.check(p.rest, b) {
					continue
				}
			case once:
				if b.asked[p.query] == b.round {
					continue
				}
				b.asked[p.query] = b.round
				fallthrough
			case exact:
				if !s.holds(s.roots[p.query], b) {
					continue
				}
			}
			b.hits = append(b.hits, Hit{p.query})
		}
	}
	return b.hits
}

// scan notes the terms that stand in t; the positions of those that phrases
// need, or of all.
func (s *Set) scan(t *russian.Text, b *Buffer, all bool) {
	pos := int32(-1)
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if !counted(tok) {
			continue
		}
		pos++
		if len(tok.Forms) > 0 {
			for _, h := range tok.Terms() {
				if terms := s.byLemma.find(h); terms != nil {
					s.add(terms, pos, b, all)
				}
			}
		} else if terms := s.byLemma.find(russian.Term(bare(tok))); terms != nil {
			s.add(terms, pos, b, all)
		}
		if len(s.starts) > 0 {
			s.prefixes(bare(tok), pos, b, all)
		}
	}
}

// prefixes notes the beginnings that norm has.
func (s *Set) prefixes(norm string, pos int32, b *Buffer, all bool) {
	for _, l := range s.starts {
		if l > len(norm) {
			return
		}
		s.add(s.byStart[norm[:l]], pos, b, all)
	}
}

// add notes that the terms stand at the word position.
func (s *Set) add(terms []int32, pos int32, b *Buffer, all bool) {
	for _, t := range terms {
		known := b.seen[t] == b.round
		if !known {
			b.seen[t] = b.round
			b.found = append(b.found, t)
		}
		if !all && !s.placed[t] {
			continue
		}
		prev := int32(-1)
		if known {
			prev = b.last[t]
			if b.where[prev].pos == pos { // by another lemma of the same word
				continue
			}
		}
		b.last[t] = int32(len(b.where))
		b.where = append(b.where, place{pos, prev})
	}
}

// holds evaluates a node over the text in b.
func (s *Set) holds(at int32, b *Buffer) bool {
	n := &s.nodes[at]
	switch n.op {
	case opWord, opPrefix:
		return b.seen[n.term] == b.round
	case opNot:
		return !s.holds(n.first, b)
	case opAnd:
		for k := n.first; k < n.first+n.n; k++ {
			if !s.holds(k, b) {
				return false
			}
		}
		return true
	case opOr:
		for k := n.first; k < n.first+n.n; k++ {
			if s.holds(k, b) {
				return true
			}
		}
		return false
	}
	kids := s.nodes[n.first : n.first+n.n]
	for i := range kids {
		if b.seen[kids[i].term] != b.round {
			return false
		}
	}
	for o := b.last[kids[0].term]; o >= 0; o = b.where[o].prev {
		if p := b.where[o].pos; b.together(n, kids, p, nil) {
			return true
		}
	}
	return false
}

// together reports whether the kids of a Phrase or Near stand together with
// the first of them at position p; it writes their positions to at, if given.
func (b *Buffer) together(n *cell, kids []cell, p int32, at []int32) bool {
	if n.op == opPhrase {
		for i := 1; i < len(kids); i++ {
			if !b.stands(kids[i].term, p+int32(i)) {
				return false
			}
		}
		for i := range at {
			at[i] = p + int32(i)
		}
		return true
	}
	// Near: every window of dist+1 positions that holds p.
	for from := p - n.dist; from <= p; from++ {
		var taken [maxNear]int32
		taken[0] = p
		if b.seat(kids, taken[:len(kids)], 1, from, from+n.dist) {
			copy(at, taken[:len(kids)])
			return true
		}
	}
	return false
}

// seat gives each kid from i on a position of its own inside from..to.
func (b *Buffer) seat(kids []cell, taken []int32, i int, from, to int32) bool {
	if i == len(kids) {
		return true
	}
next:
	for o := b.last[kids[i].term]; o >= 0; o = b.where[o].prev {
		p := b.where[o].pos
		if p > to {
			continue
		}
		if p < from {
			return false // chained from the last to the first
		}
		for _, t := range taken[:i] {
			if t == p {
				continue next
			}
		}
		taken[i] = p
		if b.seat(kids, taken, i+1, from, to) {
			return true
		}
	}
	return false
}

func (b *Buffer) stands(term, pos int32) bool {
	for o := b.last[term]; o >= 0; o = b.where[o].prev {
		if p := b.where[o].pos; p <= pos {
			return p == pos
		}
	}
	return false
}
