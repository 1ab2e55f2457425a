package desk

import (
	"fmt"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
)

// An Extend gives more time, before the time is over. Until is the new last date;
// Notice is what the author is told, required where the regime says so.
type Extend struct {
	Until  time.Time
	Reason string
	Notice string
}

// A Pause makes the clocks stand; Reason says why, in official words.
type Pause struct{ Reason string }

// A Resume lets them go on.
type Resume struct{ Reason string }

// A SetRegime changes the set of limits; Reason is required.
type SetRegime struct {
	Regime regime.Code
	Reason string
}

func (Extend) Action() lifecycle.Action    { return lifecycle.Extend }
func (Pause) Action() lifecycle.Action     { return lifecycle.Pause }
func (Resume) Action() lifecycle.Action    { return lifecycle.Resume }
func (SetRegime) Action() lifecycle.Action { return lifecycle.Regime }

// clocks counts the deadlines as they stood before this change.
func (s *step) clocks() (*Clocks, error) {
	histories, err := s.tx.Clocks().Histories(s.ctx, []incident.ID{s.i.ID})
	if err != nil {
		return nil, err
	}
	c, err := s.desk.Clocks(s.i, histories[s.i.ID])
	if err == nil && c == nil {
		err = fault.New(fault.Unavailable, "no regimes are in force").Say("Регламенты не загружены: сроков нет.")
	}
	return c, err
}

func (s *step) extend(c Extend) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему нужен больший срок: причина останется в истории.")
	if err != nil {
		return err
	}
	clocks, err := s.clocks()
	if err != nil {
		return err
	}
	rule := clocks.Regime.Extension
	if rule == nil {
		return fault.New(fault.Conflict, "regime %s gives no extension", clocks.Regime.Code).
			Say("Регламент «" + clocks.Regime.Name + "» не даёт продлить срок. Дайте промежуточный ответ или попросите куратора сменить регламент.")
	}
	k := slices.IndexFunc(clocks.List, func(d regime.Deadline) bool { return d.Step == rule.Step })
	d := &clocks.List[k]
	switch {
	case d.State != regime.Running && d.State != regime.Paused || d.Due.IsZero():
		return fault.New(fault.Conflict, "step %s is %s", d.Step, d.State).
			Say("Продлевать нечего: срок шага «" + d.Step.Name() + "» сейчас не идёт.")
	case !s.now.Before(d.Due):
		return fault.New(fault.Conflict, "step %s was due at %v", d.Step, d.Due).
			Say("Срок прошёл " + site(d.Due, clocks) + ", продлить его уже нельзя. Ответьте автору сейчас: просрочка останется в истории.")
	case extensions(clocks, d) >= rule.Times:
		return fault.New(fault.Conflict, "step %s was extended already", d.Step).
			Say("Этот срок уже продлевали, регламент разрешает " + times(rule.Times) + ".")
	}
	until, err := s.until(c.Until, clocks, d, rule)
	if err != nil {
		return err
	}
	entry := incident.Entry{Action: lifecycle.Extend}
	if rule.Notice || c.Notice != "" {
		if c.Notice == "" {
			return fault.New(fault.Invalid, "the author must be told").At("notice").
				Say("Регламент обязывает уведомить автора. Напишите, до какого числа и почему продлён срок.")
		}
		r, err := s.draft(c.Notice, reply.Notice, 0)
		if err != nil {
			return err
		}
		if err := s.send(r, lifecycle.Extend); err != nil {
			return err
		}
		at := slices.IndexFunc(s.trail, func(e incident.Entry) bool { return e.Action == lifecycle.Extend })
		entry = s.trail[at]
		s.trail = slices.Delete(s.trail, at, at+1)
	}
	entry.Detail.Until, entry.Detail.Reason = until, reason
	entry.Detail.Due = &incident.Moved{Step: d.Step, From: d.Due, To: until}
	s.trail = slices.Insert(s.trail, 0, entry)
	return nil
}

// until checks the date to which a due time is moved and returns the end of its work.
func (s *step) until(want time.Time, clocks *Clocks, d *regime.Deadline, rule *regime.Extension) (time.Time, error) {
	if want.IsZero() {
		return want, fault.New(fault.Invalid, "no date").At("until").Say("Укажите дату, до которой продлить срок.")
	}
	until, err := clocks.Calendar.End(want)
	if err != nil { // the calendar does not know how the field is called
		return until, fault.New(fault.KindOf(err), "%w", err).At("until").Say(fault.Sentence(err))
	}
	most, err := clocks.Calendar.Add(d.Due, rule.Most)
	if err != nil {
		return until, err
	}
	switch {
	case !until.After(d.Due):
		return until, fault.New(fault.Invalid, "%v is not after %v", until, d.Due).At("until").
			Say("Новый срок раньше нынешнего: он и так идёт до " + site(d.Due, clocks) + ".")
	case until.After(most):
		return until, fault.New(fault.Invalid, "%v is after %v", until, most).At("until").
			Say(fmt.Sprintf("Так далеко продлить нельзя: не больше чем на %s, до %s.", regime.AmountWords(rule.Most), site(most, clocks)))
	case clocks.Calendar.Kind(until) == "off":
		return until, fault.New(fault.Invalid, "%v is a day off", until).At("until").
			Say("Эта дата — выходной. Выберите рабочий день.")
	}
	return until, nil
}

func extensions(c *Clocks, d *regime.Deadline) (n int) {
	for _, e := range c.History.Events {
		switch {
		case e.What == regime.Returned:
			n = 0
		case e.What == regime.Extended && e.Step == d.Step:
			n++
		}
	}
	return n
}

func times(n int) string {
	if n == 1 {
		return "одно продление"
	}
	return fmt.Sprintf("продлений: %d", n)
}

// site returns a moment in the incident's own time: «22.11.2026 17:40».
func site(t time.Time, c *Clocks) string {
	return t.In(c.Calendar.Location()).Format("02.01.2006 15:04")
}

func (s *step) pause(c Pause) error {
	reason, err := required(c.Reason, "reason", "Напишите, чего ждёте: причина останется в истории, а часы пойдут дальше, когда она пройдёт.")
	if err != nil {
		return err
	}
	clocks, err := s.clocks()
	if err != nil {
		return err
	}
	if !clocks.Regime.Pause.ByHand {
		return fault.New(fault.Conflict, "regime %s has no pause", clocks.Regime.Code).
			Say("По регламенту «" + clocks.Regime.Name + "» часы не останавливают.")
	}
	next, ok := regime.Next(clocks.List)
	switch {
	case !ok:
		return fault.New(fault.Conflict, "nothing is due").Say("Останавливать нечего: сейчас никакой срок не идёт.")
	case next.State == regime.Paused:
		return fault.New(fault.Conflict, "paused since %v", next.Since).Say("Часы уже стоят.")
	case s.now.After(next.Due):
		return fault.New(fault.Conflict, "due was %v", next.Due).Say("Срок уже прошёл: остановка его не вернёт. Ответьте автору.")
	}
	s.record(incident.Entry{Action: lifecycle.Pause, Detail: incident.Detail{Reason: reason}})
	return nil
}

func (s *step) resume(c Resume) error {
	clocks, err := s.clocks()
	if err != nil {
		return err
	}
	if !stopped(&clocks.History) {
		return fault.New(fault.Conflict, "no person stopped the clocks").Say("Часы никто не останавливал, или они уже идут.")
	}
	s.record(incident.Entry{Action: lifecycle.Resume, Detail: incident.Detail{Reason: clip(c.Reason, reasonLimit)}})
	return nil
}

// stopped reports whether a person stopped the clocks and nobody let them go on.
func stopped(h *regime.History) bool {
	on := false
	for _, e := range h.Events {
		switch e.What {
		case regime.Stopped:
			on = true
		case regime.Went, regime.Ended, regime.GaveAnswer:
			on = false
		}
	}
	return on
}

// heard lets clocks that a person stopped go on when the author writes: what the author
// had to say is there.
func (s *step) heard(m *message.Message) error {
	if s.desk.Rules == nil || s.i.Clock.State != regime.Paused || s.i.State == lifecycle.Asked || s.i.First == 0 || m.Author == "" {
		return nil
	}
	first, err := s.tx.Messages().Message(s.ctx, s.who.Scope, s.i.First)
	if err != nil || m.Author != first.Author || m.Source != first.Source {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Resume, Detail: incident.Detail{Message: m.ID}})
	return nil
}

func (s *step) setRegime(c SetRegime) error {
	reason, err := required(c.Reason, "reason", "Напишите, почему регламент другой: причина останется в истории.")
	if err != nil {
		return err
	}
	if s.desk.Rules == nil {
		return fault.New(fault.Unavailable, "no regimes are in force").Say("Регламенты не загружены: сроков нет.")
	}
	r, ok := s.desk.Rules().Regime(c.Regime)
	if !ok || r.Retired {
		return fault.New(fault.Invalid, "regime %q is not in force", c.Regime).At("regime").Say("Такого действующего регламента нет. Выберите из списка.")
	}
	if s.i.Clock.Regime == c.Regime {
		return fault.New(fault.Conflict, "regime %s holds already", c.Regime).Say("Этот регламент уже действует.")
	}
	s.record(incident.Entry{Action: lifecycle.Regime, Detail: incident.Detail{Field: "regime", Was: string(s.i.Clock.Regime), Now: string(c.Regime), Reason: reason}})
	s.i.Clock.Regime, s.i.Clock.ByHand = c.Regime, true
	return nil
}
