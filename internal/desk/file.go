package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/topic"
)

// cardLimit is how long the text of a card may be, in characters.
const cardLimit = 20_000

// File stores what a resident said by phone, at the counter or on paper, and
// opens an incident. The number is in the answer: the resident hears it before
// the line is cut.
func (d *Desk) File(ctx context.Context, who account.Actor, c Card) (i *incident.Incident, err error) {
	defer fault.Wrap(&err, "desk.File")
	if !lifecycle.May(who.Role, lifecycle.File) {
		_, err := lifecycle.Next("", lifecycle.File, who.Role)
		return nil, err
	}
	m, err := d.card(who, &c)
	if err != nil {
		return nil, err
	}
	r := d.Read(m)
	heardAs(m, &r)
	if c.Topic != "" {
		if t, ok := d.Topics().ByCode(c.Topic); !ok || t.Retired || c.Topic == topic.Undefined {
			return nil, fault.New(fault.Invalid, "topic %q is not in the taxonomy", c.Topic).At("topic").
				Say("Такой темы нет в классификаторе. Выберите из списка или оставьте поле пустым.")
		}
		r.Topics = append([]message.TopicGuess{{Code: c.Topic, Score: 1}}, r.Topics...)
		r.Missing = without(r.Missing, message.MissingTopic)
	}
	var events []live.Event
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		p, _, _ := d.stand(m, &r)
		if !who.Scope.Sees(p) && who.Scope.Centre != "" { // a municipal centre files for its own territory
			m.Territory = who.Scope.Centre
			r.Places = nil
			r.Missing = append(without(r.Missing, message.MissingPlace), message.MissingPlace)
			p, _, _ = d.stand(m, &r)
		}
		m.Place = p
		if c.Attach != 0 {
			i, err = tx.Incidents().Incident(ctx, who.Scope, c.Attach)
			if err != nil {
				return err
			}
			m.Place = i.Place
		}
		if _, err := tx.Messages().Keep(ctx, m, &r); err != nil {
			return err
		}
		o := d.Opener(tx, who)
		defer func() { events = o.Events }()
		if c.Attach != 0 {
			if err := o.Attach(ctx, i.ID, m, &r); err != nil {
				return err
			}
			i, err = tx.Incidents().Incident(ctx, who.Scope, c.Attach)
			return err
		}
		var err error
		i, err = o.Open(ctx, m, &r)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.tell(events)
	return i, nil
}

// card checks what was taken down and puts it into a message.
func (d *Desk) card(who account.Actor, c *Card) (*message.Message, error) {
	switch c.Channel {
	case "":
		c.Channel = message.Phone
	case message.Phone, message.Counter, message.Paper:
	default:
		return nil, fault.New(fault.Invalid, "a card cannot come by %q", c.Channel).At("channel").Say("Карточку заводят по звонку, на приёме или с бумаги.")
	}
	text := strings.TrimSpace(c.Text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, fault.New(fault.Invalid, "a card without a text").At("text").Say("Запишите, что случилось: без этого карточку не завести.")
	case n > cardLimit:
		return nil, fault.New(fault.Invalid, "a card of %d characters", n).At("text").
			Say(fmt.Sprintf("Слишком длинно: %d знаков из %d.", n, cardLimit))
	}
	if a := strings.TrimSpace(c.Address); a != "" {
		text += "\n" + a
	}
	now := d.Now()
	m := &message.Message{
		Source: "phone", Channel: c.Channel, Form: message.Card, Native: rand.Text(), Revision: message.Revision{Time: now},
		Event: message.Written, AuthorName: clip(c.Caller, 200), Contact: clip(c.Phone, 200), Text: text,
		PublishedAt: now, SeenAt: now, Territory: c.Territory, Addressed: true,
	}
	if m.Territory == "" {
		m.Territory = who.Scope.Centre
	}
	return m, nil
}

// heardAs takes the reading of a card for what a person took it for: a complaint, and
// the number in the text for that of the caller where no other was written down.
func heardAs(m *message.Message, r *message.Reading) {
	if !r.Kind.Opens() { // a person decided that it is worth a card
		r.Kind, r.Complaint = message.Complaint, true
	}
	for _, p := range r.Personal {
		if m.Contact == "" && p.Type == string(personal.Phone) && p.Start >= 0 && p.Start <= p.End && p.End <= len(m.Text) {
			m.Contact = message.Dialled(m.Text[p.Start:p.End])
		}
	}
}

// attach moves a message from its incident to this one. An incident that loses
// its last message is closed as a duplicate of this one; one whose work has ended
// loses nothing (see leave).
func (s *step) attach(c Attach) error {
	m, err := s.tx.Messages().Message(s.ctx, s.who.Scope, c.Message)
	if err != nil {
		return err
	}
	owner, err := s.tx.Messages().Incident(s.ctx, m.ID)
	if err != nil {
		return err
	}
	if owner == int64(s.i.ID) {
		return fault.New(fault.Conflict, "message %d is attached already", m.ID).Say("Это сообщение уже присоединено.")
	}
	var emptied *incident.Merged
	led := ""
	if owner != 0 {
		if from, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, incident.ID(owner)); err == nil && from.First == m.ID {
			led = firstThere
		}
		if emptied, err = s.leave(incident.ID(owner), m.ID); err != nil {
			return err
		}
	}
	if err := s.tx.Incidents().Attach(s.ctx, s.i.ID, m.ID); err != nil {
		return err
	}
	s.i.Messages++
	s.record(incident.Entry{Action: lifecycle.Attach, Detail: incident.Detail{Message: m.ID, Other: incident.ID(owner), Merged: emptied, Field: led, Before: s.before()}})
	return nil
}

// firstThere marks an attached message that was the first one where it came from.
const firstThere = "first"

// leave takes a message out of another incident. What was closed keeps its
// messages: its outcome tells what became of them, and measures count it. Who
// wants the message here reopens that incident first, so that its history says
// why. A reply on its way to the author holds its message as well. What the other
// incident was stands in emptied when this was its last message.
func (s *step) leave(from incident.ID, m message.ID) (emptied *incident.Merged, err error) {
	i, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, from)
	if err != nil {
		return nil, err
	}
	switch {
	case i.State == lifecycle.Closed:
		return nil, fault.New(fault.Conflict, "message %d is of incident %d, which is closed", m, from).
			Say("Это сообщение лежит в закрытом инциденте № " + incident.Spoken(i.Number) + ": исход у него уже есть. Если дело не кончено, верните тот инцидент на доработку, затем присоедините.")
	case i.State == lifecycle.Approval && i.Messages == 1:
		return nil, fault.New(fault.Conflict, "message %d is the last of incident %d, whose reply is under way", m, from).
			Say("На это сообщение уже готов ответ в инциденте № " + incident.Spoken(i.Number) + ". Дождитесь, пока его отправят, или верните его.")
	}
	other := &step{desk: s.desk, ctx: s.ctx, tx: s.tx, who: s.who, now: s.now, i: i, was: *i}
	if err := s.tx.Incidents().Detach(s.ctx, from, m); err != nil {
		return nil, err
	}
	i.Messages--
	if err := other.another(m); err != nil {
		return nil, err
	}
	other.record(incident.Entry{Action: lifecycle.Detach, Detail: incident.Detail{Message: m}})
	if i.Messages == 0 {
		emptied = &incident.Merged{State: i.State, Outcome: i.Outcome, Reason: i.OutcomeReason, ClosedAt: i.ClosedAt, First: m, Messages: []message.ID{m}}
		i.State, i.Outcome, i.OutcomeReason, i.ClosedAt = lifecycle.Closed, lifecycle.Duplicate, s.i.Number, s.now
		other.record(incident.Entry{Action: lifecycle.Close, To: lifecycle.Closed, Detail: incident.Detail{Now: string(lifecycle.Duplicate), Reason: s.i.Number}})
	}
	if err := other.store(); err != nil {
		return nil, err
	}
	s.events = append(s.events, other.events...)
	return emptied, nil
}

// another makes another message the first one, when the first has just left.
func (s *step) another(left message.ID) error {
	if s.i.First != left || s.i.Messages == 0 {
		return nil
	}
	rest, err := s.tx.Messages().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
	if err != nil {
		return err
	}
	s.i.First = rest[0].ID
	return nil
}

// detach takes a message out of this incident and opens one of its own for it.
func (s *step) detach(c Detach) error {
	if s.i.Messages < 2 {
		return fault.New(fault.Conflict, "the only message cannot be detached").
			Say("В инциденте одно сообщение: отсоединять нечего.")
	}
	owner, err := s.tx.Messages().Incident(s.ctx, c.Message)
	if err != nil {
		return err
	}
	if owner != int64(s.i.ID) {
		return fault.New(fault.NotFound, "message %d is not of incident %d", c.Message, s.i.ID).Say("Такого сообщения в этом инциденте нет.")
	}
	m, err := s.tx.Messages().Message(s.ctx, s.who.Scope, c.Message)
	if err != nil {
		return err
	}
	r, err := s.tx.Messages().Reading(s.ctx, m.ID)
	if err != nil {
		return err
	}
	if err := s.tx.Incidents().Detach(s.ctx, s.i.ID, m.ID); err != nil {
		return err
	}
	s.i.Messages--
	if err := s.another(m.ID); err != nil {
		return err
	}
	o := s.desk.Opener(s.tx, account.Actor{ID: s.who.ID, Role: lifecycle.System, Scope: s.who.Scope})
	own, err := o.Open(s.ctx, m, r)
	if err != nil {
		return err
	}
	if err := s.decide(own, incident.Dismissed); err != nil { // a person has just said so
		return err
	}
	s.events = append(s.events, o.Events...)
	s.record(incident.Entry{Action: lifecycle.Detach, Detail: incident.Detail{Message: m.ID, Before: s.before()}})
	return nil
}
