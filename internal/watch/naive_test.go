package watch

import (
	"slices"
	"strings"

	"otklik/internal/russian"
)

// naive evaluates a query by reading the text again for every word: slow, and
// so plain that its answers are the meaning of the language.
func naive(n *node, t *russian.Text) bool {
	switch n.op {
	case opAnd:
		for _, k := range n.kids {
			if !naive(k, t) {
				return false
			}
		}
		return true
	case opOr:
		return slices.ContainsFunc(n.kids, func(k *node) bool { return naive(k, t) })
	case opNot:
		return !naive(n.kids[0], t)
	case opCondition:
		return n.when.holds(t, &Context{})
	}
	words := countedTokens(t)
	switch n.op {
	case opPhrase:
		for i := 0; i+len(n.kids) <= len(words); i++ {
			all := true
			for j, k := range n.kids {
				all = all && naiveLeaf(k, words[i+j])
			}
			if all {
				return true
			}
		}
		return false
	case opNear:
		return naiveNear(n, words, nil)
	}
	return slices.ContainsFunc(words, func(w *russian.Token) bool { return naiveLeaf(n, w) })
}

// naiveNear tries every way to give the kids distinct positions.
func naiveNear(n *node, words []*russian.Token, taken []int) bool {
	if len(taken) == len(n.kids) {
		return slices.Max(taken)-slices.Min(taken) <= n.dist
	}
	for p, w := range words {
		if !slices.Contains(taken, p) && naiveLeaf(n.kids[len(taken)], w) &&
			naiveNear(n, words, append(slices.Clone(taken), p)) {
			return true
		}
	}
	return false
}

func naiveLeaf(n *node, w *russian.Token) bool {
	if n.op == opPrefix {
		return strings.HasPrefix(bare(w), n.keys[0])
	}
	if len(w.Forms) == 0 {
		return slices.Contains(n.keys, bare(w))
	}
	return slices.ContainsFunc(w.Forms, func(f russian.Form) bool { return slices.Contains(n.keys, f.Lemma) })
}

func countedTokens(t *russian.Text) []*russian.Token {
	var out []*russian.Token
	for i := range t.Tokens {
		if counted(&t.Tokens[i]) {
			out = append(out, &t.Tokens[i])
		}
	}
	return out
}
