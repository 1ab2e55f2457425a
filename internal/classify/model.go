package classify

import (
	"math"
	"math/bits"
	"slices"

	"otklik/internal/russian"
)

// A Model is a linear reader of topics, learnt from examples: a weight for each
// pair of feature and label. Labels are free strings; it knows no taxonomy.
// A Model is never changed and may be shared.
type Model struct {
	Labels []string // in the order of their numbers
	Source string   // hexadecimal digest of what the model was made from, or ""

	words   int       // features below it are of the word block
	letters int       // features from words up to it are of the letter block, the rest hints
	hashes  []feature // by feature number; ascending inside each block
	idf     []float32 // by feature
	scale   []float32 // by feature: the weight of 127
	start   []uint32  // by feature, and one more: where its entries begin
	label   []uint16  // by entry
	weight  []int8    // by entry
	trust   trust     // how sure a guess is
	spread  float32   // how fast the probability falls with the distance to the best
	weights [blocks]float32

	slots []uint32 // open addressing: feature number + 1
	shift int
}

// index builds the table from hash to feature.
func (m *Model) index() {
	n := bits.Len(uint(2*len(m.hashes) + 1))
	m.slots = make([]uint32, 1<<n)
	m.shift = 32 - n
	for f, h := range m.hashes {
		at := h >> m.shift
		for m.slots[at] != 0 {
			at = (at + 1) & uint32(len(m.slots)-1)
		}
		m.slots[at] = uint32(f) + 1
	}
}

func (m *Model) find(h feature) (int32, bool) {
	for at := h >> m.shift; ; at = (at + 1) & uint32(len(m.slots)-1) {
		f := m.slots[at]
		if f == 0 {
			return 0, false
		}
		if m.hashes[f-1] == h {
			return int32(f - 1), true
		}
	}
}

// A scorer holds what one question to a model needs; it is used again.
type scorer struct {
	count   []uint16 // by feature
	touched []int32  // features of the text
	trace   []seenAt // each occurrence of a feature
	value   []float32
	scores  []float32 // by label
	length  int       // tokens read
}

type seenAt struct{ feature, token int32 }

func newScorer(m *Model) *scorer {
	return &scorer{count: make([]uint16, len(m.hashes)), scores: make([]float32, len(m.Labels))}
}

// score fills s.scores: how much the text looks like each label. Only
// differences between labels mean something. Few or no known features leave
// all scores near zero.
func (s *scorer) score(m *Model, text *russian.Text, hints []hint) {
	s.touched, s.trace, s.value, s.length = s.touched[:0], s.trace[:0], s.value[:0], 0
	last := -1
	eachFeature(text, func(_ int, h feature, token int) {
		if token != last {
			last = token
			s.length++
		}
		f, ok := m.find(h)
		if !ok {
			return
		}
		s.trace = append(s.trace, seenAt{f, int32(token)})
		if s.count[f] == 0 {
			s.touched = append(s.touched, f)
		}
		if s.count[f] < math.MaxUint16 {
			s.count[f]++
		}
	})
	var norm [blocks]float32
	for _, f := range s.touched {
		v := dampedTable[min(int(s.count[f]), len(dampedTable)-1)] * m.idf[f]
		s.value = append(s.value, v)
		norm[m.block(f)] += v * v
		s.count[f] = 0
	}
	for _, h := range hints {
		if f, ok := m.find(h.feature); ok {
			s.touched = append(s.touched, f)
			s.value = append(s.value, h.value)
			norm[hintBlock] += h.value * h.value
		}
	}
	for b := range norm {
		if norm[b] > 0 {
			norm[b] = m.weights[b] / float32(math.Sqrt(float64(norm[b])))
		}
	}
	clear(s.scores)
	for i, f := range s.touched {
		s.value[i] *= norm[m.block(f)]
		v := s.value[i] * m.scale[f]
		a, b := m.start[f], m.start[f+1]
		label, weight := m.label[a:b], m.weight[a:b]
		weight = weight[:len(label)]
		for k, l := range label {
			s.scores[l] += v * float32(weight[k])
		}
	}
}

func (m *Model) block(f int32) int {
	switch {
	case int(f) < m.words:
		return wordBlock
	case int(f) < m.letters:
		return charBlock
	default:
		return hintBlock
	}
}

// pull returns how much one occurrence of a feature speaks for a label.
func (m *Model) pull(f int32, label uint16) float32 {
	a, b := m.start[f], m.start[f+1]
	k, ok := slices.BinarySearch(m.label[a:b], label)
	if !ok {
		return 0
	}
	return float32(m.weight[int(a)+k]) * m.scale[f] * m.idf[f]
}

var dampedTable = func() (t [64]float32) {
	for i := range t {
		t[i] = float32(damped(float64(max(1, i))))
	}
	return t
}()

// trust turns the shape of the scores into the probability that the best guess
// is right: a logistic function of the best score, its lead and the length of
// the text, fitted on texts that the model had not seen.
type trust [4]float32

func (t trust) of(best, lead float32, tokens int) float64 {
	x := evidence(best, lead, tokens)
	var z float64
	for i := range x {
		z += float64(t[i]) * x[i]
	}
	return 1 / (1 + math.Exp(-z))
}

func evidence(best, lead float32, tokens int) [4]float64 {
	root := math.Copysign(math.Sqrt(math.Abs(float64(lead))), float64(lead))
	return [4]float64{1, float64(best), root, math.Log1p(float64(tokens))}
}
