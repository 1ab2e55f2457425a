package walk

import (
	"fmt"
	"slices"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// A merging is a merge that was not split yet: what the other incident was.
type merging struct {
	into, other incident.ID
	was         incident.Incident
	messages    []message.ID
}

// apply folds one line of history.
func (f *fold) apply(w *Walker, e *incident.Entry) error {
	d := &e.Detail
	if d.Before != nil && (len(f.undoable) == 0 || f.undoable[len(f.undoable)-1].version != e.Version) {
		f.undoable = append(f.undoable, undoable{e.Version, f.replayed})
	}
	switch e.Action {
	case lifecycle.File:
		f.topic = string(d.Topic)
		w.owners[d.Message] = e.Incident
	case lifecycle.Attach:
		if d.Event == "" && d.Message != 0 {
			w.owners[d.Message] = e.Incident
		}
		if f.outcome == lifecycle.Duplicate && e.To != lifecycle.Closed {
			f.outcome = lifecycle.NoOutcome
		}
	case lifecycle.Detach:
		if w.owners[d.Message] == e.Incident {
			w.owners[d.Message] = 0
		}
	case lifecycle.HandOver, lifecycle.Decide:
		if d.Agency != f.agency {
			f.executor, f.claimed = 0, 0
		}
		if f.agency = d.Agency; d.Account != 0 {
			f.executor = d.Account
		}
	case lifecycle.Decline:
		f.agency, f.executor, f.claimed = d.Agency, 0, 0
		if e.To == lifecycle.Triage {
			f.agency = 0
		}
	case lifecycle.Take:
		f.claimed = e.Who
		for _, a := range w.people[lifecycle.Executor] {
			if a.ID == e.Who {
				f.executor = e.Who
			}
		}
	case lifecycle.Claim:
		f.claimed = d.Account
	case lifecycle.Release:
		f.claimed = 0
	case lifecycle.Correct:
		return f.correct(d)
	case lifecycle.Reject:
		f.outcome = lifecycle.Refused
	case lifecycle.Close:
		f.outcome = lifecycle.Outcome(d.Now)
	case lifecycle.Verify:
		f.verified = d.Now != desk.Withdrawn
	case lifecycle.Reopen:
		f.outcome, f.verified = lifecycle.NoOutcome, false
	case lifecycle.Merge:
		return f.merge(w, e)
	case lifecycle.Split:
		return f.split(w, e)
	case lifecycle.Undo:
		return f.undo(w, e)
	}
	return nil
}

func (f *fold) correct(d *incident.Detail) error {
	for _, c := range []struct {
		field string
		to    *string
	}{{"topic", &f.topic}, {"urgency", &f.urgency}} {
		if d.Field != c.field {
			continue
		}
		if *c.to != d.Was {
			return fmt.Errorf("%s was %q, the line says %q", c.field, *c.to, d.Was)
		}
		*c.to = d.Now
	}
	return nil
}

// merge folds both lines of a merge: that of the incident which takes, and that of the one
// which gives.
func (f *fold) merge(w *Walker, e *incident.Entry) error {
	if e.Detail.Merged == nil {
		f.outcome = lifecycle.Duplicate
		return nil
	}
	for _, m := range e.Detail.Merged.Messages {
		if w.owners[m] != e.Detail.Other {
			return fmt.Errorf("message %d came with incident %d and was of %d", m, e.Detail.Other, w.owners[m])
		}
		w.owners[m] = e.Incident
	}
	w.merges = append(w.merges, merging{into: e.Incident, other: e.Detail.Other, was: w.folds[e.Detail.Other-1].incident, messages: e.Detail.Merged.Messages})
	return nil
}

// split folds both lines of a split and checks that it is the inverse of the merge: the
// other incident has its messages again, but for those that were taken elsewhere since, and
// stands where it stood.
func (f *fold) split(w *Walker, e *incident.Entry) error {
	if f.outcome == lifecycle.Duplicate && e.To != lifecycle.Closed {
		f.outcome = lifecycle.NoOutcome
		return nil
	}
	n := len(w.merges) - 1
	for n >= 0 && (w.merges[n].into != e.Incident || w.merges[n].other != e.Detail.Other) {
		n--
	}
	if n < 0 {
		return fmt.Errorf("incident %d was not merged here", e.Detail.Other)
	}
	m := w.merges[n]
	w.merges = slices.Delete(w.merges, n, n+1)
	now, err := w.look()
	if err != nil {
		return err
	}
	other := &now[m.other-1]
	if other.State != m.was.State || other.Outcome != m.was.Outcome || !other.ClosedAt.Equal(m.was.ClosedAt) || other.Topic != m.was.Topic || other.Place != m.was.Place {
		return fmt.Errorf("incident %d was %s %q before the merge and is %s %q after the split", m.other, m.was.State, m.was.Outcome, other.State, other.Outcome)
	}
	if slices.Contains(m.messages, m.was.First) && w.owners[m.was.First] == m.into && other.First != m.was.First {
		return fmt.Errorf("incident %d began with message %d and begins with %d", m.other, m.was.First, other.First)
	}
	for _, id := range m.messages {
		if w.owners[id] == m.into {
			w.owners[id] = m.other
		}
	}
	w.Tally.Splits++
	return nil
}

// undo folds a deed that was taken back: what it had found is there again.
func (f *fold) undo(w *Walker, e *incident.Entry) error {
	if len(f.undoable) == 0 {
		return fmt.Errorf("nothing was to be taken back")
	}
	last := f.undoable[len(f.undoable)-1]
	f.undoable = f.undoable[:len(f.undoable)-1]
	f.agency, f.executor, f.claimed = last.was.agency, last.was.executor, last.was.claimed
	for k := range f.entries {
		line := &f.entries[k]
		if line.Version != last.version {
			continue
		}
		switch d := &line.Detail; line.Action {
		case lifecycle.Reject, lifecycle.Close:
			f.outcome, f.verified = lifecycle.NoOutcome, last.was.verified
		case lifecycle.Correct:
			switch d.Field {
			case "topic":
				f.topic = d.Was
			case "urgency":
				f.urgency = d.Was
			}
		case lifecycle.Attach:
			if d.Other == 0 && w.owners[d.Message] == e.Incident {
				w.owners[d.Message] = 0
			}
		}
	}
	return nil
}
