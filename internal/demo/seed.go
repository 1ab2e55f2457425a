package demo

import (
	"context"
	"time"

	"otklik/internal/app"
	"otklik/internal/fault"
	"otklik/internal/incident"
)

// Seed makes agencies, staff and history in an empty store.
func Seed(ctx context.Context, a *app.App, networks []*Network, now time.Time) (err error) {
	defer fault.Wrap(&err, "demo.Seed")
	return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		if _, err := settle(ctx, tx, Region); err != nil {
			return err
		}
		return nil
	})
}
