package desk

import (
	"fmt"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// FanOut approves one reply to everybody who wrote about a mass incident: a job
// for each thread is written in this transaction.
type FanOut struct {
	Text  string // with variables, see reply.Variables
	Due   string // what {{срок}} stands for
	At    time.Time
	Reply reply.ID // the draft that it is made of; 0 = none
	// Skip leaves messages for which a variable has no value to a person. Without it
	// they are a refusal.
	Skip bool
	Auto bool // who joins later gets it too

	Override string // as of Submit
	Cleared  string // why what looks like personal data is none
	Draft    int64  // as of Making
	Accepted bool   // as of Making
}

// More sends the last reply to all to who joined the incident since.
type More struct{ Fanout reply.FanoutID }

// Halt pauses a fan-out, resumes it, or cancels what of it has not left.
type Halt struct {
	Fanout reply.FanoutID
	How    string // HowPause, HowResume, HowCancel
}

func (FanOut) Action() lifecycle.Action { return lifecycle.Approve }
func (More) Action() lifecycle.Action   { return lifecycle.Deliver }
func (Halt) Action() lifecycle.Action   { return lifecycle.Deliver }

func (s *step) fanOut(c FanOut) error {
	if !lifecycle.May(s.who.Role, lifecycle.Deliver) { // who approves own replies alone does not speak to a thousand
		return fault.New(fault.Forbidden, "%s may not answer everybody", s.who.Role).
			Say("Ответ всем утверждает руководитель, координатор или куратор. Отправьте свой текст на согласование.")
	}
	if _, err := s.tx.Fanouts().Mass(s.ctx, int64(s.i.ID)); fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "incident %d is not mass", s.i.ID).
			Say("Ответить всем можно в массовом инциденте. Сначала объявите его массовым.")
	} else if err != nil {
		return err
	}
	running, err := s.running()
	if err != nil {
		return err
	}
	if running != nil {
		return fault.New(fault.Conflict, "fan-out %d is %s", running.ID, running.State).
			Say("Прошлый ответ ещё рассылается. Дождитесь конца рассылки или отмените её.")
	}
	due := clip(c.Due, 100)
	text, err := replyText(reply.Put(c.Text, reply.VarDue, due)) // what it promises stands in its words
	if err != nil {
		return err
	}
	plan, err := s.desk.Plan(s.ctx, s.tx, s.who.Scope, s.i, text, due, nil)
	if err != nil {
		return err
	}
	if err := plan.Refuse(c.Skip); err != nil {
		return err
	}
	r, err := s.template(c, text)
	if err != nil {
		return err
	}
	if err := s.approving(r.By); err != nil {
		return err
	}
	if r.Private != "" {
		return fault.New(fault.Conflict, "reply %d has a private part", r.ID).Say("У этого ответа есть часть только для автора: всем его не отправить. Напишите общий ответ заново.")
	}
	r.Cleared = clip(c.Cleared, reasonLimit)
	if err := s.openly(r, text); err != nil {
		return err
	}
	if err := s.lintSample(r, plan.Sample(s.i.First), c.Override); err != nil {
		return err
	}
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if s.i.AcceptedAt.IsZero() {
		s.i.AcceptedAt = s.now
	}
	f := &reply.Fanout{Incident: int64(s.i.ID), Reply: r.ID, State: reply.Running, Auto: c.Auto, Due: due, MadeAt: s.now, MadeBy: s.who.ID, Place: s.i.Place}
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Approve, Detail: incident.Detail{Reply: int64(r.ID), How: HowAll, Reason: plan.words(), Cleared: r.Cleared, Machine: r.Machine, Before: s.before()}})
	s.at = c.At
	if _, err := s.enqueue(f, plan); err != nil {
		return err
	}
	return s.ended(f.ID) // when all of it goes by hand
}

// template is the reply with its variables, approved. It answers no single message.
func (s *step) template(c FanOut, text string) (*reply.Reply, error) {
	r := &reply.Reply{Incident: int64(s.i.ID), Purpose: reply.Final, By: s.who.ID, CreatedAt: s.now, Place: s.i.Place}
	if c.Reply != 0 {
		var err error
		if r, err = s.reply(c.Reply); err != nil {
			return nil, err
		}
		if r.State != reply.Draft && r.State != reply.Returned && r.State != reply.Failed {
			return nil, fault.New(fault.Conflict, "reply %d is %s", r.ID, r.State).Say("Этот ответ уже утверждён.")
		}
	}
	was := r.Text
	r.Message, r.Text, r.State, r.ApprovedBy, r.ApprovedAt, r.Reason, r.Tried = 0, text, reply.Approved, s.who.ID, s.now, "", nil
	if text != was { // who writes or corrects what goes to all answers for the words
		var err error
		if r.Machine, err = s.byMachine(r, Making{Draft: c.Draft, Accepted: c.Accepted}); err != nil {
			return nil, err
		}
	}
	return r, s.tx.Replies().SaveReply(s.ctx, r)
}

// enqueue writes the jobs of a plan.
func (s *step) enqueue(f *reply.Fanout, plan Plan) (int, error) {
	jobs := make([]reply.Job, 0, len(plan.Targets))
	for k := range plan.Targets {
		t := &plan.Targets[k]
		j := reply.Job{Reply: f.Reply, Fanout: f.ID, Incident: f.Incident, Message: int64(t.Message.ID), Source: t.Message.Source, Thread: t.Message.Thread, Parent: t.Message.Native,
			Key: fmt.Sprintf("otklik-f%d-%d-%d", f.ID, t.Message.ID, f.MadeAt.UnixMicro()), Turn: reply.FanoutTurn, State: reply.Waiting, Text: t.Text, Place: s.i.Place}
		if j.Thread == "" {
			j.Thread = j.Parent
		}
		if err := s.leaves(&j); err != nil {
			return 0, err
		}
		if t.Hand != "" {
			j.State, j.Note = reply.ByHand, t.Hand
		}
		jobs = append(jobs, j)
	}
	return s.tx.Fanouts().EnqueueAll(s.ctx, jobs)
}

// running returns the fan-out of the incident that still has something to send.
func (s *step) running() (*reply.Fanout, error) {
	list, err := s.tx.Fanouts().FanoutsOf(s.ctx, scope.All(), int64(s.i.ID))
	for k := range list {
		if list[k].State == reply.Running || list[k].State == reply.Paused {
			return &list[k], err
		}
	}
	return nil, err
}

// fanout returns a fan-out of this incident.
func (s *step) fanout(id reply.FanoutID) (*reply.Fanout, error) {
	f, err := s.tx.Fanouts().Fanout(s.ctx, s.who.Scope, id)
	if err == nil && f.Incident != int64(s.i.ID) {
		err = fault.New(fault.NotFound, "fan-out %d is not of incident %d", id, s.i.ID).Say("Такой рассылки у этого инцидента нет.")
	}
	return f, err
}

func (s *step) more(c More) error {
	f, err := s.fanout(c.Fanout)
	if err != nil {
		return err
	}
	if f.State == reply.Cancelled {
		return fault.New(fault.Conflict, "fan-out %d is cancelled", f.ID).Say("Рассылка отменена. Начните новую.")
	}
	n, err := s.widen(f)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "nobody has joined since fan-out %d", f.ID).Say("Новых сообщений с тех пор нет: ответ отправлен всем.")
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(f.Reply), How: HowMore, Reason: fmt.Sprint(n)}})
	return nil
}

// widen writes jobs for the messages that have none.
func (s *step) widen(f *reply.Fanout) (int, error) {
	r, err := s.tx.Replies().Reply(s.ctx, scope.All(), f.Reply)
	if err != nil || r.Text == "" {
		return 0, err
	}
	covered, err := s.tx.Fanouts().Covered(s.ctx, f.ID)
	if err != nil {
		return 0, err
	}
	plan, err := s.desk.Plan(s.ctx, s.tx, scope.All(), s.i, r.Text, f.Due, covered)
	if err != nil {
		return 0, err
	}
	n, err := s.enqueue(f, plan)
	if err != nil || n == 0 || f.State != reply.Ended {
		return n, err
	}
	return n, s.reviveFanout(f.ID)
}

// reviveFanout makes an ended fan-out run again: something of it is to leave.
func (s *step) reviveFanout(id reply.FanoutID) error {
	f, err := s.tx.Fanouts().Fanout(s.ctx, scope.All(), id)
	if err != nil || f.State == reply.Running || f.State == reply.Paused {
		return err
	}
	f.State, f.EndedAt = reply.Running, time.Time{}
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	return s.ended(id)
}

func (s *step) halt(c Halt) error {
	f, err := s.fanout(c.Fanout)
	if err != nil {
		return err
	}
	fans := s.tx.Fanouts()
	switch {
	case c.How == HowPause && f.State == reply.Running:
		f.State = reply.Paused
		_, err = fans.Shift(s.ctx, f.ID, reply.Waiting, reply.Held, time.Time{}, false)
	case c.How == HowResume && f.State == reply.Paused:
		f.State = reply.Running
		_, err = fans.Shift(s.ctx, f.ID, reply.Held, reply.Waiting, time.Time{}, false)
	case c.How == HowCancel && (f.State == reply.Running || f.State == reply.Paused):
		f.State = reply.Cancelled
		for _, from := range []reply.JobState{reply.Waiting, reply.Held} {
			if _, err = fans.Drop(s.ctx, f.ID, from); err != nil {
				return err
			}
		}
	case c.How != HowPause && c.How != HowResume && c.How != HowCancel:
		return fault.New(fault.Invalid, "a fan-out cannot %q", c.How).At("how").Say("Рассылку можно приостановить, возобновить или отменить.")
	default:
		return fault.New(fault.Conflict, "fan-out %d is %s, it cannot %s", f.ID, f.State, c.How).
			Say("Рассылка уже " + f.State.Name() + ". Обновите страницу.")
	}
	if err != nil {
		return err
	}
	if err := fans.SaveFanout(s.ctx, f); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(f.Reply), How: c.How}})
	return s.ended(f.ID)
}
