package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// NotKnown answers "how is it known?" where nobody has looked.
const NotKnown = "none"

// Hear notes what the author told a member of staff, by phone mostly.
type Hear struct {
	Meaning feedback.Meaning // Confirmed, Refuted, Partly or Mark
	Mark    int              // 1 … 5; 0 = none
}

// Weigh says what a voice that waits means.
type Weigh struct {
	Voice   feedback.ID
	Meaning feedback.Meaning // Thanks: nothing follows
}

// Survey asks the author where they wrote whether it is solved.
type Survey struct{}

// Check says what the controller found at a closed incident: solved (How says how
// it is known) or not.
type Check struct {
	Solved bool
	How    string
	Reason string // what is still wrong
}

func (Hear) Action() lifecycle.Action   { return lifecycle.Hear }
func (Weigh) Action() lifecycle.Action  { return lifecycle.Weigh }
func (Survey) Action() lifecycle.Action { return lifecycle.Survey }
func (Check) Action() lifecycle.Action  { return lifecycle.Check }

// share is of how many closings one is sampled for the controller, those of which
// nobody knows how it is known aside: they all are.
const share = 10

// closure keeps how the work ended.
func (s *step) closure(c Close) error {
	h := fnv.New32a()
	fmt.Fprintf(h, "%d/%d", s.i.ID, s.i.Reopened)
	return s.tx.Feedback().Close(s.ctx, &feedback.Closure{
		Incident: int64(s.i.ID), Outcome: c.Outcome, How: c.How, By: s.who.ID, At: s.now, Agency: s.i.Place.Agency, Place: s.i.Place,
		Sampled: c.Outcome != lifecycle.Explained && (c.How == NotKnown || h.Sum32()%share == 0),
	})
}

// restart takes away what the end of the work had set.
func (s *step) restart() {
	s.i.Outcome, s.i.OutcomeReason, s.i.ClosedAt = lifecycle.NoOutcome, "", time.Time{}
	s.i.VerifiedBy, s.i.VerifiedHow, s.i.VerifiedAt = 0, "", time.Time{}
	s.i.Reopened++
}

// untrue notes on the last closing that the work began anew, by whom.
func (s *step) untrue() error {
	switch s.who.Role {
	case lifecycle.Controller:
		return s.untrueFor(feedback.ByCheck, 0)
	case lifecycle.Author:
		return s.untrueFor(feedback.ByAuthor, 0)
	}
	return s.untrueFor(feedback.ByStaff, 0)
}

func (s *step) untrueFor(why feedback.FalseWhy, repeat incident.ID) error {
	c, err := s.tx.Feedback().LastClosure(s.ctx, int64(s.i.ID))
	if fault.Is(err, fault.NotFound) || err == nil && !c.FalseAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	c.FalseAt, c.FalseWhy, c.Repeat = s.now, why, int64(repeat)
	return s.tx.Feedback().Close(s.ctx, c)
}

func (s *step) hear(c Hear) error {
	said := []feedback.Meaning{feedback.Confirmed, feedback.Refuted, feedback.Partly, feedback.Mark}
	if c.Mark < 0 || c.Mark > 5 || c.Meaning == feedback.Mark && c.Mark == 0 || !slices.Contains(said, c.Meaning) {
		return fault.New(fault.Invalid, "voice %q with mark %d", c.Meaning, c.Mark).At("meaning").
			Say("Укажите, что сказал автор: решено, не решено, решено не всё, или оценку от 1 до 5.")
	}
	return s.listen(s.voice(feedback.Staff, c.Meaning, c.Mark), s.who.Role)
}

// voice returns what the author chose among answers.
func (s *step) voice(way feedback.Way, meaning feedback.Meaning, mark int) *feedback.Voice {
	v := &feedback.Voice{Incident: int64(s.i.ID), Speaker: feedback.Author, Way: way, Meaning: meaning, Mark: mark, Sure: 1,
		State: feedback.Acted, At: s.now, Place: s.i.Place}
	if meaning == feedback.Partly {
		v.State = feedback.Waiting
	}
	return v
}

func (s *step) weigh(c Weigh) error {
	v, err := s.tx.Feedback().Voice(s.ctx, s.who.Scope, c.Voice)
	if err != nil {
		return err
	}
	if v.Incident != int64(s.i.ID) {
		return fault.New(fault.NotFound, "voice %d is not of incident %d", c.Voice, s.i.ID).Say("Таких слов жителя у этого инцидента нет.")
	}
	if v.State != feedback.Waiting {
		return fault.New(fault.Conflict, "voice %d is %s", v.ID, v.State).Say("Эти слова уже разобрали.")
	}
	if !slices.Contains(feedback.Meanings(), c.Meaning) || c.Meaning == feedback.Unsure || c.Meaning == feedback.Mark && v.Mark == 0 {
		return fault.New(fault.Invalid, "meaning %q decides nothing", c.Meaning).At("meaning").
			Say("Выберите, что означают слова: решено, не решено, другой вопрос или ничего не меняют.")
	}
	v.Meaning, v.State, v.By, v.DecideAt = c.Meaning, feedback.Decided, s.who.ID, s.now
	if err := s.tx.Feedback().Hear(s.ctx, v); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Weigh, To: s.i.State, Detail: incident.Detail{Voice: int64(v.ID), Message: message.ID(v.Message), Now: string(v.Meaning), How: string(v.Speaker)}})
	switch {
	case v.Meaning == feedback.NewMatter && v.Message != 0 && v.Speaker == feedback.Author:
		return s.detach(Detach{Message: message.ID(v.Message)})
	case v.Meaning == feedback.NewMatter && v.Message != 0:
		return s.apart(message.ID(v.Message))
	case v.Speaker == feedback.Neighbour && v.Meaning == feedback.Refuted:
		return s.again("Соседи пишут, что не решено.", s.who.Role, feedback.ByStaff, v)
	case v.Speaker == feedback.Neighbour:
		return nil
	}
	return s.follow(v, s.who.Role)
}

// apart opens an incident for a neighbour's message, which belongs to none.
func (s *step) apart(id message.ID) error {
	m, err := s.tx.Messages().Message(s.ctx, scope.All(), id)
	if err != nil {
		return err
	}
	r, err := s.tx.Messages().Reading(s.ctx, id)
	if err != nil {
		return err
	}
	o := s.desk.Opener(s.tx, s.who)
	if _, err := o.Open(s.ctx, m, r); err != nil {
		return err
	}
	s.events = append(s.events, o.Events...)
	return nil
}

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
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		s := &step{desk: d, ctx: ctx, tx: tx, who: who, now: d.Now(), i: i, was: *i}
		if _, err := lifecycle.Next(i.State, lifecycle.Survey, who.Role); err != nil {
			return err
		}
		secret, err := s.ticket()
		if err != nil {
			return err
		}
		link = d.Site + "/r/" + secret
		s.record(incident.Entry{Action: lifecycle.Survey, To: i.State, Detail: incident.Detail{How: "link"}})
		return s.store()
	})
	return link, err
}

func (s *step) check(c Check) error {
	if c.Solved {
		if c.How == "" {
			c.How = "inspector"
		}
		if err := s.verify(Verify{How: c.How}); err != nil {
			return err
		}
		last, err := s.tx.Feedback().LastClosure(s.ctx, int64(s.i.ID))
		if err == nil {
			last.CheckedAt, last.CheckedBy = s.now, s.who.ID
			err = s.tx.Feedback().Close(s.ctx, last)
		}
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		s.record(incident.Entry{Action: lifecycle.Check, To: s.i.State, Detail: incident.Detail{How: c.How, Now: "solved"}})
		return err
	}
	reason, err := required(c.Reason, "reason", "Напишите, что осталось не решено: это увидят исполнитель и куратор.")
	if err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Check, To: s.i.State, Detail: incident.Detail{Now: "not_solved", Reason: reason}})
	return s.again(reason, s.who.Role, feedback.ByCheck, nil)
}

// A Verdict is what a resident chose on the page of a one-use link.
type Verdict struct {
	Meaning feedback.Meaning // Confirmed, Refuted, Partly; "" = only a mark
	Mark    int              // 1 … 5; 0 = none
	Text    string           // may be empty; a resident's words
}

// verdictLimit is how long the words of a verdict may be, in characters.
const verdictLimit = 2000

// Judged takes the verdict of a resident who has a link. A link that is used, too
// old, or of an incident on which work goes on is a Conflict with a sentence.
func (d *Desk) Judged(ctx context.Context, secret string, v Verdict) (err error) {
	defer fault.Wrap(&err, "desk.Judged")
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
	var events []live.Event
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		t, err := tx.Feedback().Ticket(ctx, secret)
		if err != nil {
			return err
		}
		i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(t.Incident))
		if err != nil {
			return err
		}
		s := &step{desk: d, ctx: ctx, tx: tx, who: account.Actor{Role: lifecycle.Author, Scope: scope.All()}, now: d.Now(), i: i, was: *i}
		if err := Usable(t, i, s.now); err != nil {
			return err
		}
		if fresh, err := tx.Feedback().Use(ctx, secret, s.now); err != nil || !fresh {
			return fault.New(fault.Conflict, "the link was used").Say(usedUp)
		}
		voice := s.voice(feedback.Link, v.Meaning, v.Mark)
		voice.Reply, voice.Text = t.Reply, v.Text
		if err := s.listen(voice, lifecycle.Author); err != nil {
			return err
		}
		if err := s.store(); err != nil {
			return err
		}
		events = s.events
		return nil
	})
	if err == nil {
		d.tell(events)
	}
	return err
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

// repeatTime is how soon after its closing a second message about the same thing at
// the same place says that it was not solved.
const repeatTime = 30 * 24 * time.Hour

// repeats marks closures that the incident just opened shows to be false: solved they
// said, of the same topic at the same house or landmark, not long ago.
func (o *Opener) repeats(ctx context.Context, i *incident.Incident) (err error) {
	defer fault.Wrap(&err, "desk.repeats(%d)", i.ID)
	if i.Group == "" || i.Settlement == "" || i.Address.House == "" && i.Address.Landmark == "" {
		return nil
	}
	within := o.desk.Repeats
	if within == 0 {
		within = repeatTime
	}
	rows, err := o.tx.Incidents().Near(ctx, scope.All(), incident.Near{Topic: i.Topic, Settlement: i.Settlement, Street: i.Address.Street, House: i.Address.House,
		Landmark: i.Address.Landmark, Since: i.OpenedAt.AddDate(-1, 0, 0), Not: i.ID, Limit: nearLimit})
	if err != nil {
		return err
	}
	for k := range rows {
		row := &rows[k]
		if row.State != lifecycle.Closed || row.Outcome != lifecycle.Solved && row.Outcome != lifecycle.Partly ||
			i.OpenedAt.Sub(row.ClosedAt) > within || written(i).Before(row.ClosedAt) {
			continue
		}
		err := o.touch(ctx, row.ID, lifecycle.Repeat, incident.Detail{Other: i.ID}, func(s *step) error { return s.untrueFor(feedback.Again, i.ID) })
		if err != nil {
			return err
		}
		err = o.tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: i.OpenedAt, Who: o.who.ID, Action: lifecycle.Repeat,
			From: i.State, To: i.State, Detail: incident.Detail{Other: row.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}
