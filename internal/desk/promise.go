package desk

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// remindBefore is how long before its day a promise is recalled to who made it;
// promises of a shorter term are recalled when half of it is over.
const remindBefore = 48 * time.Hour

// KeepPromise says that what a reply promised was done. Reason may say how it is known.
type KeepPromise struct {
	Promise promise.ID
	Reason  string
}

// BreakPromise says that it was not done, and why.
type BreakPromise struct {
	Promise promise.ID
	Reason  string // required, official words
}

// MovePromise puts it off. The promise of the new day remembers the one before it.
type MovePromise struct {
	Promise promise.ID
	Until   time.Time // the last moment of the new day
	Reason  string    // required, official words
}

// DropPromise says that the machine misread the reply.
type DropPromise struct{ Promise promise.ID }

func (KeepPromise) Action() lifecycle.Action  { return lifecycle.KeepPromise }
func (BreakPromise) Action() lifecycle.Action { return lifecycle.BreakPromise }
func (MovePromise) Action() lifecycle.Action  { return lifecycle.MovePromise }
func (DropPromise) Action() lifecycle.Action  { return lifecycle.DropPromise }

// promised keeps the promises of a reply that has just been published.
func (s *step) promised(r *reply.Reply, at time.Time) error {
	if s.desk.Options.Lint == nil || r.Purpose == reply.Question {
		return nil
	}
	had, err := s.tx.Promises().OfIncident(s.ctx, scope.All(), int64(s.i.ID))
	if err != nil {
		return err
	}
	for _, f := range promise.Find(s.desk.Options.Lint.Text(r.Text), s.desk.when(s.i.Place, at)) {
		if again(had, &f) {
			continue
		}
		p := promise.Promise{Incident: int64(s.i.ID), Reply: int64(r.ID), Span: f.Span, Sentence: f.Sentence, From: f.From.UTC(), Until: f.Until, Vague: f.Vague, Why: f.Why,
			State: promise.Open, MadeAt: s.now, RemindAt: remindAt(at, f.Until), Place: s.i.Place}
		if f.Vague {
			p.From = time.Time{}
		}
		if err := s.tx.Promises().SavePromise(s.ctx, &p); err != nil {
			return err
		}
		had = append(had, p)
	}
	return nil
}

// again reports whether the same day stands promised: the author is told of a
// moved promise by a reply that names its new day.
func again(had []promise.Promise, f *promise.Found) bool {
	for k := range had {
		if p := &had[k]; p.State == promise.Open && !p.Vague && !f.Vague && p.Until.Equal(f.Until) {
			return true
		}
	}
	return false
}

// remindAt returns when to recall a promise made at a moment; zero for never.
func remindAt(made, until time.Time) time.Time {
	if until.IsZero() {
		return time.Time{}
	}
	if at := until.Add(-remindBefore); at.After(made.Add(remindBefore)) {
		return at
	}
	return made.Add(until.Sub(made) / 2)
}

// openPromise returns an open promise of the incident.
func (s *step) openPromise(id promise.ID) (*promise.Promise, error) {
	p, err := s.tx.Promises().Promise(s.ctx, s.who.Scope, id)
	if err != nil {
		return nil, err
	}
	if p.Incident != int64(s.i.ID) {
		return nil, fault.New(fault.NotFound, "promise %d is not of incident %d", id, s.i.ID).At("promise").Say("Такого обещания у этого инцидента нет.")
	}
	if p.State != promise.Open {
		return nil, fault.New(fault.Conflict, "promise %d is %s", id, p.State).At("promise").Say("Об этом обещании уже сказано: " + p.State.Name() + ".")
	}
	return p, nil
}

// settlePromise notes what became of a promise.
func (s *step) settlePromise(id promise.ID, state promise.State, reason string) (*promise.Promise, error) {
	p, err := s.openPromise(id)
	if err != nil {
		return nil, err
	}
	p.State, p.Reason, p.By, p.Settled = state, reason, s.who.ID, s.now
	return p, s.tx.Promises().SavePromise(s.ctx, p)
}

func (s *step) keepPromise(c KeepPromise) error {
	reason := clip(c.Reason, reasonLimit)
	p, err := s.settlePromise(c.Promise, promise.Kept, reason)
	if err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.KeepPromise, Detail: incident.Detail{Promise: int64(p.ID), Reason: reason}})
	return nil
}

func (s *step) breakPromise(c BreakPromise) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему обещанное не сделано: это прочтёт автор.")
	if err != nil {
		return err
	}
	p, err := s.settlePromise(c.Promise, promise.Broken, reason)
	if err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.BreakPromise, Detail: incident.Detail{Promise: int64(p.ID), Reason: reason}})
	return nil
}

func (s *step) movePromise(c MovePromise) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему срок переносится: это прочтёт автор.")
	if err != nil {
		return err
	}
	if !c.Until.After(s.now) {
		return fault.New(fault.Invalid, "the new day %s has passed", c.Until.Format(time.DateOnly)).At("until").Say("Новый день должен быть впереди: выберите его ещё раз.")
	}
	if c.Until.After(s.now.AddDate(10, 0, 0)) {
		return fault.New(fault.Invalid, "the new day %s is too far", c.Until.Format(time.DateOnly)).At("until").Say("Этот день слишком далеко: больше десяти лет. Проверьте год.")
	}
	old, err := s.openPromise(c.Promise)
	if err != nil {
		return err
	}
	if !old.Vague && !c.Until.After(old.Until) {
		return fault.New(fault.Invalid, "the new day is not later than the old one").At("until").Say("Новый день раньше обещанного или тот же. Перенести можно только на более поздний.")
	}
	next := promise.Promise{Incident: old.Incident, Reply: old.Reply, Span: old.Span, Sentence: old.Sentence, From: s.now, Until: c.Until, Why: "перенесено", State: promise.Open,
		Before: old.ID, MadeAt: s.now, RemindAt: remindAt(s.now, c.Until), Place: s.i.Place}
	if err := s.tx.Promises().SavePromise(s.ctx, &next); err != nil {
		return err
	}
	old.State, old.Reason, old.By, old.Settled, old.MovedTo = promise.Moved, reason, s.who.ID, s.now, next.ID
	if err := s.tx.Promises().SavePromise(s.ctx, old); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.MovePromise, Detail: incident.Detail{Promise: int64(old.ID), Reason: reason, Was: dayOf(old.Until), Now: dayOf(c.Until)}})
	return nil
}

// dayOf returns a moment as history keeps it.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (s *step) dropPromise(c DropPromise) error {
	p, err := s.settlePromise(c.Promise, promise.Dropped, "")
	if err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.DropPromise, Detail: incident.Detail{Promise: int64(p.ID)}})
	return nil
}

// dueBatch is how many promises one transaction tells of.
const dueBatch = 200

// Due tells the desk of promises whose reminder or whose day has come, each once:
// the line in the incident's history and the note on the promise are one
// transaction. It returns how many there were.
func (d *Desk) Due(ctx context.Context, now time.Time) (n int, err error) {
	defer fault.Wrap(&err, "desk.Due")
	for {
		var events []live.Event
		found := 0
		err := d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			list, err := tx.Promises().Due(ctx, now, dueBatch)
			if err != nil {
				return err
			}
			events, found = nil, len(list)
			for k := range list {
				e, err := d.tellOf(ctx, tx, &list[k], now)
				if err != nil {
					return err
				}
				events = append(events, e...)
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		d.tell(events)
		if n += found; found < dueBatch {
			return n, nil
		}
	}
}

func (d *Desk) tellOf(ctx context.Context, tx incident.Tx, p *promise.Promise, now time.Time) ([]live.Event, error) {
	i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(p.Incident))
	if err != nil {
		return nil, err
	}
	s := &step{desk: d, ctx: ctx, tx: tx, who: account.System(), now: now, i: i, was: *i}
	event := "promise_soon"
	p.Reminded = true
	if p.Until.Before(now) {
		event, p.Checked = "promise_due", true
	}
	s.record(incident.Entry{Action: lifecycle.Remind, Detail: incident.Detail{Promise: int64(p.ID), Event: event}})
	if err := tx.Promises().SavePromise(ctx, p); err != nil {
		return nil, err
	}
	err = s.store()
	return s.events, err
}
