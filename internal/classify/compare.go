package classify

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/topic"
)

// A Verdict compares two versions on a pinned set of cases, which neither has
// learnt from. It holds ids and names of topics, never texts.
type Verdict struct {
	Old    Summary  `json:"old"`
	New    Summary  `json:"new"`
	Gained []Change `json:"gained"` // right first now, and was not
	Broken []Change `json:"broken"` // was right first, and is not now
	// Worse says that the new version must not be activated: fewer first guesses
	// are right, or as many and fewer among three.
	Worse bool   `json:"worse"`
	Why   string `json:"why"` // in Russian, for people
}

// A Change is a case that two versions answer differently.
type Change struct {
	ID   string `json:"id"`
	Gold string `json:"gold"`
	Old  string `json:"old"` // first guess, "" for none
	New  string `json:"new"`
}

// Compare asks two versions about the same cases. An empty set is Invalid:
// nothing could be refused on it.
func Compare(ctx context.Context, r Reader, old, candidate *Classifier, pinned []Row) (Verdict, error) {
	if len(pinned) == 0 {
		return Verdict{}, fault.New(fault.Invalid, "classify: the pinned set is empty").At("pinned").
			Say("Проверочный набор пуст: сравнить версии не на чём.").Mend("pin some cases with a topic that a person is sure of")
	}
	before, err := Predict(ctx, r, old, pinned)
	if err != nil {
		return Verdict{}, err
	}
	after, err := Predict(ctx, r, candidate, pinned)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Old: Summarise(before), New: Summarise(after)}
	var first, three int // new less old
	for i := range before {
		b, a := &before[i], &after[i]
		three += count(a.Right(most)) - count(b.Right(most))
		now, was := a.Right(1), b.Right(1)
		if now == was {
			continue
		}
		c := Change{ID: b.ID, Gold: b.Gold, Old: b.first(), New: a.first()}
		if now {
			v.Gained, first = append(v.Gained, c), first+1
		} else {
			v.Broken, first = append(v.Broken, c), first-1
		}
	}
	v.Worse = first < 0 || first == 0 && three < 0
	v.Why = fmt.Sprintf("первая тема верна: было %d из %d, стало %d; исправлено %d, сломано %d; верная среди трёх: %+d",
		hits(v.Old.Top1, v.Old.N), v.Old.N, hits(v.New.Top1, v.New.N), len(v.Gained), len(v.Broken), three)
	return v, nil
}

func hits(share float64, n int) int { return int(share*float64(n) + 0.5) }

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (p *Prediction) first() string {
	if len(p.Predicted) == 0 {
		return ""
	}
	return p.Predicted[0]
}

// WriteCases writes a line a case: id, place of the right topic among the
// guesses (0 for none; 1 also where no guess is right), the right topic, the
// first guess; tabs between them.
// Kept beside the code, its diff shows what a change gained and broke.
func WriteCases(w io.Writer, said []Prediction) error {
	for _, p := range said {
		at := 0
		for n := len(p.Predicted); n > 0; n-- {
			if p.Right(n) {
				at = n
			}
		}
		guess := p.first()
		if guess == "" {
			guess = topic.UndefinedName
			at = count(p.Gold == topic.UndefinedName)
		}
		if _, err := fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", p.ID, at, p.Gold, guess); err != nil {
			return fmt.Errorf("classify: write cases: %w", err)
		}
	}
	return nil
}

// Pinned returns the cases that the product ships for Compare; no model has
// learnt from them. A centre adds its own. Topics that t does not give are left
// out, and so are cases of no topic: Compare counts right guesses.
func Pinned(t *topic.Taxonomy) ([]Row, error) {
	rows, err := ReadTable(bytes.NewReader(topics.Pinned), "topic")
	if err != nil {
		return nil, err
	}
	var list []Row
	for _, row := range rows {
		if tp, ok := place(t, row.Label); ok && tp.Code != topic.Undefined {
			row.Label = tp.Name
			list = append(list, row)
		}
	}
	return list, nil
}
