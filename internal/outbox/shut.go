package outbox

import (
	"context"
	"time"

	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// How a reply waits whose thread is closed until a person opens it: it is tried again the more
// seldom the longer the thread is closed, and returns to the desk in the end.
const (
	shutSoonest = time.Minute
	shutSeldom  = time.Hour
	shutFor     = 3 * 24 * time.Hour
)

// shut lets a reply wait for its thread; others of the source go on. It was surely not sent,
// so no try is counted: whoever approved it can still take it back.
func (o *Outbox) shut(ctx context.Context, job reply.Job, e *source.Error) error {
	now, over := o.Now(), false
	err := o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		out, err := tx.Fanouts().Outlet(ctx, reply.ShutID(job.Source, job.Thread))
		if err != nil {
			return err
		}
		if !out.RestUntil.After(now) { // nothing of it was told, or it is an old tale
			out.Since = now
		}
		closed := now.Sub(out.Since)
		if over = closed >= shutFor; over {
			out.RestUntil = now
			return tx.Fanouts().SaveOutlet(ctx, out)
		}
		job.NextAt, job.Note = now.Add(min(max(closed/4, shutSoonest), shutSeldom)), e.Sentence
		out.Code, out.Sentence, out.Place.Region = e.Code, e.Sentence, job.Place.Region
		out.RestUntil = job.NextAt.Add(shutSeldom) // told until the next try has ended, which may have to wait
		if err := tx.Fanouts().SaveOutlet(ctx, out); err != nil {
			return err
		}
		return tx.Replies().Settle(ctx, &job)
	})
	if err == nil && over {
		return o.Desk.Unpublishable(ctx, job, e.Sentence)
	}
	return err
}

// opened notes that a thread which was closed took a reply.
func (o *Outbox) opened(ctx context.Context, job reply.Job) error {
	return o.saveOutlet(ctx, reply.Outlet{Source: reply.ShutID(job.Source, job.Thread), Place: job.Place})
}
