package locate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/russian"
)

// A Label is a name under which the test set of Almaty marks spans.
type Label string

// Labels of the test set.
const (
	LabelStreet       Label = "Street"       // the street's name without its type
	LabelHouse        Label = "NUM"          // «дом 40», «23»
	LabelIntersection Label = "Peresechenie" // the words that say so: «на пересечении»
	LabelStretch      Label = "OTDO"         // «от Гоголя до Толе би»
	LabelPark         Label = "Park"
)

var labels = [...]Label{LabelStreet, LabelHouse, LabelIntersection, LabelStretch, LabelPark}

// A Mark is a labelled span. In test files offsets count code points, in
// predictions UTF-8 bytes.
type Mark struct {
	Start int   `json:"start"`
	End   int   `json:"end"`
	Label Label `json:"label"`
}

// Measure holds precision, recall and their harmonic mean, 0 to 1.
type Measure struct {
	N         int     `json:"n"` // messages; inside by_label: marked spans
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// A Summary is the outcome of an evaluation.
type Summary struct {
	Measure
	ByLabel map[Label]Measure `json:"by_label"`
}

// A Prediction is one case as `otklik eval places --predictions` writes it;
// offsets are UTF-8 bytes.
type Prediction struct {
	ID    int    `json:"id"` // line of the file, from 1
	Gold  []Mark `json:"gold"`
	Spans []Mark `json:"spans"`
}

// Marks returns found places in the labels of the test set. A type that the set
// does not know, and an intersection that no words announce, yields no mark.
func Marks(found []Found) []Mark {
	var out []Mark
	for _, f := range found {
		m := Mark{Start: f.Span.Start, End: f.Span.End}
		switch {
		case f.Type == Street:
			m.Label = LabelStreet
		case f.Type == House:
			m.Label = LabelHouse
		case f.Type == Intersection && f.Cue.End > f.Cue.Start:
			m = Mark{Start: f.Cue.Start, End: f.Cue.End, Label: LabelIntersection}
		case f.Type == Stretch:
			m.Label = LabelStretch
		case f.Type == Landmark && f.Kind == "park":
			m.Label = LabelPark
		default:
			continue
		}
		out = append(out, m)
	}
	return out
}

// Evaluate reads test cases from r, a JSON object {text, spans} a line, and
// compares their marks with what l finds; read analyses a text. A found span is
// right when a marked one of the same label overlaps it by half of their union
// or more, each counted once. Each case is given to each when that is not nil.
// keep, when not nil, chooses the texts that count.
func Evaluate(r io.Reader, l *Locator, read func(string) *russian.Text, keep func(text string) bool, each func(Prediction) error) (s Summary, err error) {
	defer fault.Wrap(&err, "locate.Evaluate")
	var total tally
	byLabel := map[Label]*tally{}
	for _, label := range labels {
		byLabel[label] = &tally{}
	}
	n := 0
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), 16<<20)
	for line := 1; sc.Scan(); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var c struct {
			Text  string `json:"text"`
			Spans []Mark `json:"spans"`
		}
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			return s, fault.New(fault.Invalid, "line %d is no test case: want {text, spans}", line).Mend(`write one object a line: {"text", "spans": [{"start", "end", "label"}]}, offsets in code points`)
		}
		if keep != nil && !keep(c.Text) {
			continue
		}
		n++
		gold := inBytes(c.Text, c.Spans)
		got := Marks(l.Find(read(c.Text), Context{}))
		for label, right := range match(c.Text, gold, got) {
			byLabel[label].right += right
		}
		for _, m := range gold {
			if byLabel[m.Label] == nil {
				byLabel[m.Label] = &tally{}
			}
			byLabel[m.Label].gold++
		}
		for _, m := range got {
			byLabel[m.Label].got++
		}
		if each != nil {
			if err := each(Prediction{ID: line, Gold: gold, Spans: got}); err != nil {
				return s, err
			}
		}
	}
	if err := sc.Err(); err != nil {
		return s, err
	}
	if n == 0 && keep == nil {
		return s, fault.New(fault.Invalid, "there is no test case").Mend("write one object {text, spans} a line")
	}
	s.ByLabel = make(map[Label]Measure)
	for label, t := range byLabel {
		total.right, total.got, total.gold = total.right+t.right, total.got+t.got, total.gold+t.gold
		s.ByLabel[label] = t.measure(t.gold)
	}
	s.Measure = total.measure(n)
	return s, nil
}

type tally struct{ right, got, gold int }

func (t tally) measure(n int) Measure {
	m := Measure{N: n}
	if t.got > 0 {
		m.Precision = float64(t.right) / float64(t.got)
	}
	if t.gold > 0 {
		m.Recall = float64(t.right) / float64(t.gold)
	}
	if m.Precision+m.Recall > 0 {
		m.F1 = 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
	}
	round := func(v *float64) { *v = math.Round(*v*1e4) / 1e4 }
	round(&m.Precision)
	round(&m.Recall)
	round(&m.F1)
	return m
}

// inBytes turns offsets in code points into offsets in bytes; a span outside the
// text is cut to it.
func inBytes(text string, spans []Mark) []Mark {
	at := make([]int, 0, utf8.RuneCountInString(text)+1)
	for i := range text {
		at = append(at, i)
	}
	at = append(at, len(text))
	clamp := func(i int) int { return at[max(0, min(i, len(at)-1))] }
	out := make([]Mark, len(spans))
	for k, s := range spans {
		out[k] = Mark{Start: clamp(s.Start), End: clamp(s.End), Label: s.Label}
	}
	return out
}

// match pairs marks of a text one to one, the largest overlap first, and counts
// the pairs by label. Marks are in bytes, overlap counts code points.
func match(text string, gold, got []Mark) map[Label]int {
	chars := func(start, end int) int {
		if end <= start {
			return 0
		}
		return utf8.RuneCountInString(text[start:end])
	}
	type pair struct {
		gold, got int
		iou       float64
	}
	var pairs []pair
	for i, g := range gold {
		for k, p := range got {
			if g.Label != p.Label {
				continue
			}
			both := chars(max(g.Start, p.Start), min(g.End, p.End))
			all := chars(min(g.Start, p.Start), max(g.End, p.End))
			if both > 0 && 2*both >= all {
				pairs = append(pairs, pair{i, k, float64(both) / float64(all)})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.iou > b.iou:
			return -1
		case a.iou < b.iou:
			return 1
		}
		return 0
	})
	usedGold, usedGot := map[int]bool{}, map[int]bool{}
	right := map[Label]int{}
	for _, p := range pairs {
		if !usedGold[p.gold] && !usedGot[p.got] {
			usedGold[p.gold], usedGot[p.got] = true, true
			right[gold[p.gold].Label]++
		}
	}
	return right
}
