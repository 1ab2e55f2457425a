package watch

import (
	"math/bits"
)

// Where the terms of a text stand: a bit a word, which is all there is to know of a text
// of at most maxBits words. Of longer ones the chains tell, once a phrase asks.
type positions struct {
	words   int      // of the text
	bits    []uint64 // term → the words that meet it; those behind the last bit share it
	chained bool     // the chains are of this text
	last    []int32  // term → its latest occurrence in where
	where   []place  // occurrences, chained per term from the last to the first
}

const maxBits = 64

type place struct {
	pos  int32 // word position
	prev int32 // earlier occurrence of the term, or -1
}

func newPositions(terms int) positions {
	return positions{bits: make([]uint64, terms), last: make([]int32, terms)}
}

// chain fills the chains.
func (b *Buffer) chain() {
	if b.chained {
		return
	}
	b.chained, b.where = true, b.where[:0]
	for _, t := range b.found {
		b.last[t] = -1
	}
	pos := int32(0)
	for i := range b.text.Tokens {
		tok := &b.text.Tokens[i]
		if !counted(tok) {
			continue
		}
		for _, t := range b.set.termsOf(tok, b) {
			if last := b.last[t]; last < 0 || b.where[last].pos != pos {
				b.where = append(b.where, place{pos, last})
				b.last[t] = int32(len(b.where) - 1)
			}
		}
		pos++
	}
}

// pair reports whether two different words that meet the terms, both of which stand in the
// text, stand at most dist positions apart; side by side in this order when dist is 0.
func (b *Buffer) pair(first, second, dist int32) bool {
	if b.words > maxBits {
		return b.pairFar(first, second, dist)
	}
	at, other := b.bits[first], b.bits[second]
	if dist == 0 {
		return at<<1&other != 0
	}
	for ; at != 0; at &= at - 1 {
		p := int32(bits.TrailingZeros64(at))
		before, upTo := uint64(1)<<max(p-dist, 0)-1, uint64(1)<<(p+dist+1)-1
		if upTo&^before&^(1<<p)&other != 0 {
			return true
		}
	}
	return false
}

// pairFar is pair for long texts.
func (b *Buffer) pairFar(first, second, dist int32) bool {
	b.chain()
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

// phrase reports whether a Phrase or Near holds.
func (s *Set) phrase(n *cell, b *Buffer) bool {
	kids := s.nodes[n.first : n.first+n.n]
	for i := range kids {
		if !b.has(kids[i].term) {
			return false
		}
	}
	switch {
	case len(kids) == 2:
		return b.pair(kids[0].term, kids[1].term, n.dist)
	case n.op == opPhrase && b.words <= maxBits:
		at := b.bits[kids[0].term]
		for i := 1; i < len(kids); i++ {
			at = at << 1 & b.bits[kids[i].term]
		}
		return at != 0
	}
	b.chain()
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
