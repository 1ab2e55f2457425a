package staff

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// A Segment is a stretch of a message's text with the same marks all along.
type Segment struct {
	Text  string
	Class string // "" for plain text
	Title string // what the marks say, for a pointer that rests
	Ref   string // id of the first reason in the list; "" for plain text
}

// A Why is one line of the list of reasons beside a text.
type Why struct {
	ID    string // anchor
	Class string
	Label string // «место», «тема» …
	Quote string // the words
	Text  string // the reason
}

// A mark is one span over the text.
type mark struct {
	start, end int
	kind       string
	text       string
}

// Kinds of marks, the strongest first: where spans overlap it gives the colour.
var markOrder = []string{"obscene", "urgency", "place", "topic", "kind"}

var markLabels = map[string]string{
	"obscene": "грубые слова", "urgency": "срочность", "place": "место", "topic": "тема", "kind": "вид", "personal": "персональные данные",
}

// markKind folds what evidence can be for into the kinds that the legend has.
func markKind(evidenceFor string) string {
	switch evidenceFor {
	case "urgency", "topic", "obscene", "place":
		return evidenceFor
	}
	return "kind" // kind, watch, outside
}

var personalWords = map[string]string{
	"phone": "телефон", "email": "почта", "name": "имя", "flat": "квартира", "document": "документ", "card": "номер карты", "plate": "номер машины", "child": "сведения о ребёнке",
}

var placeWords = map[string]string{
	"settlement": "населённый пункт", "district": "район", "street": "улица", "house": "дом", "intersection": "перекрёсток", "stretch": "участок", "landmark": "ориентир", "road": "дорога", "stop": "остановка",
}

// Verbatim writes a text with its marks and not a blank more: a templ loop would
// put one between two segments. A mark leads to its reason where it has one.
func Verbatim(segs []Segment) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, s := range segs {
			if s.Class == "" {
				b.WriteString(templ.EscapeString(s.Text))
				continue
			}
			if s.Ref == "" {
				b.WriteString(`<mark class="` + s.Class + `" title="` + templ.EscapeString(s.Title) + `">` + templ.EscapeString(s.Text) + `</mark>`)
				continue
			}
			b.WriteString(`<a class="` + s.Class + `" href="#` + s.Ref + `" title="` + templ.EscapeString(s.Title) + `">` + templ.EscapeString(s.Text) + `</a>`)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// marksOf returns the reading's spans that fit the text: a reading that is older
// than an edit may point behind its end.
func marksOf(text string, r *message.Reading) []mark {
	var marks []mark
	add := func(start, end int, kind, why string) {
		if start < 0 || end > len(text) || start >= end || !edge(text, start) || !edge(text, end) {
			return
		}
		marks = append(marks, mark{start, end, kind, why})
	}
	for _, p := range r.Places {
		why := placeWords[p.Type]
		if p.Why != "" {
			why += ": " + p.Why
		}
		add(p.Start, p.End, "place", why)
	}
	for _, e := range r.Evidence {
		add(e.Start, e.End, markKind(e.For), e.Why)
	}
	for _, p := range r.Personal {
		add(p.Start, p.End, "personal", personalWords[p.Type])
	}
	return marks
}

func edge(text string, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

// segments cuts the text where marks begin and end. seesPersonal false covers
// personal data with its kind in brackets. prefix makes anchors unique on the page.
func segments(text string, r *message.Reading, prefix string, seesPersonal bool) ([]Segment, []Why) {
	if r == nil {
		return []Segment{{Text: text}}, nil
	}
	marks := marksOf(text, r)
	cuts := []int{0, len(text)}
	for _, m := range marks {
		cuts = append(cuts, m.start, m.end)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var segs []Segment
	covered := -1 // end of the personal span that was covered last
	for i := 0; i+1 < len(cuts); i++ {
		from, to := cuts[i], cuts[i+1]
		seg := Segment{Text: text[from:to]}
		kinds := map[string]bool{}
		var titles []string
		hidden := mark{}
		for n, m := range marks {
			if m.start > from || m.end < to {
				continue
			}
			kinds[m.kind] = true
			titles = append(titles, markLabels[m.kind]+": "+m.text)
			if seg.Ref == "" {
				seg.Ref = fmt.Sprintf("%s-%d", prefix, n)
			}
			if m.kind == "personal" && !seesPersonal {
				hidden = m
			}
		}
		if hidden.end > 0 {
			if covered == hidden.end {
				continue // the rest of a span that is covered already
			}
			covered = hidden.end
			seg.Text = "[" + hidden.text + "]"
		}
		for _, k := range markOrder {
			if kinds[k] {
				seg.Class = "mark mark-" + k
				break
			}
		}
		if kinds["personal"] {
			seg.Class = strings.TrimSpace("mark " + strings.TrimPrefix(seg.Class, "mark ") + " mark-personal")
		}
		seg.Title = strings.Join(titles, "; ")
		segs = append(segs, seg)
	}
	whys := make([]Why, len(marks))
	for n, m := range marks {
		quote := text[m.start:m.end]
		if m.kind == "personal" && !seesPersonal || !seesPersonal && overlapsPersonal(m, marks) {
			quote = "…"
		}
		whys[n] = Why{ID: fmt.Sprintf("%s-%d", prefix, n), Class: "mark mark-" + m.kind, Label: markLabels[m.kind], Quote: quote, Text: m.text}
	}
	return segs, whys
}

func overlapsPersonal(m mark, marks []mark) bool {
	return slices.ContainsFunc(marks, func(p mark) bool { return p.kind == "personal" && p.start < m.end && m.start < p.end })
}

// masked covers an excerpt (the beginning of a text) as the incident's page
// covers the text itself: what the reading found, each by its kind. Long runs of
// digits are covered besides: there may be no reading, or one older than the rules.
func masked(excerpt string, found []message.Personal) string {
	r := &message.Reading{}
	for _, f := range found {
		if f.Start < len(excerpt) {
			f.End = min(f.End, len(excerpt)) // cut with the excerpt
			r.Personal = append(r.Personal, f)
		}
	}
	segs, _ := segments(excerpt, r, "", false)
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.Text)
	}
	return maskDigits(b.String())
}

// mask covers the excerpts of rows for roles without the right to personal data.
func (s *Staff) mask(ctx context.Context, me *account.Account, rows []incident.Row) error {
	if me.Role.Holds(lifecycle.SeePersonal) || len(rows) == 0 {
		return nil
	}
	ids := make([]message.ID, len(rows))
	for n := range rows {
		ids[n] = rows[n].First
	}
	found, err := s.Cases().Messages().Personal(ctx, ids)
	if err != nil {
		return err
	}
	for n := range rows {
		rows[n].Excerpt = masked(rows[n].Excerpt, found[rows[n].First])
	}
	return nil
}

// maskDigits covers long runs of digits.
func maskDigits(s string) string {
	var b strings.Builder
	run, digits := 0, 0 // where a run of digits, blanks and dashes began
	flush := func(end int) {
		if digits >= 7 {
			b.WriteString("[номер]")
		} else {
			b.WriteString(s[run:end])
		}
	}
	in := false
	for i, r := range s {
		digit := r >= '0' && r <= '9'
		joins := digit || in && (r == ' ' || r == '-' || r == '(' || r == ')' || r == '\u00a0')
		switch {
		case digit && !in:
			in, run, digits = true, i, 1
		case digit:
			digits++
		case in && !joins:
			flush(i)
			in = false
		}
		if !in {
			b.WriteRune(r)
		}
	}
	if in {
		flush(len(s))
	}
	return b.String()
}
