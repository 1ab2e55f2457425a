package desk

import (
	"slices"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// Mass declares that many people write about the incident, so that one reply may
// go to all of them; Off takes that back.
type Mass struct{ Off bool }

func (Mass) Action() lifecycle.Action { return lifecycle.Mass }

// massFrom is how many messages make an incident mass without asking anybody.
const massFrom = 20

func (s *step) mass(c Mass) error {
	_, err := s.tx.Fanouts().Mass(s.ctx, int64(s.i.ID))
	is := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	switch {
	case is && !c.Off:
		return fault.New(fault.Conflict, "incident %d is mass already", s.i.ID).Say("Инцидент уже объявлен массовым.")
	case !is && c.Off:
		return fault.New(fault.Conflict, "incident %d is not mass", s.i.ID).Say("Инцидент и так не массовый.")
	case !c.Off:
		return s.declare("person")
	}
	running, err := s.running()
	if err != nil {
		return err
	}
	if running != nil {
		return fault.New(fault.Conflict, "fan-out %d is %s", running.ID, running.State).
			Say("Ответ ещё рассылается. Дождитесь конца рассылки или отмените её.")
	}
	s.record(incident.Entry{Action: lifecycle.Mass, Detail: incident.Detail{Was: "mass"}})
	return s.tx.Fanouts().ClearMass(s.ctx, int64(s.i.ID))
}

// declare notes that the incident is mass and why.
func (s *step) declare(why string) error {
	s.record(incident.Entry{Action: lifecycle.Mass, Detail: incident.Detail{Now: "mass", How: why}})
	if err := s.tx.Fanouts().SetMass(s.ctx, reply.Mass{Incident: int64(s.i.ID), At: s.now, Who: s.who.ID, Why: why, Place: s.i.Place}); err != nil {
		return err
	}
	return s.outgrown()
}

// grown declares an incident mass that others were merged into, when a burst said
// so or there are many messages now.
func (s *step) grown(burst bool) error {
	if !burst && s.i.Messages < massFrom {
		return nil
	}
	if _, err := s.tx.Fanouts().Mass(s.ctx, int64(s.i.ID)); !fault.Is(err, fault.NotFound) {
		return err
	}
	if burst {
		return s.declare("burst")
	}
	return s.declare("merge")
}

// burst reports whether one of the others was proposed as one trouble of many people.
func (s *step) burst(others []incident.ID) (bool, error) {
	list, err := s.tx.Proposals().ProposalsOf(s.ctx, s.who.Scope, s.i.ID)
	return slices.ContainsFunc(list, func(p incident.Proposal) bool {
		return p.Kind == incident.Burst && (slices.Contains(others, p.Incident) || slices.Contains(others, p.Into))
	}), err
}

// joined is called when the machine has attached a message: an incident of many
// becomes mass, and a reply that goes to whoever joins goes to its author.
func (s *step) joined(m *message.Message) error {
	if s.i.Messages == massFrom {
		if err := s.grown(false); err != nil {
			return err
		}
	}
	if m.Own {
		return nil
	}
	list, err := s.tx.Fanouts().FanoutsOf(s.ctx, s.who.Scope, int64(s.i.ID))
	if err != nil || len(list) == 0 || !list[0].Auto || list[0].State == reply.Cancelled {
		return err
	}
	_, err = s.widen(&list[0])
	return err
}
