package classify

import (
	"context"
	"math"
	"slices"

	"otklik/internal/topic"
)

// A trial is what a model said of a text that it had not seen.
type trial struct {
	scores []float32
	words  int
	gold   int // the label of a person
}

// A calibration is what held-out texts say of a model to be made.
type calibration struct {
	trust
	spread float32
	bias   []float32
	held   Held
}

// A choice is what held-out texts decide about a model.
type choice struct {
	placed  bool // names of places, and words written as names, are blocks
	sisters bool // names of labels that stand beside are texts
	related bool // what kindred models say is a block
}

// worthChoosing is the share of the examples by which right guesses, first ones
// and those among three together, must grow for a choice to be another than the
// usual one: fewer are chance.
const worthChoosing = 1.0 / 200

// leastTaught is how many examples there must be for some to be held out.
const leastTaught = 20

// choices are tried one after another, the usual one first; what does better than
// the best so far is kept, and the next one is tried on top of it.
func (s *set) choices() []func(*choice) {
	var list []func(*choice)
	s.sisters = len(s.bearers) > 0
	if !slices.ContainsFunc(s.facts, func(f []hint) bool { return len(f) > 0 }) { // facts have the block
		list = append(list, func(c *choice) { c.placed = true })
	}
	if len(s.kindred) > 0 {
		list = append(list, func(c *choice) { c.related = true })
	}
	if s.sisters {
		list = append(list, func(c *choice) { c.sisters = false })
	}
	return list
}

// calibrate fits trust, spread and bias by cross-validation: the examples are
// dealt into folds, and each is judged by a model of the others. It leaves in
// s.choice what they decide.
func (s *set) calibrate(ctx context.Context, rules *Rules, o options) (calibration, error) {
	c := calibration{trust: trust{-1, 0, 2, 0}, spread: 4, bias: make([]float32, len(s.labels))}
	s.choice = choice{}
	if s.own < leastTaught || o.folds < 2 {
		return c, nil
	}
	none, ok := s.number[string(topic.Undefined)]
	if !ok {
		none = -1
	}
	var trials []trial
	tries := append([]func(*choice){func(*choice) {}}, s.choices()...)
	most, best := 0, s.choice
	for n, try := range tries {
		s.choice = best
		try(&s.choice)
		list, err := s.trials(ctx, rules, o)
		if err != nil {
			return c, err
		}
		bias, hits := c.bias, 0
		if o.bias {
			bias, hits = s.fitBias(list, none)
		}
		if n == 0 || float64(hits-most) > worthChoosing*float64(len(list)) {
			most, best, trials, c.bias = hits, s.choice, list, bias
		}
		if !o.bias {
			break
		}
	}
	s.choice = best
	for _, t := range trials {
		for l, b := range c.bias {
			t.scores[l] += b
		}
	}
	c.trust, c.spread = fitTrust(trials, none), fitSpread(trials, none)
	c.held = held(trials, none, c.trust)
	return c, nil
}

// trials judges every example by a model that has not seen it.
func (s *set) trials(ctx context.Context, rules *Rules, o options) ([]trial, error) {
	fold := make([]int, s.own)
	for i := range fold { // equal texts come into one fold
		fold[i] = foldOf(s.texts[i].Source, o.folds)
	}
	var trials []trial
	for here := range o.folds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := s.fit(func(i int) bool { return fold[i] != here }, o)
		x := newLexicon(rules, m)
		sc := newScratch(rules, m)
		for i := range s.own {
			if fold[i] != here {
				continue
			}
			sc.judge(x, s.texts[i], s.facts[i], s.heard(i))
			for _, t := range sc.topics {
				if l, ok := s.number[string(rules.topics[t])]; ok {
					sc.scores[l] += rulePull * sc.weight(t)
				}
			}
			trials = append(trials, trial{slices.Clone(sc.scores), len(sc.scorer.words), s.label[i]})
		}
	}
	return trials, nil
}

// fitBias finds what frequent labels are given or denied beforehand: a share of
// the logarithm of their frequency, the one with most right first guesses and
// most right ones among three, and how many these are.
func (s *set) fitBias(trials []trial, none int) ([]float32, int) {
	often := make([]float64, len(s.labels))
	for _, l := range s.label[:min(s.sister, len(s.label))] {
		often[l]++
	}
	bias := func(share float64) []float32 {
		list := make([]float32, len(often))
		for l, n := range often {
			if l != none {
				list[l] = float32(share * math.Log(n))
			}
		}
		return list
	}
	var best []float32
	hits := -1
	for _, share := range [...]float64{0, -0.03, -0.06, 0.03} {
		b := bias(share)
		right := 0
		for _, t := range trials {
			ahead := 0
			for l, v := range t.scores {
				if l != t.gold && l != none && v+b[l] > t.scores[t.gold]+b[t.gold] {
					ahead++
				}
			}
			if ahead == 0 {
				right++
			}
			if ahead < most {
				right++
			}
		}
		if best == nil || float64(right-hits) > worthChoosing*float64(len(trials)) {
			best, hits = b, right
		}
	}
	return best, hits
}

// held measures the trials: what may be expected of texts to come.
func held(trials []trial, none int, t trust) Held {
	var said []Prediction
	for _, tr := range trials {
		if tr.gold == none {
			continue
		}
		best, lead := rank(tr.scores, none)
		ahead := 0
		for l, v := range tr.scores {
			if l != none && l != tr.gold && v > tr.scores[tr.gold] {
				ahead++
			}
		}
		p := Prediction{Gold: "right", Scores: []float64{t.of(tr.scores[best], lead, tr.words)}}
		for n := range most {
			p.Predicted = append(p.Predicted, map[bool]string{true: "right", false: "wrong"}[n == ahead])
		}
		said = append(said, p)
	}
	sum := Summarise(said)
	return Held{N: sum.N, Top1: sum.Top1, Top3: sum.Top3, ECE: sum.ECE}
}

// rank returns the best label that may be given and its lead over any other
// label, below zero when none is better.
func rank(scores []float32, none int) (best int, lead float32) {
	first, second := float32(math.Inf(-1)), float32(math.Inf(-1))
	for l, v := range scores {
		switch {
		case v <= second:
		case v > first && l != none:
			best, first, second = l, v, max(second, first)
		default:
			second = v
		}
	}
	return best, first - second
}

// fitTrust is logistic regression by Newton's method with a little ridge.
func fitTrust(trials []trial, none int) trust {
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
			best, lead := rank(t.scores, none)
			x := evidence(t.scores[best], lead, t.words)
			z := 0.0
			for i := range n {
				z += float64(w[i] * x[i])
			}
			p := 1 / (1 + math.Exp(-z))
			y := 0.0
			if best == t.gold {
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
func fitSpread(trials []trial, none int) float32 {
	best, least := 4.0, math.Inf(1)
	for s := 1.0; s < 40; s *= math.Sqrt(math.Sqrt2) {
		loss := 0.0
		for _, t := range trials {
			if t.gold == none {
				continue
			}
			best, _ := rank(t.scores, none)
			sum := 0.0
			for l, v := range t.scores {
				if l != none {
					sum += math.Exp(s * float64(v-t.scores[best]))
				}
			}
			loss += math.Log(sum) - float64(s*float64(t.scores[t.gold]-t.scores[best]))
		}
		if loss < least {
			best, least = s, loss
		}
	}
	return float32(best)
}
