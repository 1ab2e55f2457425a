package watch

import (
	"slices"
	"strconv"
	"strings"
)

// An op is what a node of a query does.
type op uint8

const (
	opWord   op = iota // one word in any form
	opPrefix           // a word that begins so
	opPhrase           // words side by side, in this order
	opNear             // words within a distance, in any order
	opAnd
	opOr
	opNot
	opCondition // of the message, not of a word
)

// A node is one node of a parsed query.
type node struct {
	op   op
	kids []*node  // And, Or: two or more; Not: one; Phrase, Near: words and prefixes
	keys []string // Word: its lemmas, sorted; Prefix: the beginning, lower case
	text string   // Word, Prefix: as written, without the star
	dist int      // Near: greatest difference of word positions
	when *condition
}

// A Query is one standing query as parsed. It is immutable and may be part of
// any number of sets.
type Query struct {
	source string
	root   *node
}

// Source returns the query as it was written.
func (q *Query) Source() string { return q.source }

// String returns the query in its plainest form: every operator written out,
// brackets only where they are needed. Parsing it gives the same query.
func (q *Query) String() string {
	var b strings.Builder
	q.root.write(&b, opOr)
	return b.String()
}

func (n *node) write(b *strings.Builder, outer op) {
	switch n.op {
	case opWord:
		b.WriteString(n.text)
	case opPrefix:
		b.WriteString(n.text)
		b.WriteByte('*')
	case opPhrase, opNear:
		b.WriteByte('"')
		for i, k := range n.kids {
			if i > 0 {
				b.WriteByte(' ')
			}
			k.write(b, n.op)
		}
		b.WriteByte('"')
		if n.op == opNear {
			b.WriteByte('~')
			b.WriteString(strconv.Itoa(n.dist))
		}
	case opCondition:
		b.WriteString(n.when.String())
	case opNot:
		b.WriteByte('!')
		n.kids[0].write(b, opNot)
	case opAnd, opOr:
		sign := " & "
		if n.op == opOr {
			sign = " | "
		}
		bracket := outer == opNot || outer == opAnd && n.op == opOr
		if bracket {
			b.WriteByte('(')
		}
		for i, k := range n.kids {
			if i > 0 {
				b.WriteString(sign)
			}
			k.write(b, n.op)
		}
		if bracket {
			b.WriteByte(')')
		}
	}
}

// Words returns the words of the query that a message may hold, as written,
// each once: for previews and for lists of rules by word.
func (q *Query) Words() []string {
	var words []string
	q.root.visit(func(n *node) {
		if !slices.Contains(words, n.text) {
			words = append(words, n.text)
		}
	})
	return words
}

// visit calls f for every word and prefix that is not under a Not.
func (n *node) visit(f func(*node)) {
	switch n.op {
	case opWord, opPrefix:
		f(n)
	case opNot, opCondition:
	default:
		for _, k := range n.kids {
			k.visit(f)
		}
	}
}

// required reports whether some word must stand in every text that n matches:
// without one the query could not be indexed, and would match nearly every text.
func (n *node) required() bool {
	switch n.op {
	case opNot, opCondition:
		return false
	case opOr:
		for _, k := range n.kids {
			if !k.required() {
				return false
			}
		}
		return true
	case opAnd:
		return slices.ContainsFunc(n.kids, (*node).required)
	default:
		return true
	}
}
