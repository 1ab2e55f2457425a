package staff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// WatchPage is one saved query: its form for who may edit, its text for others.
type WatchPage struct {
	Chrome
	Form     WatchForm
	MayEdit  bool
	SeesText bool // may read the examples
	Stored   *WatchRow
	Back     int        // the earlier version that the form holds; 0: none
	BackOf   *WatchBack // what it brings back
	OfCentre string     // the municipal centre whose query it is; "" for the region's
	Versions []WatchVersion
	Centres  []Choice

	Problem, Field, FieldSays string
	Caret                     *Caret
	Failures                  []FailedExample
	Refused                   bool // not saved for its failures
	Conflict                  *WatchConflict
	Tried                     *Tried
	Alone                     bool // the answer of «Проверить» goes to a script, without the page
	Day                       string
}

// A WatchForm is what is typed.
type WatchForm struct {
	ID                int64
	Version           int
	Name, Text, Note  string
	On, Unplaced      bool
	Centres, Channels []string
	Others            string // OKTMO codes of other territories
	Must, Not         string // an example a line
}

// A Caret shows where a query cannot be read.
type Caret struct {
	Column            int
	Before, At, After string // the line around the place
}

// A FailedExample is one that the draft does not keep.
type FailedExample struct {
	Text, Why string
	Must      bool
}

// A WatchConflict is what somebody else has saved meanwhile.
type WatchConflict struct {
	Version   int
	Who, When string
	Differs   []Difference
}

// A Difference is one field that two people have written differently.
type Difference struct{ Field, Theirs string }

// Tried is a preview in words.
type Tried struct {
	*lookout.Preview
	Since string
	Rows  []TriedRow
}

// A TriedRow is one message that the draft catches.
type TriedRow struct {
	Kept          bool
	URL           string
	Icon, Channel string
	When          string
	Text          []Segment
}

func (p *WatchPage) title() string {
	if p.Stored == nil {
		return "Новое правило"
	}
	return p.Stored.Name
}

// Wrong reports whether a field must say what is wrong with it.
func (p *WatchPage) Wrong(field string) bool { return p.Field == field }

// Has reports whether a box is ticked.
func (f *WatchForm) Has(list []string, value string) bool { return slices.Contains(list, value) }

func formOf(q *standing.Query, centres []Choice) WatchForm {
	f := WatchForm{ID: int64(q.ID), Version: q.Version, Name: q.Name, Text: q.Text, Note: q.Note, On: q.On, Unplaced: q.Unplaced, Channels: q.Channels,
		Must: oneALine(q.Examined(true)), Not: oneALine(q.Examined(false))}
	var others []string
	for _, t := range q.Territories {
		if slices.ContainsFunc(centres, func(c Choice) bool { return c.Value == t }) {
			f.Centres = append(f.Centres, t)
		} else {
			others = append(others, t)
		}
	}
	f.Others = strings.Join(others, ", ")
	return f
}

func oneALine(texts []string) string {
	lines := make([]string, len(texts))
	for k, t := range texts {
		lines[k] = strings.Join(strings.Fields(t), " ")
	}
	return strings.Join(lines, "\n")
}

// draft is the form as a query.
func (f *WatchForm) draft() *standing.Query {
	q := &standing.Query{ID: standing.ID(f.ID), Version: f.Version, Name: f.Name, Text: f.Text, Note: f.Note, On: f.On, Unplaced: f.Unplaced,
		Territories: slices.Clone(f.Centres), Channels: slices.Clone(f.Channels)}
	q.Territories = append(q.Territories, strings.FieldsFunc(f.Others, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' })...)
	for _, part := range []struct {
		lines string
		must  bool
	}{{f.Must, true}, {f.Not, false}} {
		for line := range strings.Lines(part.lines) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				q.Examples = append(q.Examples, standing.Example{Text: line, Must: part.must})
			}
		}
	}
	return q
}

// refused puts into the page why a draft was refused; false for an error that is
// no matter of the form.
func (s *Staff) refused(p *WatchPage, q *standing.Query, err error) bool {
	var failing *lookout.Failing
	var unread *watch.ParseError
	var f *fault.Error
	switch {
	case errors.As(err, &failing):
		p.Failures, p.Refused = failuresOf(q, failing.Failures), true
	case errors.As(err, &unread):
		p.Field, p.FieldSays, p.Caret = "query", fault.Sentence(err), caretAt(q.Text, unread.Column)
	case errors.As(err, &f) && f.Kind == fault.Invalid && f.Field != "":
		p.Field, p.FieldSays = f.Field, f.Sentence
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict), fault.Is(err, fault.Unavailable):
		p.Problem = fault.Sentence(err)
	default:
		return false
	}
	return true
}

func failuresOf(q *standing.Query, list []watch.Failure) (out []FailedExample) {
	for _, f := range list {
		e := q.Examples[f.Example]
		out = append(out, FailedExample{e.Text, f.Why, e.Must})
	}
	return out
}

// caretAt cuts out of a query the line with the column (a character, from 1).
func caretAt(text string, column int) *Caret {
	in := []rune(text)
	at := min(max(column-1, 0), len(in))
	from, to := at, at
	for from > 0 && in[from-1] != '\n' && at-from < 30 {
		from--
	}
	for to < len(in) && in[to] != '\n' && to-at < 30 {
		to++
	}
	c := &Caret{Column: column, Before: string(in[from:at])}
	if at < to {
		c.At, c.After = string(in[at]), string(in[at+1:to])
	} else {
		c.At = " "
	}
	return c
}

// showConflict puts what is stored now beside what was typed. The form then
// carries the new version: to save it again is to know what one replaces.
func (s *Staff) showConflict(r *http.Request, p *WatchPage) error {
	me := who(r)
	now, err := s.Lookout.One(r.Context(), me.Scope(), standing.ID(p.Form.ID))
	if err != nil {
		return err
	}
	people, err := s.colleagues(r.Context(), me)
	if err != nil {
		return err
	}
	theirs, mine := formOf(&now.Query, s.watchCentres(me, now)), &p.Form
	c := &WatchConflict{Version: now.Version, Who: people.names[now.ChangedBy], When: site.DateTime(now.ChangedAt, s.Now(), s.zone(me.Place.Centre, me.Place.Region))}
	if c.Who == "" {
		c.Who = "Кто-то другой"
	}
	onOff := map[bool]string{true: "включено", false: "выключено"}
	for _, d := range []struct{ field, theirs, mine string }{
		{"Имя", theirs.Name, mine.Name}, {"Запрос", theirs.Text, mine.Text}, {"Примечание", theirs.Note, mine.Note}, {"Состояние", onOff[theirs.On], onOff[mine.On]},
		{"Должно подойти", theirs.Must, mine.Must}, {"Не должно подойти", theirs.Not, mine.Not}, {"Где слушает", s.whereListens(&now.Query), s.whereListens(mine.draft())},
	} {
		if a := strings.ReplaceAll(d.theirs, "\r", ""); strings.TrimSpace(a) != strings.TrimSpace(strings.ReplaceAll(d.mine, "\r", "")) {
			if a == "" {
				a = "пусто"
			}
			c.Differs = append(c.Differs, Difference{d.field, a})
		}
	}
	p.Conflict, p.Problem, p.Form.Version = c, "", now.Version
	return nil
}

func (s *Staff) showWatch(w http.ResponseWriter, r *http.Request, status int, p *WatchPage) error {
	me, now := who(r), s.Now()
	zone := s.zone(me.Place.Centre, me.Place.Region)
	p.Chrome = s.chrome(w, r, "watches")
	p.Here = "/desk/watches"
	p.Day = dayBegins(now, zone)
	p.MayEdit = s.Lookout.MayEdit(me.Actor())
	centre := me.Place.Centre
	if p.Form.ID != 0 {
		q, err := s.Lookout.One(r.Context(), me.Scope(), standing.ID(p.Form.ID))
		if err != nil {
			return err
		}
		people, err := s.colleagues(r.Context(), me)
		if err != nil {
			return err
		}
		p.Here = watchURL(q.ID)
		row := s.watchRow(me, q, people)
		p.Stored, p.MayEdit = &row, row.MayChange
		if !q.LastHit.IsZero() {
			p.Stored.Last = site.Ago(q.LastHit, now, zone)
		}
		if q.Broken != "" && p.Caret == nil && p.Form.Text == q.Text {
			p.Field, p.FieldSays, p.Caret = "query", fmt.Sprintf("Столбец %d: %s", q.Column, q.Broken), caretAt(q.Text, q.Column)
		}
		if q.Failing > 0 && p.Failures == nil && p.Tried == nil && p.MayEdit && p.Form.Text == q.Text {
			if failures, err := s.Lookout.Check(r.Context(), me.Actor(), formDraft(&q.Query)); err == nil {
				p.Failures = failuresOf(&q.Query, failures)
			}
		}
		versions, err := s.Lookout.Versions(r.Context(), q.ID)
		if err != nil {
			return err
		}
		p.SeesText = p.MayEdit || me.Role.Holds(lifecycle.SeePersonal)
		p.Versions = s.versionsOf(versions, q.Version, p.SeesText, people, zone)
		if p.Back != 0 {
			p.BackOf = s.backTo(q, versions, p.Back, p.SeesText)
		}
		p.Centres, centre = s.watchCentres(me, q), q.Place.Centre
	} else {
		p.Centres = s.watchCentres(me, nil)
	}
	if centre != "" {
		p.OfCentre = s.placeName(centre)
	}
	return s.page(w, r, status, p.title(), WatchBody(p))
}

func formDraft(q *standing.Query) *standing.Query {
	d := *q
	d.Examples = slices.Clone(q.Examples)
	return &d
}

// aroundWords is how much of a long message a preview shows, in bytes.
const aroundWords = 600

func (s *Staff) triedOf(me *account.Account, v *lookout.Preview) *Tried {
	now, zone := s.Now(), s.zone(me.Place.Centre, me.Place.Region)
	t := &Tried{Preview: v}
	if !v.Since.IsZero() {
		t.Since = site.DateTime(v.Since, now, zone)
	}
	for k := range v.Found {
		f := &v.Found[k]
		row := TriedRow{Kept: f.Kept, Icon: channelIcon(f.Message.Channel), Channel: f.Message.Channel.Name(), When: site.Ago(f.Message.SeenAt, now, zone)}
		if f.Incident != 0 {
			row.URL = fmt.Sprintf("/desk/incidents/%d", f.Incident)
		}
		row.Text = shownWords(f, me.Role.Holds(lifecycle.SeePersonal))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// shownWords marks the words that made a match, in a window around the first of
// them, and covers personal data for who may not see it.
func shownWords(f *lookout.Found, seesPersonal bool) []Segment {
	text := f.Message.Text
	r := &message.Reading{Personal: f.Personal}
	for _, sp := range f.Spans {
		r.Evidence = append(r.Evidence, message.Evidence{Start: sp.Start, End: sp.End, For: "watch", Why: "слово запроса"})
	}
	segs, _ := segments(text, r, "", seesPersonal)
	from, to, at := 0, len(text), 0
	if len(text) > aroundWords && len(f.Spans) > 0 {
		from = max(0, f.Spans[0].Start-aroundWords/3)
		to = min(len(text), from+aroundWords)
	}
	var out []Segment
	for _, seg := range segs { // whole segments of plain text are cut, marks are not
		n := len(seg.Text)
		if seg.Class == "" {
			a, b := max(from-at, 0), min(to-at, n)
			for a < n && a > 0 && !utf8.RuneStart(seg.Text[a]) {
				a++
			}
			for b > 0 && b < n && !utf8.RuneStart(seg.Text[b]) {
				b--
			}
			if a >= b {
				at += n
				continue
			}
			if a > 0 {
				seg.Text = "…" + seg.Text[a:b]
			} else if b < n {
				seg.Text = seg.Text[:b] + "…"
			}
		} else if at > to {
			break
		}
		if !seesPersonal {
			seg.Text = maskDigits(seg.Text)
		}
		seg.Ref = "" // there is no list of reasons here
		out = append(out, seg)
		at += n
	}
	return out
}

// Spark draws the hits of the last days as a line.
func Spark(days []int64) templ.Component {
	return sparkLine(days, "За 30 дней", "больше всего за сутки")
}

// sparkLine draws counts as a line; over says of what time, most what a point of it is.
func sparkLine(counts []int64, over, most string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		const wide, high = 120.0, 26.0
		top, sum := int64(1), int64(0)
		for _, n := range counts {
			top, sum = max(top, n), sum+n
		}
		var line strings.Builder
		for k, n := range counts {
			fmt.Fprintf(&line, "%.1f,%.1f ", 1+float64(k)*(wide-2)/float64(len(counts)-1), high-2-float64(n)*(high-4)/float64(top))
		}
		_, err := fmt.Fprintf(w, `<svg class="spark" viewBox="0 0 %g %g" role="img" aria-label="%s: %s, %s: %d"><polyline points="%s"></polyline></svg>`,
			wide, high, over, site.Count(int(sum), "сообщение", "сообщения", "сообщений"), most, max(0, slices.Max(counts)), strings.TrimSpace(line.String()))
		return err
	})
}

func standingKey(name string) string { return standing.Key(name) }

var onlyKeys = [][2]string{{"?", "эти клавиши"}}

func watchListKeysFor(mayEdit bool) [][2]string {
	if !mayEdit {
		return onlyKeys
	}
	return append([][2]string{{"a", "новое правило"}}, onlyKeys...)
}

func watchKeysFor(mayEdit bool) [][2]string {
	if !mayEdit {
		return onlyKeys
	}
	return append([][2]string{{"r", "к полю запроса"}, {"c", "проверить"}, {"Ctrl+Enter", "проверить, не уходя из поля"}, {"a", "сохранить"}, {"Esc", "выйти из поля"}}, onlyKeys...)
}
