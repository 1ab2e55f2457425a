package promise

import (
	"slices"
	"time"

	"otklik/internal/russian"
)

// A Calendar knows working days. A nil Calendar takes Monday to Friday.
type Calendar interface {
	Working(day time.Time) bool
}

// Options says when and where a reply is published.
type Options struct {
	At   time.Time // publication; its location is the place's time zone
	Days Calendar
}

// A Found is a date or a term that a reply promises something by.
type Found struct {
	Span     russian.Span // the expression: «до 25 сентября», «в течение двух недель»
	Sentence russian.Span // what is promised: the sentence around it
	From     time.Time    // the beginning of the earliest day that fits
	Until    time.Time    // the last second of the last day that fits; zero when Vague
	Vague    bool         // nobody can check it on a day
	Why      string       // how the term was counted, or why it is vague, in Russian
}

// NoSuchDay is why «до 31 ноября» is vague.
const NoSuchDay = "такого дня нет в календаре"

// Find returns the promises of a reply, in order. Dates of what was done, of laws
// and letters, hours of work and what the resident is invited to are none.
func Find(t *russian.Text, o Options) []Found {
	r := reader{src: t.Source, tok: tidy(t.Tokens), at: o.At, days: o.Days}
	r.today = midnight(o.At)
	for i := 0; i < len(r.tok); {
		if starts[r.norm(i)] == 0 && r.tok[i].Kind != russian.Number && r.tok[i].Kind != russian.Mixed {
			i++
			continue
		}
		e, ok := r.expression(i)
		if !ok {
			i++
			continue
		}
		r.exprs = append(r.exprs, e)
		i = e.next
	}
	if len(r.exprs) == 0 {
		return nil
	}
	return r.judge(t)
}

// A reader reads one reply.
type reader struct {
	src   string
	tok   []russian.Token
	at    time.Time
	today time.Time
	days  Calendar
	exprs []expr
}

// A form says how an expression names its time.
type form uint8

const (
	bare   form = iota // «25 сентября», «завтра», «летом»
	within             // «в сентябре», «на следующей неделе»
	by                 // «до», «к», «не позднее»
	since              // «с 1 декабря»
	after              // «через неделю», «в течение 10 дней»: counted from the publication
	hour               // «к 18 часам»
	loose              // no day: «в ближайшее время»
	void               // read, and no promise: «от 2 мая», «в прошлом году»
)

// An expr is an expression of time, not yet judged by what stands around it.
type expr struct {
	first, next int // tokens
	form        form
	from, until time.Time // days at midnight; for hour and short terms exact
	exact       bool      // until is a moment, not a day
	weekday     bool      // named by its weekday alone
	year        bool      // the year follows from the words
	upto        bool      // it runs from today on: «до», «не позднее»
	soft        bool      // for loose and bare months: a promise only beside a verb of the future
	why         string
}

func (r *reader) norm(i int) string {
	if i < 0 || i >= len(r.tok) {
		return ""
	}
	return r.tok[i].Norm
}

// glued reports whether no blank stands between token i and the next.
func (r *reader) glued(i int) bool {
	return i >= 0 && i+1 < len(r.tok) && r.tok[i].End == r.tok[i+1].Start
}

// seq reports whether the norms from i on are words.
func (r *reader) seq(i int, words ...string) bool {
	for k, w := range words {
		if r.norm(i+k) != w {
			return false
		}
	}
	return true
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func (r *reader) day(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, r.at.Location())
}

// endOf returns the last second of a day.
func endOf(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, day.Location())
}

// judge keeps of the expressions those that promise, with their sentences.
func (r *reader) judge(t *russian.Text) []Found {
	var out []Found
	sentences := t.Sentences()
	r.weekdays()
	r.hours()
	for k := range r.exprs {
		e := &r.exprs[k]
		span := russian.Span{Start: r.tok[e.first].Start, End: r.tok[e.next-1].End}
		n := slices.IndexFunc(sentences, func(s russian.Span) bool { return span.Start < s.End })
		s := sentences[max(n, 0)]
		f := Found{Span: span, Sentence: s, Why: e.why}
		switch r.verdict(e, s) {
		case none:
			continue
		case vague:
			f.Vague = true
		case passed:
			f.Vague, f.Why = true, "названный срок прошёл раньше, чем опубликован ответ"
		case promised:
			f.From, f.Until = e.from, e.until
			if e.upto || f.From.Before(r.today) {
				f.From = r.today
			}
			if !e.exact {
				f.Until = endOf(f.Until)
			}
		}
		out = append(out, f)
	}
	return out
}

// weekdays takes a weekday's own expression away where its date stands beside it
// («во вторник, 1 декабря», «26 ноября (четверг)»): it is one promise, and the date counts.
func (r *reader) weekdays() {
	for k := 1; k < len(r.exprs); k++ {
		a, b := &r.exprs[k-1], &r.exprs[k]
		gap := b.first - a.next
		if gap > 1 || gap == 1 && r.norm(a.next) != "," && r.norm(a.next) != "(" {
			continue
		}
		switch {
		case a.weekday && !b.weekday && b.form <= by && b.from.Equal(b.until):
			b.first, a.form = a.first, void
		case b.weekday && !a.weekday && a.form <= by && a.from.Equal(a.until):
			a.next, b.form = b.next, void
		}
	}
	r.exprs = slices.DeleteFunc(r.exprs, func(e expr) bool { return e.form == void })
}

// hours gives «до 18 часов» the day that stands beside it («завтра до 18 часов»,
// «до 18:00 25 ноября») and takes that day's own expression away: it is one promise.
func (r *reader) hours() {
	for k := 1; k < len(r.exprs); k++ {
		a, b := &r.exprs[k-1], &r.exprs[k]
		if a.next != b.first && (a.next+1 != b.first || r.norm(a.next) != ",") {
			continue
		}
		e, d := b, a
		if a.form == hour {
			e, d = a, b
		}
		if e.form != hour || d.form > since || !d.from.Equal(d.until) {
			continue
		}
		y, m, day := d.until.Date()
		e.until = time.Date(y, m, day, e.until.Hour(), e.until.Minute(), e.until.Second(), 0, r.at.Location())
		e.from, e.form, e.year, e.upto = d.from, by, d.year, true
		e.first, e.next = a.first, b.next
		d.form = void
	}
}
