package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
)

// Limits of a file of a calendar: a list of free days is small.
const (
	icalBytes = 1 << 20
	icalDays  = 20_000
)

// An Imported is what an iCalendar file says.
type Imported struct {
	Days     []Day     // single days, in order
	Holidays []Holiday // those that return every year without end
	Skipped  int       // cancelled events
}

// ParseICal reads the all-day events of an iCalendar file (RFC 5545) as days off; an
// event whose CATEGORIES say WORK or SHORT, or whose name begins with «рабочий день»
// or «сокращённый», is such a day. It understands DTEND, DURATION in days, RRULE with
// FREQ=YEARLY, EXDATE and RDATE, and is Invalid, with the number of the line, for
// what it cannot count: nothing is left out in silence.
func ParseICal(b []byte) (*Imported, error) {
	if len(b) > icalBytes {
		return nil, icalError(0, "the file is too large", fmt.Sprintf("файл больше %d КБ: это не список праздников", icalBytes>>10))
	}
	if !utf8.Valid(b) {
		return nil, icalError(0, "the file is not UTF-8", "файл не в кодировке UTF-8: сохраните его заново")
	}
	p := &icalParser{out: &Imported{}}
	for _, l := range unfold(string(b)) {
		if err := p.line(l); err != nil {
			return nil, err
		}
	}
	switch {
	case p.lines == 0:
		return nil, icalError(1, "no BEGIN:VCALENDAR", "это не календарь iCal: в начале нет BEGIN:VCALENDAR")
	case len(p.open) > 0:
		return nil, icalError(p.lines, "missing END:"+p.open[len(p.open)-1], "файл оборван: нет END:"+p.open[len(p.open)-1])
	}
	slices.SortStableFunc(p.out.Days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	return p.out, nil
}

func icalError(line int, text, sentence string) error {
	at := "file"
	if line > 0 {
		at = fmt.Sprintf("line %d", line)
		sentence = fmt.Sprintf("Строка %d: %s.", line, sentence)
	} else {
		sentence = "Не принято: " + sentence + "."
	}
	return fault.New(fault.Invalid, "iCalendar, %s: %s", at, text).At(at).Say(sentence)
}

// A content is one line of the file, folded lines joined.
type content struct {
	n    int // number of its first line
	text string
}

func unfold(s string) (out []content) {
	for n, l := range strings.Split(strings.TrimPrefix(s, "\ufeff"), "\n") {
		l = strings.TrimSuffix(l, "\r")
		switch {
		case len(l) > 0 && (l[0] == ' ' || l[0] == '\t') && len(out) > 0:
			out[len(out)-1].text += l[1:]
		case strings.TrimSpace(l) != "":
			out = append(out, content{n + 1, l})
		}
	}
	return out
}

type icalParser struct {
	out   *Imported
	open  []string // components that are open, outermost first
	e     *icalEvent
	days  int
	lines int
}

func (p *icalParser) line(l content) error {
	p.lines = l.n
	name, params, value, ok := property(l.text)
	if !ok {
		return icalError(l.n, "no property", "не понята; должно быть ИМЯ:значение")
	}
	switch {
	case name == "BEGIN":
		value = strings.ToUpper(value)
		if len(p.open) == 0 && value != "VCALENDAR" {
			return icalError(l.n, "no BEGIN:VCALENDAR", "это не календарь iCal: в начале нет BEGIN:VCALENDAR")
		}
		if len(p.open) > 8 {
			return icalError(l.n, "nested too deep", "слишком много вложенных частей")
		}
		p.open = append(p.open, value)
		if value == "VEVENT" {
			p.e = &icalEvent{line: l.n}
		}
		return nil
	case len(p.open) == 0:
		return icalError(l.n, "no BEGIN:VCALENDAR", "это не календарь iCal: в начале нет BEGIN:VCALENDAR")
	case name == "END":
		top := p.open[len(p.open)-1]
		if top != strings.ToUpper(value) {
			return icalError(l.n, "END:"+value+" closes "+top, "END:"+value+" закрывает не ту часть, открыта "+top)
		}
		p.open = p.open[:len(p.open)-1]
		if top == "VEVENT" {
			e := p.e
			p.e = nil
			return p.take(e)
		}
		return nil
	case p.e != nil && p.open[len(p.open)-1] == "VEVENT":
		return p.e.set(l.n, name, params, value)
	}
	return nil
}

// property splits «NAME;PARAM=VALUE:value»; a quoted parameter may hold colons.
func property(s string) (name string, params map[string]string, value string, ok bool) {
	quoted := false
	end := -1
	for i := range len(s) {
		if s[i] == '"' {
			quoted = !quoted
		}
		if s[i] == ':' && !quoted {
			end = i
			break
		}
	}
	if end <= 0 {
		return "", nil, "", false
	}
	parts := strings.Split(s[:end], ";")
	params = map[string]string{}
	for _, part := range parts[1:] {
		k, v, _ := strings.Cut(part, "=")
		params[strings.ToUpper(k)] = strings.ToUpper(strings.Trim(v, `"`))
	}
	return strings.ToUpper(parts[0]), params, s[end+1:], true
}

// An icalEvent is a VEVENT under way.
type icalEvent struct {
	line         int
	start, end   time.Time // end is exclusive; zero = one day
	days         int       // of DURATION
	name, kind   string
	rule         string
	ruleLine     int
	more, except []time.Time
	cancelled    bool
}

func (e *icalEvent) set(n int, name string, params map[string]string, value string) (err error) {
	switch name {
	case "DTSTART":
		e.start, err = allDay(n, name, params, value)
	case "DTEND":
		e.end, err = allDay(n, name, params, value)
	case "DURATION":
		e.days, err = durationDays(n, value)
	case "SUMMARY":
		e.name = clean(value)
	case "CATEGORIES":
		e.kind = strings.ToUpper(value)
	case "STATUS":
		e.cancelled = strings.EqualFold(value, "CANCELLED")
	case "RRULE":
		if e.rule != "" {
			return icalError(n, "a second RRULE", "второе правило повторения у одного события")
		}
		e.rule, e.ruleLine = value, n
	case "RDATE", "EXDATE":
		for v := range strings.SplitSeq(value, ",") {
			t, err := allDay(n, name, params, v)
			if err != nil {
				return err
			}
			if name == "RDATE" {
				e.more = append(e.more, t)
			} else {
				e.except = append(e.except, t)
			}
		}
	case "RECURRENCE-ID":
		return icalError(n, "RECURRENCE-ID", "исключение из повторения (RECURRENCE-ID) не поддерживается: запишите день отдельным событием")
	}
	return err
}

// clean takes the escapes of a text out and cuts it.
func clean(s string) string {
	s = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120])
	}
	return s
}

// allDay reads a whole day: a date, or midnight of the event's own zone, as some programs
// write whole days (midnight of another zone, «Z», is the middle of a day here).
func allDay(n int, name string, params map[string]string, value string) (time.Time, error) {
	value = strings.TrimSpace(value)
	v := params["VALUE"]
	if day, midnight := strings.CutSuffix(value, "T000000"); midnight && v != "DATE" {
		value, v = day, ""
	}
	if v != "" && v != "DATE" || len(value) != 8 {
		return time.Time{}, icalError(n, name+" is no date", name+" не дата целого дня («"+clean(value)+"»): нужно "+name+";VALUE=DATE:20260101")
	}
	t, err := time.Parse("20060102", value)
	if err != nil {
		return t, icalError(n, name+" "+clean(value)+" is no date", "даты "+clean(value)+" не бывает")
	}
	if t.Year() < FirstYear-100 || t.Year() > LastYear {
		return t, icalError(n, name+" outside", fmt.Sprintf("год %d вне календаря", t.Year()))
	}
	return t, nil
}

func durationDays(n int, value string) (int, error) {
	body, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(value), "+"), "P")
	by := 1
	if w, week := strings.CutSuffix(body, "W"); week {
		body, by = w, 7
	} else if body, week = strings.CutSuffix(body, "D"); !week {
		ok = false
	}
	d, err := strconv.Atoi(body)
	if !ok || err != nil || d < 1 || d > 366 {
		return 0, icalError(n, "DURATION "+clean(value), "длительность «"+clean(value)+"» не в целых днях: нужно P1D")
	}
	return d * by, nil
}

// take adds the event's days.
func (p *icalParser) take(e *icalEvent) error {
	if e.cancelled {
		p.out.Skipped++
		return nil
	}
	if e.start.IsZero() {
		return icalError(e.line, "VEVENT without DTSTART", "у события нет даты (DTSTART)")
	}
	long := max(1, e.days)
	if !e.end.IsZero() {
		if !e.end.After(e.start) {
			return icalError(e.line, "DTEND before DTSTART", "событие кончается раньше, чем начинается")
		}
		long = int(e.end.Sub(e.start) / day)
	}
	if long > 366 {
		return icalError(e.line, "an event longer than a year", "событие длиннее года")
	}
	r, err := e.recurrence()
	if err != nil {
		return err
	}
	kind := e.sort()
	if r.always && kind == Off && long == 1 && len(e.except)+len(e.more) == 0 && e.start.Format("01-02") != "02-29" {
		p.out.Holidays = append(p.out.Holidays, Holiday{On: e.start.Format("01-02"), Name: e.called()})
		return nil
	}
	for _, start := range append(r.starts, e.more...) {
		if slices.ContainsFunc(e.except, start.Equal) {
			continue
		}
		for k := range long {
			d := start.AddDate(0, 0, k)
			if d.Year() < FirstYear || d.Year() > LastYear {
				continue
			}
			if p.days++; p.days > icalDays {
				return icalError(e.line, "too many days", "слишком много дней: это не список праздников")
			}
			p.out.Days = append(p.out.Days, Day{Date: d.Format(time.DateOnly), Kind: kind, Name: e.called()})
		}
	}
	return nil
}

func (e *icalEvent) called() string {
	if e.name == "" {
		return "без названия"
	}
	return e.name
}

// sort says what the event makes of its days.
func (e *icalEvent) sort() Kind {
	name := strings.ToLower(e.name)
	switch {
	case strings.Contains(e.kind, "SHORT") || strings.HasPrefix(name, "сокращ"):
		return Short
	case strings.Contains(e.kind, "WORK") || strings.HasPrefix(name, "рабочий"):
		return Work
	}
	return Off
}
