package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/topic"
)

const reasonLimit = 2000 // characters of a reason, official words

// apply checks the change against the lifecycle and makes it on s.i.
func (s *step) apply(c Change) error {
	to, err := lifecycle.Next(s.i.State, c.Action(), s.who.Role)
	if err != nil {
		return err
	}
	s.i.State = to
	switch c := c.(type) {
	case Accept:
		return s.accept(c)
	case Reject:
		return s.reject(c)
	case HandOver:
		return s.handOver(c)
	case Decline:
		return s.decline(c)
	case Decide:
		return s.arbitrate(c)
	case Take:
		s.i.ClaimedBy, s.i.ClaimedAt = s.who.ID, s.now
		if s.who.Role == lifecycle.Executor {
			s.i.Executor = s.who.ID
		}
		s.record(incident.Entry{Action: lifecycle.Take, Detail: incident.Detail{Before: s.before()}})
	case Ask:
		return s.ask(c)
	case Submit:
		return s.submit(c)
	case Answer:
		return s.answer(c)
	case Approve:
		return s.approve(c)
	case Return:
		return s.sendBack(c)
	case Close:
		return s.close(c)
	case Verify:
		return s.verify(c)
	case Reopen:
		return s.reopen(c)
	case Correct:
		return s.correct(c)
	case Claim:
		return s.claim()
	case Release:
		return s.release()
	case Attach:
		return s.attach(c)
	case Detach:
		return s.detach(c)
	case Erase:
		return s.erase(c)
	case Merge:
		return s.merge(c)
	case Split:
		return s.split(c)
	case Dismiss:
		return s.dismiss(c)
	case HandToCity:
		return s.handToCity(c)
	case CitySays:
		return s.citySays(c)
	case KeepPromise:
		return s.keepPromise(c)
	case BreakPromise:
		return s.breakPromise(c)
	case MovePromise:
		return s.movePromise(c)
	case DropPromise:
		return s.dropPromise(c)
	case Undo:
		return s.undo()
	case Hear:
		return s.hear(c)
	case Weigh:
		return s.weigh(c)
	case Survey:
		return s.survey()
	case Check:
		return s.check(c)
	case Extend:
		return s.extend(c)
	case Pause:
		return s.pause(c)
	case Resume:
		return s.resume(c)
	case SetRegime:
		return s.setRegime(c)
	case Link:
		return s.link(c)
	case Called:
		return s.called(c)
	default:
		if known, err := s.deliver(c); known {
			return err
		}
		return s.beyond(c)
	}
	return nil
}

func (s *step) accept(c Accept) error {
	s.i.AcceptedAt = s.now
	s.record(incident.Entry{Action: lifecycle.Accept, To: s.i.State, Detail: incident.Detail{Before: s.before()}})
	if !c.HandOver || s.i.Proposed == 0 {
		return nil
	}
	if _, err := s.answering(s.i.Proposed); err != nil {
		return err
	}
	if err := s.undisputed(); err != nil {
		return err
	}
	to, err := lifecycle.Next(s.i.State, lifecycle.HandOver, s.who.Role)
	if err != nil {
		return err
	}
	from := s.i.State
	s.i.State, s.i.Place.Agency = to, s.i.Proposed
	s.i.ClaimedBy, s.i.ClaimedAt, s.i.Executor = 0, time.Time{}, 0 // whoever had claimed it works in the centre
	s.record(incident.Entry{Action: lifecycle.HandOver, From: from, Detail: incident.Detail{Agency: s.i.Proposed, Rule: s.i.Rule}})
	return nil
}

func (s *step) reject(c Reject) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему сообщение не рассматривается: автор и контролёр это увидят.")
	if err != nil {
		return err
	}
	if err := finished(reason, "reason"); err != nil {
		return err
	}
	s.i.Outcome, s.i.OutcomeReason, s.i.ClosedAt = lifecycle.Refused, reason, s.now
	s.record(incident.Entry{Action: lifecycle.Reject, Detail: incident.Detail{Reason: reason, Before: s.before()}})
	return nil
}

func (s *step) handOver(c HandOver) error {
	if c.Agency == 0 {
		c.Agency = s.i.Place.Agency
	}
	if c.Agency == 0 {
		c.Agency = s.i.Proposed
	}
	if c.Agency == 0 {
		return fault.New(fault.Invalid, "hand-over without an agency").At("agency").
			Say("Выберите орган или организацию, которой передаёте инцидент.")
	}
	if err := s.undisputed(); err != nil {
		return err
	}
	if _, err := s.answering(c.Agency); err != nil {
		return err
	}
	if s.who.Role == lifecycle.Coordinator && c.Agency != s.who.Scope.Agency {
		return fault.New(fault.Forbidden, "a coordinator hands over inside the own agency only").At("agency").
			Say("Координатор передаёт инцидент только внутри своей организации. Если вопрос не ваш, нажмите «Не наш вопрос».")
	}
	if s.i.State == s.was.State && c.Agency == s.was.Place.Agency && account.ID(c.Executor) == s.was.Executor {
		return fault.New(fault.Conflict, "incident is there already").Say("Инцидент уже передан туда.")
	}
	if c.Executor != 0 {
		e, err := s.tx.Accounts().Account(s.ctx, account.ID(c.Executor))
		if err != nil {
			return err
		}
		if e.Place.Agency != c.Agency || e.Disabled {
			return fault.New(fault.Invalid, "account %d does not work in agency %d", e.ID, c.Agency).At("executor").
				Say("Этот сотрудник не работает в выбранной организации. Выберите исполнителя из её списка.")
		}
	}
	if s.i.AcceptedAt.IsZero() {
		s.i.AcceptedAt = s.now
	}
	detail := incident.Detail{Agency: c.Agency, Account: account.ID(c.Executor), Reason: clip(c.Reason, reasonLimit), Before: s.before()}
	if c.Agency == s.i.Proposed {
		detail.Rule = s.i.Rule
	}
	if c.Agency != s.was.Place.Agency { // who had claimed it works elsewhere now
		s.i.ClaimedBy, s.i.ClaimedAt, s.i.Executor = 0, time.Time{}, 0
	}
	s.i.Place.Agency = c.Agency
	if c.Executor != 0 {
		s.i.Executor = account.ID(c.Executor)
	}
	s.record(incident.Entry{Action: lifecycle.HandOver, Detail: detail})
	return nil
}

func (s *step) close(c Close) error {
	if !slices.Contains(lifecycle.Outcomes(), c.Outcome) || c.Outcome == lifecycle.Refused || c.Outcome == lifecycle.Duplicate {
		return fault.New(fault.Invalid, "outcome %q does not close an answered incident", c.Outcome).At("outcome").
			Say("Укажите исход: решено, решено частично или разъяснено.")
	}
	if c.How == "" {
		c.How = NotKnown
	}
	if c.How != NotKnown && !slices.Contains(ways, c.How) {
		return fault.New(fault.Invalid, "way of verification %q is unknown", c.How).At("how").
			Say("Укажите, откуда известно, что решено: фото, автор, выезд, сосед или пока ниоткуда.")
	}
	s.i.Outcome, s.i.OutcomeReason, s.i.ClosedAt = c.Outcome, clip(c.Reason, reasonLimit), s.now
	s.record(incident.Entry{Action: lifecycle.Close, Detail: incident.Detail{Now: string(c.Outcome), Reason: s.i.OutcomeReason, How: c.How, Before: s.before()}})
	if err := s.closure(c); err != nil {
		return err
	}
	if c.How == NotKnown {
		return nil
	}
	return s.verify(Verify{How: c.How})
}

// Ways by which a solution is known.
var ways = []string{"photo", "author", "inspector", "neighbour"}

func (s *step) verify(c Verify) error {
	if !slices.Contains(ways, c.How) {
		return fault.New(fault.Invalid, "way of verification %q is unknown", c.How).At("how").
			Say("Укажите, как проверено решение: фото, автор, выезд или сосед.")
	}
	if err := s.spoken(c.How); err != nil {
		return err
	}
	photo, err := s.proof(c.How)
	if err != nil {
		return err
	}
	s.i.VerifiedBy, s.i.VerifiedHow, s.i.VerifiedAt = s.who.ID, c.How, s.now
	s.record(incident.Entry{Action: lifecycle.Verify, Detail: incident.Detail{How: c.How, File: int64(photo)}})
	return nil
}

func (s *step) reopen(c Reopen) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему инцидент возвращается на доработку.")
	if err != nil {
		return err
	}
	if err := s.whole(); err != nil {
		return err
	}
	s.restart()
	s.record(incident.Entry{Action: lifecycle.Reopen, Detail: incident.Detail{Reason: reason}})
	return s.untrue()
}

func (s *step) correct(c Correct) error {
	note := func(field, was, now string) {
		if was != now {
			s.record(incident.Entry{Action: lifecycle.Correct, Detail: incident.Detail{Field: field, Was: was, Now: now}})
		}
	}
	if c.Topic != nil {
		t, ok := s.desk.Topics().ByCode(*c.Topic)
		if !ok && *c.Topic != topic.Undefined || t.Retired && *c.Topic != s.i.Topic {
			return fault.New(fault.Invalid, "topic %q is not in the taxonomy", *c.Topic).At("topic").
				Say("Такой темы нет в классификаторе. Выберите из списка.")
		}
		note("topic", string(s.i.Topic), string(*c.Topic))
		s.i.Topic, s.i.Group = *c.Topic, t.Group
		s.i.Missing = without(s.i.Missing, message.MissingTopic)
	}
	if c.Urgency != nil {
		if !slices.Contains([]message.Urgency{message.Normal, message.High, message.Danger}, *c.Urgency) {
			return fault.New(fault.Invalid, "urgency %q is unknown", *c.Urgency).At("urgency").Say("Такой срочности нет.")
		}
		note("urgency", string(s.i.Urgency), string(*c.Urgency))
		s.i.Urgency = *c.Urgency
	}
	if c.Centre != nil && *c.Centre != s.i.Place.Centre {
		if *c.Centre != "" {
			p, ok := s.desk.Places.ByID(*c.Centre)
			if !ok || (s.i.Place.Region != "" && p.Region != s.i.Place.Region) {
				return fault.New(fault.Invalid, "municipality %q is not of this region", *c.Centre).At("centre").
					Say("Такого муниципалитета нет в этом регионе. Выберите из списка.")
			}
			if s.i.Place.Region == "" {
				s.i.Place.Region = p.Region
			}
		}
		note("centre", s.i.Place.Centre, *c.Centre)
		s.i.Place.Centre = *c.Centre
	}
	if c.Address != nil {
		note("address", s.i.Address.PlaceID, c.Address.PlaceID)
		if s.i.Address != *c.Address && s.i.Address.PlaceID == c.Address.PlaceID {
			s.record(incident.Entry{Action: lifecycle.Correct, Detail: incident.Detail{Field: "address"}})
		}
		s.i.Address = *c.Address
		s.settle(c)
		if c.Address.String() != "" {
			s.i.Missing = without(s.i.Missing, message.MissingPlace)
		}
	}
	if len(s.trail) == 0 {
		return fault.New(fault.Conflict, "the correction changes nothing").Say("Ничего не изменилось: всё уже так и стоит.")
	}
	s.trail[0].Detail.Before = s.before()
	return s.desk.propose(s.ctx, s.tx, s.i, nil)
}

// settle takes the settlement of a corrected address, and its municipality where
// none is known or chosen.
func (s *step) settle(c Correct) {
	at, ok := s.desk.Places.ByID(c.Address.PlaceID)
	if ok && at.Level != place.Settlement {
		at, ok = s.desk.Places.ByID(at.Settlement)
	}
	if !ok || at.Level != place.Settlement || s.i.Place.Region != "" && at.Region != s.i.Place.Region {
		return
	}
	s.i.Settlement = at.ID
	if s.i.Place.Centre == "" && c.Centre == nil {
		s.i.Place.Centre = at.Municipality
	}
}

func (s *step) claim() error {
	if s.i.ClaimedBy == s.who.ID {
		return fault.New(fault.Conflict, "claimed already").Say("Инцидент уже взят вами.")
	}
	if s.i.ClaimedBy != 0 {
		name := "другой сотрудник"
		if a, err := s.tx.Accounts().Account(s.ctx, s.i.ClaimedBy); err == nil {
			name = a.Name
		}
		return fault.New(fault.Conflict, "incident is claimed by account %d", s.i.ClaimedBy).
			Say(fmt.Sprintf("Инцидент уже взят: %s. Попросите отпустить его или возьмите другой.", name))
	}
	s.i.ClaimedBy, s.i.ClaimedAt = s.who.ID, s.now
	s.record(incident.Entry{Action: lifecycle.Claim, Detail: incident.Detail{Account: s.who.ID, Before: s.before()}})
	return nil
}

func (s *step) release() error {
	if s.i.ClaimedBy == 0 {
		return fault.New(fault.Conflict, "nobody has claimed it").Say("Инцидент никем не взят.")
	}
	if s.i.ClaimedBy != s.who.ID && s.who.Role != lifecycle.Curator {
		return fault.New(fault.Forbidden, "claimed by account %d", s.i.ClaimedBy).
			Say("Отпустить инцидент может тот, кто его взял, или куратор.")
	}
	s.record(incident.Entry{Action: lifecycle.Release, Detail: incident.Detail{Account: s.i.ClaimedBy}})
	s.i.ClaimedBy, s.i.ClaimedAt = 0, time.Time{}
	return nil
}

// required returns the trimmed text of a field that must not be empty.
func required(text, field, sentence string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.New(fault.Invalid, "%s is empty", field).At(field).Say(sentence)
	}
	if n := utf8.RuneCountInString(text); n > reasonLimit && field == "reason" {
		return "", fault.New(fault.Invalid, "%s has %d characters", field, n).At(field).
			Say(fmt.Sprintf("Слишком длинно: %d знаков из %d.", n, reasonLimit))
	}
	return text, nil
}

func clip(s string, limit int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit])
}

func without(list []string, drop string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == drop })
}
