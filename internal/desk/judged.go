package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// surveyText asks, where everybody reads it; a link for one stands in private talks only.
const surveyText = "Здравствуйте! Мы считаем вопрос закрытым и хотим убедиться. Всё ли решено? Ответьте, пожалуйста, здесь: словами или оценкой от 1 до 5. Если не решено, вернём в работу."

func (s *step) survey() error {
	r, err := s.draft(surveyText, reply.Survey, 0)
	if err != nil {
		return err
	}
	m, err := s.tx.Messages().Message(s.ctx, scope.All(), s.i.First)
	if err != nil {
		return err
	}
	if !s.desk.Publishes(m.Source) {
		return fault.New(fault.Conflict, "replies to %s go by hand", m.Source).
			Say("В этот источник Отклик сам не пишет. Позвоните автору и запишите, что он сказал, или передайте ему ссылку для оценки.")
	}
	if m.Form == message.Direct && s.desk.Site != "" {
		secret, err := s.ticket()
		if err != nil {
			return err
		}
		r.Text += " Или по ссылке: " + s.desk.Site + "/r/" + secret
	}
	return s.send(r, lifecycle.Survey)
}

// month is how long a resident may judge (DOMAIN.md §4).
const month = 31 * 24 * time.Hour

func (s *step) ticket() (secret string, err error) {
	secret = strings.ToLower(rand.Text())
	return secret, s.tx.Feedback().Issue(s.ctx, secret, &feedback.Ticket{Incident: int64(s.i.ID), Expires: s.now.Add(month), Place: s.i.Place})
}

// Invite makes a one-use link by which the author judges the incident, for staff to
// pass on privately. It is shown once.
func (d *Desk) Invite(ctx context.Context, who account.Actor, id incident.ID) (link string, err error) {
	defer fault.Wrap(&err, "desk.Invite(%d)", id)
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		s, err := d.find(ctx, tx, who, id)
		if err != nil {
			return nil, err
		}
		if _, err := lifecycle.Next(s.i.State, lifecycle.Survey, who.Role); err != nil {
			return nil, err
		}
		secret, err := s.ticket()
		link = d.Site + "/r/" + secret
		s.record(incident.Entry{Action: lifecycle.Survey, To: s.i.State, Detail: incident.Detail{How: "link"}})
		return s, err
	})
	return link, err
}

// A Verdict is what a resident chose on the page of a one-use link.
type Verdict struct {
	Meaning feedback.Meaning  // Confirmed, Refuted, Partly; "" = only a mark
	Mark    int               // 1 … 5; 0 = none
	Text    string            // may be empty; a resident's words
	Reasons []feedback.Reason // what was wrong; may be empty
}

// verdictLimit is how long the words of a verdict may be, in characters.
const verdictLimit = 2000

// Judged takes the verdict of a resident who has a link, and reports whether the work
// begins anew by it. A link that is used, too old, or of an incident on which work goes
// on is a Conflict with a sentence.
func (d *Desk) Judged(ctx context.Context, secret string, v Verdict) (again bool, err error) {
	defer fault.Wrap(&err, "desk.Judged")
	if err := v.check(); err != nil {
		return false, err
	}
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		t, err := tx.Feedback().Ticket(ctx, secret)
		if err != nil {
			return nil, err
		}
		if t.Reads {
			return nil, fault.New(fault.NotFound, "the link judges nothing")
		}
		s, err := d.find(ctx, tx, author(), incident.ID(t.Incident))
		if err != nil {
			return nil, err
		}
		if err := Usable(t, s.i, s.now); err != nil {
			return nil, err
		}
		if fresh, err := tx.Feedback().Use(ctx, secret, s.now); err != nil {
			return nil, err
		} else if !fresh {
			return nil, fault.New(fault.Conflict, "the link was used").Say(usedUp)
		}
		voice := s.voice(feedback.Link, v.Meaning, v.Mark)
		voice.Reply, voice.Text, voice.Reasons = t.Reply, v.Text, v.Reasons
		err = s.listen(voice, lifecycle.Author)
		again = s.i.State.Open()
		return s, err
	})
	return again && err == nil, err
}

// check puts a verdict in order; it is Invalid when it says nothing or too much.
func (v *Verdict) check() error {
	v.Text = strings.TrimSpace(v.Text)
	switch n := utf8.RuneCountInString(v.Text); {
	case v.Mark < 0 || v.Mark > 5 || v.Meaning == "" && v.Mark == 0:
		return fault.New(fault.Invalid, "a verdict without an answer").At("solved").Say("Выберите ответ: решено, не решено или решено не всё. Оценку можно поставить от 1 до 5.")
	case v.Meaning != "" && v.Meaning != feedback.Confirmed && v.Meaning != feedback.Refuted && v.Meaning != feedback.Partly:
		return fault.New(fault.Invalid, "verdict %q is unknown", v.Meaning).At("solved").Say("Выберите ответ: решено, не решено или решено не всё.")
	case n > verdictLimit || !utf8.ValidString(v.Text):
		return fault.New(fault.Invalid, "the words have %d characters", n).At("text").Say(fmt.Sprintf("Слишком длинно: %d знаков из %d. Сократите, пожалуйста.", n, verdictLimit))
	}
	if v.Meaning == "" {
		v.Meaning = feedback.Mark
	}
	return nil
}

const usedUp = "Вы уже ответили по этой ссылке. Спасибо! Если что-то изменилось, напишите под нашим ответом или сообщите заново."

// Usable says why a link cannot be used (any more); nil when it can.
func Usable(t *feedback.Ticket, i *incident.Incident, now time.Time) error {
	switch {
	case !t.UsedAt.IsZero():
		return fault.New(fault.Conflict, "the link was used").Say(usedUp)
	case now.After(t.Expires):
		return fault.New(fault.Conflict, "the link is too old").Say("Ссылка действовала месяц и уже не работает. Если не решено, напишите нам снова: проверим.")
	case i.State.Open():
		return fault.New(fault.Conflict, "work goes on").Say("По этому обращению снова идёт работа. Когда закончим, спросим ещё раз.")
	}
	return nil
}
