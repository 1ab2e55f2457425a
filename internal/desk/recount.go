package desk

import (
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// Recount counts the clocks of open incidents anew after a rule or a calendar was
// corrected, up to limit of those after the given one; it returns the last that it
// looked at, 0 when there was none left. A due time that moves gets a line of history
// with the reason.
func (d *Desk) Recount(ctx context.Context, after incident.ID, limit int, reason string) (last incident.ID, changed int, err error) {
	defer fault.Wrap(&err, "desk.Recount(after %d)", after)
	if d.Rules == nil {
		return 0, 0, nil
	}
	now := d.Now()
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		last, changed = 0, 0
		list, err := tx.Clocks().OpenAfter(ctx, after, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		last = list[len(list)-1].ID
		changed, err = d.recountAll(ctx, tx, list, now, reason)
		return err
	})
	return last, changed, err
}

// Judge counts the answers of finished incidents that have no clock: they were answered by
// a program that kept none, or written as history. It looks at up to limit of those after
// the given one and returns the last, 0 when there was none left.
func (d *Desk) Judge(ctx context.Context, after incident.ID, limit int) (last incident.ID, err error) {
	defer fault.Wrap(&err, "desk.Judge(after %d)", after)
	if d.Rules == nil {
		return 0, nil
	}
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		last = 0
		list, err := tx.Clocks().UnjudgedAfter(ctx, after, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		last = list[len(list)-1].ID
		_, err = d.recountAll(ctx, tx, list, d.Now(), "")
		return err
	})
	return last, err
}

// recountAll counts the clocks of incidents anew and returns how many changed.
func (d *Desk) recountAll(ctx context.Context, tx incident.Tx, list []incident.Incident, now time.Time, reason string) (changed int, err error) {
	histories, err := tx.Clocks().Histories(ctx, idsOf(list))
	if err != nil {
		return 0, err
	}
	for k := range list {
		ok, err := d.recount(ctx, tx, &list[k], histories[list[k].ID], now, reason)
		if err != nil {
			return 0, err
		}
		if ok {
			changed++
		}
	}
	return changed, nil
}

func (d *Desk) recount(ctx context.Context, tx incident.Tx, i *incident.Incident, history []incident.Entry, now time.Time, reason string) (bool, error) {
	was := i.Clock
	c, err := d.Count(i, history)
	if err == nil {
		err = c.set(i)
	}
	if err != nil { // it keeps the clock that it has
		return false, nil //nolint:nilerr // a date outside of the calendar is no reason to stop
	}
	if i.Clock.Same(&was) {
		return false, nil
	}
	if ok, err := tx.Clocks().SaveClock(ctx, i, was.Alarm); err != nil || !ok {
		return false, err
	}
	m := moved(&was, &i.Clock)
	if m == nil {
		return true, nil
	}
	return true, tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: now, Action: lifecycle.Recount, From: i.State, To: i.State,
		Detail: incident.Detail{Reason: reason, Due: m}})
}
