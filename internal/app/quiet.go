package app

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source/vk"
)

// quiet returns when a reply that is not urgent may leave for the source, the zero
// time for now. The hours are those of the source, else of the centre; the zone
// is that of the territory whose residents read it.
func (a *App) quiet(source string, p scope.Place, now time.Time) time.Time {
	hours := a.Config.Quiet
	for k := range a.Config.VK {
		if c := &a.Config.VK[k]; c.Quiet != nil && vk.SourceID(-c.Group) == source {
			hours = c.Quiet
		}
	}
	if hours == nil {
		return time.Time{}
	}
	return hours.Ends(now.In(a.zoneOf(p)))
}

// zoneOf is the time zone of a place, else of the installation.
func (a *App) zoneOf(p scope.Place) *time.Location {
	for _, oktmo := range []string{p.Centre, p.Region} {
		if at, ok := a.Places.ByID(oktmo); oktmo != "" && ok && at.Zone != "" {
			return site.Zone(at.Zone)
		}
	}
	return a.zone()
}

// resumeOutlet lets the replies of a source leave again, at once.
func (a *App) resumeOutlet(ctx context.Context, who account.Actor, source string) error {
	if err := a.Desk.ResumeOutlet(ctx, who, source); err != nil {
		return err
	}
	a.Outbox.Wake()
	a.Envoy.Wake()
	return nil
}
