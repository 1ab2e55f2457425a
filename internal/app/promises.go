package app

import (
	"context"
	"time"

	"otklik/internal/scope"
	"otklik/internal/site"
)

// zoneAt returns the clock by which people at a place live.
func (a *App) zoneAt(p scope.Place) *time.Location {
	for _, oktmo := range []string{p.Centre, p.Region} {
		if at, ok := a.Places.ByID(oktmo); ok && oktmo != "" && at.Zone != "" {
			return site.Zone(at.Zone)
		}
	}
	return site.Zone("")
}

const promiseEvery = time.Minute

// watchPromises tells the desk of promises whose day comes or has come. What was
// told stands in the store: a restart tells nothing twice.
func (a *App) watchPromises(ctx context.Context) error {
	for {
		if _, err := a.Desk.Due(ctx, a.Now()); err != nil && ctx.Err() == nil {
			a.Log.Warn("promises that are due cannot be told of", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(promiseEvery):
		}
	}
}
