package dialogue

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/clarify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/talk"
)

// speak writes what is to be said. A question that has not left gives way to a later one.
func (h *hearing) speak(says []talk.Say) error {
	if len(says) == 0 {
		return nil
	}
	book, err := h.tx.Talks().Book(h.ctx, h.t.Place.Region)
	if err != nil {
		return err
	}
	for k := range says {
		s := &says[k]
		if s.Asks {
			if err := h.tx.Talks().Supersede(h.ctx, h.t.ID); err != nil {
				return err
			}
		}
		l := talk.Line{Talk: h.t.ID, Round: h.round, At: h.now, Kind: talk.Spoke, Key: string(s.Key), Buttons: s.Buttons, Point: s.Point, Asks: s.Asks, Urgent: s.Urgent,
			State: talk.Waiting, NextAt: h.now, Incident: h.early, Text: h.d.words(book, s, h.values(s))}
		if s.Asks && h.m != nil && h.m.Pressed == "" { // one more message may follow at once
			l.NextAt = h.now.Add(h.d.Gather)
		}
		if h.of != nil {
			l.Incident = int64(h.of.ID)
		}
		if err := h.tx.Talks().Write(h.ctx, &l); err != nil {
			return err
		}
	}
	return nil
}

// values fills in what only the incident knows.
func (h *hearing) values(s *talk.Say) map[string]string {
	values := map[string]string{}
	for k, v := range s.Values {
		values[k] = v
	}
	if values[talk.VarNumber] == "" {
		switch {
		case h.of != nil:
			values[talk.VarNumber] = incident.Spoken(h.of.Number)
		case h.early != 0:
			if i, err := h.tx.Incidents().Incident(h.ctx, scope.All(), incident.ID(h.early)); err == nil {
				values[talk.VarNumber] = incident.Spoken(i.Number)
			}
		}
	}
	return values
}

func (d *Dialogue) words(book talk.Book, s *talk.Say, values map[string]string) string {
	values[talk.VarContact], values[talk.VarConsent], values[talk.VarCentre] = d.Contact, d.Consent, d.Centre
	text := book.Words(s.Key, values)
	if s.Also != "" {
		text += "\n\n" + book.Words(s.Also, values)
	}
	return text
}

// Notice tells those who wrote in talks what a stored line of history means for them. It is
// desk.Options.Author.
func (d *Dialogue) Notice(ctx context.Context, tx incident.Tx, i *incident.Incident, e *incident.Entry) (err error) {
	if !d.tells(e) {
		return nil
	}
	defer fault.Wrap(&err, "dialogue.Notice(incident %d)", i.ID)
	list, err := tx.Talks().Of(ctx, int64(i.ID))
	if err != nil || len(list) == 0 {
		return err
	}
	for k := range list {
		t, err := tx.Talks().ByID(ctx, list[k].ID) // locked
		if err != nil {
			return err
		}
		if !t.Blocked.IsZero() {
			continue
		}
		h := &hearing{d: d, ctx: ctx, tx: tx, o: d.Desk.Opener(tx, account.System()), t: t, now: e.At, of: i, round: t.State.Round}
		says, err := h.news(i, e)
		if err != nil || len(says) == 0 {
			return err
		}
		if err := h.announce(says); err != nil {
			return err
		}
	}
	d.Wake()
	return nil
}

// tells reports whether a line of history is news for residents.
func (d *Dialogue) tells(e *incident.Entry) bool {
	switch e.Action {
	case lifecycle.HandOver, lifecycle.Decide:
		return e.To == lifecycle.Assigned && e.Detail.Agency != 0
	case lifecycle.Publish, lifecycle.Reject:
		return true
	case lifecycle.Reopen:
		return e.Detail.Voice == 0 // not by the author's own word
	}
	return false
}

// news says what a line of history means for the resident of this talk.
func (h *hearing) news(i *incident.Incident, e *incident.Entry) (says []talk.Say, err error) {
	c := h.public(i)
	values := map[string]string{talk.VarNumber: c.Number, talk.VarTopic: c.Topic, talk.VarPlace: c.Where, talk.VarState: c.Phrase, talk.VarAgency: c.Agency, talk.VarDue: c.Due, talk.VarReason: i.OutcomeReason}
	switch e.Action {
	case lifecycle.HandOver, lifecycle.Decide:
		if c.Agency == "" {
			return nil, nil
		}
		return []talk.Say{{Key: talk.KeyHanded, Values: values}}, nil
	case lifecycle.Reject:
		return []talk.Say{{Key: talk.KeyRefused, Values: values}}, nil
	case lifecycle.Reopen:
		return []talk.Say{{Key: talk.KeyAgain, Values: values}}, nil
	}
	r, err := h.tx.Replies().Reply(h.ctx, scope.All(), reply.ID(e.Detail.Reply))
	if err != nil {
		return nil, err
	}
	first, err := h.tx.Messages().Message(h.ctx, scope.All(), i.First)
	if err != nil {
		return nil, err
	}
	author := first.Source == h.t.Source && first.Thread == h.t.Thread // the outbox has written to this one
	if !author && (r.Purpose == reply.Final || r.Purpose == reply.Interim) {
		values[talk.VarAnswer] = r.Text
		says = append(says, talk.Say{Key: talk.KeyAnswer, Values: values})
	}
	switch {
	case r.Purpose == reply.Final && i.State == lifecycle.Answered, r.Purpose == reply.Survey:
		says = append(says, talk.Say{Key: talk.KeyMark, Values: values, Asks: true, Buttons: [][]talk.Choice{talk.Marks(int64(i.ID))}})
	case r.Purpose == reply.Question && author:
		if rows := h.options(i); len(rows) > 0 {
			says = append(says, talk.Say{Key: talk.KeyPlaces, Values: values, Asks: true, Buttons: rows})
		}
	}
	return says, nil
}

// options are the settlements that the author may mean, as buttons under our question.
func (h *hearing) options(i *incident.Incident) (rows [][]talk.Choice) {
	r, err := h.tx.Messages().Reading(h.ctx, i.First)
	if err != nil {
		return nil
	}
	q := clarify.Ask(clarify.Case{Missing: i.Missing, Address: i.Address, Places: r.Places}, func(id string) (*place.Place, bool) { return h.d.Places.ByID(id) })
	for _, o := range q.Options {
		rows = append(rows, []talk.Choice{{Label: o.Name, Data: talk.PlaceOf(int64(i.ID), o.ID)}})
	}
	return rows
}

// announce writes what nobody asked for just now: not at night, and it takes no question's
// place.
func (h *hearing) announce(says []talk.Say) error {
	book, err := h.tx.Talks().Book(h.ctx, h.t.Place.Region)
	if err != nil {
		return err
	}
	at := h.now
	if h.d.Quiet != nil && h.of.Urgency == message.Normal {
		if morning := h.d.Quiet(h.t.Source, h.t.Place, at); morning.After(at) {
			at = morning
		}
	}
	for k := range says {
		s := &says[k]
		l := talk.Line{Talk: h.t.ID, Round: h.round, At: h.now, Kind: talk.Spoke, Key: string(s.Key), Buttons: s.Buttons, State: talk.Waiting, NextAt: at, Incident: int64(h.of.ID), Text: h.d.words(book, s, s.Values)}
		if err := h.tx.Talks().Write(h.ctx, &l); err != nil {
			return err
		}
		if s.Asks && h.t.State.Step == talk.Idle || s.Asks && h.t.State.Step == "" {
			h.t.State.Shown = nil
			for _, row := range s.Buttons {
				h.t.State.Shown = append(h.t.State.Shown, row...)
			}
			if err := h.tx.Talks().SaveTalk(h.ctx, h.t); err != nil {
				return err
			}
		}
	}
	return nil
}

// clip keeps a note short.
func clip(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}
