package classify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// related makes a table where who answers follows from the matter, and a matter
// is named by words of which each agency's own examples show a part only.
func related(t *testing.T, rows int) []Example {
	t.Helper()
	words := map[string][]string{"Вода": {"кран", "труба", "напор", "колонка", "слив"}, "Свет": {"лампа", "столб", "провод", "фонарь", "щиток"}, "Ямы": {"выбоина", "асфальт", "колея", "обочина", "люк"}}
	var table bytes.Buffer
	table.WriteString("text,executor,topic\n")
	for i := range rows {
		matter := []string{"Вода", "Свет", "Ямы"}[i%3]
		w := words[matter]
		fmt.Fprintf(&table, "%s и %s опять,%s,%s\n", w[i/3%5], w[(i/3+1+i/15%2)%5], map[string]string{"Вода": "Водоканал", "Свет": "Горсвет", "Ямы": "Дорстрой"}[matter], matter)
	}
	rowsOf, err := readTable(&table, "executor")
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf.examples()
}

func TestColumnsOfLabelsBecomeKindred(t *testing.T) {
	t.Parallel()
	r := reader(t)
	examples := related(t, 60)
	s := newSet(r, examples)
	s.ask(&Rules{}, defaults)
	if err := s.askKin(t.Context(), r, &Rules{}, examples, defaults); err != nil {
		t.Fatal(err)
	}
	if len(s.kindred) != 1 || strings.Join(s.kindred[0].Labels, " ") != "Вода Свет Ямы" {
		t.Fatalf("kindred models: %+v", s.kindred)
	}
	s.related = true
	m := s.fit(nil, defaults)
	x, sc := newLexicon(&Rules{}, m), newScratch(&Rules{}, m)
	for text, want := range map[string]string{"кран": "Водоканал", "фонарь": "Горсвет", "колея": "Дорстрой"} {
		sc.score(x, r.Read(text), nil)
		heard := sc.said
		if best, _ := rank(sc.scores, -1); m.Labels[best] != want || len(heard) == 0 {
			t.Errorf("%s: %s, hearing %v", text, m.Labels[best], heard)
		}
	}
}

// What a kindred model says in training of a text must not come from the text's
// own label: here the label is chance, and a model that had seen it would know it.
func TestKindredHaveNotSeenWhatTheyJudge(t *testing.T) {
	t.Parallel()
	r := reader(t)
	var examples []Example
	for i := range 60 {
		examples = append(examples, Example{Text: fmt.Sprintf("слово%d речь%d", i, 7*i), Label: []string{"а", "б"}[i%2], Kin: []string{[]string{"Север", "Юг"}[i/2%2]}})
	}
	s := newSet(r, examples)
	s.ask(&Rules{}, defaults)
	if err := s.askKin(t.Context(), r, &Rules{}, examples, defaults); err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, e := range examples {
		best := hint{}
		for _, h := range s.kin[i] {
			if h.value > best.value {
				best = h
			}
		}
		if best.feature == kinFact(0, e.Kin[0]) {
			right++
		}
	}
	if right > 42 { // 30 by chance, a deviation is 4
		t.Errorf("%d of 60 labels of chance are known", right)
	}
}

func TestTrainingKindredCanBeStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := LearnFree(ctx, reader(t), related(t, 60), Course{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A model file with kindred that is cut or foreign inside is refused.
func TestDamagedKindredAreRefused(t *testing.T) {
	t.Parallel()
	r := reader(t)
	examples := related(t, 60)
	s := newSet(r, examples)
	s.ask(&Rules{}, defaults)
	if err := s.askKin(t.Context(), r, &Rules{}, examples, defaults); err != nil {
		t.Fatal(err)
	}
	s.related = true
	m := s.fit(nil, defaults)
	body := m.body()
	if _, err := parseBody(body, akin); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(body); n += 1 + len(body)/200 {
		if _, err := parseBody(body[:n], akin); err == nil {
			t.Errorf("a body cut at %d of %d is taken", n, len(body))
		}
	}
	deep := *m
	deep.kindred = []*Model{m}
	if _, err := parseBody(deep.body(), akin); err == nil {
		t.Error("kindred of kindred are taken")
	}
}
