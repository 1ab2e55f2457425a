package desk

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
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
	photo, err := s.proof(c.How)
	if err != nil {
		return err
	}
	h := fnv.New32a()
	fmt.Fprintf(h, "%d/%d", s.i.ID, s.i.Reopened)
	return s.tx.Feedback().Close(s.ctx, &feedback.Closure{
		Incident: int64(s.i.ID), Outcome: c.Outcome, How: c.How, By: s.who.ID, At: s.now, Agency: s.i.Place.Agency, Photo: int64(photo), Place: s.i.Place,
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
	case v.Meaning == feedback.NewMatter && v.Message != 0:
		return s.apart(message.ID(v.Message))
	case v.Speaker == feedback.Neighbour && v.Meaning == feedback.Refuted:
		return s.again("Соседи пишут, что не решено.", s.who.Role, feedback.ByStaff, v)
	case v.Speaker == feedback.Author && (v.Meaning == feedback.Confirmed || v.Meaning == feedback.Refuted || v.Mark > 0):
		return s.follow(v, s.who.Role)
	}
	return s.weighed(v)
}

// apart gives an incident of its own to a message that is about something else. An
// author's words belong to this one, a neighbour's to none, unless somebody has moved
// them since: what stands in another incident has its matter already.
func (s *step) apart(id message.ID) error {
	switch owner, err := s.tx.Messages().Incident(s.ctx, id); {
	case err != nil:
		return err
	case owner == int64(s.i.ID):
		return s.detach(Detach{Message: id})
	case owner != 0:
		return nil
	}
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
