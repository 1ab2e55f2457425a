package watch

import (
	"slices"

	"otklik/internal/russian"
)

// A Buffer is what one goroutine needs to match messages without allocating.
// The zero Buffer is ready, and may go from one Set to another.
type Buffer struct {
	set   *Set
	round uint32
	seen  []uint64 // a bit per term: it stands in the text; small enough for the nearest memory
	asked []uint32 // query → round in which it was evaluated
	last  []int32  // term → its latest occurrence in places, where its bit is set
	found []int32  // terms of this text, in order of first occurrence
	where []place  // occurrences, chained per term from the last to the first
	room  []int32  // terms of a word
	hits  []Hit
	text  *russian.Text // under the eye
	of    Context       // of it
}

type place struct {
	pos  int32 // word position
	prev int32 // earlier occurrence of the term, or -1
}

// has reports whether the term stands in the text.
func (b *Buffer) has(term int32) bool { return b.seen[uint32(term)>>6]>>(uint32(term)&63)&1 != 0 }

// reset makes b ready for a new text of s.
func (b *Buffer) reset(s *Set) {
	if b.set != s {
		*b = Buffer{set: s, found: b.found[:0], where: b.where, room: b.room, hits: b.hits,
			seen: make([]uint64, s.terms/64+1), last: make([]int32, s.terms), asked: make([]uint32, len(s.roots))}
	}
	for _, t := range b.found {
		b.seen[uint32(t)>>6] = 0
	}
	b.round++
	if b.round == 0 { // wrapped after 4 billion texts: old rounds would look new
		clear(b.asked)
		b.round = 1
	}
	b.found, b.where = b.found[:0], b.where[:0]
}

// Match returns the queries that match t, in no particular order, when nothing
// is known of the message but its text. The slice belongs to b and is good
// until its next Match.
func (s *Set) Match(t *russian.Text, b *Buffer) []Hit { return s.MatchIn(t, Context{}, b) }

// MatchIn is Match for a message of which more is known: conditions ask for it.
func (s *Set) MatchIn(t *russian.Text, of Context, b *Buffer) []Hit {
	b.reset(s)
	b.text, b.of = t, of
	s.scan(t, b, false)
	hits := b.hits[:0]
	for _, term := range b.found {
		l := s.lists[term]
		hits = append(hits, s.sure[l.sure:l.sureEnd]...)
		for _, p := range s.postings[l.from:l.to] {
			if p.need >= 0 && !b.has(p.need) || p.not >= 0 && b.has(p.not) {
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
			hits = append(hits, Hit{p.query})
		}
	}
	b.hits = hits
	return hits
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
		if len(tok.Forms) == 0 {
			b.room = s.startTerms(b.room[:0], bare(tok))
			s.add(s.byLemma.Find(russian.Term(bare(tok))), pos, b, all)
			s.add(b.room, pos, b, all)
			continue
		}
		note := tok.Note()
		if note != nil {
			if terms, ok := s.notes.read(note.Load()); ok {
				s.add(terms, pos, b, all)
				continue
			}
		}
		b.room = s.wordTerms(b.room[:0], tok)
		s.notes.write(note, b.room)
		s.add(b.room, pos, b, all)
	}
}

// wordTerms appends the terms that a word with readings meets, each once.
func (s *Set) wordTerms(dst []int32, tok *russian.Token) []int32 {
	for _, h := range tok.Terms() {
		for _, t := range s.byLemma.Find(h) {
			if !slices.Contains(dst, t) {
				dst = append(dst, t)
			}
		}
	}
	return s.startTerms(dst, bare(tok))
}

// startTerms appends the terms of the beginnings that norm has.
func (s *Set) startTerms(dst []int32, norm string) []int32 {
	for _, l := range s.starts {
		if l > len(norm) {
			break
		}
		dst = append(dst, s.byStart[norm[:l]]...)
	}
	return dst
}

// add notes that the terms stand at the word position.
func (s *Set) add(terms []int32, pos int32, b *Buffer, all bool) {
	for _, t := range terms {
		known := b.has(t)
		if !known {
			b.seen[uint32(t)>>6] |= 1 << (uint32(t) & 63)
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
		return b.has(n.term)
	case opCondition:
		return s.when[n.term].holds(b.text, &b.of)
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
		if !b.has(kids[i].term) {
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

// near reports whether two different words that meet the terms stand at most
// dist positions apart; side by side in this order when dist is 0.
func (b *Buffer) near(first, second, dist int32) bool {
	if !b.has(first) || !b.has(second) {
		return false
	}
	for o := b.last[first]; o >= 0; o = b.where[o].prev {
		p := b.where[o].pos
		if dist == 0 {
			if b.stands(second, p+1) {
				return true
			}
			continue
		}
		for o := b.last[second]; o >= 0; o = b.where[o].prev {
			if q := b.where[o].pos; q != p && q-p <= dist && p-q <= dist {
				return true
			}
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
