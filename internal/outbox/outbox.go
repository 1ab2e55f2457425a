// Package outbox publishes approved replies, each exactly once.
//
// A job was written in the transaction that approved its reply. The outbox
// takes it (the store marks it Sending), publishes, and tells the desk, which
// stores the receipt. Whatever interrupts that leaves a job whose end is not
// known; such a job is never simply tried again: the thread is read back first
// (source.Publisher.Find), and only a reply that surely is not there is sent.
//
// The jobs are rows of our own, not of a general queue: the state of a
// publication is a fact of the domain that people look at, and a queue that
// restarts a job by itself would publish twice exactly where the network knows
// no idempotency key.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// A Store is what the outbox needs of the database.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
}

// A Desk hears what became of a job.
type Desk interface {
	Published(ctx context.Context, job reply.Job, receipt reply.Receipt) error
	Unpublishable(ctx context.Context, job reply.Job, sentence string) error
}

// A Lease says that this process is the only one that publishes.
type Lease interface {
	Check(ctx context.Context) error // nil while it is held
	Release()
}

// Options connects the outbox with its neighbours.
type Options struct {
	Store Store
	Desk  Desk
	// Publisher returns the publisher of a source, nil when there is none (any more).
	Publisher func(source string) source.Publisher
	Now       func() time.Time
	Log       *slog.Logger
	// Alone returns a lease that one process at a time can hold, nil while another
	// holds it. It may be nil where there can be no other.
	Alone func(ctx context.Context) (Lease, error)
	Every time.Duration // how often to look for due jobs when nobody wakes it; default a second
}

// An Outbox publishes replies.
type Outbox struct {
	Options
	wake chan struct{}
}

// New returns an outbox.
func New(o Options) *Outbox {
	if o.Every <= 0 {
		o.Every = time.Second
	}
	return &Outbox{Options: o, wake: make(chan struct{}, 1)}
}

// Wake asks for a look at once: a reply was approved.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run publishes until ctx ends, while it is the only one that does on its
// database (Options.Alone). What a crash left half-way is claimed at its start,
// and what it could not note itself is claimed again a little later: nobody else
// can be at it.
func (o *Outbox) Run(ctx context.Context) error {
	var alone Lease
	claimed, pause := false, time.Duration(0)
	defer func() {
		if alone != nil {
			alone.Release()
		}
	}()
	for {
		n, err := 0, error(nil)
		switch {
		case alone == nil:
			if alone, err = o.alone(ctx); alone == nil {
				claimed, pause = false, 0
			}
		case alone.Check(ctx) != nil: // another may publish by now
			alone.Release()
			alone, claimed, pause = nil, false, 0
			o.Log.Warn("this process is not known to be the only publisher any more")
		case !claimed:
			err = o.recover(ctx, pause)
			claimed = err == nil
		default:
			if n, err = o.Step(ctx); err != nil {
				claimed, pause = false, time.Minute
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			o.Log.Error("the outbox cannot go on", "error", err)
		}
		if (alone == nil || err != nil || claimed && n == 0) && !o.sleep(ctx) {
			return nil
		}
	}
}

func (o *Outbox) alone(ctx context.Context) (Lease, error) {
	if o.Alone == nil {
		return only{}, nil
	}
	return o.Alone(ctx)
}

// only is the lease of an outbox that nobody else can be beside.
type only struct{}

func (only) Check(context.Context) error { return nil }
func (only) Release()                    {}

func (o *Outbox) sleep(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-o.wake:
	case <-time.After(o.Every):
	}
	return true
}

// recover makes waiting again what was interrupted, due after the pause.
func (o *Outbox) recover(ctx context.Context, pause time.Duration) error {
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, err := tx.Replies().Interrupted(ctx, o.Now().Add(pause))
		if n > 0 {
			o.Log.Warn("publications were interrupted; the threads will be read back", "jobs", n)
		}
		return err
	})
}

// many is how many jobs one step takes.
const many = 10

// Step publishes what is due now and returns how many jobs it took.
func (o *Outbox) Step(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "outbox.Step")
	var jobs []reply.Job
	err = o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		jobs, err = tx.Replies().Take(ctx, o.Now(), many)
		return err
	})
	if err != nil {
		return 0, err
	}
	var first error
	for _, job := range jobs {
		if ctx.Err() != nil { // nothing was sent of it yet: it waits as it did
			if err := o.putBack(context.WithoutCancel(ctx), job); err != nil && first == nil {
				first = err
			}
			continue
		}
		// A job that was begun is finished even when ctx ends: half-way costs a read-back.
		if err := o.publish(context.WithoutCancel(ctx), job); err != nil && first == nil {
			first = err
		}
	}
	return len(jobs), first
}

func (o *Outbox) putBack(ctx context.Context, job reply.Job) error {
	job.State = reply.Waiting
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, &job) })
}

const tryTime = 30 * time.Second // for one try with its read-back

func (o *Outbox) publish(ctx context.Context, job reply.Job) error {
	p := o.Publisher(job.Source)
	if p == nil {
		return o.Desk.Unpublishable(ctx, job, "Источник больше не подключён. Ответьте вручную по ссылке из сообщения.")
	}
	job.Tries++
	receipt, err := o.try(ctx, p, &job) // job.Text is what stands then, the words of an earlier try maybe
	if err == nil {
		if receipt.At.IsZero() {
			receipt.At = o.Now()
		}
		return o.Desk.Published(ctx, job, receipt)
	}
	var e *source.Error
	if !errors.As(err, &e) {
		e = source.Fail(source.Unclear, "", "%w", err)
	}
	o.Log.Warn("a reply was not published", "job", job.ID, "reply", job.Reply, "source", job.Source, "trouble", e.Trouble, "code", e.Code, "tries", job.Tries)
	job.Error = fmt.Sprintf("%s, code %d", e.Trouble, e.Code)
	job.Unclear = job.Unclear || e.Trouble == source.Unclear
	switch {
	case e.Trouble == source.Permanent:
		return o.Desk.Unpublishable(ctx, job, sentence(e, job.Unclear))
	case job.Tries >= lastTry:
		return o.Desk.Unpublishable(ctx, job, strings.TrimSpace("Площадка не отвечает уже сутки. "+sentence(e, job.Unclear)))
	}
	job.State, job.NextAt = reply.Waiting, o.Now().Add(backOff(job.Tries, e.After))
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, &job) })
}

// try publishes, or finds that an earlier try did.
func (o *Outbox) try(ctx context.Context, p source.Publisher, job *reply.Job) (reply.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if job.Unclear {
		for _, text := range append([]string{job.Text}, job.Tried...) {
			sought := *job
			sought.Text = text
			receipt, found, err := p.Find(ctx, sought)
			if err != nil { // we still do not know; whatever the trouble was, nothing may be sent
				return reply.Receipt{}, unread(err)
			}
			if found {
				job.Text = text
				return receipt, nil
			}
		}
		job.Unclear = false
	}
	return p.Publish(ctx, *job)
}

// unread returns the error of a thread that cannot be read back.
func unread(err error) *source.Error {
	var e *source.Error
	if !errors.As(err, &e) {
		return source.Fail(source.Unclear, "", "read-back: %w", err)
	}
	if e.Trouble == source.Permanent {
		return source.Fail(source.Permanent, "Ветку больше нельзя прочитать.", "read-back: %w", err)
	}
	out := source.Fail(source.Unclear, e.Sentence, "read-back: %w", err)
	out.After, out.Code = e.After, e.Code
	return out
}

// sentence says why a reply returns to the desk. Of one whose end is not known the
// desk says the rest.
func sentence(e *source.Error, unclear bool) string {
	if e.Sentence != "" || unclear {
		return e.Sentence
	}
	return "Ответ не опубликован. Опубликуйте его вручную по ссылке из сообщения."
}

// lastTry with backOff spreads the tries over a day.
const lastTry = 24

func backOff(tries int, asked time.Duration) time.Duration {
	pause := time.Second << min(tries, 12) // 2 s, 4 s … 68 min
	return max(pause, asked)
}
