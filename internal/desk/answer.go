package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// replyLimit is how long a reply may be, in characters: the shortest limit that
// the networks have (CHANNELS: MAX 4,000, Telegram 4,096).
const replyLimit = 4000

// replyText returns the text of a reply, fit to be published.
func replyText(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", fault.New(fault.Invalid, "the reply is empty").At("text").Say("Напишите ответ: пустой опубликовать нельзя.")
	case n > replyLimit:
		return "", fault.New(fault.Invalid, "the reply has %d characters", n).At("text").
			Say(fmt.Sprintf("Ответ длиннее, чем принимает площадка: %d знаков из %d. Сократите его.", n, replyLimit))
	case !utf8.ValidString(text):
		return "", fault.New(fault.Invalid, "the reply is not UTF-8").At("text").Say("В тексте ответа испорченные символы. Введите его заново.")
	}
	return text, nil
}

func (s *step) draft(text string, purpose reply.Purpose, to message.ID) (*reply.Reply, error) {
	text, err := replyText(bare(text, s.desk.Site)) // words taken back name the page of another reply
	if err != nil {
		return nil, err
	}
	if purpose == "" {
		purpose = reply.Final
	}
	if to == 0 {
		to = s.i.First
	}
	// A reply goes into the thread of a message of this incident, never of another.
	if owner, err := s.tx.Messages().Incident(s.ctx, to); err != nil {
		return nil, err
	} else if owner != int64(s.i.ID) {
		return nil, fault.New(fault.NotFound, "message %d is not of incident %d", to, s.i.ID).At("to").
			Say("Такого сообщения в этом инциденте нет.")
	}
	return &reply.Reply{
		Incident: int64(s.i.ID), Message: int64(to), Purpose: purpose, State: reply.Draft, Text: text,
		By: s.who.ID, CreatedAt: s.now, Place: s.i.Place,
	}, nil
}

func (s *step) submit(c Submit) error {
	r, err := s.draft(c.Text, c.Purpose, 0)
	if err != nil {
		return err
	}
	if err := s.made(r, c.Making); err != nil {
		return err
	}
	if err := s.lint(r, c.Override, reply.Lint{}); err != nil {
		return err
	}
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if err := s.enclose(r, c.Enclose); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Submit, Detail: linted(incident.Detail{Reply: int64(r.ID)}, r)})
	return nil
}

func (s *step) answer(c Answer) error {
	r, err := s.draft(c.Text, c.Purpose, c.To)
	if err != nil {
		return err
	}
	if err := s.approving(s.who.ID); err != nil {
		return err
	}
	if err := s.made(r, c.Making); err != nil {
		return err
	}
	if err := s.lint(r, c.Override, reply.Lint{}); err != nil {
		return err
	}
	if s.i.AcceptedAt.IsZero() {
		s.i.AcceptedAt = s.now
	}
	s.at, s.enclosing = c.At, c.Enclose
	return s.send(r, lifecycle.Approve)
}

func (s *step) ask(c Ask) error {
	r, err := s.draft(c.Text, reply.Question, 0)
	if err != nil {
		return err
	}
	if err := s.made(r, c.Making); err != nil {
		return err
	}
	if err := s.lint(r, c.Override, reply.Lint{}); err != nil {
		return err
	}
	return s.send(r, lifecycle.Ask)
}

func (s *step) approve(c Approve) error {
	r, err := s.reply(c.Reply)
	if err != nil {
		return err
	}
	if r.State != reply.Draft && r.State != reply.Returned && r.State != reply.Failed {
		return fault.New(fault.Conflict, "reply %d is %s", r.ID, r.State).Say("Этот ответ уже утверждён.")
	}
	if err := s.approving(r.By); err != nil {
		return err
	}
	was, words := r.Lint, r.Text
	if strings.TrimSpace(c.Text) != "" {
		r.Text = c.Text
	}
	if r.Text, err = replyText(r.Text); err != nil { // what stood there may have been erased
		return err
	}
	if err := finished(r.Text, "text"); err != nil {
		return err
	}
	if r.Text != words {
		was, r.Cleared = reply.Lint{}, ""
	}
	if r.Text != words { // who corrects a draft answers for the new words
		if r.Machine, err = s.byMachine(r, c.Making); err != nil {
			return err
		}
	}
	if err := s.privately(r, c.Making); err != nil {
		return err
	}
	if err := s.lint(r, c.Override, was); err != nil {
		return err
	}
	s.at = c.At
	return s.send(r, lifecycle.Approve)
}

func (s *step) sendBack(c Return) error {
	reason, err := required(c.Reason, "reason", "Напишите одной фразой, что исправить в ответе.")
	if err != nil {
		return err
	}
	r, err := s.reply(c.Reply)
	if err != nil {
		return err
	}
	if r.State != reply.Draft {
		return fault.New(fault.Conflict, "reply %d is %s", r.ID, r.State).Say("Вернуть можно только ответ, который ждёт согласования.")
	}
	r.State, r.Reason = reply.Returned, reason
	s.record(incident.Entry{Action: lifecycle.Return, Detail: incident.Detail{Reply: int64(r.ID), Reason: reason}})
	return s.tx.Replies().SaveReply(s.ctx, r)
}

func (s *step) reply(id reply.ID) (*reply.Reply, error) {
	r, err := s.tx.Replies().Reply(s.ctx, s.who.Scope, id)
	if err != nil {
		return nil, err
	}
	if r.Incident != int64(s.i.ID) {
		return nil, fault.New(fault.NotFound, "reply %d is not of incident %d", id, s.i.ID).Say("Такого ответа у этого инцидента нет.")
	}
	return r, nil
}

// send approves the reply and puts its job into the outbox, or, where replies
// go by hand, notes it as given.
func (s *step) send(r *reply.Reply, action lifecycle.Action) error {
	if r.Message == 0 {
		return fault.New(fault.Conflict, "reply %d is to all", r.ID).Say("Это ответ всем, кто писал: утвердите его на странице «Ответ всем».")
	}
	m, err := s.tx.Messages().Message(s.ctx, scope.All(), message.ID(r.Message))
	if err != nil {
		return err
	}
	if err := s.discreet(r, m); err != nil {
		return err
	}
	if err := s.doubt(r); err != nil {
		return err
	}
	if strings.Contains(r.Text, "{{") {
		return fault.New(fault.Invalid, "a variable in a reply to one message").At("text").
			Say("В ответе остались переменные в скобках {{ }}: они работают в ответе всем. Впишите вместо них слова.")
	}
	r.State, r.ApprovedBy, r.ApprovedAt, r.Reason = reply.Approved, s.who.ID, s.now, ""
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if err := s.goes(r, s.desk.Publishes(m.Source)); err != nil {
		return err
	}
	s.record(incident.Entry{Action: action, Detail: linted(incident.Detail{Reply: int64(r.ID), Message: message.ID(r.Message), Before: s.before()}, r)})
	if action == lifecycle.Approve && r.Purpose != reply.Final { // the work goes on
		if s.i.State, err = s.wasBefore(r); err != nil {
			return err
		}
	}
	if !s.desk.Publishes(m.Source) {
		if !s.at.IsZero() {
			return fault.New(fault.Invalid, "source %s has no publisher", m.Source).At("at").
				Say("Отсюда ответы уходят вручную, поэтому время назначить нельзя. Оставьте поле пустым, когда ответите.")
		}
		return s.published(r, reply.Receipt{At: s.now}, "")
	}
	thread := m.Thread
	if thread == "" {
		thread = m.Native
	}
	job := &reply.Job{
		Reply: r.ID, Incident: int64(s.i.ID), Source: m.Source, Thread: thread, Parent: m.Native,
		Key: fmt.Sprintf("otklik-%d-%d-%d", r.ID, s.i.Version, s.now.UnixNano()), State: reply.Waiting, NextAt: s.now.Add(s.desk.Grace), Place: s.i.Place,
		Unclear: len(r.Tried) > 0, // the thread is read back before anything is sent
	}
	if job.Unclear {
		if job.TriedAt, err = s.lastTry(); err != nil {
			return err
		}
	}
	if err := s.leaves(job); err != nil {
		return err
	}
	return s.tx.Replies().Enqueue(s.ctx, job)
}

// wasBefore returns the state to which the work goes back when an interim reply was
// approved: what it was before the draft waited for approval.
func (s *step) wasBefore(r *reply.Reply) (lifecycle.State, error) {
	if s.was.State != lifecycle.Approval {
		return s.was.State, nil
	}
	history, err := s.tx.Incidents().History(s.ctx, scope.All(), s.i.ID)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(history) {
		if e.Action == lifecycle.Submit && e.Detail.Reply == int64(r.ID) && e.From != lifecycle.Approval && e.From != lifecycle.Answered {
			return e.From, nil
		}
	}
	return lifecycle.Rework, nil
}

// doubt notes on a new reply that its very words may stand already: another reply
// to the same message failed with an end that nobody knows.
func (s *step) doubt(r *reply.Reply) error {
	if r.ID != 0 {
		return nil
	}
	others, err := s.tx.Replies().OfIncident(s.ctx, scope.All(), int64(s.i.ID))
	if err != nil {
		return err
	}
	for k := range others {
		if o := &others[k]; o.State == reply.Doubtful && o.Message == r.Message && s.sameReply(o.Text, r.Text) {
			return fault.New(fault.Conflict, "reply %d of the same words may stand", o.ID).
				Say("Такой же ответ уже отправляли, и неизвестно, дошёл ли он. Посмотрите по ссылке и скажите, стоит ли он.")
		}
		if o := &others[k]; o.State == reply.Failed && o.Message == r.Message {
			for _, t := range o.Tried {
				if s.sameReply(t, r.Text) {
					r.Tried = []string{t}
				}
			}
		}
	}
	return nil
}

// sameReply compares words whatever page of pictures they link to.
func (s *step) sameReply(a, b string) bool {
	return sameWords(bare(a, s.desk.Site), bare(b, s.desk.Site))
}

func sameWords(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// published notes the receipt on the reply and on the incident. stood says, for
// people, that nothing was sent because the reply stood there; it may be empty.
func (s *step) published(r *reply.Reply, receipt reply.Receipt, stood string) error {
	doubted := r.State == reply.Doubtful
	r.State, r.PublishedAt, r.Native, r.URL, r.Reason, r.Tried = reply.Published, receipt.At, receipt.Native, receipt.URL, stood, nil
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if err := s.promised(r, receipt.At); err != nil {
		return err
	}
	from := s.i.State
	if r.Purpose == reply.Final && (s.i.State == lifecycle.Approval || doubted && s.i.State == lifecycle.Rework) {
		s.i.State = lifecycle.Answered
	}
	if s.i.AnsweredAt.IsZero() && (r.Purpose == reply.Final || r.Purpose == reply.Interim) {
		s.i.AnsweredAt = receipt.At
	}
	s.record(incident.Entry{Action: lifecycle.Publish, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: stood, Purpose: r.Purpose}})
	return nil
}

// Published is called by the outbox when a reply stands where the resident
// wrote: the job is settled, the receipt kept, the incident answered, in one
// transaction.
func (d *Desk) Published(ctx context.Context, job reply.Job, receipt reply.Receipt) (err error) {
	defer fault.Wrap(&err, "desk.Published(job %d)", job.ID)
	job.State, job.Error, job.Unclear, job.Note, job.SentAt = reply.Sent, "", false, "", receipt.At
	if job.Fanout != 0 {
		job.Native, job.URL = receipt.Native, receipt.URL
		return d.settleOne(ctx, &job)
	}
	return d.settle(ctx, &job, func(s *step, r *reply.Reply) error {
		if r.State == reply.Published {
			return nil
		}
		stood := ""
		if job.Text != "" && !sameWords(job.Text, r.Text) {
			r.Text = job.Text
			stood = "Под сообщением уже стоял прежний текст этого ответа, поэтому исправленный не отправлен."
		}
		return s.published(r, receipt, stood)
	})
}

// mayStand is what people must know of a publication whose end nobody knows.
const mayStand = "Возможно, ответ уже стоит под сообщением: посмотрите по ссылке. Если утвердить его снова, Отклик сначала прочитает ветку и не опубликует второй раз."

// Unpublishable is called by the outbox when a reply cannot be published: the
// incident returns to the desk with an explanation for people.
func (d *Desk) Unpublishable(ctx context.Context, job reply.Job, sentence string) (err error) {
	defer fault.Wrap(&err, "desk.Unpublishable(job %d)", job.ID)
	job.State, job.Note = reply.Dead, sentence
	if job.Fanout != 0 {
		return d.settleOne(ctx, &job)
	}
	if job.Unclear {
		sentence = strings.TrimSpace(sentence + " " + mayStand)
	}
	return d.settle(ctx, &job, func(s *step, r *reply.Reply) error {
		r.State, r.Reason = reply.Failed, sentence
		switch {
		case !job.Unclear:
			r.Tried = nil // nothing of it stands
		case !slices.ContainsFunc(r.Tried, func(t string) bool { return sameWords(t, r.Text) }):
			r.Tried = append(r.Tried, r.Text)
		}
		if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
			return err
		}
		from := s.i.State
		if s.i.State == lifecycle.Approval {
			s.i.State = lifecycle.Rework
		}
		s.record(incident.Entry{Action: lifecycle.Return, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: sentence}})
		return nil
	})
}

func (d *Desk) settle(ctx context.Context, job *reply.Job, then func(*step, *reply.Reply) error) error {
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		s, err := d.find(ctx, tx, account.System(), incident.ID(job.Incident))
		if err != nil {
			return nil, err
		}
		r, err := tx.Replies().Reply(ctx, scope.All(), job.Reply)
		if err != nil {
			return nil, err
		}
		if err := then(s, r); err != nil {
			return nil, err
		}
		return s, tx.Replies().Settle(ctx, job)
	})
}
