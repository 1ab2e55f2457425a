package incident

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A Suspicion says that what a resident sent looks like spam: it is kept like any other
// message, and a person looks. It holds codes, never words.
type Suspicion struct {
	Message  int64
	Incident ID // that the message is attached to; 0 for none. Read only
	Reasons  []string
	At       time.Time
	Settled  time.Time // when a person looked; zero = not yet
	By       account.ID
	Spam     bool // what the person said
	Place    scope.Place
}

// Suspicions keeps suspicions.
type Suspicions interface {
	// Suspect notes a suspicion; one that is there already stays as it is.
	Suspect(ctx context.Context, s *Suspicion) error
	// SuspicionsOf returns those of the incident's messages, oldest first, NotFound outside
	// of the scope.
	SuspicionsOf(ctx context.Context, sc scope.Scope, id ID) ([]Suspicion, error)
	// Settle notes what a person says of all open suspicions of the incident, and returns the
	// messages that they were about.
	Settle(ctx context.Context, sc scope.Scope, id ID, by account.ID, spam bool, now time.Time) (messages []int64, err error)
	// Suspects counts the incidents whose suspicions nobody has settled, up to limit.
	Suspects(ctx context.Context, sc scope.Scope, limit int) (int, error)
}
