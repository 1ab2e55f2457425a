package classify

import (
	"slices"

	"otklik/internal/russian"
)

// rarely is the share below which a reading of an ambiguous word is not
// believed: «стали» is seldom steel.
const rarely = 0.02

// A matcher holds what one question to the rules needs; it is used again.
type matcher struct {
	words  [][]int32 // the atoms of each word
	tokens []int32   // the token of each word

	round  uint32
	clause []clauseHit // by clause
	state  []ruleState // by rule
	seen   []int32     // rules with at least one clause met
	fired  []int32     // rules that hold
	votes  []votes     // by topic of the rules
	topics []int32     // topics with a fired rule
	hinted []hint
}

type clauseHit struct {
	round       uint32
	first, last int32 // tokens
	rule        int32
	forbid      bool
}

// votes are the weights of the fired rules of one topic.
type votes struct{ most, sum float32 }

type ruleState struct {
	round  uint32
	met    int32
	forbid bool
}

func newMatcher(rs *Rules) *matcher {
	return &matcher{
		clause: make([]clauseHit, rs.clauses),
		state:  make([]ruleState, len(rs.rules)),
		votes:  make([]votes, len(rs.topics)),
	}
}

// match asks which rules hold; the answer stays in m until the next question.
func (m *matcher) match(rs *Rules, text *russian.Text) {
	m.begin()
	for i := range text.Tokens {
		if t := &text.Tokens[i]; t.Norm != "" && t.Kind != russian.Punct && t.Kind != russian.Symbol && t.Kind != russian.Link {
			m.say(rs.read(t, nil), int32(i))
		}
	}
	m.decide(rs)
}

func (m *matcher) begin() { m.words, m.tokens = m.words[:0], m.tokens[:0] }

// say adds a word with its atoms.
func (m *matcher) say(atoms []int32, token int32) {
	m.words, m.tokens = append(m.words, atoms), append(m.tokens, token)
}

// decide asks which rules hold for the words said.
func (m *matcher) decide(rs *Rules) {
	m.round++
	if m.round == 0 { // after 4 billion questions the old marks would look new
		clear(m.clause)
		clear(m.state)
		m.round = 1
	}
	for _, t := range m.topics {
		m.votes[t] = votes{}
	}
	m.topics, m.seen, m.fired = m.topics[:0], m.seen[:0], m.fired[:0]
	for w, atoms := range m.words {
		for _, a := range atoms {
			for i := range rs.uses[a] {
				m.note(rs, &rs.uses[a][i], w)
			}
		}
	}
	for _, r := range m.seen {
		ru := &rs.rules[r]
		if m.state[r].forbid || m.state[r].met < ru.required {
			continue
		}
		m.fired = append(m.fired, r)
		v := &m.votes[ru.topic]
		if v.sum == 0 {
			m.topics = append(m.topics, ru.topic)
		}
		v.sum += ru.weight
		v.most = max(v.most, ru.weight)
	}
}

// weight is what the fired rules of a topic say together: the strongest counts
// whole, the others a third, because rules of one topic overlap.
func (m *matcher) weight(topic int32) float32 {
	v := m.votes[topic]
	return v.most + (v.sum-v.most)/3
}

// read appends the atoms of a word.
func (rs *Rules) read(t *russian.Token, atoms []int32) []int32 {
	if a, ok := rs.atoms[t.Norm]; ok {
		atoms = append(atoms, a)
	}
	for k := range t.Forms {
		f := &t.Forms[k]
		if k > 0 && f.Score < rarely || f.Lemma == t.Norm {
			continue
		}
		if a, ok := rs.atoms[f.Lemma]; ok && !slices.Contains(atoms, a) {
			atoms = append(atoms, a)
		}
	}
	for _, n := range rs.lengths {
		if n > len(t.Norm) {
			break
		}
		if a, ok := rs.prefixes[t.Norm[:n]]; ok {
			atoms = append(atoms, a)
		}
	}
	return atoms
}

func (m *matcher) note(rs *Rules, u *use, word int) {
	if m.clause[u.clause].round == m.round {
		return // met already
	}
	last := word
	for _, next := range u.rest {
		last++
		if last >= len(m.tokens) || !meet(next, m.words[last]) {
			return
		}
	}
	m.clause[u.clause] = clauseHit{round: m.round, first: m.tokens[word], last: m.tokens[last], rule: u.rule, forbid: u.forbid}
	s := &m.state[u.rule]
	if s.round != m.round {
		*s = ruleState{round: m.round}
		m.seen = append(m.seen, u.rule)
	}
	if u.forbid {
		s.forbid = true
	} else {
		s.met++
	}
}

func meet(a, b []int32) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
