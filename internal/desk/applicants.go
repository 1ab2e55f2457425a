package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/applicant"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A Followed is what somebody who holds a link follows.
type Followed struct {
	Applicant *applicant.Applicant
	Message   *message.Message
	Incident  *incident.Incident
}

// Follows returns what the holder of a link follows; NotFound for a link that is none.
func (d *Desk) Follows(ctx context.Context, tx incident.Tx, secret string) (f Followed, err error) {
	defer fault.Wrap(&err, "desk.Follows")
	if f.Applicant, err = tx.Applicants().BySecret(ctx, secret); err != nil {
		return f, err
	}
	id := message.ID(f.Applicant.Message)
	if f.Message, err = tx.Messages().Message(ctx, scope.All(), id); err != nil {
		return f, err
	}
	of, err := tx.Messages().Incident(ctx, id)
	if err != nil {
		return f, err
	}
	f.Incident, err = tx.Incidents().Incident(ctx, scope.All(), incident.ID(of))
	return f, err
}

// author is who acts by a link.
func author() account.Actor { return account.Actor{Role: lifecycle.Author, Scope: scope.All()} }

// AddWords adds what the holder of a link has to say, under the key of the form it was
// written into. Words about finished work are heard as what they say of the result.
func (d *Desk) AddWords(ctx context.Context, secret, form, text string, files func(context.Context, incident.Tx, *message.Message) error) (err error) {
	defer fault.Wrap(&err, "desk.AddWords")
	if text = strings.TrimSpace(text); text == "" && files != nil {
		text = "Приложены файлы."
	}
	switch {
	case text == "" || !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fault.New(fault.Invalid, "nothing is added").At("text").Say("Напишите, что добавить, или приложите снимок.")
	case utf8.RuneCountInString(text) > ReportLimit:
		return fault.New(fault.Invalid, "too long").At("text").Say(fmt.Sprintf("Слишком длинно: больше %d знаков. Сократите, пожалуйста.", ReportLimit))
	case !formKey(form):
		return fault.New(fault.Invalid, "no key of a form").At("key").Say("Страница устарела. Обновите её и отправьте ещё раз.")
	}
	var events []live.Event
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		events = nil
		f, err := d.Follows(ctx, tx, secret)
		if err != nil {
			return err
		}
		if !f.Applicant.WithdrawnAt.IsZero() {
			return withdrawn()
		}
		now, w := d.Now(), f.Message
		if err := d.tooMuch(ctx, tx, f, now); err != nil {
			return err
		}
		m := &message.Message{
			Source: w.Source, Channel: w.Channel, Form: w.Form, Native: form, Revision: formOnce, Event: message.Written, Thread: w.Native, Parent: w.Native,
			Author: w.Author, AuthorName: w.AuthorName, Contact: w.Contact, Text: text, PublishedAt: now, SeenAt: now, Territory: w.Territory, Addressed: true, Place: f.Incident.Place,
		}
		r := d.Read(m)
		kept, err := tx.Messages().Keep(ctx, m, &r)
		if err != nil || !kept.First {
			return err
		}
		if files != nil {
			if err := files(ctx, tx, m); err != nil {
				return err
			}
		}
		o := d.Opener(tx, account.System())
		if f.Incident.State == lifecycle.Answered || f.Incident.State == lifecycle.Closed {
			_, err = o.Heard(ctx, feedback.Followed{Incident: int64(f.Incident.ID), Speaker: f.speaker()}, m, &r)
		} else {
			err = o.Attach(ctx, f.Incident.ID, m, &r)
		}
		events = o.Events
		return err
	})
	if err == nil {
		d.tell(events)
	}
	return err
}

func withdrawn() error {
	return fault.New(fault.Conflict, "the applicant has withdrawn").Say("Вы отозвали это обращение. Если беда осталась, сообщите о ней заново.")
}

func (f *Followed) speaker() feedback.Speaker {
	if f.Applicant.Joined {
		return feedback.Neighbour
	}
	return feedback.Author
}

// addedMost is how many times in a day one may add to a report.
const addedMost = 20

func (d *Desk) tooMuch(ctx context.Context, tx incident.Tx, f Followed, now time.Time) error {
	list, err := tx.Messages().OfIncident(ctx, scope.All(), int64(f.Incident.ID))
	n := 0
	for _, m := range list {
		if f.Own(m) && now.Sub(m.SeenAt) < 24*time.Hour {
			n++
		}
	}
	if err == nil && n > addedMost {
		err = fault.New(fault.Conflict, "%d messages of one applicant in a day", n).At("text").Say("За сутки вы дописали уже много раз. Всё сохранено; остальное можно добавить завтра одним сообщением.")
	}
	return err
}

// Added reports whether a form of the page of a link was taken before.
func (d *Desk) Added(ctx context.Context, tx incident.Tx, secret, form string) (_ bool, err error) {
	defer fault.Wrap(&err, "desk.Added")
	f, err := d.Follows(ctx, tx, secret)
	if err != nil {
		return false, err
	}
	_, err = tx.Messages().ByNative(ctx, f.Message.Source, form)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Own reports whether the holder of the link wrote a message: the one of the link, or what
// they added by it.
func (f *Followed) Own(m *message.Message) bool { return Owned(f.Message, m) }

// Owned reports whether a message is the first one, or was added to it by its link.
func Owned(first, m *message.Message) bool {
	return m.ID == first.ID || m.Source == first.Source && m.Thread != "" && m.Thread == first.Native
}

// TakenBack are the words by which an incident ends that its author took back.
const TakenBack = "Автор отозвал обращение."

// Withdraw takes back what the holder of a link told. An incident that nobody has begun
// to work on, of nobody else and without danger, ends by it; of any other the history says so, and people
// decide: a pit in the road does not go away because one of ten wants to hear no more of it.
func (d *Desk) Withdraw(ctx context.Context, secret string) (ended bool, err error) {
	defer fault.Wrap(&err, "desk.Withdraw")
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		f, err := d.Follows(ctx, tx, secret)
		if err != nil {
			return nil, err
		}
		a, i := f.Applicant, f.Incident
		if !a.WithdrawnAt.IsZero() {
			return nil, withdrawn()
		}
		s := d.stepOn(ctx, tx, author(), i)
		if _, err := lifecycle.Next(i.State, lifecycle.Withdraw, lifecycle.Author); err != nil {
			return nil, fault.New(fault.Conflict, "the work is done").Say("Работа уже окончена: отзывать нечего. Если с ответом не согласны, поставьте оценку.")
		}
		a.WithdrawnAt, a.News = s.now, false
		if err := tx.Applicants().Save(ctx, a); err != nil {
			return nil, err
		}
		list, err := tx.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
		if err != nil {
			return nil, err
		}
		others := slices.ContainsFunc(list, func(m *message.Message) bool { return !f.Own(m) })
		if ended = !others && i.Urgency != message.Danger && (i.State == lifecycle.New || i.State == lifecycle.Triage || i.State == lifecycle.Asked); ended {
			i.State, i.Outcome, i.OutcomeReason, i.ClosedAt = lifecycle.Closed, lifecycle.Refused, TakenBack, s.now
		}
		s.record(incident.Entry{Action: lifecycle.Withdraw, Detail: incident.Detail{Message: f.Message.ID}})
		return s, nil
	})
	return ended, err
}

// Judges says whether the holder of a link may judge now, and what: nil and the reply, or a
// Conflict with a sentence. Nobody is asked where nothing was decided.
func (d *Desk) Judges(ctx context.Context, tx incident.Tx, f Followed, now time.Time) (*reply.Reply, error) {
	i := f.Incident
	no := func(why, say string) (*reply.Reply, error) { return nil, fault.New(fault.Conflict, "%s", why).Say(say) }
	switch {
	case !f.Applicant.WithdrawnAt.IsZero():
		return nil, withdrawn()
	case i.State.Open():
		return no("work goes on", "По этому обращению идёт работа. Когда ответим, вы сможете оценить ответ здесь.")
	case i.Outcome == lifecycle.Refused, i.Outcome == lifecycle.Duplicate:
		return no("nothing was decided", "Оценивать здесь нечего: по обращению ничего не решали.")
	}
	r, err := d.Opener(tx, account.System()).LastAnswer(ctx, i.ID)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return no("nothing was answered", "Оценивать здесь нечего: ответа ещё не было.")
	case f.Applicant.Judged == int64(r.ID):
		return no("judged already", "Вы уже оценили этот ответ. Спасибо! Если что-то изменилось, напишите ниже: мы увидим.")
	case now.Sub(r.PublishedAt) > month:
		return no("too late", "Оценить ответ можно было в течение месяца. Если не решено, сообщите снова: проверим.")
	}
	return r, nil
}

// JudgedBy takes the verdict of the holder of a link and reports whether the work begins
// anew by it. Who joined confirms or refutes, and gives no mark: they did not ask.
func (d *Desk) JudgedBy(ctx context.Context, secret string, v Verdict, files func(context.Context, incident.Tx, *message.Message) error) (again bool, err error) {
	defer fault.Wrap(&err, "desk.JudgedBy")
	if err := v.check(); err != nil {
		return false, err
	}
	err = d.alter(ctx, incident.People, func(tx incident.Tx) (*step, error) {
		f, err := d.Follows(ctx, tx, secret)
		if err != nil {
			return nil, err
		}
		s := d.stepOn(ctx, tx, author(), f.Incident)
		r, err := d.Judges(ctx, tx, f, s.now)
		if err != nil {
			return nil, err
		}
		f.Applicant.Judged = int64(r.ID)
		if err := tx.Applicants().Save(ctx, f.Applicant); err != nil {
			return nil, err
		}
		if files != nil {
			if err := files(ctx, tx, f.Message); err != nil {
				return nil, err
			}
		}
		voice := s.voice(feedback.Link, v.Meaning, v.Mark)
		voice.Reply, voice.Text, voice.Reasons, voice.Speaker = int64(r.ID), v.Text, v.Reasons, f.speaker()
		if f.Applicant.Joined {
			if voice.Mark = 0; voice.Meaning == feedback.Mark {
				return nil, fault.New(fault.Invalid, "a neighbour gives no mark").At("solved").Say("Выберите: решено, не решено или решено не всё.")
			}
			if voice.Meaning == feedback.Refuted {
				voice.State = feedback.Waiting
			}
		}
		err = s.listen(voice, lifecycle.Author)
		again = s.i.State.Open()
		return s, err
	})
	return again && err == nil, err
}

// News says whether the holder of a link is told by mail how it comes on. What happened while
// they were not told stays untold.
func (d *Desk) News(ctx context.Context, secret string, on bool) (err error) {
	defer fault.Wrap(&err, "desk.News")
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		f, err := d.Follows(ctx, tx, secret)
		if err != nil {
			return err
		}
		if !f.Applicant.WithdrawnAt.IsZero() {
			return withdrawn()
		}
		if on && !f.Applicant.News {
			history, err := tx.Incidents().History(ctx, scope.All(), f.Incident.ID)
			if err != nil {
				return err
			}
			if n := len(history); n > 0 {
				f.Applicant.Told = history[n-1].ID
			}
		}
		f.Applicant.News, f.Applicant.Telling = on, 0
		return tx.Applicants().Save(ctx, f.Applicant)
	})
}
