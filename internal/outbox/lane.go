package outbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// A lane is the way to one source. Its pace is kept in memory and begins with
// nothing to spend, so that a program which starts again and again is never faster
// than one that runs; what the network asked of us (reply.Outlet) is in the store.
type lane struct {
	source string

	mu   sync.Mutex
	idle time.Time // there was nothing to do; look again then, or when woken
	next time.Time // the network bears the next reply then
	day  int       // tries in 24 hours, as last counted
	seen time.Time // when they were counted
	good int       // replies since the network complained
}

// lane returns the lane of a source.
func (o *Outbox) lane(source string) *lane {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lanes[source]
	if l == nil {
		l = &lane{source: source}
		if every := spacing(o.ability(source), reply.Outlet{}); every > 0 {
			l.next = o.begun.Add(every)
		}
		o.lanes[source] = l
	}
	return l
}

// hurry lets every lane look at once.
func (o *Outbox) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		l.rest(time.Time{})
	}
}

func (o *Outbox) ability(id string) source.Ability {
	if p := o.Publisher(id); p != nil {
		return p.Ability()
	}
	return source.Ability{}
}

// spacing is the time between two replies of a source.
func spacing(can source.Ability, out reply.Outlet) time.Duration {
	every := out.Spacing
	if can.PerSecond > 0 {
		every = max(every, time.Duration(float64(time.Second)/can.PerSecond))
	}
	return every
}

func (l *lane) ready(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !now.Before(l.idle) && !now.Before(l.next)
}

// rest lets the lane look again at the time.
func (l *lane) rest(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = until
}

// spend notes that a reply leaves now, and the next one after every.
func (l *lane) spend(now time.Time, every time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = now.Add(every)
	l.day++
}

// pause waits until the network bears the next reply. It is false when that is
// farther than limit: then the lane ends, and another one begins in time.
func (l *lane) pause(ctx context.Context, now time.Time, limit time.Duration) bool {
	l.mu.Lock()
	wait := max(l.next.Sub(now), l.idle.Sub(now))
	l.mu.Unlock()
	switch {
	case wait <= 0:
		return ctx.Err() == nil
	case wait > limit:
		return false
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// manyQuiet is how many jobs that must wait until morning are put off in one change.
const manyQuiet = 100

// dayCounted is how long a count of the day's tries is believed.
const dayCounted = 10 * time.Minute

// turn takes one job of the lane and publishes it. n is 0 when there was nothing
// to do for now.
func (o *Outbox) turn(ctx context.Context, l *lane) (n int, err error) {
	now, can := o.Now(), o.ability(l.source)
	var job *reply.Job
	var out reply.Outlet
	var state reply.FanoutState
	err = o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, job, state = 0, nil, reply.Running
		if out, err = tx.Fanouts().Outlet(ctx, l.source); err != nil || out.Waits || out.RestUntil.After(now) {
			return err
		}
		if full, err := l.full(ctx, tx, can.PerDay, now); err != nil || full {
			return err
		}
		for n < manyQuiet {
			jobs, err := tx.Replies().TakeOf(ctx, l.source, now, 1)
			if err != nil || len(jobs) == 0 {
				return err
			}
			n++
			j := &jobs[0]
			if j.Fanout != 0 {
				f, err := tx.Fanouts().Fanout(ctx, scope.All(), j.Fanout)
				if err != nil {
					return err
				}
				if state = f.State; state != reply.Running {
					job = j
					return nil
				}
			}
			if j.Urgent || o.Quiet == nil {
				job = j
				return nil
			}
			at := o.Quiet(j, now)
			if !at.After(now) {
				job = j
				return nil
			}
			j.State, j.NextAt = reply.Waiting, at
			if err := tx.Replies().Settle(ctx, j); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return n, err
	case n == 0:
		l.rest(now.Add(o.Every))
		return 0, nil
	case job == nil:
		return n, nil
	case state != reply.Running:
		return n, o.Desk.Withdrawn(context.WithoutCancel(ctx), *job, state)
	case ctx.Err() != nil: // nothing was sent of it yet: it waits as it did
		return n, o.putBack(context.WithoutCancel(ctx), *job)
	}
	l.spend(now, spacing(can, out))
	// A job that was begun is finished even when ctx ends: half-way costs a read-back.
	return n, o.publish(context.WithoutCancel(ctx), l, *job, out)
}

// full reports whether the source has had all that it bears in a day.
func (l *lane) full(ctx context.Context, tx incident.Tx, limit int, now time.Time) (bool, error) {
	if limit <= 0 {
		return false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen.IsZero() || now.Sub(l.seen) >= dayCounted {
		n, err := tx.Replies().Spent(ctx, l.source, now.Add(-24*time.Hour))
		if err != nil {
			return false, err
		}
		l.day, l.seen = n, now
	}
	return l.day >= limit, nil
}

func (o *Outbox) putBack(ctx context.Context, job reply.Job) error {
	job.State = reply.Waiting
	return o.settle(ctx, &job)
}

func (o *Outbox) settle(ctx context.Context, job *reply.Job) error {
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, job) })
}

// Flood control of a network: how it is answered.
const (
	restAtMost   = 6 * time.Hour
	firstSpacing = time.Second
	mostSpacing  = 5 * time.Minute
	goodEnough   = 20 // replies without a complaint, after which the lane goes faster
)

// complain notes what the network asked of the source, in the store: a restart
// must not forget it.
func (o *Outbox) complain(ctx context.Context, l *lane, can source.Ability, out reply.Outlet, e *source.Error) error {
	now := o.Now()
	out.Code, out.Sentence, out.Since = e.Code, e.Sentence, now
	if e.Trouble == source.Person {
		out.Waits = true
	} else {
		rest := min(max(e.After, time.Second)<<min(out.Floods, 8), restAtMost)
		out.RestUntil = now.Add(jitter(rest))
		out.Floods++
		out.Spacing = min(max(2*spacing(can, out), min(firstSpacing, rest)), mostSpacing)
	}
	l.mu.Lock()
	l.good = 0
	l.mu.Unlock()
	return o.saveOutlet(ctx, out)
}

// thrive goes a little faster when the network has not complained for a while.
func (o *Outbox) thrive(ctx context.Context, l *lane, out reply.Outlet) error {
	if out.Spacing == 0 && out.Floods == 0 && out.Code == 0 {
		return nil
	}
	l.mu.Lock()
	l.good++
	enough := l.good%goodEnough == 0
	l.mu.Unlock()
	if !enough {
		return nil
	}
	out.Floods, out.Spacing = 0, out.Spacing*2/3
	if out.Spacing < 50*time.Millisecond {
		out = reply.Outlet{Source: out.Source, Place: out.Place}
	}
	return o.saveOutlet(ctx, out)
}

func (o *Outbox) saveOutlet(ctx context.Context, out reply.Outlet) error {
	return o.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Fanouts().SaveOutlet(ctx, out) })
}

// jitter spreads a pause by a fifth, so that what failed together does not come
// back together.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(float64(d)*0.2*rand.Float64()) //nolint:gosec // no secret
}

// A crew is the lanes at work.
type crew struct {
	ended chan struct{}
	all   sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool
	err  error
}

// start runs a lane, unless that of the source is at work.
func (c *crew) start(source string, run func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[source] {
		return
	}
	c.busy[source] = true
	c.all.Go(func() {
		err := run()
		c.mu.Lock()
		delete(c.busy, source)
		if c.err == nil {
			c.err = err
		}
		c.mu.Unlock()
		select {
		case c.ended <- struct{}{}:
		default:
		}
	})
}

func (c *crew) wait() { c.all.Wait() }

// failure returns the first failure since it was last asked.
func (c *crew) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.err
	c.err = nil
	return err
}
