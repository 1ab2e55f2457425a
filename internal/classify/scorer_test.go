package classify

import (
	"math"
	"strings"
	"testing"

	"otklik/data/topics"
	"otklik/internal/russian"
)

// What is asked of a model must be what it was taught: the row of training
// times the weights.
func TestScoresAreThoseOfTraining(t *testing.T) {
	t.Parallel()
	r := reader(t)
	examples := toy()
	examples = append(examples, Example{Text: strings.Repeat("На дороге яма, автобус не идет, воды нет. ", 40), Label: "Вода"})
	for range 2 {
		examples = append(examples, Example{Text: "В Москве и в Твери, а в Твери особенно, нет воды", Label: "Вода"})
	}
	rules := &Rules{}
	s := newSet(r, examples)
	s.ask(rules, defaults)
	for _, s.placed = range []bool{false, true} {
		scoresAreThoseOfTraining(t, s, rules)
	}
}

func scoresAreThoseOfTraining(t *testing.T, s *set, rules *Rules) {
	t.Helper()
	m := s.fit(nil, defaults)
	if placed := m.facts < m.names; placed != s.placed {
		t.Fatalf("names of places are a block: %v, want %v", placed, s.placed)
	}
	if m.named() != s.placed {
		t.Fatalf("words written as names are a block: %v, want %v", m.named(), s.placed)
	}
	x, sc := newLexicon(rules, m), newScratch(rules, m)
	sum := make([]float32, len(m.hashes))
	for i := range s.texts {
		row, _ := s.row(m, i, sum, nil)
		want := make([]float32, len(m.Labels))
		for k, f := range row.index {
			m.add(want, f, row.value[k])
		}
		for range 2 { // the second time from the lexicon
			sc.score(x, s.texts[i], nil)
			for l, w := range want {
				if d := math.Abs(float64(w - sc.scores[l])); d > 0.02 { // lanes are rounded
					t.Fatalf("text %d: score of %q is %v, by the row of training %v", i, m.Labels[l], sc.scores[l], w)
				}
			}
		}
	}
}

// A lexicon keeps words by normal form and kind: nothing else may decide how a
// word reads.
func TestReadingsFollowFromNormalFormAndKind(t *testing.T) {
	t.Parallel()
	r := reader(t)
	examples, err := parseExamples(topics.Examples)
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		norm string
		kind russian.Kind
	}
	seen := map[key]string{}
	for _, e := range examples {
		for _, text := range []string{e.Text, strings.ToUpper(e.Text)} {
			for _, tok := range r.Read(text).Tokens {
				if tok.Kind == russian.Punct || tok.Kind == russian.Symbol {
					continue
				}
				k, lemmas := key{tok.Norm, tok.Kind}, strings.Join(tok.Lemmas(), " ")
				if had, ok := seen[k]; ok && had != lemmas {
					t.Errorf("%q reads %q and %q", tok.Norm, had, lemmas)
				}
				seen[k] = lemmas
			}
		}
	}
}
