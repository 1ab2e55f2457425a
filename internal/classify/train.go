package classify

import (
	"cmp"
	"math"
	"slices"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

// An Example is a text with the label that a person gave it.
type Example struct {
	Text  string
	Label string
	// Weight is how much the example counts; 0 means 1.
	Weight float64
}

// options are the settings of training, chosen by cross-validation on real
// complaints (docs/topics.md); they are not for users.
type options struct {
	cost       float64 // of an error
	classPower float64 // positives weigh (negatives/positives)^classPower
	epochs     int     // at most
	epsilon    float64 // stop when no row violates optimality by more
	chars      float64 // weight of the character block; words have 1
	hints      float64 // weight of the block of rules
	minDocs    int     // a feature must occur in so many rows
	names      float64 // weight of a label's name as a text of its own
	keep       int     // entries kept of a feature
	folds      int     // of the calibration
}

var defaults = options{cost: 0.1, classPower: 0.5, epochs: 60, epsilon: 0.1, chars: 0.7, hints: 0.3, minDocs: 2, names: 1, keep: 32, folds: 3}

// maxCells bounds the memory of training: labels times features.
const maxCells = 80_000_000

// Train learns a model from examples. It is deterministic: the same examples
// in the same order give the same model. Examples without text or label are
// left out; fewer than two labels are Invalid.
func Train(r Reader, examples []Example) (*Model, error) {
	rules, err := ParseRules(topics.Rules, r, topic.Default())
	if err != nil {
		return nil, err
	}
	return train(r, rules, examples, func(label string) string { return label }, defaults)
}

func train(r Reader, rules *Rules, examples []Example, name func(label string) string, o options) (*Model, error) {
	s := newSet(r, examples)
	if len(s.labels) < 2 {
		return nil, fault.New(fault.Invalid, "classify: %d labels among %d examples, at least 2 are needed", len(s.labels), len(examples)).
			At("label").Say("Для обучения нужны тексты хотя бы двух разных тем.").
			Mend("check the name of the label column")
	}
	if len(s.labels) > math.MaxUint16 {
		return nil, fault.New(fault.TooLarge, "classify: %d labels, at most %d", len(s.labels), math.MaxUint16).At("label")
	}
	s.nameTexts(r, name, o)
	s.hints = make([][]hint, len(s.texts))
	if o.hints > 0 {
		s.ask(rules)
	}
	m := s.fit(nil, o)
	m.trust, m.spread = s.calibrate(rules, o)
	m.index()
	return m, nil
}

// A set is examples, read.
type set struct {
	labels []string
	number map[string]int
	texts  []*russian.Text
	label  []int
	weight []float64
	own    int      // texts before it are examples, the others names of labels
	hints  [][]hint // by text
}

func newSet(r Reader, examples []Example) *set {
	s := &set{number: map[string]int{}}
	for _, e := range examples {
		if e.Label != "" && e.Text != "" {
			s.number[e.Label] = 0
		}
	}
	for l := range s.number {
		s.labels = append(s.labels, l)
	}
	slices.Sort(s.labels)
	for i, l := range s.labels {
		s.number[l] = i
	}
	for _, e := range examples {
		if e.Label == "" || e.Text == "" {
			continue
		}
		w := e.Weight
		if w == 0 {
			w = 1
		}
		s.texts = append(s.texts, r.Read(e.Text))
		s.label = append(s.label, s.number[e.Label])
		s.weight = append(s.weight, w)
	}
	s.own = len(s.texts)
	return s
}

func (s *set) nameTexts(r Reader, name func(string) string, o options) {
	if o.names == 0 {
		return
	}
	for i, l := range s.labels {
		if n := name(l); n != "" {
			s.texts = append(s.texts, r.Read(n))
			s.label = append(s.label, i)
			s.weight = append(s.weight, o.names)
		}
	}
}

// ask puts the texts to the rules.
func (s *set) ask(rules *Rules) {
	m := newMatcher(rules)
	for i, t := range s.texts {
		m.match(rules, t)
		s.hints[i] = slices.Clone(m.hints(rules))
	}
}

// fit learns from the texts that use approves of (nil: from all).
func (s *set) fit(use func(i int) bool, o options) *Model {
	var chosen []int
	for i := range s.texts {
		if use == nil || i >= s.own || use(i) {
			chosen = append(chosen, i)
		}
	}
	m := &Model{Labels: s.labels}
	m.weights = [blocks]float32{1, float32(o.chars), float32(o.hints)}
	s.vocabulary(m, chosen, o)
	m.index()
	rows := make([]sparse, len(chosen))
	label := make([]int, len(chosen))
	weight := make([]float64, len(chosen))
	sc := newScorer(&Model{hashes: m.hashes})
	m.start, m.scale = make([]uint32, len(m.hashes)+1), make([]float32, len(m.hashes))
	for k, i := range chosen {
		sc.score(m, s.texts[i], s.hints[i])
		rows[k] = sorted(sc.touched, sc.value)
		label[k], weight[k] = s.label[i], s.weight[i]
	}
	m.compress(separators(rows, label, weight, len(s.labels), len(m.hashes), o), o.keep)
	return m
}

// vocabulary chooses the features of the model: those of enough texts, words
// first, and of too many the ones of most texts.
func (s *set) vocabulary(m *Model, chosen []int, o options) {
	type seen struct {
		docs, last int32
		block      int8
	}
	all := map[feature]seen{}
	for k, i := range chosen {
		eachFeature(s.texts[i], func(b int, h feature, _ int) {
			if v := all[h]; v.last != int32(k)+1 {
				all[h] = seen{v.docs + 1, int32(k) + 1, int8(b)}
			}
		})
		for _, h := range s.hints[i] {
			all[h.feature] = seen{all[h.feature].docs + 1, int32(k) + 1, hintBlock}
		}
	}
	type entry struct {
		h feature
		seen
	}
	var list []entry
	for h, v := range all {
		if int(v.docs) >= o.minDocs {
			list = append(list, entry{h, v})
		}
	}
	if most := max(10_000, maxCells/len(s.labels)); len(list) > most {
		slices.SortFunc(list, func(a, b entry) int {
			return cmp.Or(cmp.Compare(b.docs, a.docs), cmp.Compare(a.h, b.h))
		})
		list = list[:most]
	}
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.h, b.h))
	})
	for _, e := range list {
		if e.block == wordBlock {
			m.words++
		}
		if e.block != hintBlock {
			m.letters++
		}
		m.hashes = append(m.hashes, e.h)
		m.idf = append(m.idf, float32(math.Log(float64(1+len(chosen))/float64(1+e.docs))+1))
	}
}

func sorted(index []int32, value []float32) sparse {
	order := make([]int, len(index))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(index[a], index[b]) })
	s := sparse{make([]int32, len(index)), make([]float32, len(index))}
	for to, from := range order {
		s.index[to], s.value[to] = index[from], value[from]
	}
	return s
}

// compress stores the weights. The mean over labels is taken off each feature:
// it moves all scores of a text alike. What remains near zero is left out, so
// a feature keeps only the labels for which it speaks, in eight bits each.
func (m *Model) compress(w [][]float32, keep int) {
	column := make([]float32, len(m.Labels))
	order := make([]int, len(m.Labels))
	m.label, m.weight = nil, nil
	for f := range m.hashes {
		var mean float64
		for l := range column {
			mean += float64(w[l][f])
		}
		mean /= float64(len(column))
		var top float32
		for l := range column {
			column[l] = w[l][f] - float32(mean)
			top = max(top, abs(column[l]))
			order[l] = l
		}
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(abs(column[b]), abs(column[a])), cmp.Compare(a, b))
		})
		kept := order[:min(keep, len(order))]
		slices.Sort(kept)
		m.scale[f] = top / 127
		m.start[f] = uint32(len(m.label))
		for _, l := range kept {
			if top == 0 {
				break
			}
			if q := math.Round(float64(column[l]) / float64(top) * 127); q != 0 && math.Abs(q) >= 2 {
				m.label = append(m.label, uint16(l))
				m.weight = append(m.weight, int8(q))
			}
		}
	}
	m.start[len(m.hashes)] = uint32(len(m.label))
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}
