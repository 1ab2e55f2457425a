package classify

import (
	"context"
	"encoding/json"
	"strings"

	"otklik/data/topics"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

// A Handover is a case that was handed over: what is learnt from to suggest who
// answers.
type Handover struct {
	Text      string
	Topic     topic.Code // "" when it had none
	Territory string     // OKTMO or any other id, "" when unknown
	Agency    string     // id of who took it and kept it
	Weight    float64    // 0 means 1
	// Corrected says that a person chose the agency instead of the proposed one.
	Corrected bool
}

// A Suggestion is an agency that may be the one to answer.
type Suggestion struct {
	Agency   string
	Score    float64 // probability, 0 to 1
	Evidence []Evidence
	Why      []string // what speaks for it beside the words, in Russian, for people
}

// A Suggester proposes agencies by past hand-overs. It is safe for concurrent use.
type Suggester struct{ c *Classifier }

// LearnAgencies learns from past hand-overs. names may give the name of an
// agency, which helps where hand-overs are few; it may be nil. The model is one
// like any other: kept, compared and rolled back in the same way.
func LearnAgencies(ctx context.Context, r Reader, past []Handover, names func(agency string) string, c Course) (*Model, error) {
	examples := make([]Example, len(past))
	for i, h := range past {
		examples[i] = Example{Text: h.Text, Label: h.Agency, Weight: h.Weight, Corrected: h.Corrected, Facts: knownOf(h.Topic, h.Territory)}
	}
	if names == nil {
		names = func(string) string { return "" }
	}
	return learnFree(ctx, r, examples, names, c)
}

// NewSuggester returns a suggester of a model that LearnAgencies made.
func NewSuggester(r Reader, m *Model) (*Suggester, error) {
	rules, err := ParseRules(topics.Rules, r, topic.Default())
	if err != nil {
		return nil, err
	}
	return &Suggester{New(&topic.Taxonomy{}, rules, m)}, nil
}

// Suggest returns the likeliest agencies, best first, at most three, and none
// when none is likely enough. Topic and territory may be "".
func (s *Suggester) Suggest(text *russian.Text, t topic.Code, territory string) []Suggestion {
	var list []Suggestion
	for _, g := range s.c.ask(text, knownOf(t, territory)) {
		n := Suggestion{Agency: g.Topic.Name, Score: g.Score, Evidence: g.Evidence}
		for _, f := range g.Facts {
			kind, _, _ := strings.Cut(f, "=")
			n.Why = append(n.Why, whyFact[kind])
		}
		list = append(list, n)
	}
	return list
}

var whyFact = map[string]string{
	"topic":           "так передавали обращения этой темы",
	"group":           "так передавали обращения этой группы тем",
	"territory":       "так передавали обращения с этой территории",
	"topic+territory": "так передавали эту тему с этой территории",
}

// knownOf are the facts of a hand-over.
func knownOf(t topic.Code, territory string) []string {
	var known []string
	if t != "" && t != topic.Undefined {
		known = append(known, "topic="+string(t))
		if group, _, ok := strings.Cut(string(t), "."); ok {
			known = append(known, "group="+group)
		}
	}
	if territory != "" {
		known = append(known, "territory="+territory)
	}
	if t != "" && t != topic.Undefined && territory != "" {
		both, _ := json.Marshal([]string{string(t), territory}) // strings always marshal
		known = append(known, "topic+territory="+string(both))
	}
	return known
}
