package watch

// Most queries are flat: words that must stand in the text, lists of which one
// must, words that must not, and phrases. What is left of such a query, once
// the terms of its posting stand in the text, is a run of clauses in one
// slice, read from front to back: a tree would cost a miss of the cache a node.
//
//	any n term…   one of the terms stands in the text
//	none n term…  none of them does
//	pair d a b    two words that meet terms a and b stand d apart at most; side by side for 0
//	node i        the phrase at nodes[i] holds
//	end
const (
	clauseEnd int32 = iota
	clauseAny
	clauseNone
	clausePair
	clauseNode
)

// clauses writes the nodes, all of which must hold, as clauses and sets the
// mode of p; queries of another shape keep theirs.
func (c *compiler) clauses(p *posting, nodes []int32, covers int) {
	if covers > 1 {
		return
	}
	from := len(c.set.clauses)
	for _, at := range nodes {
		n, sign := c.set.nodes[at], clauseAny
		if n.op == opNot {
			sign = clauseNone
			at = n.first
			n = c.set.nodes[at]
		}
		terms, ok := c.leaves(at)
		switch {
		case ok:
			c.set.clauses = append(append(c.set.clauses, sign, int32(len(terms))), terms...)
		case sign == clauseAny && (n.op == opPhrase || n.op == opNear) && n.n == 2:
			c.set.clauses = append(c.set.clauses, clausePair, n.dist, c.set.nodes[n.first].term, c.set.nodes[n.first+1].term)
		case sign == clauseAny && (n.op == opPhrase || n.op == opNear):
			c.set.clauses = append(c.set.clauses, clauseNode, at)
		default:
			c.set.clauses = c.set.clauses[:from]
			return
		}
	}
	p.mode, p.rest = flat, int32(from)
	if len(c.set.clauses) == from {
		p.mode = certain
		return
	}
	c.set.clauses = append(c.set.clauses, clauseEnd)
}

// leaves returns the terms of a word or of an OR of words.
func (c *compiler) leaves(at int32) ([]int32, bool) {
	n := c.set.nodes[at]
	switch n.op {
	case opWord, opPrefix:
		return []int32{n.term}, true
	case opOr:
		var terms []int32
		for k := n.first; k < n.first+n.n; k++ {
			kid := c.set.nodes[k]
			if kid.op != opWord && kid.op != opPrefix {
				return nil, false
			}
			terms = append(terms, kid.term)
		}
		return terms, true
	}
	return nil, false
}

// check reads the clauses from at on.
func (s *Set) check(at int32, b *Buffer) bool {
	code := s.clauses[at:]
	for {
		switch code[0] {
		case clauseEnd:
			return true
		case clausePair:
			if !b.near(code[2], code[3], code[1]) {
				return false
			}
			code = code[4:]
		case clauseNode:
			if !s.holds(code[1], b) {
				return false
			}
			code = code[2:]
		default:
			n := 2 + code[1]
			found := false
			for _, t := range code[2:n] {
				if b.has(t) {
					found = true
					break
				}
			}
			if found != (code[0] == clauseAny) {
				return false
			}
			code = code[n:]
		}
	}
}
