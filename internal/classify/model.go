package classify

import (
	"math"
	"math/bits"
	"slices"
)

// A Model is a linear reader of topics, learnt from examples: a weight for each
// pair of feature and label. Labels are free strings; it knows no taxonomy.
// A Model is never changed and may be shared.
type Model struct {
	Labels []string // in the order of their numbers
	Source string   // hexadecimal digest of what the model was made from, or ""
	Card   Card     // what people want to know of it

	words   int       // features below it are of the word block
	letters int       // features from words up to it are of the letter block
	facts   int       // features from it up to names are facts, those before it hints
	names   int       // features from it up to kin are words written as names
	kin     int       // features from it on are labels of kindred models
	hashes  []feature // by feature number; ascending inside each block
	idf     []float32 // by feature
	scale   []float32 // by feature: the weight of 127
	start   []uint32  // by feature, and one more: where its entries begin
	label   []uint16  // by entry
	weight  []int8    // by entry
	places  float32   // what the name of a place counts as a word, others 1
	unit    float32   // what one unit of a word's lanes counts
	trust   trust     // how sure a guess is
	spread  float32   // how fast the probability falls with the distance to the best
	bias    []float32 // by label: added to its score
	weights [blocks]float32
	kindred []*Model // of other taxonomies: what they say of a text is known beside it

	// The same laid out for reading, where what is read together lies together:
	// memory is what an unknown word costs most.
	slots   []slot // open addressing
	shift   int
	heads   []head   // by feature
	entries []uint32 // label in the upper half, weight in the lowest byte
}

type slot struct {
	hash feature
	next uint32 // feature number + 1, 0 for none
}

type head struct {
	start, end uint32 // of its entries
	scale, idf float32
	step       int32 // of a piece of a word: what one of its weights adds to the sum of a word
}

// index builds the table from hash to feature.
func (m *Model) index() {
	n := bits.Len(uint(2*len(m.hashes) + 1))
	m.slots = make([]slot, 1<<n)
	m.shift = 32 - n
	for f, h := range m.hashes {
		at := h >> m.shift
		for m.slots[at].next != 0 {
			at = (at + 1) & uint32(len(m.slots)-1)
		}
		m.slots[at] = slot{h, uint32(f) + 1}
	}
	m.heads, m.entries = make([]head, len(m.hashes)), make([]uint32, 0, len(m.label))
	for f := range m.heads {
		h := &m.heads[f]
		h.idf = m.idf[f]
		if m.start == nil {
			continue
		}
		h.scale, h.start = m.scale[f], uint32(len(m.entries))
		if m.unit > 0 && m.block(int32(f)) == charBlock {
			h.step = int32(math.Round(float64(h.scale) * float64(h.idf) / float64(m.unit) * (1 << sumBits)))
		}
		for k := m.start[f]; k < m.start[f+1]; k++ {
			if by := h.step * int32(m.weight[k]); h.step == 0 || by >= leastPiece || by <= -leastPiece {
				m.entries = append(m.entries, uint32(m.label[k])<<16|uint32(uint8(m.weight[k])))
			}
		}
		h.end = uint32(len(m.entries))
	}
}

// leastPiece: a piece that says less than two units for a label is not asked.
const leastPiece = 2 << sumBits

func (m *Model) find(h feature) (int32, bool) {
	for at := h >> m.shift; ; at = (at + 1) & uint32(len(m.slots)-1) {
		switch s := &m.slots[at]; {
		case s.next == 0:
			return 0, false
		case s.hash == h:
			return int32(s.next - 1), true
		}
	}
}

// add adds a feature of a value to scores by label. The product is converted
// before it is added, here and below, so that no processor fuses the two steps
// and every machine gives the same answer.
func (m *Model) add(scores []float32, f int32, value float32) {
	h := &m.heads[f]
	v := value * h.scale
	for _, e := range m.entries[h.start:h.end] {
		scores[e>>16] += float32(v * float32(int8(e)))
	}
}

func (m *Model) block(f int32) int {
	switch {
	case int(f) < m.words:
		return wordBlock
	case int(f) < m.letters:
		return charBlock
	case int(f) < m.facts:
		return hintBlock
	case int(f) < m.names:
		return factBlock
	case int(f) < m.kin:
		return nameBlock
	default:
		return kinBlock
	}
}

// named reports whether the model knows words written as names.
func (m *Model) named() bool { return m.names < m.kin }

// pull returns how much one occurrence of a feature speaks for a label.
func (m *Model) pull(f int32, label uint16) float32 {
	a, b := m.start[f], m.start[f+1]
	k, ok := slices.BinarySearch(m.label[a:b], label)
	if !ok {
		return 0
	}
	return float32(m.weight[int(a)+k]) * m.scale[f] * m.idf[f]
}

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
