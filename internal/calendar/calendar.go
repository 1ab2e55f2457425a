// Package calendar says when people work in a territory and counts time by it:
// working hours, working days, calendar days.
//
// A Document is what people edit: time zone, hours of a day, weekend, holidays,
// days moved by decree. New compiles it, laid over the country's document, into a
// Calendar. Start with Calendar.Add and Calendar.Work; both are exact to the
// nanosecond and undo each other.
//
// A year whose decree is not in the document is counted by the Labour Code alone
// (article 112: a holiday on a weekend moves the day off to the next working day;
// article 95: the day before a holiday is an hour shorter); Calendar.Doubt says so.
package calendar

import (
	"fmt"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // zones also where the system has none

	"otklik/internal/fault"
)

// A Document is a calendar as it is edited and stored, in JSON. A territory's
// document is laid over the country's: what it leaves out stays as it is there.
type Document struct {
	Territory string    `json:"territory"`         // OKTMO; "" = the country
	Name      string    `json:"name"`              // «Хакасия»
	Zone      string    `json:"zone,omitempty"`    // IANA: «Asia/Krasnoyarsk»
	Day       *Hours    `json:"day,omitempty"`     // hours of a working day
	Weekend   []string  `json:"weekend,omitempty"` // "sat", "sun"
	Holidays  []Holiday `json:"holidays,omitempty"`
	Years     []Year    `json:"years,omitempty"`
	Days      []Day     `json:"days,omitempty"` // single days; they go before all the rest
	Check     string    `json:"check,omitempty"`
}

// Hours are those of a working day. A shift that ends past midnight has To at or
// before From; it belongs to the day on which it begins.
type Hours struct {
	From      string `json:"from"` // «09:00»
	To        string `json:"to"`   // «18:00»
	LunchFrom string `json:"lunch_from,omitempty"`
	LunchTo   string `json:"lunch_to,omitempty"`
}

// A Holiday returns every year and is a day off.
type Holiday struct {
	On    string `json:"on"` // month and day: «05-09»
	Name  string `json:"name"`
	Stays bool   `json:"stays,omitempty"` // its weekend is moved by decree alone (1 to 8 January)
	Check string `json:"check,omitempty"` // why it should be looked up
}

// A Year says what a decree moves in a year.
type Year struct {
	Year  int    `json:"year"`
	Act   string `json:"act"`
	Moves []Move `json:"moves,omitempty"`
	Check string `json:"check,omitempty"`
}

// A Move moves a day off: From is the weekend day that is given up, To becomes
// free. From outside of holidays becomes a working day.
type Move struct {
	From string `json:"from"` // «2026-01-03»
	To   string `json:"to"`
}

// A Day is a single day that differs.
type Day struct {
	Date  string `json:"date"` // «2026-05-27»
	Kind  Kind   `json:"kind"`
	Name  string `json:"name,omitempty"`
	Check string `json:"check,omitempty"`
}

// A Kind says what sort of day it is.
type Kind string

// Kinds of days.
const (
	Work  Kind = "work"
	Short Kind = "short" // one hour less at the end
	Off   Kind = "off"
)

// Counted years. Dates outside are refused: no deadline of ours lies there, so a
// date that does is a slip of the hand or of a clock.
const (
	FirstYear = 2015
	LastYear  = 2055
)

// Country is the territory of the country's own document.
const Country = ""

// A Calendar counts time by a document. It is safe for concurrent use.
type Calendar struct {
	doc  Document
	loc  *time.Location
	once sync.Once
	t    *table
	// read from the document
	from, to, lunchFrom, lunchTo time.Duration // since midnight; to > from, may exceed a day
	weekend                      [7]bool
	decreed                      map[int]Year
	days                         map[string]Day
	yearly                       map[string]Holiday
}

// New compiles a document laid over the country's.
func New(country, own Document) (c *Calendar, err error) {
	defer fault.Wrap(&err, "calendar.New(%q)", own.Territory)
	d := merge(country, own)
	c = &Calendar{doc: d, decreed: map[int]Year{}, days: map[string]Day{}, yearly: map[string]Holiday{}}
	if d.Name == "" {
		return nil, bad("name", "the calendar has no name", "Назовите календарь, например «Хакасия».")
	}
	if c.loc, err = time.LoadLocation(d.Zone); err != nil || d.Zone == "" || d.Zone == "Local" {
		return nil, bad("zone", fmt.Sprintf("zone %q is unknown", d.Zone), "Часового пояса «"+d.Zone+"» нет. Нужно имя вида Asia/Krasnoyarsk.")
	}
	if err := c.hours(d.Day); err != nil {
		return nil, err
	}
	if err := c.week(d.Weekend); err != nil {
		return nil, err
	}
	above, days := len(d.Holidays)-len(own.Holidays), len(d.Days)-len(own.Days) // of the country: errors count in what its author wrote
	for k, h := range d.Holidays {
		if _, err := time.Parse(time.DateOnly, "2024-"+h.On); err != nil {
			return nil, bad(fmt.Sprintf("holidays[%d].on", k-above), fmt.Sprintf("%q is no month and day", h.On), "Даты праздника «"+h.On+"» нет. Нужны месяц и день: 05-09.")
		}
		c.yearly[h.On] = h
	}
	for k, y := range d.Years {
		if _, twice := c.decreed[y.Year]; twice || y.Year < FirstYear || y.Year > LastYear {
			return nil, bad(fmt.Sprintf("years[%d].year", k), fmt.Sprintf("year %d is given twice or cannot be counted", y.Year),
				fmt.Sprintf("Год %d записан дважды или лежит вне %d–%d.", y.Year, FirstYear, LastYear))
		}
		for n, m := range y.Moves {
			if err := c.move(y.Year, m, inherited(own, y.Year)); err != nil {
				return nil, bad(fmt.Sprintf("years[%d].moves[%d]", k, n), err.Error(), fmt.Sprintf("Перенос с %s на %s невозможен: проверьте даты %d года.", m.From, m.To, y.Year))
			}
		}
		c.decreed[y.Year] = y
	}
	for k, x := range d.Days {
		if _, err := date(x.Date); err != nil || !slices.Contains([]Kind{Work, Short, Off}, x.Kind) {
			return nil, bad(fmt.Sprintf("days[%d]", k-days), fmt.Sprintf("day %q, kind %q", x.Date, x.Kind),
				fmt.Sprintf("Дня «%s» не бывает, он вне %d–%d или указан без вида (work, short, off). Пишите год-месяц-день: 2026-05-27.", x.Date, FirstYear, LastYear))
		}
		c.days[x.Date] = x
	}
	return c, nil
}

func bad(field, text, sentence string) *fault.Error {
	return fault.New(fault.Invalid, "%s: %s", field, text).At(field).Say(sentence)
}

func date(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err == nil && (t.Year() < FirstYear || t.Year() > LastYear) {
		err = fmt.Errorf("%s lies outside of %d to %d", s, FirstYear, LastYear)
	}
	return t, err
}

// inherited reports whether the year is the country's: its moves are those of a week
// of five days, and what does not fit another week is left out of it (see moved).
func inherited(own Document, year int) bool {
	return !slices.ContainsFunc(own.Years, func(y Year) bool { return y.Year == year })
}

func (c *Calendar) move(year int, m Move, inherited bool) error {
	from, err := date(m.From)
	if err != nil {
		return err
	}
	to, err := date(m.To)
	switch {
	case err != nil:
		return err
	case from.Year() != year || to.Year() != year:
		return fmt.Errorf("%s to %s leaves the year", m.From, m.To)
	case inherited:
		return nil
	case !c.weekend[from.Weekday()]:
		return fmt.Errorf("%s is no weekend day", m.From)
	case c.weekend[to.Weekday()]:
		return fmt.Errorf("%s is free already", m.To)
	}
	return nil
}

// clockTime reads «09:00» or «24:00» into the time since midnight.
func clockTime(s string) (time.Duration, bool) {
	if s == "24:00" {
		return 24 * time.Hour, true
	}
	t, err := time.Parse("15:04", s)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err == nil
}

func (c *Calendar) hours(h *Hours) error {
	if h == nil {
		return bad("day", "no hours", "Укажите часы рабочего дня: с 09:00 до 18:00.")
	}
	var ok [4]bool
	c.from, ok[0] = clockTime(h.From)
	c.to, ok[1] = clockTime(h.To)
	ok[2], ok[3] = true, true
	if h.LunchFrom != "" || h.LunchTo != "" {
		c.lunchFrom, ok[2] = clockTime(h.LunchFrom)
		c.lunchTo, ok[3] = clockTime(h.LunchTo)
	}
	if ok != [4]bool{true, true, true, true} {
		return bad("day", fmt.Sprintf("hours %+v", *h), "Часы рабочего дня записаны неверно. Нужно так: 09:00 и 18:00.")
	}
	if c.to <= c.from { // past midnight
		c.to += 24 * time.Hour
	}
	if c.lunchFrom == c.lunchTo {
		c.lunchFrom, c.lunchTo = c.to, c.to
		return nil
	}
	if c.lunchFrom < c.from {
		c.lunchFrom += 24 * time.Hour
	}
	if c.lunchTo < c.lunchFrom {
		c.lunchTo += 24 * time.Hour
	}
	if c.lunchFrom <= c.from || c.lunchTo >= c.to {
		return bad("day", fmt.Sprintf("lunch outside of the day: %+v", *h), "Обед должен лежать внутри рабочего дня.")
	}
	return nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (c *Calendar) week(names []string) error {
	n := 0
	for _, name := range names {
		k := slices.Index(weekdays, name)
		if k < 0 {
			return bad("weekend", fmt.Sprintf("%q is no day of the week", name), "Выходной «"+name+"» не понят. Нужно sat, sun.")
		}
		if !c.weekend[k] {
			n++
		}
		c.weekend[k] = true
	}
	if n == 7 {
		return bad("weekend", "no working day is left", "Все дни недели выходные: ни один срок не кончится.")
	}
	return nil
}

// merge lays own over country.
func merge(country, own Document) Document {
	d := country
	d.Territory, d.Check = own.Territory, own.Check
	if own.Name != "" {
		d.Name = own.Name
	}
	if own.Zone != "" {
		d.Zone = own.Zone
	}
	if own.Day != nil {
		d.Day = own.Day
	}
	if own.Weekend != nil {
		d.Weekend = own.Weekend
	}
	if own.Territory == country.Territory {
		return own
	}
	d.Holidays = append(slices.Clone(country.Holidays), own.Holidays...)
	d.Days = append(slices.Clone(country.Days), own.Days...)
	years := slices.Clone(own.Years) // a year of one's own replaces the country's
	for _, y := range country.Years {
		if !slices.ContainsFunc(own.Years, func(o Year) bool { return o.Year == y.Year }) {
			years = append(years, y)
		}
	}
	d.Years = years
	return d
}

// Document returns the document as it holds, the country's part in it.
func (c *Calendar) Document() Document { return c.doc }

// Name returns the calendar's name: «Хакасия».
func (c *Calendar) Name() string { return c.doc.Name }

// Location returns the time zone.
func (c *Calendar) Location() *time.Location { return c.loc }

// HoursText returns the hours of a day in short: «9–18», «8:30–17:30, обед 12–13».
func (c *Calendar) HoursText() string {
	s := hour(c.from) + "–" + hour(c.to)
	if c.lunchTo > c.lunchFrom {
		s += ", обед " + hour(c.lunchFrom) + "–" + hour(c.lunchTo)
	}
	return s
}

func hour(d time.Duration) string {
	if d > 24*time.Hour {
		d -= 24 * time.Hour
	}
	h, m := int(d.Hours()), int(d.Minutes())%60
	if m == 0 {
		return fmt.Sprint(h)
	}
	return fmt.Sprintf("%d:%02d", h, m)
}

// DayLength returns the working time of a full day.
func (c *Calendar) DayLength() time.Duration { return c.to - c.from - (c.lunchTo - c.lunchFrom) }

// Doubt says in Russian why the count between two moments should be checked: a year
// without its decree, a year or a day that is marked so. "" when there is no reason.
func (c *Calendar) Doubt(from, to time.Time) string {
	a, b := from.In(c.loc), to.In(c.loc)
	for y := a.Year(); y <= b.Year(); y++ {
		known, ok := c.decreed[y]
		switch {
		case !ok:
			return fmt.Sprintf("производственный календарь на %d год не загружен: считаем по выходным и праздникам Трудового кодекса, без переносов", y)
		case known.Check != "":
			return fmt.Sprintf("календарь на %d год: проверьте, %s", y, known.Check)
		}
	}
	first, last := a.Format(time.DateOnly), b.Format(time.DateOnly)
	said := ""
	for on, d := range c.days {
		if d.Check != "" && on >= first && on <= last && (said == "" || on < said) {
			said = on
		}
	}
	if said == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s): %s", c.days[said].Name, said, c.days[said].Check)
}
