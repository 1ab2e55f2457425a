package classify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

// A Summary is how well a classifier did. Shares are of all N cases; a refused
// case is a miss.
type Summary struct {
	N       int     `json:"n"`
	Top1    float64 `json:"top1"`    // share with the right label first
	Top3    float64 `json:"top3"`    // share with the right label among three
	Refused int     `json:"refused"` // cases without a guess
	// PrecisionHalf and Precision30 are the share of right first guesses among
	// the most confident half and 30 % of the cases.
	PrecisionHalf float64 `json:"precision_half"`
	Precision30   float64 `json:"precision_30"`
	// ECE is how far the score of a first guess is from the share that is right,
	// over ten bins of score (expected calibration error).
	ECE float64 `json:"ece"`
}

// A Prediction is what was said of one case.
type Prediction struct {
	ID        string    `json:"id"`
	Gold      string    `json:"gold"`
	Predicted []string  `json:"predicted"` // names, best first
	Scores    []float64 `json:"scores"`
	Refused   bool      `json:"refused"`
}

// Right reports whether one of the first n names is the gold one, compared as
// topic.SameName does, so that cut and starred names count.
func (p Prediction) Right(n int) bool {
	for _, name := range p.Predicted[:min(n, len(p.Predicted))] {
		if topic.SameName(name, p.Gold) {
			return true
		}
	}
	return false
}

// Predict asks the classifier about each row, in order.
func Predict(ctx context.Context, r Reader, c *Classifier, rows []Row) ([]Prediction, error) {
	out := make([]Prediction, 0, len(rows))
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := Prediction{ID: row.ID, Gold: row.Label, Predicted: []string{}, Scores: []float64{}}
		for _, g := range c.Topics(r.Read(row.Text)) {
			p.Predicted = append(p.Predicted, g.Topic.Name)
			p.Scores = append(p.Scores, g.Score)
		}
		p.Refused = len(p.Predicted) == 0
		out = append(out, p)
	}
	return out, nil
}

// Summarise counts predictions.
func Summarise(predictions []Prediction) Summary {
	s := Summary{N: len(predictions)}
	if s.N == 0 {
		return s
	}
	top1, top3 := 0, 0
	for _, p := range predictions {
		if p.Right(1) {
			top1++
		}
		if p.Right(3) {
			top3++
		}
		if p.Refused {
			s.Refused++
		}
	}
	s.Top1, s.Top3 = share(top1, s.N), share(top3, s.N)
	ranked := slices.Clone(predictions)
	confidence := func(p Prediction) float64 {
		if p.Refused || len(p.Scores) == 0 {
			return -1
		}
		return p.Scores[0]
	}
	slices.SortStableFunc(ranked, func(a, b Prediction) int { return cmp.Compare(confidence(b), confidence(a)) })
	precision := func(part float64) float64 {
		n := int(math.Ceil(part * float64(s.N)))
		right := 0
		for _, p := range ranked[:n] {
			if p.Right(1) {
				right++
			}
		}
		return share(right, n)
	}
	s.PrecisionHalf, s.Precision30 = precision(0.5), precision(0.3)
	s.ECE = calibrationError(predictions)
	return s
}

func calibrationError(predictions []Prediction) float64 {
	const bins = 10
	var gap [bins]float64 // said less right
	n := 0
	for _, p := range predictions {
		if p.Refused || len(p.Scores) == 0 {
			continue
		}
		n++
		b := min(bins-1, max(0, int(p.Scores[0]*bins)))
		gap[b] += p.Scores[0]
		if p.Right(1) {
			gap[b]--
		}
	}
	sum := 0.0
	for _, g := range gap {
		sum += math.Abs(g)
	}
	return sum / float64(max(1, n))
}

func share(part, all int) float64 { return float64(part) / float64(all) }

// EvalTopics measures on the labelled table test. With train it learns from
// that table first, otherwise it asks the shipped classifier. When predictions
// is not nil, one JSON a case is written to it, in the order of test.
func EvalTopics(ctx context.Context, r Reader, train, test io.Reader, label string, predictions io.Writer) (Summary, error) {
	rows, err := ReadTable(test, label)
	if err != nil {
		return Summary{}, fmt.Errorf("test table: %w", err)
	}
	if len(rows) == 0 {
		return Summary{}, fault.New(fault.Invalid, "classify: the test table has no labelled row").At("test").
			Say("В проверочной таблице нет ни одной размеченной строки.").Mend("check --label")
	}
	var c *Classifier
	if train != nil {
		c, err = fromTable(r, train, label)
	} else {
		c, err = Default(r)
	}
	if err != nil {
		return Summary{}, err
	}
	said, err := Predict(ctx, r, c, rows)
	if err != nil {
		return Summary{}, err
	}
	if predictions != nil {
		e := json.NewEncoder(predictions)
		e.SetEscapeHTML(false)
		for _, p := range said {
			if err := e.Encode(p); err != nil {
				return Summary{}, fmt.Errorf("classify: write predictions: %w", err)
			}
		}
	}
	return Summarise(said), nil
}

func fromTable(r Reader, table io.Reader, label string) (*Classifier, error) {
	m, err := TrainTable(r, table, label)
	if err != nil {
		return nil, err
	}
	return ForModel(r, topic.Default(), m)
}
