package locate_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/locate"
)

func TestEvaluateCountsCodePointsAndOverlap(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(nil)
	// The house is marked without its word (1 of 5 characters: wrong), the
	// stretch of the second case is not marked at all.
	cases := `{"text": "улица Мира, дом 5", "spans": [{"start": 6, "end": 10, "label": "Street"}, {"start": 16, "end": 17, "label": "NUM"}]}
{"text": "На пересечении Мира и Ленина 😀 в парке Победы", "spans": [{"start": 0, "end": 14, "label": "Peresechenie"}, {"start": 15, "end": 19, "label": "Street"}, {"start": 22, "end": 28, "label": "Street"}, {"start": 31, "end": 45, "label": "Park"}]}
{"text": "от Мира до Ленина темно", "spans": []}
`
	var predictions []locate.Prediction
	got, err := locate.Evaluate(strings.NewReader(cases), l, a.Read, nil, func(p locate.Prediction) error {
		predictions = append(predictions, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (locate.Measure{N: 3, Precision: 0.7143, Recall: 0.8333, F1: 0.7692}); got.Measure != want {
		t.Errorf("summary = %+v, want %+v", got.Measure, want)
	}
	if want := (locate.Measure{N: 1, Precision: 1, Recall: 1, F1: 1}); got.ByLabel[locate.LabelPark] != want {
		t.Errorf("parks = %+v, want %+v", got.ByLabel[locate.LabelPark], want)
	}
	want := locate.Prediction{ID: 1,
		Gold:  []locate.Mark{{Start: 11, End: 19, Label: "Street"}, {Start: 28, End: 29, Label: "NUM"}},
		Spans: []locate.Mark{{Start: 11, End: 19, Label: "Street"}, {Start: 21, End: 29, Label: "NUM"}},
	}
	if d := cmp.Diff(want, predictions[0]); d != "" {
		t.Errorf("first prediction, in bytes (-want +got):\n%s", d)
	}
	if _, err := locate.Evaluate(strings.NewReader("{broken\n"), l, a.Read, nil, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken line gives %v, want an invalid input", err)
	}
}

// The spans that residents' messages were marked with by hand. Rules were
// written while looking at one half of the texts, the other was only counted.
func TestMarkedMessages(t *testing.T) {
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		t.Skip("OTKLIK_DATA does not name the folder with the data of the evaluation (almaty/spans.jsonl)")
	}
	a, l := analyzer(t), locate.New(nil)
	for half, name := range []string{"seen", "unseen"} {
		f, err := os.Open(filepath.Join(dir, "almaty", "spans.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := locate.Evaluate(f, l, a.Read, func(text string) bool {
			h := sha256.Sum256([]byte(text))
			return int(h[0]&1) == half
		}, nil)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s half: %+v", name, got)
		if got.F1 < 0.9 {
			t.Errorf("%s half: F1 = %.3f, want 0.9 or more", name, got.F1)
		}
	}
}
