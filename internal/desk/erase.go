package desk

import (
	"context"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// Forget erases a message at its author's request, whether it is of an incident or
// not. It is NotFound outside of the actor's scope, a Conflict when the words are
// gone already or a reply to them is under way.
func (d *Desk) Forget(ctx context.Context, who account.Actor, id message.ID) (err error) {
	defer fault.Wrap(&err, "desk.Forget(message %d)", id)
	of := int64(0)
	var s *step
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		m, err := tx.Messages().Message(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		if of, err = tx.Messages().Incident(ctx, id); err != nil || of != 0 {
			return err
		}
		s = &step{desk: d, ctx: ctx, tx: tx, who: who, now: d.Now()}
		if _, err := lifecycle.Next(lifecycle.Closed, lifecycle.Erase, who.Role); err != nil {
			return err
		}
		fanouts, err := s.forget(m)
		if err != nil {
			return err
		}
		return s.silenced(fanouts)
	})
	if err == nil && s != nil {
		d.tell(s.events)
	}
	if err != nil || of == 0 {
		return err
	}
	_, err = d.Do(ctx, who, incident.ID(of), 0, Erase{Message: id})
	return err
}

// erase takes the words of a message of the incident away.
func (s *step) erase(c Erase) error {
	m, err := s.tx.Messages().Message(s.ctx, s.who.Scope, c.Message)
	if err != nil {
		return err
	}
	if owner, err := s.tx.Messages().Incident(s.ctx, m.ID); err != nil {
		return err
	} else if owner != int64(s.i.ID) {
		return fault.New(fault.NotFound, "message %d is not of incident %d", m.ID, s.i.ID).At("message").Say("Такого сообщения в этом инциденте нет.")
	}
	replies, err := s.tx.Replies().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
	if err != nil {
		return err
	}
	for _, r := range replies {
		if r.Message == int64(m.ID) && (r.State == reply.Draft || r.State == reply.Approved) {
			return fault.New(fault.Conflict, "reply %d to message %d is %s", r.ID, m.ID, r.State).
				Say("На это сообщение готовится ответ. Верните его на доработку или дождитесь, пока его опубликуют, затем сотрите.")
		}
	}
	fanouts, err := s.forget(m)
	if err != nil {
		return err
	}
	now, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, s.i.ID)
	if err != nil {
		return err
	}
	s.i.Address = now.Address // the store took the exact place away, if nobody else named it
	s.record(incident.Entry{Action: lifecycle.Erase, Detail: incident.Detail{Message: m.ID}})
	return s.silenced(fanouts)
}

// silenced ends the replies to all of which nothing is left when what was to go to the
// author of an erased message goes nowhere. They may be of incidents that the message has
// left since, and that the actor does not see.
func (s *step) silenced(list []reply.Fanout) error {
	for _, f := range list {
		if s.i != nil && f.Incident == int64(s.i.ID) {
			if err := s.ended(f.ID); err != nil {
				return err
			}
			continue
		}
		i, err := s.tx.Incidents().Incident(s.ctx, scope.All(), incident.ID(f.Incident))
		if err != nil {
			return err
		}
		other := &step{desk: s.desk, ctx: s.ctx, tx: s.tx, who: s.who, now: s.now, i: i, was: *i}
		if err := other.ended(f.ID); err != nil {
			return err
		}
		if len(other.trail) > 0 {
			if err := s.stored(other); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget erases a message and notes in the audit who did it. It returns the replies to
// all that had something for its author (see silenced).
func (s *step) forget(m *message.Message) (fanouts []reply.Fanout, err error) {
	if !m.ErasedAt.IsZero() {
		return nil, fault.New(fault.Conflict, "message %d is erased already", m.ID).Say("Слова этого сообщения уже стёрты.")
	}
	if fanouts, err = s.tx.Fanouts().FanoutsTo(s.ctx, int64(m.ID)); err != nil {
		return nil, err
	}
	err = s.tx.Messages().Erase(s.ctx, message.Erasure{Source: m.Source, Native: m.Native, At: s.now, Who: int64(s.who.ID), Place: m.Place})
	if err != nil {
		return nil, err
	}
	err = s.tx.Audit().Record(s.ctx, audit.Entry{At: s.now, Who: s.who.ID, Deed: audit.Erased, Subject: fmt.Sprintf("message:%d", m.ID), Place: m.Place})
	return fanouts, err
}
