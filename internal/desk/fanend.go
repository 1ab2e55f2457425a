package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// settleOne stores what became of one job of a fan-out, and ends the fan-out with
// its last one.
func (d *Desk) settleOne(ctx context.Context, job *reply.Job) error {
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		f, err := tx.Fanouts().Fanout(ctx, scope.All(), job.Fanout) // and lock it
		if err != nil {
			return nil, err
		}
		if err := tx.Replies().Settle(ctx, job); err != nil {
			return nil, err
		}
		if job.State == reply.Sent && f.StoodAt.IsZero() {
			s, err := d.find(ctx, tx, account.System(), incident.ID(job.Incident))
			if err != nil {
				return nil, err
			}
			if err := s.stood(f, job.SentAt); err != nil {
				return nil, err
			}
		}
		if left, err := tx.Fanouts().Left(ctx, job.Fanout); err != nil || left {
			return nil, err
		}
		s, err := d.find(ctx, tx, account.System(), incident.ID(job.Incident))
		if err != nil {
			return nil, err
		}
		return s, s.ended(job.Fanout)
	})
}

// stood notes that the first reply of a fan-out stands: what the fan-out promises is
// promised from then on, once for the incident, however many threads it goes to.
func (s *step) stood(f *reply.Fanout, at time.Time) error {
	if !f.StoodAt.IsZero() {
		return nil
	}
	if f.StoodAt = at; at.IsZero() {
		f.StoodAt = s.now
	}
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	r, err := s.tx.Replies().Reply(s.ctx, scope.All(), f.Reply)
	if err != nil {
		return err
	}
	return s.promised(r, f.StoodAt)
}

// Withdrawn is called by the outbox for a job that was taken while its fan-out
// does not run: it waits for the pause to end, or never leaves.
func (d *Desk) Withdrawn(ctx context.Context, job reply.Job, state reply.FanoutState) (err error) {
	defer fault.Wrap(&err, "desk.Withdrawn(job %d)", job.ID)
	switch {
	case state == reply.Paused:
		job.State = reply.Held
	case job.Unclear:
		job.State, job.Note = reply.Unknown, "Рассылка отменена, когда ответ уже отправлялся."
	default:
		job.State = reply.Dropped
	}
	return d.settleOne(ctx, &job)
}

// ended ends a fan-out of which nothing is left to leave: the reply stands, or
// returns to the desk when it stands nowhere.
func (s *step) ended(id reply.FanoutID) error {
	left, err := s.tx.Fanouts().Left(s.ctx, id)
	if err != nil || left {
		return err
	}
	f, err := s.tx.Fanouts().Fanout(s.ctx, scope.All(), id)
	if err != nil {
		return err
	}
	p, err := s.tx.Fanouts().Progress(s.ctx, id)
	if err != nil {
		return err
	}
	if f.State != reply.Cancelled {
		f.State = reply.Ended
	}
	f.EndedAt = s.now
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	r, err := s.tx.Replies().Reply(s.ctx, scope.All(), f.Reply)
	if err != nil || r.State == reply.Published {
		return err
	}
	was, from := r.State, s.i.State
	words := progressWords(p)
	if p.Sent > 0 || p.Hand > 0 && p.Unknown+p.Failed+p.Cancelled == 0 {
		if err := s.stood(f, s.now); err != nil { // all of it goes by hand
			return err
		}
		r.State, r.PublishedAt, r.Reason = reply.Published, s.now, ""
		if p.Sent+p.Hand < p.All {
			r.Reason = words
		}
		if s.i.State == lifecycle.Approval || was == reply.Failed && s.i.State == lifecycle.Rework {
			s.i.State = lifecycle.Answered
		}
		if s.i.AnsweredAt.IsZero() {
			s.i.AnsweredAt = s.now
		}
		s.record(incident.Entry{Action: lifecycle.Publish, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: words}})
		return s.tx.Replies().SaveReply(s.ctx, r)
	}
	if was == reply.Failed {
		return nil
	}
	r.State, r.Reason = reply.Failed, words
	if s.i.State == lifecycle.Approval {
		s.i.State = lifecycle.Rework
	}
	s.record(incident.Entry{Action: lifecycle.Return, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: words}})
	return s.tx.Replies().SaveReply(s.ctx, r)
}

// progressWords says in one sentence what became of a fan-out.
func progressWords(p reply.Progress) string {
	parts := []string{fmt.Sprintf("ответ стоит в %d из %d", p.Sent, p.All)}
	for _, c := range []struct {
		n    int
		what string
	}{{p.Hand, "вручную"}, {p.Unknown, "неизвестно, отправлено ли"}, {p.Failed, "не отправлено"}, {p.Cancelled, "отменено"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", c.what, c.n))
		}
	}
	return strings.Join(parts, "; ")
}
