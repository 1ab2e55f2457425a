package message

import (
	"context"
	"time"

	"otklik/internal/scope"
)

// Bounds of the ring of dropped messages. A longer text is not remembered: the
// ring serves talk and complaints, not essays.
const (
	RingSize = 10_000
	RingAge  = 24 * time.Hour
	RingText = 16 << 10 // bytes
)

// A Dropped is a message of the ring that turned out to be ours after all.
type Dropped struct {
	ID      int64
	Key     string   // of the revision that the ring held
	Run     string   // the run of the program that counted it as not ours
	Message *Message // nil when it cannot be read any more
}

// A Seen is a message that intake has judged lately, with its words.
type Seen struct {
	Message  *Message
	Kept     bool  // it is stored, and Message.ID names it; else it concerned nobody
	Incident int64 // the incident of a kept one, 0 for none
}

// A Ring remembers the last messages that concerned nobody: RingSize of them,
// RingAge at most, one revision of each. When their thread becomes ours they are
// due to be taken in; analysts try their queries on them. Everything in it is
// erasable, and is erased by time alone.
type Ring interface {
	// Drop notes messages that concern nobody; what is here already, and what is
	// older than the revision here, changes nothing. run names who counted them.
	Drop(ctx context.Context, run string, list []Message) error
	// ClaimThread makes due what the ring holds of a thread that became ours.
	ClaimThread(ctx context.Context, source, thread string) error
	// Kept tells which revisions of a source were kept. They leave the ring; another
	// revision of the same message becomes due, unless the author has deleted it.
	Kept(ctx context.Context, source string, refs []Ref) error
	// Due returns what must be taken in, oldest first.
	Due(ctx context.Context, limit int) ([]Dropped, error)
	// Remove removes what was taken in, unless another revision has come in between.
	Remove(ctx context.Context, list []Dropped) error
	// Seen returns the last messages since, newest first: kept ones (without cards of
	// staff and without those that are gone) and dropped ones, limit (at most
	// RingSize) of both together.
	Seen(ctx context.Context, sc scope.Scope, since time.Time, limit int) ([]Seen, error)
	// Forget erases what was seen before.
	Forget(ctx context.Context, before time.Time) (n int, err error)
}
