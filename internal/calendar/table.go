package calendar

import (
	"sort"
	"time"
)

// A table holds the working spans of all counted years, so that a count is two
// searches and no walk over days.
type table struct {
	start, end []int64 // Unix nanoseconds of working spans, in order
	before     []int64 // working nanoseconds before each span
	days       []int32 // working days before each day since January the first of FirstYear
	kinds      []Kind  // of each of these days
}

const day = 24 * time.Hour

// epoch is the first counted day; days are numbered from it.
var epoch = time.Date(FirstYear, 1, 1, 0, 0, 0, 0, time.UTC)

func number(year int, m time.Month, d int) int {
	return int(time.Date(year, m, d, 0, 0, 0, 0, time.UTC).Sub(epoch) / day)
}

func dayOf(n int) time.Time { return epoch.AddDate(0, 0, n) }

var counted = number(LastYear+1, 1, 1)

// table returns the compiled spans.
func (c *Calendar) table() *table {
	c.once.Do(func() { c.t = c.compile() })
	return c.t
}

func (c *Calendar) compile() *table {
	t := &table{days: make([]int32, counted+1), kinds: c.kinds()}
	sum := int64(0)
	for n, kind := range t.kinds {
		t.days[n+1] = t.days[n]
		if kind == Off {
			continue
		}
		t.days[n+1]++
		to := c.to
		if kind == Short {
			to -= time.Hour
		}
		for _, span := range [2][2]time.Duration{{c.from, min(c.lunchFrom, to)}, {c.lunchTo, to}} {
			a, b := c.wall(n, span[0]), c.wall(n, span[1])
			if k := len(t.end); k > 0 && a < t.end[k-1] { // a shift of 24 hours, or clocks put back
				a = t.end[k-1]
			}
			if b <= a {
				continue
			}
			t.start, t.end, t.before = append(t.start, a), append(t.end, b), append(t.before, sum)
			sum += b - a
		}
	}
	return t
}

// wall returns the moment of a time of day, in the calendar's zone.
func (c *Calendar) wall(n int, since time.Duration) int64 {
	d := dayOf(n)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, int(since/time.Minute), 0, 0, c.loc).UnixNano()
}

// kinds says of every counted day what it is.
func (c *Calendar) kinds() []Kind {
	kinds := make([]Kind, counted)
	holiday := make([]bool, counted+1)
	var yearly [1232]bool // by month and day: 1231
	for on := range c.yearly {
		if d, err := time.Parse("01-02", on); err == nil {
			yearly[int(d.Month())*100+d.Day()] = true
		}
	}
	for n := range kinds {
		d := dayOf(n)
		holiday[n] = yearly[int(d.Month())*100+d.Day()]
		kinds[n] = Work
		if holiday[n] || c.weekend[d.Weekday()] {
			kinds[n] = Off
		}
	}
	c.moved(kinds, holiday)
	for n, kind := range kinds { // article 95
		if kind == Work && (holiday[n+1] || n+1 == counted) {
			kinds[n] = Short
		}
	}
	for on, d := range c.days { // they go before all the rest
		if at, err := date(on); err == nil {
			kinds[number(at.Date())] = d.Kind
		}
	}
	return kinds
}

// moved applies the decrees, and article 112 to what no decree names.
func (c *Calendar) moved(kinds []Kind, holiday []bool) {
	given := map[int]bool{}
	for _, y := range c.decreed {
		for _, m := range y.Moves {
			from, _ := date(m.From) // both are checked by New
			to, _ := date(m.To)
			a, b := number(from.Date()), number(to.Date())
			if !c.weekend[from.Weekday()] { // worked here anyway: nothing is given up
				continue
			}
			given[a] = true
			if !holiday[a] {
				kinds[a] = Work
			}
			kinds[b] = Off
		}
	}
	for n := range kinds {
		if !holiday[n] || given[n] {
			continue
		}
		d := dayOf(n)
		if !c.weekend[d.Weekday()] || c.yearly[d.Format("01-02")].Stays {
			continue
		}
		for k := n + 1; k < len(kinds); k++ {
			if kinds[k] == Work {
				kinds[k] = Off
				break
			}
		}
	}
}

// worked returns the working nanoseconds before the moment.
func (t *table) worked(at int64) int64 {
	k := sort.Search(len(t.start), func(k int) bool { return t.start[k] > at }) - 1 // the last span that has begun
	if k < 0 {
		return 0
	}
	return t.before[k] + min(at, t.end[k]) - t.start[k]
}

// first returns the earliest moment before which so much was worked; ok is false
// when that lies past the counted years.
func (t *table) first(worked int64) (int64, bool) {
	k := sort.Search(len(t.before), func(k int) bool { return t.before[k] >= worked }) - 1
	if k < 0 {
		return 0, false
	}
	at := t.start[k] + worked - t.before[k]
	return at, at <= t.end[k]
}

// last returns the latest moment before which no more than so much was worked.
func (t *table) last(worked int64) (int64, bool) {
	k := sort.Search(len(t.before), func(k int) bool { return t.before[k] > worked }) - 1
	if k < 0 {
		return 0, false
	}
	at := t.start[k] + worked - t.before[k]
	return at, at < t.end[k]
}
