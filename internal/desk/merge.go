package desk

import (
	"slices"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// mergeLimit is how many incidents one Merge or Dismiss may name.
const mergeLimit = 100

// named checks the list of other incidents of a change.
func (s *step) named(others []incident.ID) error {
	if len(others) == 0 || len(others) > mergeLimit || slices.Contains(others, s.i.ID) {
		return fault.New(fault.Invalid, "%d other incidents, of 1 to %d", len(others), mergeLimit).At("other").
			Say("Выберите другой инцидент, с которым объединить этот.")
	}
	return nil
}

// merge brings the messages of other incidents here. What each of them was
// stands in the history of this one, so that split can bring it back.
func (s *step) merge(c Merge) error {
	if err := s.named(c.Others); err != nil {
		return err
	}
	burst, err := s.burst(c.Others)
	if err != nil {
		return err
	}
	for n, id := range c.Others {
		if slices.Contains(c.Others[:n], id) {
			continue
		}
		if err := s.swallow(id); err != nil {
			return err
		}
	}
	s.trail[0].Detail.Before = s.before()
	return s.grown(burst)
}

func (s *step) swallow(id incident.ID) error {
	other, err := s.beside(id)
	if err != nil {
		return err
	}
	i := other.i
	number := incident.Spoken(i.Number)
	switch {
	case i.State == lifecycle.Closed:
		return fault.New(fault.Conflict, "incident %d is closed", id).
			Say("Инцидент № " + number + " закрыт: исход у него уже есть. Если дело не кончено, верните его на доработку, затем объедините.")
	case i.State == lifecycle.Approval:
		return fault.New(fault.Conflict, "a reply of incident %d is under way", id).
			Say("В инциденте № " + number + " готов ответ автору. Дождитесь, пока его отправят, или верните его.")
	case i.Place.Region != s.i.Place.Region:
		return fault.New(fault.Forbidden, "incident %d is of another region", id).Say("Инцидент № " + number + " относится к другому региону.")
	}
	moving, err := s.tx.Messages().OfIncident(s.ctx, s.who.Scope, int64(id))
	if err != nil {
		return err
	}
	was := &incident.Merged{State: i.State, Outcome: i.Outcome, Reason: i.OutcomeReason, ClosedAt: i.ClosedAt, First: i.First}
	for _, m := range moving {
		if err := s.move(m.ID, i, s.i); err != nil {
			return err
		}
		was.Messages = append(was.Messages, m.ID)
	}
	i.State, i.Outcome, i.OutcomeReason, i.ClosedAt = lifecycle.Closed, lifecycle.Duplicate, s.i.Number, s.now
	other.record(incident.Entry{Action: lifecycle.Merge, To: lifecycle.Closed,
		Detail: incident.Detail{Other: s.i.ID, Now: string(lifecycle.Duplicate), Reason: s.i.Number}})
	s.record(incident.Entry{Action: lifecycle.Merge, Detail: incident.Detail{Other: id, Merged: was, Reason: i.Number}})
	if err := s.decide(i, incident.Accepted); err != nil {
		return err
	}
	return s.stored(other)
}

// split gives another incident back what merge took. Messages that came to this
// incident since then stay; messages that were taken elsewhere since then stay there.
func (s *step) split(c Split) error {
	was, err := s.merged(c.Other)
	if err != nil {
		return err
	}
	other, err := s.beside(c.Other)
	if err != nil {
		return err
	}
	i := other.i
	number := incident.Spoken(i.Number)
	if i.State != lifecycle.Closed || i.Outcome != lifecycle.Duplicate || i.OutcomeReason != s.i.Number || i.Messages != 0 {
		return fault.New(fault.Conflict, "incident %d has changed since it was merged", c.Other).
			Say("С инцидентом № " + number + " с тех пор работали. Отсоедините сообщения по одному.")
	}
	for _, m := range was.Messages {
		if owner, err := s.tx.Messages().Incident(s.ctx, m); err != nil {
			return err
		} else if owner != int64(s.i.ID) {
			continue
		}
		if err := s.move(m, s.i, i); err != nil {
			return err
		}
		if err := s.another(m); err != nil {
			return err
		}
		if i.Messages == 1 || m == was.First {
			i.First = m
		}
	}
	if i.Messages == 0 || s.i.Messages == 0 {
		return fault.New(fault.Conflict, "splitting incident %d off leaves one without messages", c.Other).
			Say("Разъединить нельзя: без сообщений остался бы один из инцидентов.")
	}
	i.State, i.Outcome, i.OutcomeReason, i.ClosedAt = was.State, was.Outcome, was.Reason, was.ClosedAt
	other.record(incident.Entry{Action: lifecycle.Split, To: i.State, Detail: incident.Detail{Other: s.i.ID, Reason: s.i.Number}})
	s.record(incident.Entry{Action: lifecycle.Split, Detail: incident.Detail{Other: c.Other, Reason: i.Number}})
	if err := s.decide(i, incident.Dismissed); err != nil {
		return err
	}
	return s.stored(other)
}

// whole is a Conflict for what was joined to another incident: its messages are there, and
// nobody could be answered here.
func (s *step) whole() error {
	if s.i.Outcome != lifecycle.Duplicate {
		return nil
	}
	number := s.i.OutcomeReason
	return fault.New(fault.Conflict, "incident %d was joined to %s", s.i.ID, number).
		Say("Этот инцидент присоединён к № " + incident.Spoken(number) + ": сообщения и работа там. Верните на доработку тот инцидент или разъедините их.")
}

// merged finds what the other incident was when it was merged into this one and
// not split since.
func (s *step) merged(id incident.ID) (*incident.Merged, error) {
	history, err := s.tx.Incidents().History(s.ctx, s.who.Scope, s.i.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(history) {
		if e.Detail.Other != id {
			continue
		}
		if e.Action == lifecycle.Merge && e.Detail.Merged != nil {
			return e.Detail.Merged, nil
		}
		if e.Action == lifecycle.Split {
			break
		}
	}
	return nil, fault.New(fault.NotFound, "incident %d was not merged into %d", id, s.i.ID).At("other").
		Say("Этот инцидент сюда не присоединён: разъединять нечего.")
}

func (s *step) dismiss(c Dismiss) error {
	if err := s.named(c.Others); err != nil {
		return err
	}
	for _, id := range c.Others {
		i, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, id)
		if err != nil {
			return err
		}
		if err := s.decide(i, incident.Dismissed); err != nil {
			return err
		}
		s.record(incident.Entry{Action: lifecycle.Dismiss, Detail: incident.Detail{Other: id, Reason: i.Number}})
	}
	return nil
}

// decide notes what a person thinks of this incident and another one.
func (s *step) decide(other *incident.Incident, state incident.ProposalState) error {
	return s.tx.Proposals().Decide(s.ctx, &incident.Proposal{Incident: other.ID, Into: s.i.ID, State: state,
		CreatedAt: s.now, DecidedAt: s.now, DecidedBy: s.who.ID, Place: other.Place})
}

// beside opens a step on another incident that the actor sees.
func (s *step) beside(id incident.ID) (*step, error) {
	i, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, id)
	if err != nil {
		return nil, err
	}
	return &step{desk: s.desk, ctx: s.ctx, tx: s.tx, who: s.who, now: s.now, i: i, was: *i}, nil
}

// stored writes the step on another incident; its event is told with those of s.
func (s *step) stored(other *step) error {
	if err := other.store(); err != nil {
		return err
	}
	s.events = append(s.events, other.events...)
	return nil
}

// move takes a message from one incident to another.
func (s *step) move(m message.ID, from, to *incident.Incident) error {
	if err := s.tx.Incidents().Detach(s.ctx, from.ID, m); err != nil {
		return err
	}
	if err := s.tx.Incidents().Attach(s.ctx, to.ID, m); err != nil {
		return err
	}
	from.Messages--
	to.Messages++
	return nil
}
