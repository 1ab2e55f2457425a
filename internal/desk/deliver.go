package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// SendNow lets a reply leave at once that waits for morning or for its date. Of a
// fan-out it lets all that waits leave.
type SendNow struct{ Reply reply.ID }

// Recall takes a reply back that has not left, whoever approved it and however
// long ago. Undo is for the own last deed.
type Recall struct {
	Reply  reply.ID
	Reason string // may be empty
}

// Stands says of a publication whose end nobody knows, or that a person made by
// hand: it stands where the resident wrote.
type Stands struct{ Job int64 }

// Resend says of a publication whose end nobody knows: it does not stand, send it
// again. Of one that failed: try again.
type Resend struct{ Job int64 }

func (SendNow) Action() lifecycle.Action { return lifecycle.Deliver }
func (Recall) Action() lifecycle.Action  { return lifecycle.Deliver }
func (Stands) Action() lifecycle.Action  { return lifecycle.Deliver }
func (Resend) Action() lifecycle.Action  { return lifecycle.Deliver }

// How an entry of the action Deliver tells what was done.
const (
	HowNow     = "now"
	HowRecall  = "recall"
	HowStands  = "stands"
	HowResend  = "resend"
	HowPause   = "pause"
	HowResume  = "resume"
	HowCancel  = "cancel"
	HowMore    = "more"    // to who joined later
	HowAll     = "all"     // of Approve: to everybody
	HowBounced = "bounced" // it was sent, and did not arrive
	HowUnknown = "unknown" // of Return: nobody knows whether the reply stands
)

// deliver makes the changes of replies that are on their way.
func (s *step) deliver(c Change) (known bool, err error) {
	switch c := c.(type) {
	case SendNow:
		return true, s.sendNow(c)
	case Recall:
		return true, s.takeBack(c)
	case Stands:
		return true, s.stands(c)
	case Resend:
		return true, s.resend(c)
	case Mass:
		return true, s.mass(c)
	case FanOut:
		return true, s.fanOut(c)
	case More:
		return true, s.more(c)
	case Halt:
		return true, s.halt(c)
	}
	return false, nil
}

// laterAtMost is how far ahead a reply can be dated.
const laterAtMost = 366 * 24 * time.Hour

// leaves says when a job leaves: at the approver's date, else after the grace, when
// the place's quiet hours are over.
func (s *step) leaves(j *reply.Job) error {
	j.NextAt = s.now.Add(s.desk.Grace)
	j.Urgent = j.Urgent || s.i.Urgency != message.Normal
	if j.Urgent && j.Fanout == 0 {
		j.Turn = reply.UrgentTurn
	}
	switch {
	case s.at.IsZero():
	case !s.at.After(s.now):
		return fault.New(fault.Invalid, "the reply is to leave at %v, in the past", s.at).At("at").
			Say("Это время уже прошло. Укажите будущее или оставьте поле пустым, чтобы отправить сразу.")
	case s.at.Sub(s.now) > laterAtMost:
		return fault.New(fault.Invalid, "the reply is to leave at %v, more than a year ahead", s.at).At("at").
			Say("Дата дальше чем через год. Проверьте её.")
	default: // a person chose the hour
		j.NextAt, j.Urgent, j.Note = s.at, true, NoteLater
		return nil
	}
	if j.Urgent || s.desk.Quiet == nil {
		return nil
	}
	if morning := s.desk.Quiet(j.Source, j.Place, j.NextAt); morning.After(j.NextAt) {
		j.NextAt, j.Note = morning, NoteQuiet
	}
	return nil
}

// Why a job waits, for people.
const (
	NoteLater = "к назначенному времени"
	NoteQuiet = "сейчас тихие часы"
)

// lastTry is when the incident's replies that failed were last tried: their network
// may still be settling.
func (s *step) lastTry() (last time.Time, err error) {
	jobs, err := s.tx.Fanouts().Jobs(s.ctx, reply.JobFilter{Incident: int64(s.i.ID), State: reply.Dead, Limit: 1000})
	for _, j := range jobs {
		if j.TriedAt.After(last) {
			last = j.TriedAt
		}
	}
	return last, err
}

func (s *step) sendNow(c SendNow) error {
	r, err := s.reply(c.Reply)
	if err != nil {
		return err
	}
	n := 0
	if f, err := s.tx.Fanouts().OfReply(s.ctx, r.ID); err == nil {
		n, err = s.hasten(f.ID)
		if err != nil {
			return err
		}
	} else if !fault.Is(err, fault.NotFound) {
		return err
	} else if j, err := s.tx.Replies().Job(s.ctx, r.ID); err == nil && j.State == reply.Waiting && j.NextAt.After(s.now) {
		j.NextAt, j.Urgent, j.Note, n = s.now, true, "", 1
		if err := s.tx.Replies().Settle(s.ctx, j); err != nil {
			return err
		}
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "nothing of reply %d waits", r.ID).Say("Этот ответ уже ничего не ждёт: он отправлен или отправляется.")
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(r.ID), How: HowNow}})
	return nil
}

// hasten makes what waits of a fan-out due now.
func (s *step) hasten(id reply.FanoutID) (int, error) {
	p, err := s.tx.Fanouts().Progress(s.ctx, id)
	if err != nil || p.Waiting == 0 || !p.Next.After(s.now) {
		return 0, err
	}
	return s.tx.Fanouts().Shift(s.ctx, id, reply.Waiting, reply.Waiting, s.now, true)
}

func (s *step) takeBack(c Recall) error {
	r, err := s.reply(c.Reply)
	if err != nil {
		return err
	}
	if err := s.recall(r.ID); err != nil {
		return err
	}
	if s.i.State == lifecycle.Approval {
		if s.i.State, err = s.stateWithout(r.ID); err != nil {
			return err
		}
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(r.ID), How: HowRecall, Reason: clip(c.Reason, reasonLimit)}})
	return nil
}

// recallFanout ends the fan-out of a reply that was taken back.
func (s *step) recallFanout(id reply.ID) error {
	f, err := s.tx.Fanouts().OfReply(s.ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	f.State, f.EndedAt = reply.Cancelled, s.now
	return s.tx.Fanouts().SaveFanout(s.ctx, f)
}

// stateWithout is where work on replies stands without one that was taken back: where it
// stood when that one was approved, unless another draft waits for approval, or the
// approval of that one moved nothing (a question whether it is solved).
func (s *step) stateWithout(id reply.ID) (lifecycle.State, error) {
	list, err := s.tx.Replies().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
	if err != nil {
		return "", err
	}
	for k := range list {
		if list[k].ID != id && list[k].State == reply.Draft {
			return lifecycle.Approval, nil
		}
	}
	history, err := s.tx.Incidents().History(s.ctx, s.who.Scope, s.i.ID)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(history) {
		if e.Detail.Reply == int64(id) && e.Detail.Before != nil {
			if e.To != lifecycle.Approval {
				return s.i.State, nil
			}
			return e.Detail.Before.State, nil
		}
	}
	return lifecycle.Rework, nil
}

// job returns a job of this incident, of one of the states.
func (s *step) job(id int64, states ...reply.JobState) (*reply.Job, error) {
	j, err := s.tx.Replies().JobByID(s.ctx, s.who.Scope, id)
	if err == nil && j.Incident != int64(s.i.ID) {
		err = fault.New(fault.NotFound, "job %d is not of incident %d", id, s.i.ID).Say("Такой отправки у этого инцидента нет.")
	}
	if err != nil {
		return nil, err
	}
	for _, st := range states {
		if j.State == st {
			return j, nil
		}
	}
	return nil, fault.New(fault.Conflict, "job %d is %s", id, j.State).Say("Об этой отправке уже решили. Посмотрите, чем она кончилась.")
}

func (s *step) stands(c Stands) error {
	j, err := s.job(c.Job, reply.Unknown, reply.ByHand)
	if err != nil {
		return err
	}
	j.State, j.Unclear, j.Error, j.Note, j.Proof, j.SentAt = reply.Sent, false, "", "", reply.ByPerson, s.now
	if err := s.tx.Replies().Settle(s.ctx, j); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(j.Reply), Message: message.ID(j.Message), How: HowStands}})
	if j.Fanout != 0 {
		f, err := s.tx.Fanouts().Fanout(s.ctx, scope.All(), j.Fanout)
		if err != nil {
			return err
		}
		if err := s.stood(f, s.now); err != nil {
			return err
		}
		return s.ended(j.Fanout)
	}
	r, err := s.reply(j.Reply)
	if err != nil {
		return err
	}
	return s.published(r, reply.Receipt{At: s.now}, "")
}

func (s *step) resend(c Resend) error {
	j, err := s.job(c.Job, reply.Unknown, reply.Dead)
	if err != nil {
		return err
	}
	if j.State == reply.Dead && j.Fanout == 0 {
		return fault.New(fault.Conflict, "job %d is dead", j.ID).Say("Этот ответ вернулся на доработку: утвердите его снова, когда причина исправлена.")
	}
	if !s.desk.Publishes(j.Source) {
		return fault.New(fault.Conflict, "source %s has no publisher", j.Source).Say("Источник больше не подключён: ответьте вручную по ссылке из сообщения.")
	}
	j.State, j.Error, j.Note, j.Tries = reply.Waiting, "", "", 0
	j.Unclear = j.Unclear && s.desk.ReadsBack != nil && s.desk.ReadsBack(j.Source) // who says that it does not stand may have looked too early
	if err := s.leaves(j); err != nil {
		return err
	}
	if err := s.tx.Replies().Settle(s.ctx, j); err != nil {
		return err
	}
	detail := incident.Detail{Reply: int64(j.Reply), Message: message.ID(j.Message), How: HowResend}
	if j.Fanout != 0 {
		s.record(incident.Entry{Action: lifecycle.Deliver, Detail: detail})
		return s.reviveFanout(j.Fanout)
	}
	r, err := s.reply(j.Reply)
	if err != nil {
		return err
	}
	r.State, r.Reason = reply.Approved, ""
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if r.Purpose == reply.Final && s.i.State == lifecycle.Rework {
		s.i.State = lifecycle.Approval
		s.record(incident.Entry{Action: lifecycle.Approve, Detail: detail})
		return nil
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: detail})
	return nil
}

// Uncertain is called by the outbox when nobody knows whether a reply stands and
// the network cannot be asked: it is never sent again by itself, and returns to
// the desk so that a person looks.
func (d *Desk) Uncertain(ctx context.Context, job reply.Job, sentence string) (err error) {
	defer fault.Wrap(&err, "desk.Uncertain(job %d)", job.ID)
	job.State, job.Unclear, job.Note = reply.Unknown, true, sentence
	if job.Fanout != 0 {
		return d.settleOne(ctx, &job)
	}
	return d.settle(ctx, &job, func(s *step, r *reply.Reply) error {
		r.State = reply.Doubtful
		r.Reason = strings.TrimSpace(fmt.Sprintf("Неизвестно, отправлено ли. %s Посмотрите по ссылке из сообщения и скажите, стоит ли ответ.", sentence))
		if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
			return err
		}
		from := s.i.State
		if s.i.State == lifecycle.Approval {
			s.i.State = lifecycle.Rework
		}
		s.record(incident.Entry{Action: lifecycle.Return, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: r.Reason, How: HowUnknown}})
		return nil
	})
}

// Delivery returns the change that a word names: how a reply on its way is seen to.
// ids that the word does not need are 0.
func Delivery(how string, r reply.ID, job int64, f reply.FanoutID, reason string) (Change, error) {
	switch how {
	case HowNow:
		return SendNow{Reply: r}, nil
	case HowRecall:
		return Recall{Reply: r, Reason: reason}, nil
	case HowStands:
		return Stands{Job: job}, nil
	case HowResend:
		return Resend{Job: job}, nil
	case HowMore:
		return More{Fanout: f}, nil
	case HowPause, HowResume, HowCancel:
		return Halt{Fanout: f, How: how}, nil
	}
	return nil, fault.New(fault.Invalid, "a delivery cannot %q", how).At("how").Say("Такого действия с отправкой нет.")
}
