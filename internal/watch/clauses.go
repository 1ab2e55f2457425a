package watch

// What is left of a query, once the terms of its posting stand in the text, is a
// run of clauses in one slice, read from front to back: a tree would cost a miss
// of the cache a node.
//
//	any n term…   one of the terms stands in the text
//	none n term…  none of them does
//	pair d a b    two words that meet terms a and b stand d apart at most; side by side for 0
//	node i        nodes[i] holds
//	once q        query q was not evaluated yet: it waits under several terms
//	end
const (
	clauseEnd int32 = iota
	clauseAny
	clauseNone
	clausePair
	clauseNode
	clauseOnce
)

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
			if !b.has(code[2]) || !b.has(code[3]) || !b.pair(code[2], code[3], code[1]) {
				return false
			}
			code = code[4:]
		case clauseNode:
			if !s.holds(code[1], b) {
				return false
			}
			code = code[2:]
		case clauseOnce:
			if b.asked[code[1]] == b.round {
				return false
			}
			b.asked[code[1]] = b.round
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
