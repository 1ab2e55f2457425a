package watch

import (
	"math"
	"slices"
	"strings"

	"otklik/internal/russian"
)

// A Set is any number of queries, compiled to be asked at once. It is
// immutable and safe for concurrent use, each goroutine with its own Buffer.
type Set struct {
	nodes []cell  // all queries' nodes; the kids of one lie side by side
	roots []int32 // query → its node

	terms   int                // number of distinct words and prefixes
	byLemma russian.TermIndex  // russian.Term of a lemma → terms that it matches
	byStart map[string][]int32 // beginning of a word → its terms
	starts  []int              // lengths of beginnings in bytes, ascending
	when    []*condition       // of the nodes that are one
	notes   *notes             // what was found out about single words

	// What waits under the terms, term by term, in the order of reading.
	lists   []list    // term → where its part of the next four begins; that of the next term ends it
	sure    []Hit     // queries that match when the term stands in the text
	all     []posting // queries that match when all three literals hold too
	some    []posting // queries that match when one of them does
	rest    []longer  // queries of which more must hold
	clauses []int32   // what that is, see clauses.go
}

// A list is where the part of a term begins in sure, all, some and rest.
type list struct{ sure, all, some, rest int32 }

// A posting is one query under a term that it cannot do without. A literal that
// it does not need is one that holds here anyway, or a second time the first.
type posting struct {
	query int32
	of    [3]literal
}

// A longer posting wants its literals all and then its clauses.
type longer struct {
	posting
	clauses int32 // where they begin
}

// A cell is one compiled node: kids are nodes[first:first+n].
type cell struct {
	op    op
	dist  int32
	term  int32 // Word, Prefix; Condition: its place in when
	first int32
	n     int32
}

// A Hit says that a query matches: its index in the slice that NewSet was given.
type Hit struct{ Query int32 }

// An Option changes how a set is compiled, never what it matches.
type Option func(*compiler)

// WithSample lets recent texts of the stream say which words are rare there. A
// thousand texts are plenty; without them the set guesses, and takes about
// twice the time.
func WithSample(texts []*russian.Text) Option {
	return func(c *compiler) { c.sample = texts }
}

// NewSet compiles the queries. A nil query never matches; it keeps its number.
// Compiling 10,000 queries takes some tens of milliseconds: sets are rebuilt
// whole when a rule changes, never patched.
func NewSet(queries []*Query, options ...Option) *Set {
	c := compiler{
		set:     &Set{byStart: map[string][]int32{}, roots: make([]int32, len(queries))},
		byLemma: map[uint64][]int32{},
		term:    map[string]int32{},
	}
	for _, o := range options {
		o(&c)
	}
	for i, q := range queries {
		c.set.roots[i] = -1
		if q == nil {
			continue
		}
		c.set.roots[i] = int32(len(c.set.nodes))
		c.set.nodes = append(c.set.nodes, cell{})
		c.compile(c.set.roots[i], q.root)
	}
	c.set.terms = len(c.cost)
	c.set.notes = newNotes(c.set.terms)
	c.set.byLemma = russian.NewTermIndex(c.byLemma)
	c.measure()
	c.index()
	return c.set
}

// Len returns the number of queries the set was made of.
func (s *Set) Len() int { return len(s.roots) }

type compiler struct {
	set     *Set
	byLemma map[uint64][]int32
	term    map[string]int32
	cost    []float64 // term → how often we expect it, in texts of the stream
	sample  []*russian.Text
}

// measure counts the terms in the sample.
func (c *compiler) measure() {
	if len(c.sample) == 0 {
		return
	}
	var b Buffer
	count := make([]float64, c.set.terms)
	for _, t := range c.sample {
		b.reset(c.set)
		c.set.scan(t, &b)
		for _, term := range b.found {
			count[term]++
		}
	}
	for t := range count {
		// What we expected weighs as much as a hundred texts, so that words the
		// sample does not hold keep an order.
		c.cost[t] = count[t]/float64(len(c.sample)) + c.cost[t]/1e5
	}
}

func (c *compiler) compile(at int32, n *node) {
	cl := cell{op: n.op, dist: int32(n.dist), n: int32(len(n.kids))}
	if n.op == opWord || n.op == opPrefix {
		cl.term = c.intern(n)
	}
	if n.op == opCondition {
		cl.term = int32(len(c.set.when))
		c.set.when = append(c.set.when, n.when)
	}
	cl.first = int32(len(c.set.nodes))
	c.set.nodes = append(c.set.nodes, make([]cell, len(n.kids))...)
	c.set.nodes[at] = cl
	for i, k := range n.kids {
		c.compile(cl.first+int32(i), k)
	}
}

// intern gives the leaf its number: leaves with the same lemmas share one.
func (c *compiler) intern(n *node) int32 {
	name := string(rune('0'+n.op)) + strings.Join(n.keys, "\x00")
	id, ok := c.term[name]
	if !ok {
		id = int32(len(c.cost))
		c.term[name] = id
		c.cost = append(c.cost, commonness(n))
		for _, k := range n.keys {
			if n.op == opPrefix {
				c.set.byStart[k] = append(c.set.byStart[k], id)
			} else {
				h := russian.Term(k)
				c.byLemma[h] = append(c.byLemma[h], id)
			}
		}
		if n.op == opPrefix {
			if l := len(n.keys[0]); !slices.Contains(c.set.starts, l) {
				c.set.starts = append(c.set.starts, l)
				slices.Sort(c.set.starts)
			}
		}
	}
	// Rules are written about what people write: a word that many rules name
	// is a word that many messages hold.
	c.cost[id]++
	return id
}

// cover appends the cheapest set of terms one of which stands in every text
// that the node matches, with its cost; infinite when there is none.
func (c *compiler) cover(at int32, dst []int32) ([]int32, float64) {
	n := c.set.nodes[at]
	switch n.op {
	case opWord, opPrefix:
		return append(dst, n.term), c.cost[n.term]
	case opNot, opCondition:
		return dst, math.Inf(1)
	case opOr:
		sum := 0.0
		for k := n.first; k < n.first+n.n; k++ {
			var cost float64
			dst, cost = c.cover(k, dst)
			sum += cost
		}
		return dst, sum
	}
	from, best := len(dst), math.Inf(1)
	var tried []int32
	for k := n.first; k < n.first+n.n; k++ {
		var cost float64
		tried, cost = c.cover(k, tried[:0])
		if cost < best {
			best = cost
			dst = append(dst[:from], tried...)
		}
	}
	return dst, best
}

// commonness guesses how common a word is before any stream was seen: words of
// the closed classes first, then the short, then the rest.
func commonness(n *node) float64 {
	if n.op == opPrefix {
		return 40
	}
	most := 0.0
	for _, k := range n.keys {
		switch {
		case frequent[k]:
			most = max(most, 400)
		case len(k) <= 2*3:
			most = max(most, 12)
		case len(k) <= 2*5:
			most = max(most, 4)
		default:
			most = max(most, 1)
		}
	}
	return most
}

// frequent holds lemmas that stand in a large share of all Russian texts.
var frequent = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
		и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой
		ваш наш вы ты мой твой так о об от как еще же бы ли для до себя при уже или если нет да
		тот сам один два три когда только даже также тоже потому очень может мочь сказать говорить
		год день раз время человек люди дело жизнь рука самый кто где там тут здесь теперь потом
		сейчас надо нужно можно нельзя хотеть знать стать идти делать сделать дать другой новый
		большой хороший первый каждый такой какой всегда никогда ничего никто чтобы чем под над
		без через после перед между про ну вот просто более хотя ни во со ко обо дом город улица
		район россия область пожалуйста здравствуйте добрый спасибо почему сколько куда`) {
		m[w] = true
	}
	return m
}()
