// Package classify says what a message is about: the topics of a text, or
// honestly none.
//
// Start with Default, the classifier that the product ships, and
// Classifier.Topics. Two judges work together: keyword rules, which people can
// read and edit, and a linear model learnt from examples. Their scores are
// added, the sum becomes a probability that was fitted on unseen texts, and
// below a threshold the answer is an empty list: «не определено». Each guess
// carries its evidence, the words that spoke for it.
//
// A region with labelled messages of its own trains a model with Train or
// TrainTable; labels are free strings of any taxonomy. EvalTopics measures.
package classify

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"otklik/internal/russian"
	"otklik/internal/topic"
)

const (
	// rulePull is what one unit of a rule's weight adds to a score of the
	// model, where a sure model leads by about 1.
	rulePull = 0.15
	// refuseBelow is the probability below which the classifier says nothing.
	refuseBelow = 0.15
	// refuseOwn is the same for a model without topics of rules: its labels may be
	// so many and so alike that the best of them is seldom sure.
	refuseOwn = 0.1
	// refuseUnruled is the same for a topic that has rules when none of them
	// speaks: likeness to examples alone is a weak ground. Of the guesses only
	// those are kept then for which a rule speaks.
	refuseUnruled = 0.6
	// worthWeighing is the probability below which a second or third guess
	// shows only its rules: weighing each word costs as much as the guess.
	worthWeighing = 0.1
	// most is how many guesses are given.
	most = 3
)

// A Guess is a topic that a text may be about.
type Guess struct {
	Topic    topic.Topic // of a label that the taxonomy does not know only Name is set
	Score    float64     // probability, 0 to 1
	Evidence []Evidence  // in the order of the text, at most 6
	Facts    []string    // what was known beside the text and speaks for it
}

// Evidence is a piece of the text that speaks for a guess.
type Evidence struct {
	Span russian.Span
	Why  string // in Russian, for people
	Rule int    // line of the rule in its file, 0 when the model says so
}

// A Classifier finds the topics of texts. It is safe for concurrent use.
type Classifier struct {
	taxonomy *topic.Taxonomy
	*lexicon
	byLabel []topic.Topic // by label of the model
	skip    []bool        // by label: retired or undefined, never given
	rulable []bool        // by label: there are rules for it
	none    int           // label of no topic, or -1
	ruled   []int32       // by topic of the rules: its label, or -1
	refuse  float64
	pool    sync.Pool // of *scratch
}

type scratch struct {
	*scorer
	*matcher
	best []int32
	kin  []*scratch // of the model's kindred
	said []hint     // by them
}

func newScratch(rules *Rules, model *Model) *scratch {
	s := &scratch{scorer: newScorer(model), matcher: newMatcher(rules)}
	for _, m := range model.kindred {
		s.kin = append(s.kin, newScratch(rules, m))
	}
	return s
}

// New returns a classifier of the taxonomy. The model's labels are codes or
// names of its topics; others are kept as names without a code. rules may be
// nil.
func New(t *topic.Taxonomy, rules *Rules, model *Model) *Classifier {
	if rules == nil {
		rules = &Rules{}
	}
	c := &Classifier{taxonomy: t, lexicon: newLexicon(rules, model), refuse: refuseBelow, none: -1}
	number := map[topic.Code]int32{}
	for i, l := range model.Labels {
		tp, ok := t.ByCode(topic.Code(l))
		if !ok {
			tp, ok = t.ByName(l)
		}
		if known, named := topic.Default().ByName(l); !ok && named { // a name that was edited since
			tp, ok = t.ByCode(known.Code)
		}
		if !ok {
			tp = topic.Topic{Name: l}
		} else {
			number[tp.Code] = int32(i)
		}
		c.byLabel = append(c.byLabel, tp)
		c.skip = append(c.skip, tp.Retired || tp.Code == topic.Undefined)
		if tp.Code == topic.Undefined {
			c.none = i
		}
	}
	if len(number) == 0 {
		c.refuse = refuseOwn
	}
	c.rulable = make([]bool, len(model.Labels))
	for _, code := range rules.topics {
		l, ok := number[code]
		if ok {
			c.rulable[l] = true
		} else {
			l = -1
		}
		c.ruled = append(c.ruled, l)
	}
	c.pool.New = func() any {
		return newScratch(rules, model)
	}
	return c
}

// Topics returns the likeliest topics of the text, best first, at most three.
// It returns nothing when no topic is likely enough: the honest «не определено».
func (c *Classifier) Topics(text *russian.Text) []Guess { return c.ask(text, nil) }

func (c *Classifier) ask(text *russian.Text, known []string) []Guess {
	s := c.pool.Get().(*scratch)
	defer c.pool.Put(s)
	s.score(c.lexicon, text, facts(known))
	for _, t := range s.topics {
		if l := c.ruled[t]; l >= 0 {
			s.scores[l] += rulePull * s.weight(t)
		}
	}
	if !s.knows() && len(s.topics) == 0 {
		return nil
	}
	best, lead := rank(s.scores, c.none)
	first := s.scores[best]
	sure := c.model.trust.of(first, lead, len(s.scorer.words))
	if sure < c.refuse {
		return nil
	}
	s.top(most, c.skip)
	if c.rulable[best] && (lead < 0 || sure < refuseUnruled) && !s.ruledFor(c, int32(best)) {
		s.best = slices.DeleteFunc(s.best, func(l int32) bool { return !s.ruledFor(c, l) })
	}
	guesses := make([]Guess, 0, len(s.best))
	rest := 1.0
	for i, l := range s.best {
		p := min(sure*math.Exp(float64(c.model.spread)*float64(s.scores[l]-first)), rest)
		if i == 0 && p < c.refuse {
			return nil
		}
		rest -= p
		guesses = append(guesses, Guess{Topic: c.byLabel[l], Score: p, Evidence: c.evidence(s, text, l, i == 0 || p >= worthWeighing), Facts: c.speaking(known, l)})
	}
	return guesses
}

// ruledFor reports whether a rule speaks for the label.
func (s *scratch) ruledFor(c *Classifier, label int32) bool {
	return slices.ContainsFunc(s.topics, func(t int32) bool { return c.ruled[t] == label })
}

// top puts the n best labels that may be given into s.best.
func (s *scratch) top(n int, skip []bool) {
	s.best = s.best[:0]
	floor := float32(math.Inf(-1)) // the last of n
	for l, v := range s.scores {
		if v <= floor || skip[l] {
			continue
		}
		if len(s.best) < n {
			s.best = append(s.best, 0)
		}
		at := len(s.best) - 1
		for at > 0 && s.scores[s.best[at-1]] < v {
			s.best[at] = s.best[at-1]
			at--
		}
		s.best[at] = int32(l)
		if len(s.best) == n {
			floor = s.scores[s.best[n-1]]
		}
	}
}

const (
	mostEvidence = 6 // of a guess
	minEvidence  = 3 // below it the model's words are added
	whyRule      = "слово из правила темы"
	whyModel     = "слово, частое в примерах темы"
)

// speaking returns those of the known facts that speak for the label.
func (c *Classifier) speaking(known []string, label int32) (list []string) {
	for _, k := range known {
		if f, ok := c.model.find(hashString(factSeed, k)); ok && int(f) >= c.model.facts && c.model.pull(f, uint16(label)) > 0 {
			list = append(list, k)
		}
	}
	return list
}

// evidence collects the words of the fired rules of the label, then the words
// whose features pull most towards it, if weigh asks for them.
func (c *Classifier) evidence(s *scratch, text *russian.Text, label int32, weigh bool) []Evidence {
	var found []Evidence
	has := func(span russian.Span) bool {
		return slices.ContainsFunc(found, func(e Evidence) bool { return span.Start < e.Span.End && e.Span.Start < span.End })
	}
	for _, r := range s.fired {
		ru := &c.rules.rules[r]
		if c.ruled[ru.topic] != label {
			continue
		}
		for k := ru.clause; k < ru.clause+ru.clauses && len(found) < mostEvidence; k++ {
			hit := &s.clause[k]
			if hit.round != s.round || hit.forbid {
				continue
			}
			span := russian.Span{Start: text.Tokens[hit.first].Start, End: text.Tokens[hit.last].End}
			if !has(span) {
				found = append(found, Evidence{span, whyRule, int(ru.line)})
			}
		}
	}
	if lacking := minEvidence - len(found); lacking > 0 && weigh {
		for _, t := range c.pullers(s, label, lacking+len(found)) {
			span := russian.Span{Start: text.Tokens[t].Start, End: text.Tokens[t].End}
			if lacking > 0 && !has(span) {
				found = append(found, Evidence{Span: span, Why: whyModel})
				lacking--
			}
		}
	}
	slices.SortFunc(found, func(a, b Evidence) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return found
}

// pullers returns the n tokens that speak most for the label, best first.
func (c *Classifier) pullers(s *scratch, label int32, n int) []int32 {
	type pull struct {
		token int32
		by    float32
	}
	var room [mostEvidence + minEvidence]pull
	best := room[:0]
	for i := range s.scorer.words {
		p := pull{s.scorer.words[i].token, s.pull(c.model, i, label)}
		if p.by <= 0 || len(best) == n && p.by <= best[n-1].by {
			continue
		}
		if len(best) < n {
			best = append(best, p)
		}
		at := len(best) - 1
		for ; at > 0 && best[at-1].by < p.by; at-- {
			best[at] = best[at-1]
		}
		best[at] = p
	}
	tokens := make([]int32, len(best))
	for i, p := range best {
		tokens[i] = p.token
	}
	return tokens
}
