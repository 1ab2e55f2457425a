package desk

import (
	"fmt"
	"slices"
	"time"

	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// Decline is an agency's «не наш вопрос». It names the agency whose matter it is,
// and the incident goes there; or it says why nobody can be named, and the
// incident goes back to the centre. With the second one in a row an arbiter decides.
type Decline struct {
	Reason  string // required, official words
	To      int64  // the next agency; 0 = not known
	Unknown string // required when To is 0: why it is not known
}

// Decide is the arbiter's word: this agency answers, and may not decline.
type Decide struct {
	Agency int64
	Reason string // required, official words
	Rule   *Ruling
}

// A Ruling turns the arbiter's word into a routing rule for incidents to come. It
// goes before all rules that route this incident elsewhere.
type Ruling struct {
	Group bool // the whole group of topics, not the topic alone
	Wide  bool // the whole region, not the municipality alone
}

func (Decline) Action() lifecycle.Action { return lifecycle.Decline }
func (Decide) Action() lifecycle.Action  { return lifecycle.Decide }

// passing reads the incident's way from agency to agency.
func (s *step) passing() (incident.Passing, error) {
	history, err := s.tx.Incidents().History(s.ctx, s.who.Scope, s.i.ID)
	return incident.Passed(history), err
}

// undisputed is a Conflict while the incident waits for an arbiter.
func (s *step) undisputed() error {
	p, err := s.passing()
	if err != nil || !p.Waiting {
		return err
	}
	return fault.New(fault.Conflict, "incident %d waits for an arbiter", s.i.ID).
		Say(fmt.Sprintf("Организации отказались от этого инцидента %d раза подряд: кто отвечает, решает арбитр (раздел «Арбитр»).", p.Declines))
}

// answering returns an agency that may be given the incident: it is of the region and still works.
func (s *step) answering(id int64) (*agency.Agency, error) {
	a, err := s.tx.Agencies().Agency(s.ctx, id)
	switch {
	case err != nil:
		return nil, err
	case s.i.Place.Region != "" && a.Place.Region != "" && a.Place.Region != s.i.Place.Region:
		return nil, fault.New(fault.Forbidden, "agency %d is of another region", a.ID).At("agency").
			Say("Эта организация относится к другому региону.")
	case a.Disabled:
		return nil, fault.New(fault.Conflict, "agency %d is disabled", a.ID).At("agency").
			Say("Организация «" + a.Name + "» больше не отвечает: её закрыл администратор. Выберите другую.")
	}
	return a, nil
}

func (s *step) decline(c Decline) error {
	mine := s.was.Place.Agency
	if mine == 0 || s.who.Scope.Agency != mine {
		return fault.New(fault.Forbidden, "account %d is not of agency %d", s.who.ID, mine).
			Say("Отказаться может только организация, которая сейчас отвечает. Если она выбрана неверно, передайте инцидент другой.")
	}
	reason, err := required(c.Reason, "reason", "Напишите, почему вопрос не ваш: это прочтёт следующая организация.")
	if err != nil {
		return err
	}
	p, err := s.passing()
	if err != nil {
		return err
	}
	if p.Bound == mine {
		return fault.New(fault.Conflict, "the arbiter gave incident %d to agency %d", s.i.ID, mine).
			Say("Отказаться нельзя: арбитр решил, что отвечаете вы. Если обстоятельства изменились, напишите об этом заметку куратору.")
	}
	why := clip(c.Unknown, reasonLimit)
	switch {
	case c.To == mine:
		return fault.New(fault.Invalid, "agency %d declines in favour of itself", mine).At("agency").
			Say("Назовите другую организацию: эта и так отвечает.")
	case c.To == 0 && why == "":
		return fault.New(fault.Invalid, "a decline names nobody").At("agency").
			Say("Назовите, чей это вопрос. Если не знаете, напишите, почему это неизвестно.")
	case c.To != 0:
		if _, err := s.answering(c.To); err != nil {
			return err
		}
		why = ""
	}
	s.i.Place.Agency, s.i.Executor, s.i.ClaimedBy, s.i.ClaimedAt = c.To, 0, 0, time.Time{}
	s.i.State = lifecycle.Assigned
	if c.To == 0 || p.Declines+1 >= incident.MaxHops {
		s.i.State, s.i.Place.Agency = lifecycle.Triage, 0
	}
	s.record(incident.Entry{Action: lifecycle.Decline, Detail: incident.Detail{Agency: c.To, Reason: reason, Unknown: why, Before: s.before()}})
	if p.Declines+1 < incident.MaxHops {
		return nil
	}
	return s.tx.Disputes().SaveDispute(s.ctx, &incident.Dispute{Incident: s.i.ID, Hops: p.Declines + 1, State: incident.ForArbiter, Since: s.now})
}

func (s *step) arbitrate(c Decide) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему отвечает именно эта организация: решение обязательно для всех, его прочтут.")
	if err != nil {
		return err
	}
	p, err := s.passing()
	if err != nil {
		return err
	}
	if p.Declines == 0 && p.Bound == 0 {
		return fault.New(fault.Conflict, "no agency has declined incident %d", s.i.ID).
			Say("От этого инцидента никто не отказывался: передайте его как обычно.")
	}
	if c.Agency == 0 {
		return fault.New(fault.Invalid, "a decision without an agency").At("agency").Say("Выберите, кто отвечает.")
	}
	if _, err := s.answering(c.Agency); err != nil {
		return err
	}
	detail := incident.Detail{Agency: c.Agency, Reason: reason}
	if c.Rule != nil {
		if detail.Rule, err = s.ruling(c); err != nil {
			return err
		}
	}
	if s.i.Place.Agency != c.Agency {
		s.i.Executor, s.i.ClaimedBy, s.i.ClaimedAt = 0, 0, time.Time{}
	}
	if s.i.AcceptedAt.IsZero() {
		s.i.AcceptedAt = s.now
	}
	s.i.Place.Agency = c.Agency
	s.record(incident.Entry{Action: lifecycle.Decide, Detail: detail})
	return s.tx.Disputes().SaveDispute(s.ctx, &incident.Dispute{Incident: s.i.ID, Hops: len(p.Way), State: incident.Arbitrated,
		Since: s.now, DecidedAt: s.now, DecidedBy: s.who.ID})
}

// ruling writes the arbiter's word into the list of routing rules, and returns the rule's id.
func (s *step) ruling(c Decide) (int64, error) {
	if s.who.Scope.Centre != "" || s.who.Scope.Agency != 0 || !s.who.Role.Holds(lifecycle.EditRules) {
		return 0, fault.New(fault.Forbidden, "account %d may not change the rules of the region", s.who.ID).At("rule").
			Say("Правила маршрута меняет тот, кто видит весь регион. Решите без правила и попросите его добавить.")
	}
	r := agency.Rule{Topic: s.i.Topic, Territory: s.i.Place.Centre, Agency: c.Agency}
	r.Place.Region = s.i.Place.Region
	if c.Rule.Group {
		r.Topic, r.Group = "", s.i.Group
	}
	if c.Rule.Wide {
		r.Territory = ""
	}
	if r.Topic == topic.Undefined || r.Topic == "" && r.Group == "" {
		return 0, fault.New(fault.Invalid, "incident %d has no topic to make a rule of", s.i.ID).At("rule").
			Say("Тема инцидента не определена: правило не из чего сделать. Сначала исправьте тему.")
	}
	rules, err := s.tx.Agencies().Rules(s.ctx, r.Place.Region)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(rules, func(old agency.Rule) bool {
		return old.Holds(agency.Case{Topic: s.i.Topic, Group: s.i.Group, Region: s.i.Place.Region, Centre: s.i.Place.Centre, Settlement: s.i.Settlement})
	})
	switch {
	case at < 0:
		at = len(rules)
	case rules[at].Agency == c.Agency: // it is so already
		return rules[at].ID, nil
	}
	rules = slices.Insert(rules, at, r)
	if err := s.tx.Agencies().SaveRules(s.ctx, r.Place.Region, rules); err != nil {
		return 0, err
	}
	return rules[at].ID, nil
}

// recalled puts the arbiter's queue right after a decline was taken back.
func (s *step) recalled(undone lifecycle.Action) error {
	if undone != lifecycle.Decline {
		return nil
	}
	return s.tx.Disputes().SaveDispute(s.ctx, &incident.Dispute{Incident: s.i.ID, State: incident.Arbitrated, Since: s.now})
}

// find reads the incident as the actor sees it. Who declined it sees it no longer,
// and may take just that back.
func (s *step) find(id incident.ID, c Change) (*incident.Incident, error) {
	i, err := s.tx.Incidents().Incident(s.ctx, s.who.Scope, id)
	if _, ok := c.(Undo); !ok || !fault.Is(err, fault.NotFound) || s.who.Scope.Agency == 0 {
		return i, err
	}
	wide := scope.OfRegion(s.who.Scope.Region)
	passed, lookErr := s.tx.Incidents().Incident(s.ctx, wide, id)
	if lookErr != nil {
		return nil, err
	}
	history, lookErr := s.tx.Incidents().History(s.ctx, wide, id)
	if lookErr != nil {
		return nil, lookErr
	}
	for _, e := range slices.Backward(history) {
		if e.Who == s.who.ID && e.Action == lifecycle.Decline && e.Detail.Before != nil && e.Detail.Before.Agency == s.who.Scope.Agency {
			s.sees = wide
			return passed, nil
		}
	}
	return nil, err
}
