package classify

import (
	"hash/maphash"
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
	gain   float32  // what its lemma counts
	square float32  // what its pieces add to the squared length of their block
	atoms  []int32  // of the rules
	lanes  []uint64 // empty when no piece is known
}

// What the pieces of a word say for each label is kept in lanes of 16 bits,
// four in a number, so that words are added four labels at a time. A lane holds
// units of the model, laneZero added to keep it positive; up to laneWords words
// add up without overflow.
const (
	laneZero  = 1 << 10
	laneMost  = laneZero - 1
	laneWords = (1<<16 - 1) / (laneZero + laneMost)
)

// lexiconBytes bounds the memory of a lexicon, roughly.
const lexiconBytes = 40 << 20

// A lexicon keeps the words seen lately, for one pair of rules and model. It
// takes no lock: a slot is read and written whole, and two goroutines that work
// out one word at once both get a right answer, of which one stays.
type lexicon struct {
	rules *Rules
	model *Model
	seed  maphash.Seed
	slots []atomic.Pointer[word] // pairs: the newer word, the older one
}

func newLexicon(rules *Rules, model *Model) *lexicon {
	each := 160 + 2*len(model.Labels)
	slots := 1 << 16
	for slots > 64 && slots*each > lexiconBytes {
		slots /= 2
	}
	return &lexicon{rules: rules, model: model, seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[word], slots)}
}

// word returns what is known of the token's word. The readings of a word follow
// from its normal form and kind alone.
func (x *lexicon) word(t *russian.Token, s *scorer) *word {
	at := maphash.String(x.seed, t.Norm) & uint64(len(x.slots)-2)
	newer := x.slots[at].Load()
	if newer != nil && newer.norm == t.Norm && newer.kind == t.Kind {
		return newer
	}
	if w := x.slots[at+1].Load(); w != nil && w.norm == t.Norm && w.kind == t.Kind {
		return w
	}
	w := x.read(t, s)
	x.slots[at+1].Store(newer)
	x.slots[at].Store(w)
	return w
}

// read works a word out. It uses s.sums.
func (x *lexicon) read(t *russian.Token, s *scorer) *word {
	w := &word{norm: t.Norm, kind: t.Kind, lemma: -1, atoms: x.rules.read(t, nil)}
	if !usable(t) || empty(t) {
		return w
	}
	m := x.model
	w.speaks = true
	w.gain = 1
	if isPlace(t) {
		w.gain = m.places
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
	by := float32(0)
	if m.unit > 0 {
		by = 1 / m.unit
	}
	w.lanes = make([]uint64, lanes(len(m.Labels)))
	for k := range w.lanes {
		for l := 4 * k; l < min(4*k+4, len(s.sums)); l++ {
			units := min(max(int(float32(s.sums[l]*by)+(laneZero+0.5)), 1), laneZero+laneMost)
			w.lanes[k] |= uint64(units) << (l % 4 * 16)
		}
	}
	return w
}

// lane returns the units that the word's pieces say for a label.
func (w *word) lane(label int32) float32 {
	if len(w.lanes) == 0 {
		return 0
	}
	return float32(int(w.lanes[label/4]>>(label%4*16)&0xffff) - laneZero)
}

func lanes(labels int) int { return (labels + 3) / 4 }

// spell adds what the pieces of a word say for each label to s.sums and returns
// the squared length of its known pieces.
func (m *Model) spell(norm string, s *scorer) (square float32) {
	s.pieces = pieces(norm, s.pieces[:0])
	for _, h := range s.pieces {
		f, ok := m.find(h)
		if !ok || m.block(f) != charBlock {
			continue
		}
		idf := m.heads[f].idf
		square += float32(idf * idf)
		m.add(s.sums, f, idf)
	}
	return square
}
