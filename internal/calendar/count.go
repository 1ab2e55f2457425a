package calendar

import (
	"fmt"
	"sort"
	"time"

	"otklik/internal/fault"
)

// A Unit says how a duration is counted.
type Unit string

// Units.
const (
	Hours24  Unit = "hours"      // hours of the clock
	WorkHour Unit = "work_hours" // hours within working spans
	CalDay   Unit = "days"       // calendar days; the day of the start is day 0
	WorkDay  Unit = "work_days"  // working days; the day of the start is day 0
)

// Units returns all units.
func Units() []Unit { return []Unit{Hours24, WorkHour, CalDay, WorkDay} }

// An Amount is a duration with its unit: 9 working hours.
type Amount struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
}

// Longest is the longest amount of each unit that a rule may set.
const Longest = 3660

// Check is Invalid for an amount that cannot be a deadline.
func (a Amount) Check(field string) error {
	known := false
	for _, u := range Units() {
		known = known || u == a.Unit
	}
	switch {
	case !known:
		return bad(field, fmt.Sprintf("unit %q is unknown", a.Unit), "Единицы срока «"+string(a.Unit)+"» нет. Есть hours, work_hours, days, work_days.")
	case a.N < 1 || a.N > Longest:
		return bad(field, fmt.Sprintf("%d is no duration", a.N), fmt.Sprintf("Срок должен быть от 1 до %d, а указано %d.", Longest, a.N))
	}
	return nil
}

func (c *Calendar) inside(at time.Time) error {
	if y := at.In(c.loc).Year(); y < FirstYear || y > LastYear {
		return outside(y)
	}
	return nil
}

func outside(year int) error {
	return fault.New(fault.Invalid, "year %d lies outside of %d to %d", year, FirstYear, LastYear).At("date").
		Say(fmt.Sprintf("Даты %d года здесь быть не может. Проверьте дату и часы сервера.", year))
}

// Add returns the moment an amount after from. Hours end at the earliest moment by
// which they have passed: nine working hours from Friday 9:00 end on Friday 18:00.
// Days end with the working day of the last date, or at its midnight when the
// shift goes past it; a date without work ends when a working day would.
// Add(from, 0) is from. It is Invalid outside of the counted years.
func (c *Calendar) Add(from time.Time, a Amount) (time.Time, error) {
	if err := c.inside(from); err != nil {
		return time.Time{}, err
	}
	if a.N == 0 {
		return from, nil
	}
	switch a.Unit {
	case Hours24:
		to := from.Add(time.Duration(a.N) * time.Hour)
		if err := c.inside(to); err != nil {
			return time.Time{}, err
		}
		return to.In(c.loc), nil
	case WorkHour:
		return c.AddWork(from, time.Duration(a.N)*time.Hour)
	case CalDay:
		return c.endOf(c.dayNumber(from) + a.N)
	case WorkDay:
		n, err := c.addWorkDays(c.dayNumber(from), a.N)
		if err != nil {
			return time.Time{}, err
		}
		return c.endOf(n)
	}
	return time.Time{}, bad("unit", fmt.Sprintf("unit %q is unknown", a.Unit), "Единицы срока «"+string(a.Unit)+"» нет.")
}

// AddWork returns the earliest moment by which d of working time has passed since
// from; for a negative d the latest one from which that much passes until from.
func (c *Calendar) AddWork(from time.Time, d time.Duration) (time.Time, error) {
	if err := c.inside(from); err != nil || d == 0 {
		return from, err
	}
	t := c.table()
	worked := t.worked(from.UnixNano()) + int64(d)
	at, ok := t.first(worked)
	if d < 0 {
		at, ok = t.last(worked)
	}
	if !ok {
		return time.Time{}, fault.New(fault.Invalid, "%v of working time from %v leaves the counted years", d, from).At("date").
			Say("Срок уходит за пределы календаря. Проверьте дату и длительность.")
	}
	return time.Unix(0, at).In(c.loc), nil
}

// Work returns the working time between two moments; negative when to is earlier.
func (c *Calendar) Work(from, to time.Time) time.Duration {
	t := c.table()
	return time.Duration(t.worked(to.UnixNano()) - t.worked(from.UnixNano()))
}

// Days returns the days between the dates of two moments, in the unit of days.
func (c *Calendar) Days(from, to time.Time, u Unit) int {
	a, b := c.dayNumber(from), c.dayNumber(to)
	if u != WorkDay {
		return b - a
	}
	t := c.table()
	clampDay := func(n int) int { return max(0, min(n+1, counted)) }
	return int(t.days[clampDay(b)] - t.days[clampDay(a)])
}

// Kind says what sort of day the moment falls on.
func (c *Calendar) Kind(at time.Time) Kind {
	n := c.dayNumber(at)
	if n < 0 || n >= counted {
		return Off
	}
	return c.table().kinds[n]
}

// End returns when the work of the moment's date ends, the next day's midnight at
// the latest; of a date without work, when it would.
func (c *Calendar) End(at time.Time) (time.Time, error) {
	if err := c.inside(at); err != nil {
		return time.Time{}, err
	}
	return c.endOf(c.dayNumber(at))
}

// Back returns the end of the last working day not after the moment's date;
// Forward that of the first one not before it.
func (c *Calendar) Back(at time.Time) (time.Time, error) { return c.roll(at, -1) }

// Forward returns the end of the first working day not before the moment's date.
func (c *Calendar) Forward(at time.Time) (time.Time, error) { return c.roll(at, +1) }

func (c *Calendar) roll(at time.Time, by int) (time.Time, error) {
	if err := c.inside(at); err != nil {
		return time.Time{}, err
	}
	n := c.dayNumber(at)
	if c.table().kinds[n] != Off {
		return at, nil
	}
	for ; n >= 0 && n < counted; n += by {
		if c.table().kinds[n] != Off {
			return c.endOf(n)
		}
	}
	return time.Time{}, outside(dayOf(n).Year())
}

func (c *Calendar) dayNumber(at time.Time) int { return number(at.In(c.loc).Date()) }

// addWorkDays returns the day by which n working days have come after day from.
func (c *Calendar) addWorkDays(from, n int) (int, error) {
	t := c.table()
	want := t.days[from+1] + int32(n)
	to := sort.Search(counted, func(k int) bool { return t.days[k+1] >= want })
	if to == counted {
		return 0, outside(LastYear + 1)
	}
	return to, nil
}

func (c *Calendar) endOf(n int) (time.Time, error) {
	if n < 0 || n >= counted {
		return time.Time{}, outside(dayOf(n).Year())
	}
	to := c.to
	if c.table().kinds[n] == Short {
		to -= time.Hour
	}
	to = min(to, day-time.Minute) // 23:59 of the date itself
	return time.Unix(0, c.wall(n, to)).In(c.loc), nil
}
