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

	terms    int                // number of distinct words and prefixes
	byLemma  russian.TermIndex  // russian.Term of a lemma → terms that it matches
	byStart  map[string][]int32 // beginning of a word → its terms
	starts   []int              // lengths of beginnings in bytes, ascending
	placed   []bool             // term → some phrase needs its positions
	lists    []list             // term → what to look at when it stands in the text
	sure     []Hit              // queries that match when a term stands there
	postings []posting          // queries of which more must hold
	when     []*condition       // of the nodes that are one
	notes    *notes             // what was found out about single words
	clauses  []int32            // what is left of them to check, see clauses.go
}

// A list is what waits under one term: sure[sure:sureEnd], postings[from:to].
type list struct{ sure, sureEnd, from, to int32 }

// A posting is one query under one of its required terms.
type posting struct {
	query int32
	need  int32 // another term that must stand in the text too, or -1
	not   int32 // a term that must not, or -1
	rest  int32 // where in clauses the rest of the query stands
	mode  mode
}

// A mode says what is left to do when the terms of a posting stand in the text.
type mode uint8

const (
	certain mode = iota // nothing: the terms are the whole query
	flat                // check its clauses
	exact               // evaluate it
	once                // evaluate it, unless another posting of it did
)

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
		set:     &Set{notes: newNotes(), byStart: map[string][]int32{}, roots: make([]int32, len(queries))},
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
	c.set.byLemma = russian.NewTermIndex(c.byLemma)
	c.set.placed = make([]bool, c.set.terms)
	for i := range c.set.nodes {
		if n := &c.set.nodes[i]; n.op == opPhrase || n.op == opNear {
			for k := n.first; k < n.first+n.n; k++ {
				c.set.placed[c.set.nodes[k].term] = true
			}
		}
	}
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
		c.set.scan(t, &b, false)
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

// index writes each query under the words one of which it cannot do without.
func (c *compiler) index() {
	waiting := make([][]int32, c.set.terms)
	covers := make([]int, len(c.set.roots))
	var cover []int32
	for q, root := range c.set.roots {
		if root < 0 {
			continue
		}
		cover, _ = c.cover(root, cover[:0])
		slices.Sort(cover)
		cover = slices.Compact(cover)
		covers[q] = len(cover)
		for _, t := range cover {
			waiting[t] = append(waiting[t], int32(q))
		}
	}
	// Postings and clauses are written term by term, in the order of their reading.
	for t, queries := range waiting {
		l := list{sure: int32(len(c.set.sure)), from: int32(len(c.set.postings))}
		for _, q := range queries {
			p := c.posting(q, c.set.roots[q], int32(t), covers[q])
			if p.mode == certain && p.need < 0 && p.not < 0 {
				c.set.sure = append(c.set.sure, Hit{p.query})
			} else {
				c.set.postings = append(c.set.postings, p)
			}
		}
		l.sureEnd, l.to = int32(len(c.set.sure)), int32(len(c.set.postings))
		c.set.lists = append(c.set.lists, l)
	}
}

// posting says what to do with a query whose term t stands in the text.
func (c *compiler) posting(query, root, t int32, covers int) posting {
	p := posting{query: query, need: -1, not: -1, mode: exact}
	if covers > 1 {
		p.mode = once
	}
	n := c.set.nodes[root]
	switch n.op {
	case opWord, opPrefix:
		p.mode = certain
		return p
	case opOr:
		return p
	}
	if n.op != opAnd {
		c.clauses(&p, []int32{root}, covers)
		for k := n.first; k < n.first+n.n && n.op != opNot; k++ { // a phrase: any other of its words
			if kid := c.set.nodes[k]; kid.term != t && (p.need < 0 || c.cost[kid.term] < c.cost[p.need]) {
				p.need = kid.term
			}
		}
		return p
	}
	for k := n.first; k < n.first+n.n; k++ {
		kid := c.set.nodes[k]
		if (kid.op == opWord || kid.op == opPrefix) && kid.term != t && (p.need < 0 || c.cost[kid.term] < c.cost[p.need]) {
			p.need = kid.term
		}
	}
	var rest []int32
	for k := n.first; k < n.first+n.n; k++ {
		kid := c.set.nodes[k]
		if kid.op == opNot && p.not < 0 && c.set.nodes[kid.first].op <= opPrefix {
			p.not = c.set.nodes[kid.first].term
			continue
		}
		if kid.op != opWord && kid.op != opPrefix || kid.term != p.need && (kid.term != t || covers > 1) {
			rest = append(rest, k)
		}
	}
	c.clauses(&p, rest, covers)
	return p
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
