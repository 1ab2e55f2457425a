package source

import (
	"context"
	"time"

	"otklik/internal/message"
)

// A Historian is a Puller whose network gives away what was written before the centre began
// to read, beside the live reading: it knows nothing of Poll's cursor.
type Historian interface {
	Puller
	// Earlier reads one step, a few calls, of what was written since, the newest first.
	// position is that of the last step, nil at first.
	Earlier(ctx context.Context, since time.Time, position []byte) (Past, error)
}

// A Past is what one step of going back brought.
type Past struct {
	Messages []message.Message
	Position []byte
	Reached  time.Time // how far back all was read; zero when that is not known yet
	More     bool
}

// A BackState says how far the reading of a source's past has come.
type BackState string

// States.
const (
	BackRuns    BackState = "running"
	BackDone    BackState = "done"
	BackStopped BackState = "stopped" // by a person
	BackFailed  BackState = "failed"  // the network gives it never
)

// A Backfill is what somebody asked to be read of a source's past. The next one takes its place.
type Backfill struct {
	Source   string
	Since    time.Time
	State    BackState
	Position []byte
	Reached  time.Time
	Messages int    // that it brought, ours or not
	Kept     int    // and those that were kept
	Error    string // what the last step met, for people; it goes on all the same while it runs
	By       int64  // account
	AskedAt  time.Time
	EndedAt  time.Time
}

// Share returns how much of the way is done, 0 … 1.
func (b *Backfill) Share() float64 {
	switch way := b.AskedAt.Sub(b.Since); {
	case b.State == BackDone:
		return 1
	case b.Reached.IsZero() || way <= 0:
		return 0
	default:
		return min(max(b.AskedAt.Sub(b.Reached).Seconds()/way.Seconds(), 0), 1)
	}
}
