// Package team is who works around an incident beside the one who answers:
// co-executors, followers, and what they tell each other in notes.
//
// The words of a note are erasable and stand nowhere else, above all not in the history.
package team

import (
	"context"
	"time"

	"otklik/internal/account"
)

// A Member is a co-executor: an agency, or one person of it. Its agency sees the
// incident; who answers stays one.
type Member struct {
	Incident int64
	Agency   int64      // 0 for a person of the centre
	Account  account.ID // 0 for the agency as a whole
	By       account.ID
	At       time.Time
}

// A Note is what a colleague tells colleagues.
type Note struct {
	ID       int64
	Incident int64
	Who      account.ID
	At       time.Time
	Text     string       // erasable; empty when it was taken away
	Mentions []account.ID // who is told of it
}

// A Follow is an incident that somebody keeps an eye on.
type Follow struct {
	Incident int64
	Account  account.ID
	At       time.Time
}

// A Store keeps the team of each incident.
type Store interface {
	Join(ctx context.Context, m *Member) error // a Conflict when it is one already
	Leave(ctx context.Context, incident, agency int64, who account.ID) error
	Members(ctx context.Context, incident int64) ([]Member, error) // in the order of joining
	// Joined returns open incidents that the agency helps with, the latest first.
	Joined(ctx context.Context, agency int64, limit int) ([]int64, error)

	AddNote(ctx context.Context, n *Note) error                // sets ID
	Notes(ctx context.Context, incident int64) ([]Note, error) // oldest first
	EraseNote(ctx context.Context, id int64) error             // its words and mentions; the line stays

	// Naming returns notes that name the account, the latest first.
	Naming(ctx context.Context, who account.ID, limit int) ([]Note, error)

	Follow(ctx context.Context, f Follow) error
	Unfollow(ctx context.Context, incident int64, who account.ID) error
	Followers(ctx context.Context, incident int64) ([]account.ID, error)
	Followed(ctx context.Context, who account.ID, limit int) ([]int64, error) // the latest first
}
