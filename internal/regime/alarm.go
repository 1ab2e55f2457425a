package regime

import (
	"slices"
	"time"

	"otklik/internal/calendar"
)

// An Alarm tells somebody that the time of a step runs out, or has.
type Alarm struct {
	Step  Kind
	Who   Who
	Round int
	At    time.Time
	Due   time.Time

	Pressed bool // sooner than by time: many people write
}

// Alarms returns what is still to be told, soonest first: each rung of the ladder of
// each step of ours that runs, once for each round. A step that is done, void or
// paused alarms nobody.
func Alarms(h *History, list []Deadline, c *calendar.Calendar) (out []Alarm, err error) {
	for k := range list {
		d := &list[k]
		if !d.Ours() || d.State != Running && d.State != Paused || d.Due.IsZero() {
			continue
		}
		times, pressed, err := d.rungTimes(c)
		if err != nil {
			return nil, err
		}
		for n, rung := range d.rungs {
			a := Alarm{Step: d.Step, Who: rung.Who, Round: d.Round, Due: d.Due, At: times[n], Pressed: pressed[n]}
			if slices.ContainsFunc(h.Events, func(e Event) bool {
				return e.What == Escalated && e.Step == a.Step && e.Who == a.Who && e.Round == a.Round
			}) {
				continue
			}
			if a.At.Before(d.Start) {
				a.At = d.Start
			}
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b Alarm) int { return a.At.Compare(b.At) })
	return out, nil
}

// at returns when the rung is reached.
func (r Rung) at(due time.Time, c *calendar.Calendar) (time.Time, error) {
	if r.By.N == 0 {
		return due, nil
	}
	if !r.Before {
		return c.Add(due, r.By)
	}
	switch r.By.Unit {
	case calendar.WorkHour:
		return c.AddWork(due, -time.Duration(r.By.N)*time.Hour)
	case calendar.WorkDay:
		return c.AddWork(due, -time.Duration(r.By.N)*c.DayLength())
	case calendar.CalDay:
		return due.AddDate(0, 0, -r.By.N), nil
	case calendar.Hours24:
	}
	return due.Add(-time.Duration(r.By.N) * time.Hour), nil
}
