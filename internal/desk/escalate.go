package desk

import (
	"cmp"
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/regime"
)

// Escalate tells that time runs out, for up to limit incidents, the worst first: each
// rung of the ladder that has come is one line of history, written once for each step
// and round, whatever stops in between or runs beside. It returns how many incidents it
// looked at; limit of them means that more may wait.
func (d *Desk) Escalate(ctx context.Context, limit int) (n int, err error) {
	defer fault.Wrap(&err, "desk.Escalate")
	if d.Rules == nil {
		return 0, nil
	}
	now := d.Now()
	var events []live.Event
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, events = 0, nil
		list, err := tx.Clocks().Ringing(ctx, now, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		n = len(list)
		histories, err := tx.Clocks().Histories(ctx, idsOf(list))
		if err != nil {
			return err
		}
		cry := d.crier(tx)
		for k := range list {
			i := &list[k]
			told, err := d.escalate(ctx, cry, i, histories[i.ID], now)
			if err != nil {
				return err
			}
			if told {
				events = append(events, live.Event{Incident: i.ID, Version: i.Version, Place: i.Place, Was: i.Place})
			}
		}
		events = append(events, cry.events()...)
		return nil
	})
	if err != nil {
		return 0, err
	}
	d.tell(events)
	return n, nil
}

func idsOf(list []incident.Incident) []incident.ID {
	ids := make([]incident.ID, len(list))
	for k := range list {
		ids[k] = list[k].ID
	}
	return ids
}

// retry is when an incident whose deadlines cannot be counted is looked at again.
const retry = time.Hour

// escalate tells all that has come for one incident.
func (d *Desk) escalate(ctx context.Context, cry *crier, i *incident.Incident, history []incident.Entry, now time.Time) (told bool, err error) {
	alarm, tx := i.Clock.Alarm, cry.tx
	due, entries, err := d.ring(i, history, now)
	if err != nil { // a rule or a date that cannot be counted must not hold the others up
		i.Clock.Alarm = now.Add(retry)
		_, err := tx.Clocks().SaveClock(ctx, i, alarm)
		return false, err
	}
	i.Clock = due
	ok, err := tx.Clocks().SaveClock(ctx, i, alarm)
	if err != nil || !ok { // another process told it, or the incident changes just now
		return false, err
	}
	for k := range entries {
		if err := tx.Incidents().Record(ctx, &entries[k]); err != nil {
			return false, err
		}
		if err := cry.line(ctx, i, &entries[k]); err != nil {
			return false, err
		}
	}
	return len(entries) > 0, nil
}

// ring returns the lines that tell what has come, and the clock after them.
func (d *Desk) ring(i *incident.Incident, history []incident.Entry, now time.Time) (incident.Clock, []incident.Entry, error) {
	c, err := d.Count(i, history)
	if err != nil {
		return i.Clock, nil, err
	}
	alarms, err := regime.Alarms(&c.History, c.List, c.Calendar)
	if err != nil {
		return i.Clock, nil, err
	}
	var entries []incident.Entry
	for _, a := range alarms {
		if a.At.After(now) || !i.State.Open() {
			continue
		}
		who := account.ID(0)
		if a.Who == regime.Executor {
			who = cmp.Or(i.Executor, i.ClaimedBy)
		}
		entries = append(entries, incident.Entry{Incident: i.ID, Version: i.Version, At: now, Action: lifecycle.Escalate, From: i.State, To: i.State,
			Detail: incident.Detail{Agency: i.Place.Agency, Account: who, Told: &incident.Told{Step: a.Step, Who: a.Who, Round: a.Round, Due: a.Due}}})
		if a.Pressed {
			entries[len(entries)-1].Detail.Told.Authors = c.History.Authors
		}
		c.History.Events = append(c.History.Events, regime.Event{At: now, What: regime.Escalated, Step: a.Step, Who: a.Who, Round: a.Round})
	}
	after := *i
	if err := c.set(&after); err != nil {
		return i.Clock, nil, err
	}
	return after.Clock, entries, nil
}
