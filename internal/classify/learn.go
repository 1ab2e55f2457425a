package classify

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/topic"
)

// What an example counts. Operators' corrections count most, examples of the
// centre's own more than those that the product ships.
const (
	correctionWeight = 3
	shippedWeight    = 0.5
)

// A Course says how a model is learnt; what it holds becomes the model's card.
type Course struct {
	Version int
	Made    time.Time // the caller's clock: learning reads none
}

// Learn makes the next model of a taxonomy: from the shipped examples, whose
// rules go on to speak beside it, and from examples of the centre's own. Labels
// are codes or names; a topic that the taxonomy does not give any more teaches
// nothing. An example that says Corrected must win over the rules. The same
// examples in the same order give the same model, byte for byte.
//
// The answer is a candidate: put it to Compare before it is asked.
func Learn(ctx context.Context, r Reader, t *topic.Taxonomy, own []Example, c Course) (*Model, error) {
	var examples []Example
	card := Card{Version: c.Version, Made: c.Made.UTC(), Data: dataDigest(t, own), Base: shippedSource()}
	for _, e := range own {
		tp, ok := place(t, e.Label)
		if !ok || e.Text == "" {
			card.Left++
			continue
		}
		e.Label = string(tp.Code)
		if e.Corrected {
			card.Corrections++
		}
		examples = append(examples, weighed(e))
	}
	card.Own = len(examples)
	shipped, err := parseExamples(topics.Examples)
	if err != nil {
		return nil, err
	}
	for _, e := range shipped {
		if _, ok := place(t, e.Label); ok {
			e.Weight = shippedWeight
			examples = append(examples, e)
		}
	}
	m, err := trainDefault(ctx, r, examples, t)
	if err != nil {
		return nil, err
	}
	card.Examples, card.Held = m.Card.Examples, m.Card.Held
	m.Card = card
	return m, nil
}

// LearnFree makes a model whose labels are free strings of any taxonomy.
func LearnFree(ctx context.Context, r Reader, own []Example, c Course) (*Model, error) {
	return learnFree(ctx, r, own, func(label string) string { return label }, c)
}

func learnFree(ctx context.Context, r Reader, own []Example, name func(string) string, c Course) (*Model, error) {
	rules, err := ParseRules(topics.Rules, r, topic.Default())
	if err != nil {
		return nil, err
	}
	card := Card{Version: c.Version, Made: c.Made.UTC(), Data: dataDigest(nil, own)}
	examples := make([]Example, 0, len(own))
	for _, e := range own {
		if e.Label == "" || e.Text == "" {
			card.Left++
			continue
		}
		if e.Corrected {
			card.Corrections++
		}
		examples = append(examples, weighed(e))
	}
	m, err := train(ctx, r, rules, examples, name, defaults)
	if err != nil {
		return nil, err
	}
	card.Own, card.Examples, card.Held = len(examples), m.Card.Examples, m.Card.Held
	m.Card = card
	return m, nil
}

func weighed(e Example) Example {
	if e.Weight == 0 {
		e.Weight = 1
	}
	if e.Corrected {
		e.Weight *= correctionWeight
	}
	return e
}

// place finds the topic of a label in a taxonomy that gives it, or Undefined.
func place(t *topic.Taxonomy, label string) (topic.Topic, bool) {
	tp, ok := t.ByCode(topic.Code(label))
	if !ok {
		tp, ok = t.ByName(label)
	}
	if !ok {
		if known, named := resolve(label); named { // a name that was edited since
			tp, ok = t.ByCode(known.Code)
		}
	}
	return tp, ok && !tp.Retired
}

// dataDigest names what was learnt from.
func dataDigest(t *topic.Taxonomy, own []Example) string {
	var parts [][]byte
	if t != nil {
		b, err := json.Marshal(t)
		if err != nil { // it holds strings only
			b = nil
		}
		parts = append(parts, b)
	}
	for _, e := range own {
		b, err := json.Marshal(e)
		if err != nil { // a weight that is no number: train refuses it
			b = []byte(e.Text)
		}
		parts = append(parts, b)
	}
	return digest(parts...)
}

// checkWeights refuses weights that would spoil every label.
func checkWeights(examples []Example) error {
	if i := slices.IndexFunc(examples, func(e Example) bool { return !(e.Weight >= 0 && e.Weight <= 1e6) }); i >= 0 {
		return fault.New(fault.Invalid, "classify: the weight of example %d is %v, it must be 0 to 1,000,000", i, examples[i].Weight).At("weight")
	}
	return nil
}
