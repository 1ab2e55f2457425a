package desk

import (
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
)

// undoTime is how long a deed can be taken back: who saw it by then may have
// acted outside of Отклик.
const undoTime = 15 * time.Minute

// before notes on the first line of this step what the incident was, so that the
// deed can be taken back.
func (s *step) before() *incident.Before {
	return &incident.Before{State: s.was.State, Agency: s.was.Place.Agency, Executor: s.was.Executor,
		ClaimedBy: s.was.ClaimedBy, ClaimedAt: s.was.ClaimedAt, AcceptedAt: s.was.AcceptedAt, Missing: s.was.Missing, First: s.was.First,
		VerifiedBy: s.was.VerifiedBy, VerifiedHow: s.was.VerifiedHow, VerifiedAt: s.was.VerifiedAt}
}

// undo takes the actor's last deed back (see Undo). It is
// a Conflict when somebody has acted since (what the machine attached does not
// count), when too much time has gone by, and when the reply is on its way.
func (s *step) undo() error {
	history, err := s.tx.Incidents().History(s.ctx, s.sees, s.i.ID)
	if err != nil {
		return err
	}
	last := len(history) - 1
	for last >= 0 && history[last].Who == 0 && (history[last].Action == lifecycle.Attach || history[last].Action == lifecycle.Correct || history[last].Action == lifecycle.Remind) {
		last--
	}
	first := last
	for first > 0 && history[first-1].Version == history[last].Version {
		first--
	}
	if last < 0 || history[first].Detail.Before == nil || history[first].Who != s.who.ID {
		return fault.New(fault.Conflict, "incident %d: the last deed is not to be taken back by account %d", s.i.ID, s.who.ID).
			Say("Отменить уже нельзя: с инцидентом успели что-то сделать. Посмотрите историю.")
	}
	e := &history[first]
	if s.now.Sub(e.At) > undoTime {
		return fault.New(fault.Conflict, "incident %d: the deed is of %v", s.i.ID, e.At).
			Say("Отменить уже нельзя: прошло больше четверти часа. Исправьте новым действием.")
	}
	for k := first; k <= last; k++ { // what has left the house does not come back
		if id := history[k].Detail.Reply; id != 0 {
			if err := s.recall(reply.ID(id)); err != nil {
				return err
			}
		}
	}
	if err := s.recalled(history[last].Action); err != nil {
		return err
	}
	b := e.Detail.Before
	if err := s.unmake(history[first:last+1], b); err != nil {
		return err
	}
	s.i.State, s.i.Place.Agency, s.i.Executor, s.i.ClaimedBy, s.i.ClaimedAt, s.i.AcceptedAt = b.State, b.Agency, b.Executor, b.ClaimedBy, b.ClaimedAt, b.AcceptedAt
	s.record(incident.Entry{Action: lifecycle.Undo, Detail: incident.Detail{Field: string(history[last].Action), Reply: history[last].Detail.Reply}})
	return nil
}

// Recalled is the reason that stands at a reply that was taken back.
const Recalled = "Отправка отменена, ответ никуда не ушёл."

// recall takes the reply's job out of the outbox, before its first try.
func (s *step) recall(id reply.ID) error {
	r, err := s.reply(id)
	if err != nil {
		return err
	}
	taken, err := s.tx.Replies().Recall(s.ctx, r.ID)
	if err != nil {
		return err
	}
	if r.State != reply.Approved || !taken {
		return fault.New(fault.Conflict, "reply %d is %s, its job is not waiting for its first try", r.ID, r.State).
			Say("Отменить уже нельзя: ответ отправлен или отправляется прямо сейчас.")
	}
	r.State, r.Reason = reply.Returned, Recalled
	waited, err := s.waited(r)
	if err != nil {
		return err
	}
	if waited { // it waits for approval as it did
		r.State, r.Reason = reply.Draft, ""
	}
	r.ApprovedBy, r.ApprovedAt = 0, time.Time{}
	if err := s.recallFanout(r.ID); err != nil {
		return err
	}
	return s.tx.Replies().SaveReply(s.ctx, r)
}

// waited reports whether the reply was a draft that waited for approval when it was
// approved: somebody else's, or the approver's own that was submitted.
func (s *step) waited(r *reply.Reply) (bool, error) {
	if r.By != r.ApprovedBy {
		return true, nil
	}
	history, err := s.tx.Incidents().History(s.ctx, s.sees, s.i.ID)
	before := lifecycle.State("")
	submitted := false
	for k := range history {
		if d := &history[k].Detail; d.Reply == int64(r.ID) {
			submitted = submitted || history[k].Action == lifecycle.Submit
			if d.Before != nil {
				before = d.Before.State
			}
		}
	}
	return submitted && before == lifecycle.Approval, err
}
