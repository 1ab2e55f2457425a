package walk

import (
	"fmt"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
)

// home: nobody is stuck. From wherever the history came, people lead each incident to its
// end with deeds that the desk allows.
func (w *Walker) home() error {
	for k := range w.folds {
		for step := 0; w.folds[k].incident.State != lifecycle.Closed; step++ {
			i := w.folds[k].incident
			if step == 12 {
				return fmt.Errorf("incident %d is stuck at %s", i.ID, i.State)
			}
			if err := w.nearer(&i); err != nil {
				return err
			}
		}
		w.Tally.Home++
	}
	w.Tally.Histories++
	for k := range w.folds {
		if c, err := w.Count(&w.folds[k].incident, w.folds[k].entries); err == nil {
			for _, e := range c.History.Events {
				w.Tally.happened(e.What)
			}
		}
	}
	return nil
}

// nearer does one thing that leads to the end.
func (w *Walker) nearer(i *incident.Incident) error {
	operator, curator := w.people[lifecycle.Operator][0], w.people[lifecycle.Curator][0]
	try := func(who account.Actor, c desk.Change) error { _, err := w.do(who, i.ID, c); return err }
	var found things
	if err := w.store.View(func(tx incident.Tx) (err error) { found, err = w.things(tx, i); return err }); err != nil {
		return err
	}
	switch i.State {
	case lifecycle.New, lifecycle.Triage:
		return try(operator, desk.Reject{Reason: "не относится к нашей работе"})
	case lifecycle.Answered:
		return try(operator, desk.Close{Outcome: lifecycle.Explained, How: "none"})
	case lifecycle.Approval:
		w.now = w.now.Add(time.Hour)
		if err := w.let(i); err != nil {
			return err
		}
		if found.draft != 0 {
			return try(curator, desk.Return{Reply: found.draft, Reason: "напишем иначе"})
		}
		return nil
	}
	return try(operator, desk.Answer{Text: fmt.Sprintf("Сделано, проверили %s.", w.now.Format(time.RFC3339))})
}

// let lets all that waits for the incident leave and stand, and says of what nobody knows
// that it stands.
func (w *Walker) let(i *incident.Incident) error {
	var jobs []reply.Job
	err := w.store.View(func(tx incident.Tx) (err error) {
		jobs, err = tx.Fanouts().Jobs(w.ctx, reply.JobFilter{Incident: int64(i.ID), Limit: 100})
		return err
	})
	if err != nil {
		return err
	}
	curator := w.people[lifecycle.Curator][0]
	for _, j := range jobs {
		switch j.State {
		case reply.Held:
			_, err = w.do(curator, i.ID, desk.Halt{Fanout: j.Fanout, How: desk.HowResume})
		case reply.Unknown, reply.ByHand:
			_, err = w.do(curator, i.ID, desk.Stands{Job: j.ID})
		case reply.Waiting:
			if j.NextAt.After(w.now) {
				w.now = j.NextAt
			}
		}
		if err != nil {
			return err
		}
	}
	err = w.store.Change(w.ctx, incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(w.ctx, w.now, 100)
		return err
	})
	for _, j := range jobs {
		if err == nil {
			err = w.machine(func() error { return w.Published(w.ctx, j, reply.Receipt{At: w.now, Native: fmt.Sprint("r", j.ID)}) }, "job %d is published", j.ID)
		}
	}
	return err
}
