// Package herald calls the programs outside that asked to be told (webhooks): it takes what
// the store owes them, puts the words together, signs, sends, and tries again.
//
// Start with New and Run. A call is made at least once, always under the same webhook-id,
// and of one incident in the order in which things happened: what waits for its next try
// holds back what came behind it for the same incident, and for no other. Nothing marks a
// call as being made: one that a crash interrupted is simply made again.
//
// For a source whose webhook publishes replies itself, Publisher is what the outbox needs:
// publishing is one more call, and the reply stands when the receiver has confirmed it.
package herald

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"otklik/internal/fetch"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/topic"
	"otklik/internal/webhook"
)

// A Store runs a function in one transaction, and answers questions.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Lease says that this process is the only one that calls.
type Lease interface {
	Check(ctx context.Context) error // nil while it is held
	Release()
}

// Options connect a herald. All but Alone, Plain and Every are required.
type Options struct {
	Store  Store
	Box    *seal.Box
	Topics func() *topic.Taxonomy
	Mask   func(text string) string                 // covers personal data
	Stand  func(territory string) scope.Place       // region and centre of a territory
	Alone  func(ctx context.Context) (Lease, error) // one process at a time; nil: nobody else is expected
	Hurry  func()                                   // lets the outbox look at once
	Tell   func(live.Event)
	Now    func() time.Time
	Log    *slog.Logger
	Plain  bool          // HTTP and inner addresses are called, too: tests and the demo
	Every  time.Duration // how often to look; default 2 s
}

// How calls are made.
const (
	tryTime   = 15 * time.Second
	together  = 4                  // calls of one webhook under way at once, each of another incident
	offAfter  = 5 * 24 * time.Hour // without one call that was taken
	keepCalls = 30 * 24 * time.Hour
	wasTime   = 24 * time.Hour // an old secret signs beside the new one
	keepEvery = time.Hour
)

// waits are between tries, as Standard Webhooks advises; after the last one it is given up.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// A Herald calls.
type Herald struct {
	Options
	client *http.Client
	wake   chan struct{}

	mu      sync.Mutex
	answers map[string]outlet        // source → who publishes its replies
	busy    map[webhook.ID]bool      // at work
	rests   map[webhook.ID]time.Time // it failed just now
	fails   map[webhook.ID]int       // in a row
	work    sync.WaitGroup
	kept    time.Time // old calls were last forgotten
}

// An outlet is who publishes the replies of a source.
type outlet struct {
	id   webhook.ID
	open bool // false: it is off, and only tells what became of what it was given
}

// New returns a herald.
func New(o Options) *Herald {
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	return &Herald{
		Options: o, wake: make(chan struct{}, 1), answers: map[string]outlet{}, busy: map[webhook.ID]bool{}, rests: map[webhook.ID]time.Time{}, fails: map[webhook.ID]int{},
		client: &http.Client{
			Transport: &http.Transport{
				DialContext: fetch.Dialer(o.Plain).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: tryTime,
				MaxIdleConnsPerHost: together, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Wake asks for a look at once.
func (h *Herald) Wake() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Load learns who publishes replies of which source.
func (h *Herald) Load(ctx context.Context) error {
	list, err := h.Store.Reader().Webhooks().Webhooks(ctx, scope.All())
	if err != nil {
		return err
	}
	next := map[string]outlet{}
	for k := range list {
		w := &list[k]
		if w.Source != "" && w.Wants(webhook.Publish) && !next[w.Source].open {
			next[w.Source] = outlet{w.ID, w.State != webhook.Off}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers = next
	return nil
}

// Run calls until ctx ends, while it is the only one that does on its database.
func (h *Herald) Run(ctx context.Context) error {
	var alone Lease
	defer func() {
		h.work.Wait()
		if alone != nil {
			alone.Release()
		}
	}()
	for {
		var err error
		if alone != nil && alone.Check(ctx) != nil {
			h.work.Wait()
			alone.Release()
			alone = nil
		}
		if alone == nil {
			alone, err = h.hold(ctx)
		}
		if err == nil {
			err = h.Load(ctx)
		}
		if err == nil && alone != nil {
			err = h.look(ctx, alone)
		}
		if err != nil && ctx.Err() == nil {
			h.Log.Warn("webhooks cannot be called", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.wake:
		case <-time.After(h.Every):
		}
	}
}

func (h *Herald) hold(ctx context.Context) (Lease, error) {
	if h.Alone == nil {
		return only{}, nil
	}
	return h.Alone(ctx)
}

// only is the lease of a herald that nobody else can be beside.
type only struct{}

func (only) Check(context.Context) error { return nil }
func (only) Release()                    {}

// look sets going each webhook that has something due and is not at work: one that hangs
// keeps no other waiting.
func (h *Herald) look(ctx context.Context, alone Lease) error {
	ids, err := h.due(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		h.mu.Lock()
		if h.busy[id] || h.Now().Before(h.rests[id]) {
			h.mu.Unlock()
			continue
		}
		h.busy[id] = true
		h.mu.Unlock()
		h.work.Go(func() {
			for ctx.Err() == nil && alone.Check(ctx) == nil {
				n, err := h.turn(ctx, id)
				if err != nil && ctx.Err() == nil {
					h.Log.Warn("a webhook cannot be called", "webhook", int64(id), "error", err)
				}
				if n == 0 || err != nil {
					break
				}
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.busy, id)
		})
	}
	return nil
}

// due does the chores and returns who has something due.
func (h *Herald) due(ctx context.Context) (ids []webhook.ID, err error) {
	now, hastened := h.Now(), 0
	forget := now.Sub(h.kept) >= keepEvery
	err = h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		if hastened, err = tx.Webhooks().Hasten(ctx, now); err != nil {
			return err
		}
		if forget {
			if err := tx.Webhooks().ForgetCalls(ctx, now.Add(-keepCalls)); err != nil {
				return err
			}
		}
		ids, err = tx.Webhooks().Due(ctx, now)
		return err
	})
	if err == nil && forget {
		h.kept = now
	}
	if hastened > 0 {
		h.Hurry()
	}
	return ids, err
}

// Step makes every call that is due now, once, and returns how many it made.
func (h *Herald) Step(ctx context.Context) (n int, err error) {
	if err := h.Load(ctx); err != nil {
		return 0, err
	}
	ids, err := h.due(ctx)
	for _, id := range ids {
		for err == nil {
			var k int
			if k, err = h.turn(ctx, id); k == 0 {
				break
			}
			n += k
		}
	}
	return n, err
}

// jitter spreads a pause by a tenth.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(float64(d)*0.1*rand.Float64()) //nolint:gosec // no secret
}
