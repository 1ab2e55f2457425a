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
	holds []uint64 // two bits a term: it stands in the text, it does not; small enough for the nearest memory
	asked []uint32 // query → round in which it was evaluated
	found []int32  // terms of this text, in order of first occurrence
	room  []int32  // terms of a word
	hits  []Hit
	text  *russian.Text // under the eye
	of    Context       // of it
	positions
}

// reset makes b ready for a new text of s.
func (b *Buffer) reset(s *Set) {
	if b.set != s {
		*b = Buffer{set: s, found: b.found[:0], room: b.room, hits: b.hits, positions: newPositions(s.terms),
			holds: make([]uint64, s.terms/32+1), asked: make([]uint32, len(s.roots))}
		for i := range b.holds {
			b.holds[i] = noTerms
		}
	}
	for _, t := range b.found {
		b.holds[uint32(t)>>5] = noTerms
		b.bits[t] = 0
	}
	b.round++
	if b.round == 0 { // wrapped after 4 billion texts: old rounds would look new
		clear(b.asked)
		b.round = 1
	}
	b.found, b.words, b.chained = b.found[:0], 0, false
}

// noTerms is a word of Buffer.holds before any of its terms was met.
const noTerms = 0xAAAAAAAAAAAAAAAA

// A literal says that a term stands in the text (2·term) or that it does not (2·term + 1).
type literal int32

func present(term int32) literal { return literal(term << 1) }
func missing(term int32) literal { return literal(term<<1 | 1) }

// bit is 1 where the literal holds.
func (l literal) bit(holds []uint64) uint64 { return holds[uint32(l)>>6] >> (uint32(l) & 63) & 1 }

// has reports whether the term stands in the text.
func (b *Buffer) has(term int32) bool { return b.bits[term] != 0 }

// Match returns the queries that match t, in no particular order, when nothing
// is known of the message but its text. The slice belongs to b and is good
// until its next Match.
func (s *Set) Match(t *russian.Text, b *Buffer) []Hit { return s.MatchIn(t, Context{}, b) }

// MatchIn is Match for a message of which more is known: conditions ask for it.
func (s *Set) MatchIn(t *russian.Text, of Context, b *Buffer) []Hit {
	b.reset(s)
	b.text, b.of = t, of
	s.scan(t, b)
	hits, holds := b.hits[:0], b.holds
	for _, term := range b.found {
		from, to := &s.lists[term], &s.lists[term+1]
		hits = append(hits, s.sure[from.sure:to.sure]...)
		// Whether the literals of a posting hold cannot be foreseen: a jump would go wrong
		// every third time. So every query is written down, and counts where they hold.
		n := len(hits)
		hits = slices.Grow(hits, int(to.all-from.all+to.some-from.some))
		room := hits[:cap(hits)]
		for i := range s.all[from.all:to.all] {
			p := &s.all[int(from.all)+i]
			room[n] = Hit{p.query}
			n += int(p.of[0].bit(holds) & p.of[1].bit(holds) & p.of[2].bit(holds))
		}
		for i := range s.some[from.some:to.some] {
			p := &s.some[int(from.some)+i]
			room[n] = Hit{p.query}
			n += int(p.of[0].bit(holds) | p.of[1].bit(holds) | p.of[2].bit(holds))
		}
		hits = room[:n]
		for i := range s.rest[from.rest:to.rest] {
			p := &s.rest[int(from.rest)+i]
			if p.of[0].bit(holds)&p.of[1].bit(holds)&p.of[2].bit(holds) != 0 && s.check(p.clauses, b) {
				hits = append(hits, Hit{p.query})
			}
		}
	}
	b.hits = hits
	return hits
}

// scan notes the terms that stand in t.
func (s *Set) scan(t *russian.Text, b *Buffer) {
	for i := range t.Tokens {
		if tok := &t.Tokens[i]; counted(tok) {
			b.add(s.termsOf(tok, b))
		}
	}
}

// termsOf returns the terms that a token meets, each once; good until the next call.
func (s *Set) termsOf(tok *russian.Token, b *Buffer) []int32 {
	if len(tok.Forms) == 0 {
		b.room = append(b.room[:0], s.byLemma.Find(russian.Term(bare(tok)))...)
		b.room = s.startTerms(b.room, bare(tok))
		return b.room
	}
	note := tok.Note()
	if note != nil {
		if terms, ok := s.notes.read(note.Load()); ok {
			return terms
		}
	}
	b.room = s.wordTerms(b.room[:0], tok)
	s.notes.write(note, b.room)
	return b.room
}

// add notes that the next word of the text meets the terms.
func (b *Buffer) add(terms []int32) {
	bit := uint64(1) << (min(b.words, maxBits-1))
	b.words++
	for _, t := range terms {
		if b.bits[t] == 0 {
			b.holds[uint32(t)>>5] ^= 3 << (2 * uint32(t) & 63)
			b.found = append(b.found, t)
		}
		b.bits[t] |= bit
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
	return s.phrase(n, b)
}
