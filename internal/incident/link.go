package incident

import (
	"context"
	"time"

	"otklik/internal/account"
)

// A Link says that two incidents have to do with one another, short of being one.
type Link struct {
	From, To ID
	Kind     LinkKind
	By       account.ID
	At       time.Time
}

// A LinkKind says how.
type LinkKind string

// Kinds of links.
const (
	Related LinkKind = "related"
	Cause   LinkKind = "cause" // From is the cause of To
)

// Links keeps links, one for each pair.
type Links interface {
	Link(ctx context.Context, l *Link) error // a Conflict when the two are linked already
	Unlink(ctx context.Context, a, b ID) error
	LinksOf(ctx context.Context, id ID) ([]Link, error)
}
