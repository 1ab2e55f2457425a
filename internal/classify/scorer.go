package classify

import (
	"math"
	"slices"

	"otklik/internal/russian"
)

// A scorer holds what one question to a model needs; it is used again.
type scorer struct {
	words  []said
	square [blocks]float32 // squared lengths of the blocks
	norm   [blocks]float32 // what a value of the block is multiplied by
	scores []float32       // by label
	hinted []hint          // hints, names of places and words written as names that the model knows, by feature number

	lanes  []uint64
	added  int     // words in lanes
	zero   int32   // what each lane holds too much
	units  []int32 // by label: what left the lanes
	sums   []int32 // by label: what the pieces of one word add up to
	pieces []feature
}

// said is a word that says something, at its place in the text.
type said struct {
	*word
	token int32
	pair  int32 // the feature of the pair that ends in it, or -1
	name  int32 // its feature as a name, -1 where it is not written as one
}

func newScorer(m *Model) *scorer {
	n := lanes(len(m.Labels))
	return &scorer{scores: make([]float32, len(m.Labels)), lanes: make([]uint64, 2*n), units: make([]int32, 8*n), sums: make([]int32, 8*n)}
}

// begin forgets the last text.
func (s *scorer) begin() {
	s.words, s.hinted, s.added, s.zero, s.square = s.words[:0], s.hinted[:0], 0, 0, [blocks]float32{}
	clear(s.scores)
	clear(s.lanes)
	clear(s.units)
}

// say adds a word. previous is the hash of the lemma before it, or 0; named
// says that it is written as a name.
func (s *scorer) say(m *Model, w *word, token int32, previous feature, named bool) {
	at := said{w, token, -1, -1}
	if f := w.lemma; f >= 0 {
		v := m.heads[f].idf * w.gain
		s.square[wordBlock] += float32(v * v)
		m.add(s.scores, f, v)
	}
	if previous != 0 && w.lemma >= 0 { // a pair is known only of two known lemmas
		if f, ok := m.find(pair(previous, w.hash)); ok && int(f) < m.words {
			at.pair = f
			s.square[wordBlock] += float32(m.heads[f].idf * m.heads[f].idf)
			m.add(s.scores, f, m.heads[f].idf)
		}
	}
	if w.place >= 0 {
		s.hinted = append(s.hinted, hint{uint32(w.place), m.heads[w.place].idf})
	}
	if named && w.name >= 0 {
		at.name = w.name
		s.hinted = append(s.hinted, hint{uint32(w.name), m.heads[w.name].idf})
	}
	s.words = append(s.words, at)
	if len(w.lanes) == 0 {
		return
	}
	s.square[charBlock] += w.square
	sum := s.lanes[:2*len(w.lanes)]
	for k, v := range w.lanes {
		two := sum[2*k : 2*k+2]
		two[0] += v & evenLanes << w.shift
		two[1] += v >> 8 & evenLanes << w.shift
	}
	s.zero += laneZero << w.shift
	if s.added++; s.added == laneWords {
		s.flush()
	}
}

// flush moves the units out of the lanes before they overflow.
func (s *scorer) flush() {
	if s.added == 0 {
		return
	}
	zero := s.zero
	for k, v := range s.lanes {
		u := s.units[k/2*8+k%2:][:7] // every second from here
		u[0] += int32(v&0xffff) - zero
		u[2] += int32(v>>16&0xffff) - zero
		u[4] += int32(v>>32&0xffff) - zero
		u[6] += int32(v>>48) - zero
		s.lanes[k] = 0
	}
	s.added, s.zero = 0, 0
}

// finish fills s.scores: how much the text looks like each label. Only
// differences between labels mean something. Few or no known features leave
// all scores near zero.
func (s *scorer) finish(m *Model, hints []hint) {
	s.flush()
	for _, h := range hints {
		if f, ok := m.find(h.feature); ok && int(f) >= m.letters {
			s.hinted = append(s.hinted, hint{uint32(f), h.value})
		}
	}
	for _, h := range s.hinted {
		s.square[m.block(int32(h.feature))] += float32(h.value * h.value)
	}
	for b, v := range s.square {
		s.norm[b] = 0
		if v > 0 {
			s.norm[b] = m.weights[b] / float32(math.Sqrt(float64(v)))
		}
	}
	words, letters := s.norm[wordBlock], s.norm[charBlock]*m.unit
	units, bias := s.units[:len(s.scores)], m.bias[:len(s.scores)]
	for l, v := range s.scores {
		s.scores[l] = float32(v*words) + float32(letters*float32(units[l])) + bias[l]
	}
	for _, h := range s.hinted {
		m.add(s.scores, int32(h.feature), h.value*s.norm[m.block(int32(h.feature))])
	}
}

// knows reports whether the model knows anything of the text.
func (s *scorer) knows() bool { return s.square != [blocks]float32{} }

// pull returns how much the n-th word speaks for a label.
func (s *scorer) pull(m *Model, n int, label int32) float32 {
	w := &s.words[n]
	by := w.lane(label) * m.unit * s.norm[charBlock]
	if w.lemma >= 0 {
		by += m.pull(w.lemma, uint16(label)) * w.gain * s.norm[wordBlock]
	}
	if w.place >= 0 {
		by += m.pull(w.place, uint16(label)) * s.norm[factBlock]
	}
	if w.name >= 0 {
		by += m.pull(w.name, uint16(label)) * s.norm[nameBlock]
	}
	if w.pair >= 0 {
		by += m.pull(w.pair, uint16(label)) * s.norm[wordBlock]
	}
	return by
}

// read puts a text to the rules and the model of a lexicon, word by word.
// Afterwards s.decide and s.finish give the answers.
func (s *scratch) read(x *lexicon, text *russian.Text) {
	s.scorer.begin()
	s.matcher.begin()
	var previous feature
	var h hand
	named := false
	for i := range text.Tokens {
		t := &text.Tokens[i]
		if x.model.named() {
			named = h.names(text.Source, t)
		}
		switch t.Kind {
		case russian.Punct:
			previous = 0
			continue
		case russian.Symbol, russian.Link:
			continue
		case russian.Number: // there are as many as one likes: none is kept
			s.matcher.say(x.rules.read(t, nil), int32(i))
			continue
		}
		if t.Norm == "" {
			continue
		}
		w := x.word(t, s.scorer)
		s.matcher.say(w.atoms, int32(i))
		if w.speaks {
			s.scorer.say(x.model, w, int32(i), previous, named)
			previous = w.hash
		}
	}
}

// score reads a text and fills s.scores, without the weight of rules.
func (s *scratch) score(x *lexicon, text *russian.Text, facts []hint) {
	s.said = s.said[:0]
	for n, k := range s.kin {
		k.score(x.kin[n], text, nil)
		s.said = x.kin[n].model.likely(k.scores, n, s.said)
	}
	s.judge(x, text, facts, s.said)
}

// judge is score for a text of which one knows what kindred models say.
func (s *scratch) judge(x *lexicon, text *russian.Text, facts, kin []hint) {
	s.read(x, text)
	s.decide(x.rules)
	s.finish(x.model, slices.Concat(s.hints(x.rules), facts, kin))
}
