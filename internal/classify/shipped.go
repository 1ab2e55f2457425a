package classify

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/topic"
)

//go:generate go run ./mkmodel ../../data/topics/topics.model

// recipe changes when the way from examples to model does, so that a model
// made in an older way is seen to be stale.
const recipe = "5"

// Default returns the classifier that the product ships: the default taxonomy,
// its rules, and a model learnt from examples written for this project. It
// takes some 30 ms; keep it.
func Default(r Reader) (*Classifier, error) { return For(r, topic.Default()) }

// For returns the shipped classifier for an edited version of the default
// taxonomy: retired topics are not given, renamed ones bear their new names.
// Topics that only the shipped taxonomy knows, of a newer release, are not given.
func For(r Reader, t *topic.Taxonomy) (*Classifier, error) {
	m, err := ReadModel(bytes.NewReader(topics.Model))
	if err != nil {
		return nil, err
	}
	c, err := ForModel(r, t, m)
	if err != nil {
		return nil, err
	}
	for l, tp := range c.byLabel {
		c.skip[l] = c.skip[l] || tp.Code == ""
	}
	return c, nil
}

// ForModel returns a classifier for a model of one's own and a version of the
// taxonomy. The rules give the model hints whatever its labels are, and speak
// for those labels that are topics of the taxonomy.
func ForModel(r Reader, t *topic.Taxonomy, m *Model) (*Classifier, error) {
	rules, err := ParseRules(topics.Rules, r, topic.Default())
	if err != nil {
		return nil, err
	}
	return New(t, rules, m), nil
}

// known reports whether at least four labels of five are default topics.
func known(labels []string) bool {
	n := 0
	for _, l := range labels {
		if _, ok := resolve(l); ok {
			n++
		}
	}
	return n*5 >= len(labels)*4
}

func resolve(label string) (topic.Topic, bool) {
	if tp, ok := topic.Default().ByCode(topic.Code(label)); ok {
		return tp, true
	}
	return topic.Default().ByName(label)
}

// TrainTable learns a model from a labelled CSV (see ReadTable). Other columns that
// hold labels too teach by their names. When its
// labels are those of the default taxonomy, the examples that the product
// ships are learnt too, at a lower weight: they know topics that the table
// seldom shows.
func TrainTable(r Reader, table io.Reader, label string) (*Model, error) {
	rows, err := readTable(table, label)
	if err != nil {
		return nil, fmt.Errorf("training table: %w", err)
	}
	examples := rows.examples()
	var labels []string
	seen := map[string]bool{}
	for _, e := range examples {
		if !seen[e.Label] {
			seen[e.Label] = true
			labels = append(labels, e.Label)
		}
	}
	if len(labels) == 0 || !known(labels) {
		return LearnFree(context.Background(), r, examples, Course{})
	}
	for i := range examples {
		if tp, ok := resolve(examples[i].Label); ok {
			examples[i].Label = string(tp.Code)
		}
	}
	shipped, err := parseExamples(topics.Examples)
	if err != nil {
		return nil, err
	}
	for _, e := range shipped {
		e.Weight = shippedWeight
		examples = append(examples, e)
	}
	return trainDefault(context.Background(), r, examples, topic.Default())
}

// TrainShipped makes the model that the product ships. `go generate` calls it.
func TrainShipped(r Reader) (*Model, error) {
	examples, err := parseExamples(topics.Examples)
	if err != nil {
		return nil, err
	}
	m, err := trainDefault(context.Background(), r, examples, topic.Default())
	if err != nil {
		return nil, err
	}
	for i := range m.trust {
		m.trust[i] *= soften
	}
	m.Source = shippedSource()
	return m, nil
}

// soften flattens the trust of the shipped model. It is fitted on the examples,
// which are shorter and cleaner than what residents write: sure guesses are
// right less often there, and unsure ones more often.
const soften = 0.6

func shippedSource() string {
	return digest([]byte(recipe), topics.Classifier, topics.Rules, topics.Examples)
}

// trainDefault learns codes of t, a version of the default taxonomy.
func trainDefault(ctx context.Context, r Reader, examples []Example, t *topic.Taxonomy) (*Model, error) {
	rules, err := ParseRules(topics.Rules, r, topic.Default())
	if err != nil {
		return nil, err
	}
	name := func(label string) string {
		if tp, ok := t.ByCode(topic.Code(label)); ok && tp.Code != topic.Undefined {
			return tp.Name + ". " + tp.Group
		}
		return ""
	}
	o := defaults
	o.cost, o.few, o.minWords, o.bias, o.keep = 0.03, 0, 2, false, 16
	o.hints = 0 // the rules speak for themselves here: Classifier.Topics adds them
	return train(ctx, r, rules, examples, name, o)
}

// parseExamples reads examples: "@ code" begins a topic, other lines are texts.
func parseExamples(data []byte) ([]Example, error) {
	var examples []Example
	scan := bufio.NewScanner(bytes.NewReader(data))
	code, line := "", 0
	for scan.Scan() {
		line++
		text := strings.TrimSpace(scan.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		if c, ok := strings.CutPrefix(text, "@"); ok {
			code = strings.TrimSpace(c)
			if _, ok := topic.Default().ByCode(topic.Code(code)); !ok {
				return nil, fault.New(fault.Invalid, "classify: examples, line %d: unknown topic %q", line, code)
			}
			continue
		}
		if code == "" {
			return nil, fault.New(fault.Invalid, "classify: examples, line %d: a text stands before the first topic", line)
		}
		examples = append(examples, Example{Text: text, Label: code})
	}
	return examples, scan.Err()
}
