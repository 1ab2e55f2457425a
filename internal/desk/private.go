package desk

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// How an entry of the action Deliver tells what became of the part of a reply that is
// for its author alone.
const (
	HowPrivateLink = "private_link" // somebody took a link to it, to pass it on
	HowPrivateRead = "private_read" // whoever has the link has read it
)

// openAgain is how long after the first look the link opens once more: pages are reloaded,
// phones lose the network.
const openAgain = 15 * time.Minute

var secretWords = map[personal.Type]string{
	personal.Phone: "телефон", personal.Email: "почта", personal.Name: "имя", personal.Flat: "квартира", personal.Document: "документ или дата рождения",
	personal.Card: "номер карты", personal.Plate: "номер машины", personal.Child: "сведения о ребёнке",
}

// SecretName returns the Russian words for a kind of personal data.
func SecretName(t personal.Type) string { return secretWords[t] }

// A Discretion says what of a draft must not stand where everybody reads it.
type Discretion struct {
	Public   bool // everybody reads a reply to the message
	Found    []personal.Found
	Sentence string     // what may stand there in its place
	Direct   message.ID // a message of the incident whose answer its author reads alone; 0 = none
}

// Discretion reads a draft of a reply to a message of the incident (0: the first). It
// changes nothing.
func (d *Desk) Discretion(ctx context.Context, tx incident.Tx, i *incident.Incident, to message.ID, text string) (c Discretion, err error) {
	defer fault.Wrap(&err, "desk.Discretion(%d)", i.ID)
	if to == 0 {
		to = i.First
	}
	list, err := tx.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return c, err
	}
	for _, m := range list {
		if m.ID == to {
			c.Public = !private(m)
		}
		if m.Form == message.Direct && !m.Gone && m.ErasedAt.IsZero() && d.Publishes(m.Source) {
			c.Direct = m.ID
		}
	}
	if !c.Public || d.Options.Lint == nil {
		return c, nil
	}
	c.Found = d.Options.Lint.Secrets(d.Options.Lint.Text(text))
	c.Sentence = "Здравствуйте! Ваш вопрос рассмотрели и ответили вам лично: в ответе есть то, что касается только вас. Номер обращения — " + incident.Spoken(i.Number) + "."
	if i.Place.Agency == 0 {
		return c, nil
	}
	a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
	if err == nil && a.Contact != "" {
		c.Sentence += " Если личный ответ не пришёл, обратитесь к нам: " + strings.TrimSuffix(a.Contact, ".") + "."
	}
	return c, err
}

// kinds names what was found, each kind once.
func kinds(found []personal.Found) string {
	var list []string
	for _, f := range found {
		if w := secretWords[f.Type]; !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return strings.Join(list, ", ")
}

// discreet is Invalid when everybody would read personal data, unless it is said why
// they are none.
func (s *step) discreet(r *reply.Reply, m *message.Message) error {
	if private(m) {
		if r.Private != "" {
			return fault.New(fault.Invalid, "a private part in a private talk").At("private").
				Say("Этот ответ прочтёт только автор: делить его не нужно. Напишите всё в одном тексте.")
		}
		return nil
	}
	return s.openly(r, r.Text)
}

// openly is Invalid when a text that everybody reads holds personal data.
func (s *step) openly(r *reply.Reply, text string) error {
	if s.desk.Options.Lint == nil {
		return nil
	}
	found := s.desk.Options.Lint.Secrets(s.desk.Options.Lint.Text(text))
	switch {
	case len(found) == 0:
		r.Cleared = ""
		return nil
	case r.Cleared != "":
		return nil
	}
	return fault.New(fault.Invalid, "personal data in a public thread: %d pieces", len(found)).At("cleared").
		Say("В ответе личные данные (" + kinds(found) + "), а прочтут его все. Уберите их, ответьте автору лично или напишите, почему это не личные данные: например, телефон диспетчера.")
}

// privately notes on a reply what of it is for its author alone.
func (s *step) privately(r *reply.Reply, m Making) error {
	if m.Cleared != "" {
		r.Cleared = clip(m.Cleared, reasonLimit)
	}
	if strings.TrimSpace(m.Private) == "" {
		return nil
	}
	text, err := replyText(m.Private)
	if err != nil {
		return err
	}
	r.Private = text
	return finished(text, "text")
}

// PrivateLink makes a one-use link to the part of a reply that is for its author alone,
// for staff to pass on privately. It is shown once; links that were made before it open
// nothing any more.
func (d *Desk) PrivateLink(ctx context.Context, who account.Actor, id incident.ID, of reply.ID) (link string, err error) {
	defer fault.Wrap(&err, "desk.PrivateLink(%d, reply %d)", id, of)
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		s, err := d.find(ctx, tx, who, id)
		if err != nil {
			return nil, err
		}
		r, err := s.reply(of)
		if err != nil {
			return nil, err
		}
		if r.By != who.ID && !lifecycle.May(who.Role, lifecycle.Deliver) {
			return nil, fault.New(fault.Forbidden, "%s %d makes no link to reply %d", who.Role, who.ID, of).Say("Ссылку передаёт автор ответа, координатор или куратор.")
		}
		if r.Private == "" || r.State != reply.Approved && r.State != reply.Published && r.State != reply.Doubtful {
			return nil, fault.New(fault.Conflict, "reply %d has no private part that was approved", of).Say("У этого ответа нет утверждённой личной части.")
		}
		secret := strings.ToLower(rand.Text())
		link = d.Site + "/r/" + secret
		s.record(incident.Entry{Action: lifecycle.Deliver, To: s.i.State, Detail: incident.Detail{Reply: int64(r.ID), How: HowPrivateLink}})
		return s, tx.Feedback().Issue(ctx, secret, &feedback.Ticket{Incident: int64(id), Reply: int64(r.ID), Expires: s.now.Add(month), Reads: true, Place: s.i.Place})
	})
	return link, err
}

// Opened returns the part of a reply that is for its author alone to whoever has the
// link: once, and once more soon after. That it was read stands in the history.
func (d *Desk) Opened(ctx context.Context, secret string) (text string, err error) {
	defer fault.Wrap(&err, "desk.Opened")
	author := account.Actor{Role: lifecycle.Author, Scope: scope.All()}
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		t, err := tx.Feedback().Ticket(ctx, secret)
		if err != nil {
			return nil, err
		}
		if !t.Reads {
			return nil, fault.New(fault.NotFound, "the link opens nothing")
		}
		s, err := d.find(ctx, tx, author, incident.ID(t.Incident))
		if err != nil {
			return nil, err
		}
		if err := Readable(t, s.now); err != nil {
			return nil, err
		}
		r, err := tx.Replies().Reply(ctx, scope.All(), reply.ID(t.Reply))
		if err != nil {
			return nil, err
		}
		if r.Private == "" {
			return nil, fault.New(fault.Conflict, "the private part is gone").Say("Этого ответа больше нет: его стёрли.")
		}
		text = r.Private
		if fresh, err := tx.Feedback().Use(ctx, secret, s.now); err != nil || !fresh {
			return nil, err
		}
		s.record(incident.Entry{Action: lifecycle.Deliver, To: s.i.State, Detail: incident.Detail{Reply: t.Reply, How: HowPrivateRead}})
		return s, nil
	})
	if err != nil {
		return "", err
	}
	return text, nil
}

// Readable says why a link opens no answer (any more); nil when it does.
func Readable(t *feedback.Ticket, now time.Time) error {
	switch {
	case now.After(t.Expires):
		return fault.New(fault.Conflict, "the link is too old").Say("Ссылка действовала месяц и уже не работает. Позвоните нам или напишите снова: пришлём новую.")
	case !t.UsedAt.IsZero() && now.After(t.UsedAt.Add(openAgain)):
		return fault.New(fault.Conflict, "the link was used").Say("По этой ссылке ответ уже открывали, второй раз она не работает. Если это были не вы, сообщите нам: пришлём новую.")
	}
	return nil
}
