package outbox

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// A Prover hears that a reply which went by hand stands.
type Prover interface {
	Proven(ctx context.Context, job reply.Job, receipt reply.Receipt) error
}

// Hands looks in the threads for replies that people published by hand, where a network
// lets us read and not write. What is found gets its address and its proof; what is not is
// looked for again, more and more seldom, for ten days: whoever said that he answered may
// still be about to.
type Hands struct {
	Store Store
	Desk  Prover
	// Finders returns what reads the threads of the sources whose replies go by hand.
	Finders func() map[string]source.Finder
	// Every is how long it waits after its first look; 0: a minute.
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger

	looks map[look]*looked
}

// A look is for one reply in one thread.
type look struct {
	reply reply.ID
	job   int64
}

type looked struct {
	times int
	next  time.Time
}

const (
	handEvery = time.Minute // where nothing else is said
	handDays  = 10 * 24 * time.Hour
	handBatch = 500
	handCalls = 20 // looks in one step: a network has its limits
)

// Run looks until ctx ends.
func (h *Hands) Run(ctx context.Context) error {
	for {
		if err := h.Step(ctx); err != nil && ctx.Err() == nil {
			h.Log.Warn("replies that went by hand cannot be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(cmp.Or(h.Every, handEvery)):
		}
	}
}

// Step looks once for what is due.
func (h *Hands) Step(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "outbox.Hands")
	finders := h.Finders()
	if len(finders) == 0 {
		return nil
	}
	sources := make([]string, 0, len(finders))
	for id := range finders {
		sources = append(sources, id)
	}
	now := h.Now()
	var jobs []reply.Job
	err = h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		jobs, err = tx.Replies().ByHand(ctx, sources, now.Add(-handDays), handBatch)
		return err
	})
	if err != nil {
		return err
	}
	before := h.looks
	h.looks = make(map[look]*looked, len(jobs))
	calls := 0
	for _, j := range jobs {
		key := look{j.Reply, j.ID}
		l := before[key]
		if l == nil {
			l = &looked{}
		}
		h.looks[key] = l
		if l.next.After(now) || calls >= handCalls || ctx.Err() != nil {
			continue
		}
		calls++
		l.times++
		l.next = now.Add(min(cmp.Or(h.Every, handEvery)<<min(l.times, 9), 6*time.Hour))
		receipt, found, err := find(ctx, finders[j.Source], j)
		switch {
		case err != nil: // the page of sources says what is wrong with the network
			h.Log.Info("a thread cannot be read back", "reply", j.Reply, "source", j.Source, "times", l.times)
		case found:
			if err := h.Desk.Proven(ctx, j, receipt); err != nil {
				return err
			}
		}
	}
	return nil
}

func find(ctx context.Context, f source.Finder, j reply.Job) (reply.Receipt, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	return f.Find(ctx, j)
}
