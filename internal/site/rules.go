package site

import (
	"context"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/regime"
)

// A RulesKeeper keeps the regimes and calendars in force and their versions.
type RulesKeeper interface {
	Rules() *regime.Rules
	Book() *regime.Book
	// EditRegimes stores the next version with an edit of the version given. It is a
	// Conflict when another is in force, Forbidden for who may not.
	EditRegimes(ctx context.Context, who account.Actor, version int, e regime.Edit) (*regime.Rules, error)
	// PreviewRegimes counts what an edit would change, and stores nothing.
	PreviewRegimes(ctx context.Context, who account.Actor, e regime.Edit) (RulesPreview, error)
	// RulesVersions returns the versions, newest first; none before the first edit.
	RulesVersions(ctx context.Context) ([]Version, error)
}

// A RulesPreview says what an edit of the rules would change.
type RulesPreview struct {
	Changes []string
	Looked  int  // open incidents that were counted
	More    bool // there are more of them
	Moved   int  // that get another due time
	Earlier int  // of these, an earlier one
	Overdue int  // that would be overdue at once
}

// Sentence says in Russian how many due times move.
func (p *RulesPreview) Sentence() string {
	first := ""
	if p.More {
		first = "первые "
	}
	return fmt.Sprintf("Посмотрели %s%s: срок сдвинется у %d, станет раньше у %d, окажется просрочен у %d.",
		first, Count(p.Looked, "открытый инцидент", "открытых инцидента", "открытых инцидентов"), p.Moved, p.Earlier, p.Overdue)
}
