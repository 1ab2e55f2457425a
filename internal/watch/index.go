package watch

import (
	"cmp"
	"slices"
)

// index writes each query under the words one of which it cannot do without.
func (c *compiler) index() {
	waiting := make([][]waiter, c.set.terms)
	for q, root := range c.set.roots {
		if root < 0 {
			continue
		}
		cover, _ := c.cover(root, nil)
		slices.Sort(cover)
		cover = slices.Compact(cover)
		demands, once := make([]demand, len(cover)), false
		for i, t := range cover {
			d := c.demand(root, t)
			once = once || len(cover) > 1 && len(d.some)+len(d.nodes) > 0 || i > 0 && i+len(d.all)+len(d.none) > len(posting{}.of)
			demands[i] = d
		}
		for i, t := range cover {
			d := demands[i]
			if !once {
				d.none = append(d.none, cover[:i]...)
			}
			waiting[t] = append(waiting[t], waiter{int32(q), once, d})
		}
	}
	for t, list := range waiting {
		c.begin()
		for _, w := range list {
			c.post(w, int32(t))
		}
	}
	c.begin()
}

// A waiter is a query under one of the terms that it waits for. Where several of
// them stand in a text it must match once: it wants those before this one to be
// missing or, when that is much to ask, a clause.
type waiter struct {
	query int32
	once  bool
	demand
}

// begin notes that what is written from now on waits under the next term.
func (c *compiler) begin() {
	s := c.set
	s.lists = append(s.lists, list{int32(len(s.sure)), int32(len(s.all)), int32(len(s.some)), int32(len(s.rest))})
}

// A demand is what must hold of a query whose term t stands in the text.
type demand struct {
	all, none []int32   // these terms stand in the text, those do not
	some      [][]int32 // a term of each list does
	nodes     []int32   // all of them hold, see Set.nodes
}

// post writes a query under the term t.
func (c *compiler) post(w waiter, t int32) {
	s := c.set
	slices.SortStableFunc(w.all, func(x, y int32) int { return cmp.Compare(c.cost[x], c.cost[y]) })
	p := posting{query: w.query}
	for i := range p.of {
		switch {
		case len(w.all) > 0:
			p.of[i], w.all = present(w.all[0]), w.all[1:]
		case len(w.none) > 0:
			p.of[i], w.none = missing(w.none[0]), w.none[1:]
		default:
			p.of[i] = present(t)
		}
	}
	bare := p.of[0] == present(t) // nothing was asked for
	switch simple := !w.once && len(w.all)+len(w.none)+len(w.nodes) == 0; {
	case simple && len(w.some) == 0 && bare:
		s.sure = append(s.sure, Hit{w.query})
		return
	case simple && len(w.some) == 0:
		s.all = append(s.all, p)
		return
	case simple && len(w.some) == 1 && len(w.some[0]) <= len(p.of) && bare:
		for i := range p.of {
			p.of[i] = present(w.some[0][min(i, len(w.some[0])-1)])
		}
		s.some = append(s.some, p)
		return
	}
	s.rest = append(s.rest, longer{p, int32(len(s.clauses))})
	if w.once {
		s.clauses = append(s.clauses, clauseOnce, w.query)
	}
	for _, t := range w.all {
		s.clauses = append(s.clauses, clauseAny, 1, t)
	}
	if len(w.none) > 0 {
		s.clauses = append(append(s.clauses, clauseNone, int32(len(w.none))), w.none...)
	}
	for _, terms := range w.some {
		s.clauses = append(append(s.clauses, clauseAny, int32(len(terms))), terms...)
	}
	for _, at := range w.nodes {
		if n := s.nodes[at]; (n.op == opPhrase || n.op == opNear) && n.n == 2 {
			s.clauses = append(s.clauses, clausePair, n.dist, s.nodes[n.first].term, s.nodes[n.first+1].term)
		} else {
			s.clauses = append(s.clauses, clauseNode, at)
		}
	}
	s.clauses = append(s.clauses, clauseEnd)
}

// demand says what must hold of the node in a text where the term t stands.
func (c *compiler) demand(at, t int32) (d demand) {
	n := c.set.nodes[at]
	kids := []int32{at}
	if n.op == opAnd {
		kids = kids[:0]
		for k := n.first; k < n.first+n.n; k++ {
			kids = append(kids, k)
		}
	}
	for _, k := range kids {
		kid := c.set.nodes[k]
		if kid.op == opNot {
			if terms, ok := c.leaves(kid.first); ok {
				d.none = append(d.none, terms...)
				continue
			}
		}
		terms, ok := c.leaves(k)
		switch {
		case !ok:
			d.nodes = append(d.nodes, k)
			if kid.op == opPhrase || kid.op == opNear {
				for w := kid.first; w < kid.first+kid.n; w++ {
					if term := c.set.nodes[w].term; term != t {
						d.all = append(d.all, term)
					}
				}
			}
		case slices.Contains(terms, t):
		case len(terms) == 1:
			d.all = append(d.all, terms[0])
		default:
			d.some = append(d.some, terms)
		}
	}
	return d
}
