// Package stream holds what was pushed to us between the acknowledgement and
// intake. A Stream promises two things: what Push acknowledged is not lost by a
// crash, and Run hands it to intake at least once. Intake knows every revision
// by its key, so at least once becomes exactly once.
//
// Inbox is the only implementation today: a table of the store. The interface
// leaves room for a log outside the process (NATS JetStream) for a country's
// firehose.
package stream

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
)

// A Stream takes pushed messages and hands them on.
type Stream interface {
	// Push stores the messages durably before it returns, and returns how many it
	// took; the rest were here already. key is the sender's id of the call.
	Push(ctx context.Context, source, key string, messages []message.Message) (accepted int, err error)
	// Run hands messages to take, in order of arrival, until ctx ends. A batch for
	// which take returns an error is handed over again.
	Run(ctx context.Context, take Take) error
}

// A Take takes messages in, and in the same transaction does what notes that they are taken.
// It says how long that kept others from writing.
type Take func(ctx context.Context, list []message.Message, also func(incident.Tx) error) (held time.Duration, err error)

// A Store is what the inbox needs of the database.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// An Inbox is a Stream kept in the store.
type Inbox struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{}

	pushed atomic.Int64 // when something last came, Unix nanoseconds
	pace   pace         // of Drain's own
}

// NewInbox returns the inbox of a store.
func NewInbox(store Store, now func() time.Time, log *slog.Logger) *Inbox {
	return &Inbox{store: store, now: now, log: log, wake: make(chan struct{}, 1)}
}

// Push implements Stream.
func (b *Inbox) Push(ctx context.Context, source, key string, messages []message.Message) (accepted int, err error) {
	defer fault.Wrap(&err, "stream.Push(%s)", source)
	items, err := encode(messages)
	if err != nil {
		return 0, err
	}
	err = b.store.Change(ctx, incident.People, func(tx incident.Tx) error {
		accepted, err = tx.Intake().Push(ctx, source, key, items, b.now())
		return err
	})
	b.tell(err, accepted)
	return accepted, err
}

// Bring is Push for what a network's call to a source brought: the messages may be of other
// places that its account reads, and what also stores (it may be nil) is stored with them, all
// or nothing. A call that came before (by its id at the network, "" for none) brings nothing.
func (b *Inbox) Bring(ctx context.Context, source, call string, messages []message.Message, also func(incident.Tx) error) (accepted int, err error) {
	defer fault.Wrap(&err, "stream.Bring(%s)", source)
	var places []string // in the order in which the call names them
	of := map[string][]message.Message{}
	for _, m := range messages {
		if of[m.Source] == nil {
			places = append(places, m.Source)
		}
		of[m.Source] = append(of[m.Source], m)
	}
	items := map[string][]message.Pushed{}
	for _, place := range places {
		if items[place], err = encode(of[place]); err != nil {
			return 0, err
		}
	}
	err = b.store.Change(ctx, incident.People, func(tx incident.Tx) error {
		accepted = 0
		if call != "" {
			if again, err := tx.Intake().Called(ctx, source, call, b.now()); again || err != nil {
				return err
			}
		}
		for _, place := range places {
			n, err := tx.Intake().Push(ctx, place, "", items[place], b.now())
			if err != nil {
				return err
			}
			accepted += n
		}
		if also != nil {
			return also(tx)
		}
		return nil
	})
	b.tell(err, accepted)
	return accepted, err
}

func encode(messages []message.Message) ([]message.Pushed, error) {
	items := make([]message.Pushed, len(messages))
	for k := range messages {
		m := &messages[k]
		payload, err := message.Encode(m)
		if err != nil {
			return nil, err
		}
		items[k] = message.Pushed{Ref: message.Ref{Native: m.Native, Revision: m.Revision, Event: m.Event}, Payload: payload}
	}
	return items, nil
}

// tell wakes Run when something came.
func (b *Inbox) tell(err error, accepted int) {
	if err != nil || accepted == 0 {
		return
	}
	b.pushed.Store(time.Now().UnixNano())
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// idle is how long the inbox sleeps when nobody wakes it: another process may have pushed
// into the same database.
const idle = 2 * time.Second

// Run implements Stream.
func (b *Inbox) Run(ctx context.Context, take Take) error {
	for {
		n, err := b.Drain(ctx, take)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			b.log.Warn("the inbox cannot be drained", "error", err)
		}
		rest := idle
		if n > 0 {
			rest = b.pace.rest(b.disturbed())
		}
		var more <-chan struct{}
		if n == 0 {
			more = b.wake
		}
		if rest == 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		case <-time.After(rest):
		}
	}
}

// disturbed reports whether somebody pushes meanwhile.
func (b *Inbox) disturbed() bool {
	return time.Now().UnixNano()-b.pushed.Load() < int64(time.Second)
}

// Drain hands one batch on and returns how many items it had.
func (b *Inbox) Drain(ctx context.Context, take Take) (n int, err error) {
	defer fault.Wrap(&err, "stream.Drain")
	items, err := b.store.Reader().Intake().Inbox(ctx, b.pace.next(b.disturbed()))
	if err != nil || len(items) == 0 {
		return 0, err
	}
	ids := make([]int64, len(items))
	messages := make([]message.Message, 0, len(items))
	var broken []message.InboxItem
	for k, it := range items {
		ids[k] = it.ID
		m, err := message.Decode(it.Payload)
		if err != nil {
			broken = append(broken, it)
			continue
		}
		messages = append(messages, *m)
	}
	held, err := take(ctx, messages, func(tx incident.Tx) error {
		for _, it := range broken {
			err := tx.Intake().SetAside(ctx, &message.SetAside{
				Source: it.Source, Reason: "unreadable", Error: "stored message cannot be read", Payload: it.Payload, At: b.now(),
			})
			if err != nil {
				return err
			}
		}
		return tx.Intake().Done(ctx, ids...)
	})
	if err != nil {
		return 0, err
	}
	b.pace.took(len(items), held)
	return len(items), nil
}
