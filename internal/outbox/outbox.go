// Package outbox publishes approved replies, each exactly once.
//
// A job was written in the transaction that approved its reply. The outbox
// takes it (the store marks it Sending), publishes, and tells the desk, which
// stores the receipt. Whatever interrupts that leaves a job whose end is not
// known; such a job is never simply tried again. What happens instead depends on
// the network (source.Ability): where a thread can be read back, or a key makes a
// second try harmless, the end is found out; where neither is so, the job becomes
// Unknown and a person looks.
//
// Each source has a lane of its own: lanes run beside each other, one job at a
// time, at the pace that the network bears (see lane). Start with New and Run.
//
// The jobs are rows of our own, not of a general queue: the state of a
// publication is a fact of the domain that people look at, and a queue that
// restarts a job by itself would publish twice exactly where the network knows
// no idempotency key.
package outbox

import (
	"context"
	"log/slog"
	"sync"
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
	// Uncertain hears of a job whose end cannot be found out: a person must look.
	Uncertain(ctx context.Context, job reply.Job, sentence string) error
	// Withdrawn hears of a job that was taken while its fan-out is paused or cancelled.
	Withdrawn(ctx context.Context, job reply.Job, state reply.FanoutState) error
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
	// Quiet returns when a job that is not urgent may leave, the zero time for now.
	// Optional: without it there are no quiet hours.
	Quiet func(job *reply.Job, now time.Time) time.Time
}

// An Outbox publishes replies.
type Outbox struct {
	Options
	wake  chan struct{}
	begun time.Time
	mu    sync.Mutex
	lanes map[string]*lane
}

// New returns an outbox.
func New(o Options) *Outbox {
	if o.Every <= 0 {
		o.Every = time.Second
	}
	return &Outbox{Options: o, wake: make(chan struct{}, 1), begun: o.Now(), lanes: map[string]*lane{}}
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
// and what it could not note itself is claimed again a little later, when no lane
// is at work: nobody else can be at it.
func (o *Outbox) Run(ctx context.Context) error {
	var alone Lease
	claimed, pause := false, time.Duration(0)
	crew := &crew{busy: map[string]bool{}, ended: make(chan struct{}, 1)}
	defer func() {
		crew.wait()
		if alone != nil {
			alone.Release()
		}
	}()
	for {
		err := crew.failure()
		switch {
		case err != nil: // a job may stand in Sending that nobody is at
			crew.wait()
			claimed, pause = false, time.Minute
		case alone == nil:
			if alone, err = o.alone(ctx); alone == nil {
				claimed, pause = false, 0
			}
		case alone.Check(ctx) != nil: // another may publish by now
			crew.wait()
			alone.Release()
			alone, claimed, pause = nil, false, 0
			o.Log.Warn("this process is not known to be the only publisher any more")
		case !claimed:
			err = o.recover(ctx, pause)
			claimed = err == nil
			if claimed {
				continue
			}
		default:
			err = o.send(ctx, crew, alone)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			o.Log.Error("the outbox cannot go on", "error", err)
		}
		if alone != nil && !claimed && err == nil {
			continue
		}
		if !o.sleep(ctx, crew, err) {
			return nil
		}
	}
}

// send sets a lane going for each source that has something due and no lane at work.
func (o *Outbox) send(ctx context.Context, crew *crew, alone Lease) error {
	due, err := o.due(ctx)
	if err != nil {
		return err
	}
	for _, source := range due {
		l := o.lane(source)
		if !l.ready(o.Now()) {
			continue
		}
		crew.start(source, func() error {
			for first := true; ctx.Err() == nil; first = false {
				if !first && alone.Check(ctx) != nil {
					return nil // Run sees it too
				}
				n, err := o.turn(ctx, l)
				if err != nil || n == 0 || !l.pause(ctx, o.Now(), o.Every) {
					return err
				}
			}
			return nil
		})
	}
	return nil
}

func (o *Outbox) due(ctx context.Context) (list []string, err error) {
	err = o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		list, err = tx.Replies().Due(ctx, o.Now())
		return err
	})
	return list, err
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

// sleep waits for something to do: it is woken by a reply that was approved and
// by a lane that has ended.
func (o *Outbox) sleep(ctx context.Context, crew *crew, err error) bool {
	t := time.NewTimer(o.Every)
	defer t.Stop()
	wake := o.wake
	if err != nil { // what failed just now fails again
		wake = nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		o.hurry()
	case <-crew.ended:
	case <-t.C:
	}
	return true
}

// recover makes waiting again what was interrupted, due after the pause.
func (o *Outbox) recover(ctx context.Context, pause time.Duration) error {
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, err := tx.Replies().Interrupted(ctx, o.Now().Add(pause))
		if n > 0 {
			o.Log.Warn("publications were interrupted; their end will be found out", "jobs", n)
		}
		return err
	})
}

// Step takes one job of each source that has something due, and returns how many
// it took.
func (o *Outbox) Step(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "outbox.Step")
	due, err := o.due(ctx)
	if err != nil {
		return 0, err
	}
	var first error
	for _, source := range due {
		l := o.lane(source)
		if !l.ready(o.Now()) {
			continue
		}
		k, err := o.turn(ctx, l)
		n += k
		if err != nil && first == nil {
			first = err
		}
	}
	return n, first
}
