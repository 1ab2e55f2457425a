package classify

import (
	"context"
	"math"
	"slices"
	"strconv"
)

// Kindred models: a table may hold labels of other taxonomies beside the one that
// is learnt. Who answers follows from the matter as well as from the words, so a
// model of each other column is learnt too, and what it says of a text, as
// probabilities, is a block of features. In training a text is judged by a
// kindred model that has not seen it: its own label would tell too much.

// kinWeight is the weight of the block.
const kinWeight = 0.4

// leastLikely is the probability below which a kindred model's guess is left out.
const leastLikely = 0.01

// likely appends the labels that scores of a model make likely. The model is
// kindred model n of another.
func (m *Model) likely(scores []float32, n int, said []hint) []hint {
	best, sum := slices.Max(scores), 0.0
	for _, v := range scores {
		sum += math.Exp(float64(m.spread) * float64(v-best))
	}
	for l, v := range scores {
		if p := math.Exp(float64(m.spread)*float64(v-best)) / sum; p >= leastLikely {
			said = append(said, hint{kinFact(n, m.Labels[l]), float32(p)})
		}
	}
	return said
}

func kinFact(n int, label string) feature { return hashString(kinSeed, strconv.Itoa(n)+"="+label) }

// askKin learns a model of each other taxonomy that the examples are labelled by
// and keeps what it says of the texts.
func (s *set) askKin(ctx context.Context, r Reader, rules *Rules, examples []Example, o options) error {
	s.kin = make([][]hint, len(s.texts))
	taught, columns := make([]Example, 0, s.own), 0
	for _, e := range examples {
		if e.Label != "" && e.Text != "" {
			taught, columns = append(taught, e), max(columns, len(e.Kin))
		}
	}
	if s.own < leastTaught || o.folds < 2 {
		return nil
	}
	for n := range columns {
		of := make([]Example, len(taught))
		for i, e := range taught {
			of[i] = Example{Text: e.Text, Weight: e.Weight}
			if n < len(e.Kin) {
				of[i].Label = e.Kin[n]
			}
		}
		if err := s.relate(ctx, r, rules, of, o); err != nil {
			return err
		}
	}
	return nil
}

// relate learns one kindred model and says of every text what a model says that
// has not seen it.
func (s *set) relate(ctx context.Context, r Reader, rules *Rules, examples []Example, o options) error {
	k := newSet(r, examples)
	if len(k.labels) < 2 || k.own < leastTaught {
		return nil
	}
	o.cost *= o.dearer(k)
	k.nameTexts(r, func(l string) string { return l }, o)
	k.sister = len(k.texts)
	k.ask(rules, o)
	scores := make([][]float32, len(examples))
	var trials []trial
	for fold := range o.folds {
		if err := ctx.Err(); err != nil {
			return err
		}
		m := k.fit(func(i int) bool { return foldOf(k.texts[i].Source, o.folds) != fold }, o)
		x, sc := newLexicon(rules, m), newScratch(rules, m)
		for i, e := range examples {
			if foldOf(e.Text, o.folds) != fold {
				continue
			}
			sc.score(x, s.texts[i], nil)
			scores[i] = slices.Clone(sc.scores)
			if l, ok := k.number[e.Label]; ok {
				trials = append(trials, trial{scores: scores[i], gold: l})
			}
		}
	}
	m, n := k.fit(nil, o), len(s.kindred)
	m.spread = fitSpread(trials, -1)
	s.kindred = append(s.kindred, m)
	for i := range examples {
		s.kin[i] = m.likely(scores[i], n, s.kin[i])
	}
	return nil
}

// heard is what kindred models say of a text, where the choice is to listen.
func (s *set) heard(i int) []hint {
	if s.related {
		return s.kin[i]
	}
	return nil
}

// foldOf deals texts into folds, equal ones into one.
func foldOf(text string, folds int) int { return int(hashString(fnvOffset, text) % uint32(folds)) }
