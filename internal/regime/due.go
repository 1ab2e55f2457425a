package regime

import (
	"time"

	"otklik/internal/calendar"
	"otklik/internal/fault"
)

// A State says how a clock stands.
type State string

// States of a clock.
const (
	Waits   State = "waits"   // what starts it has not happened
	Running State = "running" //
	Paused  State = "paused"  //
	Met     State = "met"     // done, in time or late: see Late
	Missed  State = "missed"  // the due time is over and the step is not done
	Void    State = "void"    // nothing is due any more: the work ended without it
)

// A Deadline is the clock of one step.
type Deadline struct {
	Step  Kind
	State State     // never Missed: that depends on now, see At
	Start time.Time // zero while it waits
	Due   time.Time // zero while it waits, and while it is paused without a limit
	Done  time.Time // zero while it is not met
	Late  bool      // met after Due
	Round int       // rises with every return and every extension: who was told then is told again
	Since time.Time // of a pause that lasts
	Until time.Time // when it ends by itself; zero = when people end it
	Why   string    // one Russian sentence; empty where it was counted alone
	rungs []Rung

	sooner int // rungs that pressure lets the ladder be climbed sooner by
}

// At returns the state at a moment.
func (d *Deadline) At(now time.Time) State {
	if d.State == Paused && !d.Until.IsZero() && !now.Before(d.Until) && !now.After(d.Due) {
		return Running
	}
	if (d.State == Running || d.State == Paused) && !d.Due.IsZero() && now.After(d.Due) {
		return Missed
	}
	return d.State
}

// Ours reports whether the step is work of ours, which can be late.
func (d *Deadline) Ours() bool { return d.Step != Confirm }

// Deadlines returns the clock of every step of the regime, in the regime's order. It
// is Invalid when a due time leaves the counted years.
func Deadlines(h *History, r *Regime, c *calendar.Calendar) ([]Deadline, error) {
	return deadlines(h, r, c, true)
}

// Count does as Deadlines, without the sentences that explain: for machines, who count a
// hundred thousand of them.
func Count(h *History, r *Regime, c *calendar.Calendar) ([]Deadline, error) {
	return deadlines(h, r, c, false)
}

func deadlines(h *History, r *Regime, c *calendar.Calendar, explain bool) (out []Deadline, err error) {
	defer fault.Wrap(&err, "regime.Deadlines(%s)", r.Code)
	out = make([]Deadline, 0, len(r.Steps))
	for k := range r.Steps {
		w := clock{h: h, r: r, c: c, s: &r.Steps[k], d: Deadline{Step: r.Steps[k].Kind, rungs: r.Steps[k].Ladder, sooner: r.Pressure.Rungs(h.Authors)}}
		if err := w.count(); err != nil {
			return nil, err
		}
		if explain {
			w.explain()
		}
		out = append(out, w.d)
	}
	return out, nil
}

// Next returns the clock that matters now: of the steps of ours that are not done,
// the one due first; one that is paused only when none runs. ok is false when
// nothing is due.
func Next(list []Deadline) (next Deadline, ok bool) {
	for _, d := range list {
		if !d.Ours() || d.State != Running && d.State != Paused {
			continue
		}
		if !ok || rank(&d) < rank(&next) || rank(&d) == rank(&next) && d.Due.Before(next.Due) {
			next, ok = d, true
		}
	}
	return next, ok
}

func rank(d *Deadline) int {
	switch {
	case d.State == Running:
		return 0
	case !d.Due.IsZero():
		return 1
	}
	return 2
}

// A clock is one step being counted.
type clock struct {
	h *History
	r *Regime
	c *calendar.Calendar
	s *Step
	d Deadline

	word   string          // what started it
	amount calendar.Amount // how long it has
	notes  []string
	stood  time.Duration // working or plain time in pauses, as the unit says
	open   span          // the pause that lasts
}

// count fills w.d.
func (w *clock) count() error {
	w.began()
	w.d.Done = w.done()
	if w.d.Start.IsZero() {
		w.d.State = Waits
		if !w.d.Done.IsZero() {
			w.d.State = Met
		} else if _, ended := w.h.ended(); ended {
			w.d.State = Void
		}
		return nil
	}
	due, err := w.due(w.d.Start, w.amount)
	if err != nil {
		return err
	}
	if due, err = w.classes(due); err != nil {
		return err
	}
	if due, err = w.extended(due); err != nil {
		return err
	}
	w.d.Due = due
	end, ended := w.h.ended()
	switch {
	case !w.d.Done.IsZero():
		w.d.State, w.d.Late = Met, !due.IsZero() && w.d.Done.After(due)
	case ended:
		w.d.State = Void
		if !due.IsZero() && end.After(due) {
			w.d.Late = true
		}
	case !w.open.from.IsZero():
		w.d.State, w.d.Since, w.d.Until = Paused, w.open.from, w.open.to
	default:
		w.d.State = Running
	}
	return nil
}

// began sets the start and the amount.
func (w *clock) began() {
	w.amount = w.s.Within
	returned, back := w.h.last(Returned)
	_, answered := w.h.last(GaveAnswer)
	if w.s.Kind == Final && back >= 0 && w.h.answeredBefore(back) { // done once, and sent back
		w.word, w.d.Start = "возвращено на доработку", returned
		if w.s.Rework != nil {
			w.amount = *w.s.Rework
		}
		for _, e := range w.h.Events {
			if e.What == Returned {
				w.d.Round++
			}
		}
		return
	}
	w.word = w.s.From.Name()
	switch w.s.From {
	case Published:
		w.d.Start = w.h.begin()
	case Seen:
		w.d.Start = w.h.Seen
	case Accepted:
		w.d.Start = w.h.first(WasAccepted)
	case Interim:
		w.d.Start = w.h.first(GaveInterim)
	case Answered:
		if answered > back {
			w.d.Start = w.h.Events[answered].At
		}
	}
	if at, n := w.h.declined(); w.s.Kind == Forward && n > 0 { // it is to be forwarded anew
		w.word, w.d.Start, w.d.Round = "организация отказалась", at, n
	}
	if w.s.Kind != Confirm && !w.d.Start.IsZero() && back >= 0 && w.h.endedBefore(back) && returned.After(w.d.Start) {
		w.word, w.d.Start = "возвращено в работу", returned // ended undone, and taken up again: it counts from now
		w.d.Round++
	}
}

// endedBefore reports whether the work ended before the event.
func (h *History) endedBefore(index int) bool {
	for _, e := range h.Events[:index] {
		if e.What == Ended {
			return true
		}
	}
	return false
}

// answeredBefore reports whether a final answer stood before the event.
func (h *History) answeredBefore(index int) bool {
	for _, e := range h.Events[:index] {
		if e.What == GaveAnswer {
			return true
		}
	}
	return false
}

// done returns when the step was done, zero while it is not. The first answer stays
// done for ever: nothing that comes later takes it away or restarts its clock.
func (w *clock) done() time.Time {
	_, back := w.h.last(Returned)
	switch w.s.Kind {
	case Accept:
		return w.h.first(WasAccepted, WasForwarded, GaveInterim, GaveAnswer)
	case Forward:
		if at, n := w.h.declined(); n > 0 {
			_, k := w.h.last(Declined)
			return (&History{Seen: at, Events: w.h.Events[k:]}).first(WasForwarded, GaveInterim, GaveAnswer)
		}
		return w.h.first(WasForwarded, GaveInterim, GaveAnswer)
	case First:
		return w.h.first(GaveInterim, GaveAnswer)
	case Final:
		if at, k := w.h.last(GaveAnswer); k > back {
			return w.firstAnswerAfter(back, at)
		}
	case Confirm:
		if at, k := w.h.last(Checked, Returned); k >= 0 {
			if _, answered := w.h.last(GaveAnswer); k > answered && answered >= 0 {
				return at
			}
		}
	}
	return time.Time{}
}

// firstAnswerAfter returns the first answer after the last return: an update of an
// answer makes it no later.
func (w *clock) firstAnswerAfter(back int, at time.Time) time.Time {
	for _, e := range w.h.Events[back+1:] {
		if e.What == GaveAnswer {
			return e.At
		}
	}
	return at
}

// classes makes the due time earlier for heightened importance and ★ topics: their
// shorter time runs from when the class was given, never from before.
func (w *clock) classes(due time.Time) (time.Time, error) {
	for _, class := range []struct {
		amount  *calendar.Amount
		on, off What
		note    string
	}{{w.s.Heightened, Raised, Lowered, "повышенная важность"}, {w.s.Fast, Quickened, Slowed, "тема ★ с коротким сроком"}} {
		from, ok := w.h.since(class.on, class.off)
		if !ok || class.amount == nil || !w.d.Done.IsZero() && from.After(w.d.Done) {
			continue
		}
		start, word := w.d.Start, w.word
		if from.After(start) {
			start, word = from, class.note
		}
		was := *w
		w.stood, w.open = 0, span{}
		short, err := w.due(start, *class.amount)
		if err != nil {
			return due, err
		}
		if due.IsZero() || !short.IsZero() && short.Before(due) {
			due, w.amount, w.d.Start, w.word = short, *class.amount, start, word
			if word != class.note {
				w.notes = append(w.notes, class.note)
			}
		} else {
			w.stood, w.open = was.stood, was.open
		}
	}
	return due, nil
}

// extended moves the due time to what people extended it to.
func (w *clock) extended(due time.Time) (time.Time, error) {
	_, back := w.h.last(Returned)
	for k, e := range w.h.Events {
		if e.What != Extended || e.Step != w.s.Kind || w.s.Kind == Final && k < back {
			continue
		}
		w.d.Round++
		if due.IsZero() || !e.Until.After(due) { // the rule gives as much by now
			continue
		}
		due = e.Until
		w.notes = append(w.notes, "продлено до "+w.on(due))
	}
	return due, nil
}

// due counts an amount from start, leaving out the pauses; zero when a pause that
// has no limit lasts.
func (w *clock) due(start time.Time, a calendar.Amount) (time.Time, error) {
	to, err := w.c.Add(start, a)
	if err != nil {
		return to, err
	}
	days := a.Unit == calendar.CalDay || a.Unit == calendar.WorkDay
	added := 0 // days that the clock stood
	pauses := w.h.pauses(w.r.Pause)
	if w.s.Kind == Confirm { // the author's time does not wait for us
		pauses = nil
	}
	for _, p := range pauses {
		if !p.to.IsZero() && !p.to.After(start) || !p.from.Before(to) || !w.d.Done.IsZero() && p.from.After(w.d.Done) {
			continue
		}
		if p.from.Before(start) {
			p.from = start
		}
		if !w.d.Done.IsZero() && (p.to.IsZero() || p.to.After(w.d.Done)) {
			p.to = w.d.Done
		}
		if !p.to.IsZero() && !p.to.After(p.from) {
			continue
		}
		lasts := p.to.IsZero()
		if p.to, err = w.limit(p); err != nil {
			return to, err
		}
		if lasts {
			w.open = p
		}
		if p.to.IsZero() {
			return time.Time{}, nil
		}
		switch {
		case days:
			added += w.c.Days(p.from, p.to, a.Unit)
			to, err = w.c.Add(start, calendar.Amount{N: a.N + added, Unit: a.Unit})
		case a.Unit == calendar.WorkHour:
			left := w.c.Work(p.from, to)
			to, err = w.c.AddWork(p.to, left)
		default:
			to = p.to.Add(to.Sub(p.from))
		}
		if err != nil {
			return to, err
		}
		if a.Unit == calendar.WorkHour {
			w.stood += w.c.Work(p.from, p.to)
		} else {
			w.stood += p.to.Sub(p.from)
		}
	}
	if a.Unit != calendar.CalDay {
		return to, nil
	}
	rolled := to
	switch w.s.Roll {
	case Back:
		if rolled, err = w.c.Back(to); err == nil && rolled.Before(start) {
			rolled = to
		}
	case Onward:
		rolled, err = w.c.Forward(to)
	case Stay:
	}
	return rolled, err
}

// limit returns when a pause ends, at the latest when the regime says; zero when it
// lasts and has no limit.
func (w *clock) limit(p span) (time.Time, error) {
	if w.r.Pause.Most == nil {
		return p.to, nil
	}
	most, err := w.c.Add(p.from, *w.r.Pause.Most)
	if err == nil && !p.to.IsZero() && p.to.Before(most) {
		most = p.to
	}
	return most, err
}
