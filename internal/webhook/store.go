package webhook

import (
	"context"
	"time"

	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A Store keeps webhooks and what is owed to them. The calls that tell of incidents are
// queued by the store itself, with each line of history (incident.Store.Record).
type Store interface {
	// SaveWebhook inserts at version 0, else changes what stands at w.Version or is a Conflict.
	SaveWebhook(ctx context.Context, w *Webhook) error
	Webhook(ctx context.Context, sc scope.Scope, id ID) (*Webhook, error) // NotFound
	Webhooks(ctx context.Context, sc scope.Scope) ([]Webhook, error)      // by name
	// Fare notes how its calls fare, apart from what people set; with a reason it is Off, and
	// what waits for it is given up.
	Fare(ctx context.Context, id ID, failing, last time.Time, off string) error
	// RemoveWebhook forgets it with all that is owed to it.
	RemoveWebhook(ctx context.Context, id ID) error

	// Owe queues one call. A second one with the same Key is left out.
	Owe(ctx context.Context, d *Delivery) error
	// Due returns the webhooks that are on and have something due.
	Due(ctx context.Context, now time.Time) ([]ID, error)
	// Heads returns what is due of a webhook: of each incident the first that waits, the oldest first.
	Heads(ctx context.Context, id ID, now time.Time, limit int) ([]Delivery, error)
	// Settle stores what became of a try.
	Settle(ctx context.Context, d *Delivery) error
	// Owed returns the calls of a webhook, the newest first, before an id (0 = all).
	Owed(ctx context.Context, id ID, before int64, limit int) ([]Delivery, error)
	// Waits counts the calls that wait.
	Waits(ctx context.Context, id ID) (int, error)

	// OfJob returns the delivery of a job's key, or, when the key is unknown, one of the same reply
	// under the same message that was published under an earlier key. NotFound.
	OfJob(ctx context.Context, j *reply.Job) (*Delivery, error)
	// JobOf returns the job of a key with its words. NotFound.
	JobOf(ctx context.Context, key string) (*reply.Job, error)
	// Answered notes what the receiver said of a reply for a source: false when no such reply was sent there.
	// What was said first stands.
	Answered(ctx context.Context, source, key string, a Answer) (bool, error)
	// Hasten makes due the publications that were answered, or whose call was given up.
	Hasten(ctx context.Context, now time.Time) (int, error)
	// ForgetCalls removes what was settled before, some at a time.
	ForgetCalls(ctx context.Context, before time.Time) error
}
