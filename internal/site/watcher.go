package site

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/source"
)

// A Watcher tells how the watching of other people's pages goes: what the networks let us
// ask, and what became of one message. app.App is one.
type Watcher interface {
	// Allowance is zero where no pool of tokens reads, and for who sees not the whole region.
	Allowance(ctx context.Context, who account.Actor) (source.Allowance, error)
	// Missed says why a pasted post or comment is among ours or not. It may ask the network.
	Missed(ctx context.Context, who account.Actor, link string) (source.Missed, error)
}
