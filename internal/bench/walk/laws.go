package walk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A fold is what an incident is by its history alone, beside what is stored.
type fold struct {
	incident incident.Incident // as stored when it was last looked at
	entries  []incident.Entry  // of the history, as far as folded
	list     []regime.Deadline // by the rules of book
	book     int
	replayed
	undoable []undoable // latest last
}

// replayed are the fields that a history tells.
type replayed struct {
	agency            int64
	executor, claimed account.ID
	topic, urgency    string
	outcome           lifecycle.Outcome
	verified          bool
}

type undoable struct {
	version int
	was     replayed
}

// look reads all incidents.
func (w *Walker) look() (out []incident.Incident, err error) {
	err = w.store.View(func(tx incident.Tx) error {
		for id := incident.ID(1); ; id++ {
			i, err := tx.Incidents().Incident(w.ctx, scope.All(), id)
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			out = append(out, *i)
		}
	})
	return out, err
}

// same is an error when a refused change left something behind.
func (w *Walker) same() error {
	now, err := w.look()
	if err != nil {
		return err
	}
	for k := range now {
		if k >= len(w.folds) {
			return fmt.Errorf("a refused change opened incident %d", now[k].ID)
		}
		if was := &w.folds[k].incident; now[k].Version != was.Version || now[k].State != was.State || now[k].Clock != was.Clock || now[k].Messages != was.Messages {
			return fmt.Errorf("a refused change altered incident %d", now[k].ID)
		}
	}
	return nil
}

// changed folds the new lines of all histories and checks the laws.
func (w *Walker) changed() error {
	now, err := w.look()
	if err != nil {
		return err
	}
	known := len(w.folds)
	var fresh []incident.Entry
	for k := range now {
		if k == len(w.folds) {
			w.folds = append(w.folds, fold{incident: now[k], replayed: replayed{urgency: string(now[k].Urgency)}})
		}
		f := &w.folds[k]
		var history []incident.Entry
		if err := w.store.View(func(tx incident.Tx) (err error) {
			history, err = tx.Incidents().History(w.ctx, scope.All(), now[k].ID)
			return err
		}); err != nil {
			return err
		}
		fresh = append(fresh, history[len(f.entries):]...)
		f.entries = history
	}
	slices.SortFunc(fresh, func(a, b incident.Entry) int { return cmp.Compare(a.ID, b.ID) })
	for k := range fresh {
		if err := w.folds[fresh[k].Incident-1].apply(w, &fresh[k]); err != nil {
			return fmt.Errorf("line %d of incident %d, %s: %w", fresh[k].ID, fresh[k].Incident, fresh[k].Action, err)
		}
	}
	for k := range now {
		mine := slices.DeleteFunc(slices.Clone(fresh), func(e incident.Entry) bool { return e.Incident != now[k].ID })
		f := &w.folds[k]
		if k < known && len(mine) == 0 && now[k].Version == f.incident.Version && now[k].Clock == f.incident.Clock {
			continue
		}
		before := f.incident
		f.incident = now[k]
		for _, law := range []func() error{
			func() error { return chained(&before, f, mine) },
			func() error { return f.asStored() },
			func() error { return w.onTime(&before, f, mine) },
			func() error { return w.sound(f) },
		} {
			if err := law(); err != nil {
				return fmt.Errorf("incident %d: %w", now[k].ID, err)
			}
		}
	}
	return w.membership()
}

// chained: the history goes forward, each change begins where the one before ended, and the
// last one ended where the incident stands.
func chained(before *incident.Incident, f *fold, fresh []incident.Entry) error {
	n := len(f.entries) - len(fresh)
	for k := range fresh {
		e := &fresh[k]
		if n+k == 0 {
			continue
		}
		last := &f.entries[n+k-1]
		if e.At.Before(last.At) || e.Version < last.Version {
			return fmt.Errorf("line %d (%s) goes back in time or version", e.ID, e.Action)
		}
		if e.Version > last.Version && e.From != last.To {
			return fmt.Errorf("line %d: %s begins at %s, the one before ended at %s", e.ID, e.Action, e.From, last.To)
		}
	}
	last := &f.entries[len(f.entries)-1]
	if last.To != f.incident.State || last.Version != f.incident.Version {
		return fmt.Errorf("the history ends at %s in version %d, stored is %s in version %d", last.To, last.Version, f.incident.State, f.incident.Version)
	}
	if before.State != f.incident.State && len(fresh) == 0 {
		return errors.New("the state changed without a line of history")
	}
	return nil
}

// asStored: the history replays to what is stored.
func (f *fold) asStored() error {
	i := &f.incident
	stored := replayed{agency: i.Place.Agency, executor: i.Executor, claimed: i.ClaimedBy, topic: string(i.Topic), urgency: string(i.Urgency), outcome: i.Outcome, verified: i.Verified()}
	if f.replayed != stored {
		return fmt.Errorf("the history replays to %+v, stored is %+v", f.replayed, stored)
	}
	return nil
}

// earlier are the actions that may make a due time earlier: a raised importance, a shorter
// rule, a pause that ended sooner than it might have, a deed that was taken back.
var earlier = []lifecycle.Action{lifecycle.Correct, lifecycle.Regime, lifecycle.Recount, lifecycle.Undo, lifecycle.Resume, lifecycle.Clarify, lifecycle.Publish, lifecycle.Return,
	lifecycle.HandOver, lifecycle.Decide, lifecycle.Decline, lifecycle.Accept, lifecycle.Approve, lifecycle.Reopen, lifecycle.Reject, lifecycle.Deliver}

// onTime: the stored clock is that of the history; a due time that moved says so in the
// history, and became earlier for a reason only.
func (w *Walker) onTime(before *incident.Incident, f *fold, fresh []incident.Entry) error {
	c, err := w.Count(&f.incident, f.entries)
	if err != nil {
		return err
	}
	want := incident.Clock{Regime: c.Regime.Code, ByHand: f.incident.Clock.ByHand}
	if next, due := regime.Next(c.List); due && f.incident.State.Open() {
		want.Step, want.State, want.Due, want.Rung = next.Step, next.State, next.Due, f.incident.Clock.Rung
		alarms, err := regime.Alarms(&c.History, c.List, c.Calendar)
		if err != nil {
			return err
		}
		if len(alarms) > 0 {
			want.Alarm = alarms[0].At
		}
	}
	got := f.incident.Clock
	if got.Regime != want.Regime || got.Step != want.Step || got.State != want.State || !got.Due.Equal(want.Due) || !got.Alarm.Equal(want.Alarm) {
		return fmt.Errorf("the clock is %+v, by the history it is %+v", got, want)
	}
	was := before.Clock
	if len(fresh) > 0 && was.Step == got.Step && was.Step != "" && !was.Due.Equal(got.Due) && f.incident.Version > before.Version {
		if !slices.ContainsFunc(fresh, func(e incident.Entry) bool {
			m := e.Detail.Due
			return m != nil && m.Step == got.Step && m.From.Equal(was.Due) && m.To.Equal(got.Due)
		}) {
			return fmt.Errorf("%s moved from %v to %v, no line of history says so", got.Step, was.Due, got.Due)
		}
		w.Tally.Moved++
	}
	for k := range c.List {
		d := &c.List[k]
		if k >= len(f.list) || f.book != w.book || f.list[k].Step != d.Step || !d.Ours() || d.State != regime.Running || f.list[k].State == regime.Met || f.list[k].State == regime.Void ||
			f.list[k].Due.IsZero() || d.Due.IsZero() || !d.Due.Before(f.list[k].Due) {
			continue
		}
		w.Tally.Earlier++
		if !slices.ContainsFunc(fresh, func(e incident.Entry) bool {
			return slices.Contains(earlier, e.Action) || e.From == lifecycle.Asked && e.To != lifecycle.Asked // nobody waits for the author any more
		}) {
			return fmt.Errorf("%s was due at %v and is due at %v: nothing that happened makes it earlier", d.Step, f.list[k].Due, d.Due)
		}
	}
	f.list, f.book = c.List, w.book
	for _, e := range fresh {
		w.Tally.entry(&e)
	}
	return nil
}

// sound: what must go together goes together.
func (w *Walker) sound(f *fold) error {
	i := &f.incident
	closed := i.State == lifecycle.Closed
	switch {
	case closed != (i.Outcome != lifecycle.NoOutcome), closed == i.ClosedAt.IsZero():
		return fmt.Errorf("%s with outcome %q, closed at %v", i.State, i.Outcome, i.ClosedAt)
	case i.Messages == 0 && i.Outcome != lifecycle.Duplicate:
		return errors.New("an incident without messages that is no duplicate")
	case i.Messages > 0 && w.owners[i.First] != i.ID:
		return fmt.Errorf("its first message %d is of incident %d", i.First, w.owners[i.First])
	}
	return w.store.View(func(tx incident.Tx) error {
		list, err := tx.Replies().OfIncident(w.ctx, scope.All(), int64(i.ID))
		if err != nil {
			return err
		}
		jobs, err := tx.Fanouts().Jobs(w.ctx, reply.JobFilter{Incident: int64(i.ID), Limit: 1000})
		if err != nil {
			return err
		}
		live := map[reply.ID]int{}
		for _, j := range jobs {
			if j.State == reply.Waiting || j.State == reply.Sending || j.State == reply.Held || j.State == reply.Unknown {
				live[j.Reply]++
			}
		}
		for _, r := range list {
			switch n := live[r.ID]; {
			case r.State == reply.Approved && n == 0:
				return fmt.Errorf("reply %d is on its way and has no job: it is lost", r.ID)
			case r.Message != 0 && n > 1:
				return fmt.Errorf("reply %d has %d jobs: it would stand twice", r.ID, n)
			case (r.State == reply.Draft || r.State == reply.Returned) && n > 0:
				return fmt.Errorf("reply %d is %s and has a job", r.ID, r.State)
			}
		}
		if i.State == lifecycle.Approval && !slices.ContainsFunc(list, func(r reply.Reply) bool { return r.State == reply.Draft || r.State == reply.Approved }) {
			return errors.New("it waits for approval, and there is nothing to approve or to publish")
		}
		return nil
	})
}

// membership: each message is where the history says.
func (w *Walker) membership() error {
	return w.store.View(func(tx incident.Tx) error {
		counts := map[incident.ID]int{}
		for m := message.ID(1); ; m++ {
			owner, err := tx.Messages().Incident(w.ctx, m)
			if fault.Is(err, fault.NotFound) {
				break
			}
			if err != nil {
				return err
			}
			if incident.ID(owner) != w.owners[m] {
				return fmt.Errorf("message %d is of incident %d, by the history of %d", m, owner, w.owners[m])
			}
			counts[incident.ID(owner)]++
		}
		for k := range w.folds {
			if i := &w.folds[k].incident; i.Messages != counts[i.ID] {
				return fmt.Errorf("incident %d says that it has %d messages, it has %d", i.ID, i.Messages, counts[i.ID])
			}
		}
		return nil
	})
}
