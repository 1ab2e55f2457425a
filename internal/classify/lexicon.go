package classify

import (
	"sync/atomic"

	"otklik/internal/russian"
)

// A word is what rules and model know of one written word, whatever text it
// stands in. It is never changed once it is made.
type word struct {
	norm   string
	kind   russian.Kind
	speaks bool     // it says something about the topic
	hash   feature  // of its lemma, for pairs
	lemma  int32    // its feature, or -1
	place  int32    // the feature of the name of a place, or -1
	name   int32    // its feature where it is written as a name, or -1
	gain   float32  // what its lemma counts
	square float32  // what its pieces add to the squared length of their block
	atoms  []int32  // of the rules
	shift  uint8    // a step of a lane is 1<<shift units
	lanes  []uint64 // empty when no piece is known
}

// What the pieces of a word say for each label is kept in lanes of eight bits,
// eight in a number, so that words are added eight labels at a time: the even
// lanes and the odd ones into sums of 16 bits each. A lane holds units of the
// model, of a word that says much 2, 4 or 8 of them at once, laneZero added to
// keep it positive; up to laneWords words add up without overflow.
const (
	laneZero  = 1 << 7
	laneMost  = laneZero - 1
	mostShift = 3
	mostUnits = laneMost << mostShift
	laneWords = (1<<16 - 1) / ((laneZero + laneMost) << mostShift)
	evenLanes = 0x00ff00ff00ff00ff
)

// sumBits are the bits behind the point of what pieces add up to before it is
// rounded to a lane.
const sumBits = 8

// lexiconBytes bounds the memory of a lexicon, roughly.
const lexiconBytes = 44 << 20

// A lexicon keeps the words seen lately, for one pair of rules and model. It
// takes no lock: a slot is read and written whole, and two goroutines that work
// out one word at once both get a right answer, of which one stays.
type lexicon struct {
	rules *Rules
	model *Model
	slots []atomic.Pointer[word] // pairs; a word stands in one of two
	shift int
	kin   []*lexicon // of the model's kindred
}

func newLexicon(rules *Rules, model *Model) *lexicon {
	each := 128 + len(model.Labels)
	slots, bits := 1<<17, 17
	for slots > 64 && slots*each > lexiconBytes {
		slots, bits = slots/2, bits-1
	}
	x := &lexicon{rules: rules, model: model, shift: 64 - bits, slots: make([]atomic.Pointer[word], slots)}
	for _, m := range model.kindred {
		x.kin = append(x.kin, newLexicon(rules, m))
	}
	return x
}

// word returns what is known of the token's word. The readings of a word follow
// from its normal form and kind alone.
func (x *lexicon) word(t *russian.Token, s *scorer) *word {
	// The print costs no look at the letters: forms of one lemma with the same
	// letters share it, other words hardly ever.
	h := uint64(t.Print()) * 0x9e3779b97f4a7c15
	one := x.slots[h>>x.shift&^1:][:2]
	two := x.slots[h<<20>>x.shift&^1:][:2]
	free := &one[0]
	for _, pair := range [...][]atomic.Pointer[word]{one, two} {
		for k := range pair {
			switch w := pair[k].Load(); {
			case w == nil:
				free = &pair[k]
			case w.norm == t.Norm && w.kind == t.Kind:
				return w
			}
		}
	}
	w := x.read(t, s)
	if last := free.Load(); last != nil { // all four are taken: of the first pair the newer word stays
		one[1].Store(last)
	}
	free.Store(w)
	return w
}

// read works a word out. It uses s.sums.
func (x *lexicon) read(t *russian.Token, s *scorer) *word {
	w := &word{norm: t.Norm, kind: t.Kind, lemma: -1, place: -1, name: -1, atoms: x.rules.read(t, nil)}
	if !usable(t) || empty(t) {
		return w
	}
	m := x.model
	w.speaks = true
	w.gain = 1
	if isPlace(t) {
		w.gain = m.places
		if f, ok := m.find(placeFact(t.Lemma())); ok && int(f) >= m.facts {
			w.place = f
		}
	}
	if m.named() {
		if f, ok := m.find(nameFact(t.Lemma())); ok && int(f) >= m.names && int(f) < m.kin {
			w.name = f
		}
	}
	w.hash = hashString(lemmaSeed, t.Lemma())
	if f, ok := m.find(w.hash); ok && int(f) < m.words {
		w.lemma = f
	}
	clear(s.sums)
	w.square = m.spell(t.Norm, s)
	if w.square == 0 {
		return w
	}
	var widest int32
	for _, v := range s.sums {
		widest = max(widest, v, -v)
	}
	for w.shift < mostShift && widest > laneMost<<sumBits<<w.shift {
		w.shift++
	}
	behind := sumBits + w.shift
	zero := int32(laneZero)<<behind + 1<<(behind-1)
	w.lanes = make([]uint64, lanes(len(m.Labels)))
	for k := range w.lanes {
		var eight uint64
		for l, v := range s.sums[8*k : 8*k+8] {
			eight |= uint64(min(max((v+zero)>>behind, 1), laneZero+laneMost)) << (8 * l)
		}
		w.lanes[k] = eight
	}
	return w
}

// lane returns the units that the word's pieces say for a label.
func (w *word) lane(label int32) float32 {
	if len(w.lanes) == 0 {
		return 0
	}
	return float32((int(w.lanes[label/8]>>(label%8*8)&0xff) - laneZero) << w.shift)
}

func lanes(labels int) int { return (labels + 7) / 8 }

// spell adds what the pieces of a word say for each label to s.sums and returns
// the squared length of its known pieces.
func (m *Model) spell(norm string, s *scorer) (square float32) {
	s.pieces = pieces(norm, s.pieces[:0])
	for _, h := range s.pieces {
		f, ok := m.find(h)
		if !ok || int(f) < m.words || int(f) >= m.letters {
			continue
		}
		h := &m.heads[f]
		square += float32(h.idf * h.idf)
		for _, e := range m.entries[h.start:h.end] {
			s.sums[e>>16] += h.step * int32(int8(e))
		}
	}
	return square
}
