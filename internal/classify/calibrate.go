package classify

import (
	"math"

	"otklik/internal/topic"
)

// A trial is what a model said of a text that it had not seen.
type trial struct {
	best, lead float32
	tokens     int
	right      bool
	gold       bool      // it has a topic at all
	distance   float32   // score of the right label less the best one
	behind     []float32 // scores of the labels less the best one
}

// calibrate fits trust by cross-validation: the examples are dealt into folds,
// and each is judged by a model of the others.
func (s *set) calibrate(rules *Rules, o options) (trust, float32) {
	if s.own < 20 || o.folds < 2 {
		return trust{-1, 0, 2, 0}, 4
	}
	none, ok := s.number[string(topic.Undefined)]
	if !ok {
		none = -1
	}
	fold := make([]int, s.own)
	for i := range fold { // equal texts come into one fold
		fold[i] = int(hashString(fnvOffset, s.texts[i].Source) % uint32(o.folds))
	}
	var trials []trial
	for here := range o.folds {
		m := s.fit(func(i int) bool { return fold[i] != here }, o)
		x := newLexicon(rules, m)
		sc := newScratch(rules, m)
		for i := range s.own {
			if fold[i] != here {
				continue
			}
			sc.score(x, s.texts[i], s.facts[i])
			for _, t := range sc.topics {
				if l, ok := s.number[string(rules.topics[t])]; ok {
					sc.scores[l] += rulePull * sc.weight(t)
				}
			}
			trials = append(trials, judge(sc.scorer, s.label[i], none))
		}
	}
	return fitTrust(trials), fitSpread(trials)
}

// judge compares the scores with the label of a person. none is the number of
// the label that stands for no topic, or -1: it is never given, but its score
// is one to lead over.
func judge(sc *scorer, gold, none int) trial {
	best, lead := rank(sc.scores, none)
	t := trial{best: sc.scores[best], lead: lead, tokens: len(sc.words), right: best == gold, gold: gold != none}
	if t.gold {
		t.distance = sc.scores[gold] - t.best
		for l, v := range sc.scores {
			if l != none {
				t.behind = append(t.behind, v-t.best)
			}
		}
	}
	return t
}

// rank returns the best label that may be given and its lead over any other
// label, below zero when none is better.
func rank(scores []float32, none int) (best int, lead float32) {
	first, second := float32(math.Inf(-1)), float32(math.Inf(-1))
	for l, v := range scores {
		switch {
		case l == none:
			second = max(second, v)
		case v > first:
			best, first, second = l, v, max(second, first)
		default:
			second = max(second, v)
		}
	}
	return best, first - second
}

// fitTrust is logistic regression by Newton's method with a little ridge.
func fitTrust(trials []trial) trust {
	const n = len(trust{})
	var w [n]float64
	for range 25 {
		var gradient [n]float64
		var hessian [n][n]float64
		for i := range n {
			gradient[i] = -1e-2 * w[i]
			hessian[i][i] = 1e-2
		}
		for _, t := range trials {
			x := evidence(t.best, t.lead, t.tokens)
			z := 0.0
			for i := range n {
				z += float64(w[i] * x[i])
			}
			p := 1 / (1 + math.Exp(-z))
			y := 0.0
			if t.right {
				y = 1
			}
			for i := range n {
				gradient[i] += float64((y - p) * x[i])
				for j := range n {
					hessian[i][j] += float64(p * (1 - p) * x[i] * x[j])
				}
			}
		}
		step := solve(hessian, gradient)
		for i := range n {
			w[i] += step[i]
		}
	}
	var t trust
	for i := range n {
		t[i] = float32(w[i])
	}
	return t
}

// solve returns x with a·x = b, by elimination with pivots.
func solve(a [4][4]float64, b [4]float64) (x [4]float64) {
	const n = 4
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		a[c], a[p], b[c], b[p] = a[p], a[c], b[p], b[c]
		if a[c][c] == 0 {
			continue
		}
		for r := c + 1; r < n; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < n; k++ {
				a[r][k] -= float64(f * a[c][k])
			}
			b[r] -= float64(f * b[c])
		}
	}
	for r := n - 1; r >= 0; r-- {
		if a[r][r] == 0 {
			continue
		}
		x[r] = b[r]
		for k := r + 1; k < n; k++ {
			x[r] -= float64(a[r][k] * x[k])
		}
		x[r] /= a[r][r]
	}
	return x
}

// fitSpread finds the steepness under which a softmax over the scores says
// the truth best (least mean log loss), among steps of a quarter octave.
func fitSpread(trials []trial) float32 {
	best, least := 4.0, math.Inf(1)
	for s := 1.0; s < 40; s *= math.Sqrt(math.Sqrt2) {
		loss := 0.0
		for _, t := range trials {
			if !t.gold {
				continue
			}
			sum := 0.0
			for _, v := range t.behind {
				sum += math.Exp(s * float64(v))
			}
			loss += math.Log(sum) - float64(s*float64(t.distance))
		}
		if loss < least {
			best, least = s, loss
		}
	}
	return float32(best)
}
