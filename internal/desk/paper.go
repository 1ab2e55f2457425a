package desk

import (
	"context"
	"fmt"
	"slices"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// HowPrinted tells of an entry of the action Deliver that somebody printed the answers to a
// message.
const HowPrinted = "printed"

// A Paper is what may stand on a letter to who wrote a message: their own words, what was
// answered to them or to everybody, and nothing of others.
type Paper struct {
	Message *message.Message
	Asked   []*message.Message // it, and what was added to it; oldest first
	Given   []reply.Reply      // that stand where they were given; oldest first; may be empty
}

// Paper gathers a letter about an incident to who wrote the message; 0 is the message that
// opened it. It changes nothing.
func (d *Desk) Paper(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, of message.ID) (p Paper, err error) {
	defer fault.Wrap(&err, "desk.Paper(%d, message %d)", i.ID, of)
	if of == 0 {
		of = i.First
	}
	list, err := tx.Messages().OfIncident(ctx, who.Scope, int64(i.ID))
	if err != nil {
		return p, err
	}
	at := slices.IndexFunc(list, func(m *message.Message) bool { return m.ID == of })
	if at < 0 {
		return p, fault.New(fault.NotFound, "message %d is not of incident %d", of, i.ID).At("message").Say("Такого сообщения в этом инциденте нет.")
	}
	p.Message = list[at]
	own := map[int64]bool{}
	for _, m := range list {
		if Owned(p.Message, m) {
			own[int64(m.ID)] = true
			p.Asked = append(p.Asked, m)
		}
	}
	replies, err := tx.Replies().OfIncident(ctx, who.Scope, int64(i.ID))
	if err != nil {
		return p, err
	}
	for _, r := range (Reader{First: p.Message, Joined: of != i.First}).Heard(replies, list) {
		if r.State != reply.Published || r.Purpose == reply.Survey {
			continue
		}
		if !own[r.Message] {
			r.Private = "" // it is somebody else's
		}
		p.Given = append(p.Given, r)
	}
	return p, nil
}

// Printed notes that the answers to a message are printed: in the audit, because a name
// stands on the letter, and in the history, once for the same person until something else
// happens to the incident, because a browser asks twice for one file.
func (d *Desk) Printed(ctx context.Context, who account.Actor, id incident.ID, of message.ID) (err error) {
	defer fault.Wrap(&err, "desk.Printed(%d, message %d)", id, of)
	if !who.Role.Holds(lifecycle.SeePersonal) {
		return fault.New(fault.Forbidden, "%s prints no letters", who.Role).Say("Печатать ответ может тот, кому видны имена жителей.")
	}
	return d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		s, err := d.find(ctx, tx, who, id)
		if err != nil {
			return nil, err
		}
		m, err := tx.Messages().Message(ctx, who.Scope, of)
		if err != nil {
			return nil, err
		}
		if owner, err := tx.Messages().Incident(ctx, of); err != nil || owner != int64(id) {
			return nil, fault.New(fault.NotFound, "message %d is not of incident %d", of, id).At("message").Say("Такого сообщения в этом инциденте нет.")
		}
		if err := tx.Audit().Record(ctx, audit.Entry{At: s.now, Who: who.ID, Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", of), Place: m.Place}); err != nil {
			return nil, err
		}
		history, err := tx.Incidents().History(ctx, who.Scope, id)
		if err != nil {
			return nil, err
		}
		if n := len(history); n > 0 && history[n-1].Who == who.ID && history[n-1].Detail.How == HowPrinted && history[n-1].Detail.Message == of {
			return nil, nil
		}
		s.record(incident.Entry{Action: lifecycle.Deliver, To: s.i.State, Detail: incident.Detail{Message: of, How: HowPrinted}})
		return s, nil
	})
}
