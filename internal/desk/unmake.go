package desk

import (
	"time"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/topic"
)

// unmake takes back what the lines of one deed did beyond state and holder.
func (s *step) unmake(deed []incident.Entry, b *incident.Before) (err error) {
	for k := range deed {
		e := &deed[k]
		switch e.Action {
		case lifecycle.Reject, lifecycle.Close: // what had ended before cannot end again
			s.i.Outcome, s.i.OutcomeReason, s.i.ClosedAt = lifecycle.NoOutcome, "", time.Time{}
			s.i.VerifiedBy, s.i.VerifiedHow, s.i.VerifiedAt = b.VerifiedBy, b.VerifiedHow, b.VerifiedAt
			if e.Action == lifecycle.Close {
				err = s.untrueFor(feedback.Undone, 0)
			}
		case lifecycle.Correct:
			err = s.uncorrect(&e.Detail, b)
		case lifecycle.Merge:
			err = s.split(Split{Other: e.Detail.Other})
		case lifecycle.Attach:
			err = s.unattach(&e.Detail)
		case lifecycle.Detach:
			err = s.attach(Attach{Message: e.Detail.Message})
		}
		if err != nil {
			return err
		}
	}
	if b.First != 0 && s.i.Messages > 0 {
		if owner, err := s.tx.Messages().Incident(s.ctx, b.First); err == nil && owner == int64(s.i.ID) {
			s.i.First = b.First
		}
	}
	for k := range s.trail { // an undo is not undone
		s.trail[k].Detail.Before = nil
	}
	return nil
}

// uncorrect puts a corrected code back. A place has no way back: history holds no
// addresses, because they can be erased.
func (s *step) uncorrect(d *incident.Detail, b *incident.Before) error {
	switch d.Field {
	case "topic":
		s.i.Topic, s.i.Group = topic.Code(d.Was), ""
		if t, ok := s.desk.Topics().ByCode(s.i.Topic); ok && s.i.Topic != topic.Undefined {
			s.i.Group = t.Group
		}
	case "urgency":
		s.i.Urgency = message.Urgency(d.Was)
	case "centre":
		s.i.Place.Centre = d.Was
	default:
		return fault.New(fault.Conflict, "incident %d: a place is not put back", s.i.ID).
			Say("Прежний адрес вернуть нельзя: история адресов не хранит, чтобы их можно было стереть. Исправьте место ещё раз.")
	}
	s.i.Missing = b.Missing
	return s.desk.propose(s.ctx, s.tx, s.i, nil)
}

// unattach sends an attached message back to where it came from.
func (s *step) unattach(d *incident.Detail) error {
	m := d.Message
	if owner, err := s.tx.Messages().Incident(s.ctx, m); err != nil {
		return err
	} else if owner != int64(s.i.ID) || s.i.Messages < 2 {
		return fault.New(fault.Conflict, "message %d is of incident %d", m, owner).Say("Сообщение уже не здесь: отменять нечего.")
	}
	if d.Other == 0 { // it belonged to none
		if err := s.tx.Incidents().Detach(s.ctx, s.i.ID, m); err != nil {
			return err
		}
		s.i.Messages--
		return s.another(m)
	}
	other, err := s.beside(d.Other)
	if err != nil {
		return err
	}
	i, was := other.i, d.Merged
	ended := i.State == lifecycle.Closed
	if ended != (was != nil) || ended && (i.Outcome != lifecycle.Duplicate || i.OutcomeReason != s.i.Number || i.Messages != 0) {
		return fault.New(fault.Conflict, "incident %d has changed since", d.Other).
			Say("С инцидентом № " + incident.Spoken(i.Number) + ", откуда пришло сообщение, с тех пор работали. Отсоедините сообщение.")
	}
	if err := s.move(m, s.i, i); err != nil {
		return err
	}
	if err := s.another(m); err != nil {
		return err
	}
	if was != nil {
		i.State, i.Outcome, i.OutcomeReason, i.ClosedAt, i.First = was.State, was.Outcome, was.Reason, was.ClosedAt, was.First
	}
	if d.Field == firstThere {
		i.First = m
	}
	other.record(incident.Entry{Action: lifecycle.Attach, To: i.State, Detail: incident.Detail{Message: m}})
	return s.stored(other)
}
