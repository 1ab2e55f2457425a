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
	Run(ctx context.Context, take func(context.Context, []message.Message) error) error
}

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
}

// NewInbox returns the inbox of a store.
func NewInbox(store Store, now func() time.Time, log *slog.Logger) *Inbox {
	return &Inbox{store: store, now: now, log: log, wake: make(chan struct{}, 1)}
}

// Push implements Stream.
func (b *Inbox) Push(ctx context.Context, source, key string, messages []message.Message) (accepted int, err error) {
	defer fault.Wrap(&err, "stream.Push(%s)", source)
	items := make([]message.Pushed, len(messages))
	for k := range messages {
		m := &messages[k]
		payload, err := message.Encode(m)
		if err != nil {
			return 0, err
		}
		items[k] = message.Pushed{Ref: message.Ref{Native: m.Native, Revision: m.Revision, Event: m.Event}, Payload: payload}
	}
	err = b.store.Change(ctx, incident.People, func(tx incident.Tx) error {
		accepted, err = tx.Intake().Push(ctx, source, key, items, b.now())
		return err
	})
	if err == nil && accepted > 0 {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	return accepted, err
}

const (
	batch = 200
	// idle is how long the inbox sleeps when nobody wakes it: another process may
	// have pushed into the same database.
	idle = 2 * time.Second
)

// Run implements Stream.
func (b *Inbox) Run(ctx context.Context, take func(context.Context, []message.Message) error) error {
	for {
		n, err := b.Drain(ctx, take)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			b.log.Warn("the inbox cannot be drained", "error", err)
		}
		if n == batch {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		case <-time.After(idle):
		}
	}
}

// Drain hands one batch on and returns how many items it had.
func (b *Inbox) Drain(ctx context.Context, take func(context.Context, []message.Message) error) (n int, err error) {
	defer fault.Wrap(&err, "stream.Drain")
	items, err := b.store.Reader().Intake().Inbox(ctx, batch)
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
	if err := take(ctx, messages); err != nil {
		return 0, err
	}
	return len(items), b.store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
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
}
