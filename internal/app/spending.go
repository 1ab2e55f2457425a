package app

import (
	"context"
	"time"

	"otklik/internal/incident"
	"otklik/internal/source"
	"otklik/internal/store"
)

// spending keeps what the tokens of VK spent. It is vk.Ledger.
type spending struct{ db *store.DB }

func (s spending) Spend(ctx context.Context, list []source.Spent, forget int64) error {
	return s.db.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Sources().Spend(ctx, list, forget) })
}

// settle gives back what tokens were to spend and did not, when nothing reads any more.
func (a *App) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := a.pool.Settle(ctx); err != nil {
		a.Log.Warn("what tokens have spent cannot be settled", "error", err)
	}
}
