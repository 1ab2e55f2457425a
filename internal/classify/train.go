package classify

import (
	"cmp"
	"context"
	"math"
	"slices"

	"otklik/internal/fault"
	"otklik/internal/russian"
)

// An Example is a text with the label that a person gave it.
type Example struct {
	Text  string
	Label string
	// Weight is how much the example counts; 0 means 1.
	Weight float64
	// Corrected says that a person gave the label instead of one that the machine
	// had proposed: the model must outweigh the rules that spoke for another one.
	Corrected bool
	// Facts are known beside the text («territory=95000000»), for models that are
	// asked with facts.
	Facts []string
	// Beside are the labels that other taxonomies give the text: other columns of
	// the same table. What they are called teaches, where they agree with Label.
	Beside []string `json:",omitempty"`
	// Kin are the labels that other taxonomies give the text, in one order for all
	// examples, "" where one gives none. Models of them are learnt beside, and what
	// these say of a text is known of it.
	Kin []string `json:",omitempty"`
}

// options are the settings of training, chosen by cross-validation on real
// complaints (docs/topics.md); they are not for users.
type options struct {
	cost       float64 // of an error; times the root of the mean number of examples a label
	few        float64 // so much more it costs where labels are few: 1 + (few/labels)²
	classPower float64 // positives weigh (negatives/positives)^classPower
	epochs     int     // at most
	epsilon    float64 // stop when no row violates optimality by more
	chars      float64 // weight of the character block; words have 1
	hints      float64 // weight of the block of rules
	facts      float64 // weight of the block of facts
	minWords   int     // a word or pair must occur in so many rows
	minDocs    int     // any other feature in so many
	names      float64 // weight of a label's name as a text of its own
	sisters    float64 // the same of the name of a label that stands beside
	keep       int     // entries kept of a feature
	folds      int     // of the calibration
	bias       bool    // whether frequent labels are given or denied something beforehand
}

var defaults = options{cost: 0.02, few: 17, classPower: 0.5, epochs: 60, epsilon: 0.1, chars: 0.7, hints: 0.3, facts: 1, minWords: 1, minDocs: 2, names: 1, sisters: 2, keep: 32, folds: 3, bias: true}

// dearer is how many times more an error costs for the examples and labels of a set.
func (o options) dearer(s *set) float64 {
	few := o.few / float64(len(s.labels))
	return math.Sqrt(float64(s.own)/float64(len(s.labels))) * (1 + float64(few*few))
}

// maxCells bounds the memory of training: labels times features.
const maxCells = 80_000_000

// Train learns a model from examples. It is deterministic: the same examples
// in the same order give the same model. Examples without text or label are
// left out; fewer than two labels are Invalid.
func Train(r Reader, examples []Example) (*Model, error) {
	return LearnFree(context.Background(), r, examples, Course{})
}

func train(ctx context.Context, r Reader, rules *Rules, examples []Example, name func(label string) string, o options) (*Model, error) {
	if err := checkWeights(examples); err != nil {
		return nil, err
	}
	s := newSet(r, examples)
	if len(s.labels) < 2 {
		return nil, fault.New(fault.Invalid, "classify: %d labels among %d examples, at least 2 are needed", len(s.labels), len(examples)).
			At("label").Say("Для обучения нужны тексты хотя бы двух разных тем.").
			Mend("check the name of the label column")
	}
	if len(s.labels) > math.MaxUint16 {
		return nil, fault.New(fault.TooLarge, "classify: %d labels, at most %d", len(s.labels), math.MaxUint16).At("label")
	}
	o.cost *= o.dearer(s)
	s.nameTexts(r, name, o)
	s.sisterTexts(r, examples, o)
	s.ask(rules, o)
	if err := s.askKin(ctx, r, rules, examples, o); err != nil {
		return nil, err
	}
	found, err := s.calibrate(ctx, rules, o)
	if err != nil {
		return nil, err
	}
	m := s.fit(nil, o)
	m.trust, m.spread, m.bias, m.Card.Held = found.trust, found.spread, found.bias, found.held
	m.Card.Examples = s.own
	return m, nil
}

// A set is examples, read.
type set struct {
	labels  []string
	number  map[string]int
	texts   []*russian.Text
	words   [][]occurrence // by text
	label   []int
	weight  []float64
	facts   [][]hint
	settled []bool   // by text: a person's correction
	choice           // of the next fit
	own     int      // texts before it are examples, the others names of labels
	sister  int      // texts from it on are names of labels that stand beside
	bearers [][]int  // by text from sister on: the examples that bear the label
	hints   [][]hint // by text
	kin     [][]hint // by text: what kindred models say that have not seen it
	kindred []*Model
	offsets [][]offset         // by text: what rules add to the scores anyhow, for corrections
	known   map[string]*lesson // by normal form
}

// An occurrence is a word at its place. pair is the feature of the two words
// that end in it, or 0.
// name is the feature of a word written as a name, or 0.
type occurrence struct {
	*lesson
	pair feature
	name feature
}

// A lesson is what training knows of one written word.
type lesson struct {
	place  feature // of the name of a place, or 0
	lemma  feature
	pieces []feature
}

// An offset is what something else than the model adds to the score of a label.
type offset struct {
	label int
	by    float32
}

func newSet(r Reader, examples []Example) *set {
	s := &set{number: map[string]int{}, known: map[string]*lesson{}, sister: math.MaxInt}
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
		s.add(r.Read(e.Text), s.number[e.Label], w, facts(e.Facts))
		s.settled = append(s.settled, e.Corrected)
	}
	s.own = len(s.texts)
	return s
}

func (s *set) add(text *russian.Text, label int, weight float64, facts []hint) {
	var words []occurrence
	var previous feature
	var h hand
	for i := range text.Tokens {
		t := &text.Tokens[i]
		named := h.names(text.Source, t)
		if !usable(t) {
			if t.Kind == russian.Punct {
				previous = 0
			}
			continue
		}
		if empty(t) {
			continue
		}
		w := s.known[t.Norm]
		if w == nil {
			w = &lesson{lemma: hashString(lemmaSeed, t.Lemma()), pieces: pieces(t.Norm, nil)}
			if isPlace(t) {
				w.place = placeFact(t.Lemma())
			}
			s.known[t.Norm] = w
		}
		o := occurrence{lesson: w}
		if previous != 0 {
			o.pair = pair(previous, w.lemma)
		}
		previous = w.lemma
		if named {
			o.name = nameFact(t.Lemma())
		}
		words = append(words, o)
	}
	s.texts = append(s.texts, text)
	s.words = append(s.words, words)
	s.label = append(s.label, label)
	s.weight = append(s.weight, weight)
	s.facts = append(s.facts, facts)
}

func (s *set) nameTexts(r Reader, name func(string) string, o options) {
	if o.names == 0 {
		return
	}
	for i, l := range s.labels {
		if n := name(l); n != "" {
			s.add(r.Read(n), i, o.names, nil)
		}
	}
}

// sisterTexts makes texts of the labels that stand beside. Which label such a
// text teaches is seen anew in every fit: see agreed.
func (s *set) sisterTexts(r Reader, examples []Example, o options) {
	s.sister = len(s.texts)
	if o.sisters == 0 {
		return
	}
	number := map[string]int{}
	i := 0
	for _, e := range examples {
		if e.Label == "" || e.Text == "" {
			continue
		}
		for _, b := range e.Beside {
			n, ok := number[b]
			if !ok {
				n = len(s.bearers)
				number[b] = n
				s.bearers = append(s.bearers, nil)
				s.add(r.Read(b), -1, o.sisters, nil)
			}
			s.bearers[n] = append(s.bearers[n], i)
		}
		i++
	}
}

// agreement is the share of those who bear a label beside that must have one and
// the same label, for its name to teach that one.
const agreement = 0.7

// agreed returns the label that those who bear the n-th label beside have, as far
// as the fit may know them.
func (s *set) agreed(n int, use func(i int) bool) (int, bool) {
	count := map[int]int{}
	all, best := 0, -1
	for _, i := range s.bearers[n] {
		if use != nil && !use(i) {
			continue
		}
		all++
		l := s.label[i]
		if count[l]++; best < 0 || count[l] > count[best] || count[l] == count[best] && l < best {
			best = l
		}
	}
	return best, all > 0 && float64(count[best]) >= agreement*float64(all)
}

// ask puts the texts to the rules: as hints, and for corrections as what the
// rules add to the scores of their topics.
func (s *set) ask(rules *Rules, o options) {
	s.hints = make([][]hint, len(s.texts))
	s.offsets = make([][]offset, len(s.texts))
	m := newMatcher(rules)
	for i, t := range s.texts {
		m.match(rules, t)
		if o.hints > 0 {
			s.hints[i] = slices.Clone(m.hints(rules))
		}
		if i >= s.own || !s.settled[i] {
			continue
		}
		for _, t := range m.topics {
			if l, ok := s.number[string(rules.topics[t])]; ok {
				s.offsets[i] = append(s.offsets[i], offset{l, rulePull * m.weight(t)})
			}
		}
	}
}

// eachFeature calls yield for every feature of a text; one that occurs twice is
// yielded twice.
func (s *set) eachFeature(i int, yield func(block int, h feature, value float32)) {
	for _, w := range s.words[i] {
		yield(wordBlock, w.lemma, 1)
		if w.pair != 0 {
			yield(wordBlock, w.pair, 1)
		}
		for _, p := range w.pieces {
			yield(charBlock, p, 1)
		}
		if s.placed && w.place != 0 {
			yield(factBlock, w.place, 1)
		}
		if s.placed && w.name != 0 {
			yield(nameBlock, w.name, 1)
		}
	}
	for _, h := range s.hints[i] {
		yield(hintBlock, h.feature, h.value)
	}
	for _, h := range s.facts[i] {
		yield(factBlock, h.feature, h.value)
	}
	if s.related {
		for _, h := range s.kin[i] {
			yield(kinBlock, h.feature, h.value)
		}
	}
}

// fit learns from the texts that use approves of (nil: from all).
func (s *set) fit(use func(i int) bool, o options) *Model {
	var chosen, labels []int
	for i := range s.texts {
		l, ok := s.label[i], true
		switch {
		case i >= s.sister:
			l, ok = s.agreed(i-s.sister, use)
			ok = ok && s.sisters
		case i < s.own:
			ok = use == nil || use(i)
		}
		if ok {
			chosen, labels = append(chosen, i), append(labels, l)
		}
	}
	m := &Model{Labels: s.labels, bias: make([]float32, len(s.labels)), places: 1}
	m.weights = [blocks]float32{1, float32(o.chars), float32(o.hints), float32(o.facts), nameWeight, kinWeight}
	if s.related {
		m.kindred = s.kindred
	}
	if s.placed {
		m.weights[factBlock] = placeWeight
	}
	s.vocabulary(m, chosen, o)
	m.index()
	p := problem{rows: make([]sparse, len(chosen)), label: labels, weight: make([]float64, len(chosen)), offsets: make([][]offset, len(chosen))}
	sum, touched := make([]float32, len(m.hashes)), []int32(nil)
	for k, i := range chosen {
		p.rows[k], touched = s.row(m, i, sum, touched[:0])
		p.weight[k], p.offsets[k] = s.weight[i], s.offsets[i]
	}
	m.start, m.scale = make([]uint32, len(m.hashes)+1), make([]float32, len(m.hashes))
	m.compress(p.separators(len(s.labels), len(m.hashes), o), o.keep)
	m.index() // with the weights
	m.measure(s)
	m.index() // with the steps of the lanes
	return m
}

// row makes the row of a text. sum is zero before and after it.
func (s *set) row(m *Model, i int, sum []float32, touched []int32) (sparse, []int32) {
	var square [blocks]float32
	s.eachFeature(i, func(b int, h feature, value float32) {
		f, ok := m.find(h)
		if !ok || m.block(f) != b {
			return
		}
		if sum[f] == 0 {
			touched = append(touched, f)
		}
		v := value * m.idf[f]
		sum[f] += v
		square[b] += float32(v * v)
	})
	for b, v := range square {
		if v > 0 {
			square[b] = m.weights[b] / float32(math.Sqrt(float64(v)))
		}
	}
	slices.Sort(touched)
	r := sparse{slices.Clone(touched), make([]float32, len(touched))}
	for k, f := range touched {
		r.value[k] = sum[f] * square[m.block(f)]
		sum[f] = 0
	}
	return r, touched
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
		s.eachFeature(i, func(b int, h feature, _ float32) {
			if v := all[h]; v.last != int32(k)+1 {
				all[h] = seen{v.docs + 1, int32(k) + 1, int8(b)}
			}
		})
	}
	type entry struct {
		h feature
		seen
	}
	var list []entry
	for h, v := range all {
		if int(v.docs) >= o.minDocs || v.block == wordBlock && int(v.docs) >= o.minWords {
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
		switch e.block {
		case wordBlock:
			m.words++
			fallthrough
		case charBlock:
			m.letters++
			fallthrough
		case hintBlock:
			m.facts++
			fallthrough
		case factBlock:
			m.names++
			fallthrough
		case nameBlock:
			m.kin++
		}
		m.hashes = append(m.hashes, e.h)
		idf := float32(1) // hints and facts say what they say
		if e.block <= charBlock || e.block == nameBlock || e.block == factBlock && s.placed {
			idf = float32(math.Log(float64(1+len(chosen))/float64(1+e.docs)) + 1)
		}
		m.idf = append(m.idf, idf)
	}
}
