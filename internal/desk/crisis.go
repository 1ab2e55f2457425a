package desk

import (
	"context"
	"strings"
	"time"

	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// Called says that a call that had to be made at once was made: whom one rang, and
// what was said. Needless says that nobody is in danger; Said says why then.
type Called struct {
	Call     call.ID
	Whom     string
	Said     string
	Needless bool
}

func (Called) Action() lifecycle.Action { return lifecycle.Called }

// crisisTime is how old a message may be that asks for a call: files of past months ask for none.
const crisisTime = 48 * time.Hour

// crisis asks for a call at once when the message speaks of danger to life or of a
// child in danger: the machine's urgency is danger, and its words are of people.
func (o *Opener) crisis(ctx context.Context, i *incident.Incident, m *message.Message, r *message.Reading) (err error) {
	defer fault.Wrap(&err, "desk.crisis(message %d)", m.ID)
	at := m.PublishedAt
	if at.IsZero() {
		at = m.SeenAt
	}
	if r == nil || r.Urgency != message.Danger || m.Own || o.desk.Now().Sub(at) > crisisTime {
		return nil
	}
	why := ""
	for _, e := range r.Evidence {
		if e.For == "urgency" {
			why = e.Why
			break
		}
	}
	task := &call.Call{Incident: int64(i.ID), Message: int64(m.ID), Why: why, State: call.Waiting, At: o.desk.Now(), Scope: i.Place}
	if err := o.tx.Calls().Save(ctx, task); err != nil || task.ID == 0 {
		return err
	}
	cry := o.desk.crier(o.tx)
	err = cry.call(ctx, i, task)
	o.Events = append(o.Events, cry.events()...)
	return err
}

const saidLimit = 2000

func (s *step) called(c Called) error {
	task, err := s.tx.Calls().Call(s.ctx, s.who.Scope, c.Call)
	if err != nil {
		return err
	}
	if task.Incident != int64(s.i.ID) {
		return fault.New(fault.NotFound, "call %d is not of incident %d", c.Call, s.i.ID).Say("Такого звонка у этого инцидента нет.")
	}
	if task.State != call.Waiting {
		return fault.New(fault.Conflict, "call %d is %s", task.ID, task.State).Say("Этот звонок уже сделали.")
	}
	c.Whom, c.Said = clip(c.Whom, 200), clip(strings.TrimSpace(c.Said), saidLimit)
	switch {
	case c.Needless && c.Said == "":
		return fault.New(fault.Invalid, "a needless call without a reason").At("said").Say("Напишите, почему звонить не нужно.")
	case !c.Needless && c.Whom == "":
		return fault.New(fault.Invalid, "nobody is named").At("whom").Say("Напишите, кому позвонили.")
	}
	task.State = call.Made
	if c.Needless {
		task.State = call.Needless
	}
	task.Whom, task.Said, task.By, task.MadeAt = c.Whom, c.Said, s.who.ID, s.now
	if err := s.tx.Calls().Save(s.ctx, task); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Called, To: s.i.State, Detail: incident.Detail{Call: int64(task.ID), How: c.Whom, Now: string(task.State)}})
	return nil
}
