package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/team"
	"otklik/internal/topic"
)

// EventElsewhere is the Event of a line of history: another system, which the case came from,
// says something new of it. Its Reason is the status there.
const EventElsewhere = "elsewhere"

// Renew takes what another system says of a case that came from it before. What it said once
// is never news again, in whatever order its exports come. History that nobody here has touched
// follows it; where people work, or have worked, a line of history and a note tell them, and
// nothing of theirs changes. It reports whether there was news.
func (o *Opener) Renew(ctx context.Context, m *message.Message) (news bool, err error) {
	defer fault.Wrap(&err, "desk.Renew(%s)", m.Native)
	p := m.Past
	if p == nil || p.Key == "" {
		return false, nil
	}
	found, err := o.tx.Incidents().ByPast(ctx, "", p.Key)
	if err != nil || len(found) == 0 || found[0].Knows(p) {
		return false, err
	}
	was := found[0]
	before, err := o.tx.Incidents().Past(ctx, scope.All(), was.ID)
	if err != nil {
		return false, err
	}
	if was.Said == "" && before.Status == p.Status { // taken in before what was said was remembered
		return false, o.tx.Incidents().KeepPast(ctx, was.ID, p)
	}
	id, err := o.standing(ctx, m, was.ID)
	if err != nil {
		return false, err
	}
	touched, err := o.touched(ctx, id)
	if err != nil {
		return false, err
	}
	detail := incident.Detail{Event: EventElsewhere, How: HowPast, Reason: clip(p.Status, reasonLimit)}
	err = o.touch(ctx, id, lifecycle.Attach, detail, func(s *step) error {
		if s.i.Clock.Regime == regime.Past && !s.i.State.Open() && p.Done() && !touched {
			return o.follow(ctx, s, p)
		}
		return s.elsewhere(p)
	})
	if err != nil {
		return false, err
	}
	return true, o.tx.Incidents().KeepPast(ctx, was.ID, p)
}

// standing returns the incident in which the message of a case is by now: it may have been
// merged into another one.
func (o *Opener) standing(ctx context.Context, m *message.Message, first incident.ID) (incident.ID, error) {
	stored, err := o.tx.Messages().ByNative(ctx, m.Source, m.Native)
	if fault.Is(err, fault.NotFound) {
		return first, nil
	} else if err != nil {
		return 0, err
	}
	id, err := o.tx.Messages().Incident(ctx, stored.ID)
	if id == 0 {
		return first, err
	}
	return incident.ID(id), err
}

// touched reports whether a person has done anything to an incident.
func (o *Opener) touched(ctx context.Context, id incident.ID) (bool, error) {
	history, err := o.tx.Incidents().History(ctx, scope.All(), id)
	return slices.ContainsFunc(history, func(e incident.Entry) bool { return e.Who != 0 }), err
}

// follow makes history what the other system says by now.
func (o *Opener) follow(ctx context.Context, s *step, p *message.Past) error {
	i := s.i
	answering, err := o.named(ctx, i.Place.Region, p)
	if err != nil {
		return err
	}
	i.State, i.Outcome, i.OutcomeReason = p.State, p.Outcome, p.Reason
	if p.Agency != "" || answering != 0 {
		i.Place.Agency = answering
	}
	if code := o.desk.given(p); code != "" && code != i.Topic {
		i.Topic, i.Group = code, ""
		if t, ok := o.desk.Topics().ByCode(code); ok && code != topic.Undefined {
			i.Group = t.Group
		}
	}
	ended := first(p.ClosedAt, p.AnsweredAt, i.ClosedAt, i.AnsweredAt, i.OpenedAt)
	if p.Answer != "" || p.State == lifecycle.Answered {
		i.AnsweredAt = first(p.AnsweredAt, i.AnsweredAt, ended)
	}
	if i.ClosedAt = ended; p.State != lifecycle.Closed {
		i.ClosedAt = time.Time{}
	}
	if p.Verified && !i.Verified() {
		i.VerifiedAt, i.VerifiedHow = ended, HowPast
	}
	if p.Answer == "" {
		return nil
	}
	replies, err := o.tx.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return err
	}
	if n := len(replies); n > 0 && replies[n-1].Text == p.Answer {
		return nil
	}
	a := &reply.Reply{Incident: int64(i.ID), Message: int64(i.First), Purpose: reply.Final, State: reply.Published, Text: p.Answer,
		CreatedAt: i.AnsweredAt, ApprovedAt: i.AnsweredAt, PublishedAt: i.AnsweredAt, Place: i.Place}
	if err := o.tx.Replies().SaveReply(ctx, a); err != nil {
		return err
	}
	s.trail[0].Detail.Reply = int64(a.ID)
	if o.desk.Options.Lint == nil {
		return nil
	}
	served, terms, err := o.desk.serves(ctx, o.tx, i)
	if err == nil && served != nil {
		err = o.tx.Precedents().Keep(ctx, *served, terms)
	}
	return err
}

// elsewhere tells those who work on the incident what the other system says: in a note, since
// an answer may name people, and notes are erasable.
func (s *step) elsewhere(p *message.Past) error {
	var b strings.Builder
	b.WriteString("В другой системе")
	if p.Number != "" {
		b.WriteString(" (номер " + p.Number + ")")
	}
	b.WriteString(" теперь так.")
	say := func(name, value string) {
		if value != "" {
			b.WriteString(" " + name + ": " + value + ".")
		}
	}
	say("Статус", p.Status)
	say("Отвечает", p.Agency)
	if at := first(p.ClosedAt, p.AnsweredAt); !at.IsZero() {
		if s.desk.Zone != nil {
			at = at.In(s.desk.Zone(s.i.Place))
		}
		say("Дата", at.Format("02.01.2006"))
	}
	say("Ответ", strings.TrimRight(p.Answer, ". \n"))
	b.WriteString(" Здесь ничего не изменено: решите сами.")
	n := &team.Note{Incident: int64(s.i.ID), Who: s.who.ID, At: s.now, Text: clip(b.String(), wordsLimit)}
	for _, id := range []account.ID{s.i.Executor, s.i.ClaimedBy} {
		if id != 0 && s.i.State.Open() && !slices.Contains(n.Mentions, id) {
			n.Mentions = append(n.Mentions, id)
		}
	}
	if err := s.tx.Team().AddNote(s.ctx, n); err != nil || len(n.Mentions) == 0 {
		return err
	}
	cry := s.desk.crier(s.tx)
	err := cry.mention(s.ctx, n)
	s.events = append(s.events, cry.events()...)
	return err
}
