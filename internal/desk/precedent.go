package desk

import (
	"context"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/personal"
	"otklik/internal/precedent"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// shortest is how many characters a reply must have to serve for another case.
const shortest = 40

// precedent keeps a finished incident as one whose reply may serve for others, or
// forgets it: after every change of one that is finished, or was.
func (s *step) precedent() error {
	if s.desk.Options.Lint == nil || s.i.State.Open() && s.was.State.Open() {
		return nil
	}
	p, terms, err := s.desk.serves(s.ctx, s.tx, s.i)
	if err != nil {
		return err
	}
	if p == nil {
		return s.tx.Precedents().Forget(s.ctx, int64(s.i.ID))
	}
	return s.tx.Precedents().Keep(s.ctx, *p, terms)
}

// serves returns the precedent that an incident is, nil when it is none: its end is not
// known to be good, or nobody would learn from the reply.
func (d *Desk) serves(ctx context.Context, tx incident.Tx, i *incident.Incident) (*precedent.Precedent, []int64, error) {
	if i.State.Open() || i.Outcome == lifecycle.Refused || i.Outcome == lifecycle.Duplicate || i.Outcome == lifecycle.Partly {
		return nil, nil, nil
	}
	voices, err := tx.Feedback().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, nil, err
	}
	sum, marks := 0, 0
	for k := range voices {
		if v := &voices[k]; v.Mark > 0 && v.Speaker == feedback.Author {
			sum, marks = sum+v.Mark, marks+1
		}
	}
	p := &precedent.Precedent{Incident: int64(i.ID), Topic: i.Topic, Settlement: i.Settlement, Verified: i.Verified(), At: i.AnsweredAt, Place: i.Place}
	if marks > 0 {
		p.Mark = float64(sum) / float64(marks)
	}
	past := i.Clock.Regime == regime.Past // its end is known from another system, which verifies nothing
	if marks > 0 && p.Mark < precedent.Good || marks == 0 && !p.Verified && !past {
		return nil, nil, nil
	}
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, nil, err
	}
	for k := range replies {
		if r := &replies[k]; r.State == reply.Published && r.Purpose == reply.Final && !r.Lint.Doubt && utf8.RuneCountInString(r.Text) >= shortest {
			p.Reply, p.At = int64(r.ID), r.PublishedAt
		}
	}
	m, err := tx.Messages().Message(ctx, scope.All(), i.First)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, nil
	}
	if err != nil || p.Reply == 0 {
		return nil, nil, err
	}
	terms := precedent.Terms(d.Options.Lint.Text(m.Text))
	if len(terms) == 0 {
		return nil, nil, nil
	}
	return p, terms, nil
}

// IndexPrecedents keeps what was finished before precedents were kept, a batch at a
// time, and returns behind which id to go on; 0 when there is nothing left.
func (d *Desk) IndexPrecedents(ctx context.Context, after int64, limit int) (next int64, err error) {
	defer fault.Wrap(&err, "desk.IndexPrecedents(%d)", after)
	if d.Options.Lint == nil {
		return 0, nil
	}
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		next = 0
		ids, err := tx.Precedents().Unknown(ctx, after, limit)
		if err != nil {
			return err
		}
		for _, id := range ids {
			next = id
			i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(id))
			if err != nil {
				return err
			}
			p, terms, err := d.serves(ctx, tx, i)
			if err == nil && p != nil {
				err = tx.Precedents().Keep(ctx, *p, terms)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return next, err
}

// A Likeness is a solved incident like another one, with the words of both covered
// where they hold personal data.
type Likeness struct {
	precedent.Precedent
	Number  string
	Address string
	Asked   string // the complaint
	Text    string // the reply
	Outcome lifecycle.Outcome
}

// likenesses is how many are shown.
const likenesses = 4

// Alike returns solved incidents like one, the best first, that the account sees.
func (d *Desk) Alike(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident) (out []Likeness, err error) {
	defer fault.Wrap(&err, "desk.Alike(%d)", i.ID)
	if d.Options.Lint == nil {
		return nil, nil
	}
	q := precedent.Query{Not: int64(i.ID), Region: i.Place.Region, Settlement: i.Settlement, Street: i.Address.Street, House: i.Address.House}
	if i.Group != "" {
		q.Topic = i.Topic
	}
	m, err := tx.Messages().Message(ctx, scope.All(), i.First)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil {
		q.Terms = precedent.Terms(d.Options.Lint.Text(m.Text))
	}
	found, err := tx.Precedents().Candidates(ctx, who.Scope, q)
	if err != nil {
		return nil, err
	}
	texts := map[string]bool{}
	for _, p := range precedent.Rank(q, found, d.Now(), 3*likenesses) {
		l, err := d.likeness(ctx, tx, who, p)
		if fault.Is(err, fault.NotFound) || err == nil && texts[l.Text] { // the same words once
			continue
		}
		if err != nil {
			return nil, err
		}
		texts[l.Text] = true
		if out = append(out, l); len(out) == likenesses {
			break
		}
	}
	return out, nil
}

func (d *Desk) likeness(ctx context.Context, tx incident.Tx, who account.Actor, p precedent.Precedent) (l Likeness, err error) {
	i, err := tx.Incidents().Incident(ctx, who.Scope, incident.ID(p.Incident))
	if err != nil {
		return l, err
	}
	r, err := tx.Replies().Reply(ctx, who.Scope, reply.ID(p.Reply))
	if err != nil {
		return l, err
	}
	m, err := tx.Messages().Message(ctx, scope.All(), i.First)
	if err != nil {
		return l, err
	}
	return Likeness{Precedent: p, Number: incident.Spoken(i.Number), Address: i.Address.String(), Outcome: i.Outcome, Asked: cover(m.Text, personal.Find(d.Options.Lint.Text(m.Text))), Text: d.covered(r.Text)}, nil
}

// cover returns a text with found pieces of personal data masked.
func cover(text string, found []personal.Found) string {
	var spans []russian.Span
	for _, f := range found {
		spans = append(spans, f.Span)
	}
	return personal.Mask(text, spans)
}

// covered returns a reply without personal data; telephones of services stay.
func (d *Desk) covered(reply string) string {
	return cover(reply, d.Options.Lint.Secrets(d.Options.Lint.Text(reply)))
}

// Basis returns the words of a reply to a solved incident like this one, covered.
func (d *Desk) Basis(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, id reply.ID) (text string, err error) {
	defer fault.Wrap(&err, "desk.Basis(%d, reply %d)", i.ID, id)
	r, err := tx.Replies().Reply(ctx, who.Scope, id)
	if fault.Is(err, fault.NotFound) || err == nil && (r.State != reply.Published || r.Text == "" || d.Options.Lint == nil) {
		return "", fault.New(fault.Invalid, "reply %d is no basis", id).At("basis").Say("Такого ответа больше нет: обновите страницу и выберите другой.")
	}
	if err != nil {
		return "", err
	}
	return d.covered(r.Text), nil
}
