package app

import (
	"context"
	"time"

	"otklik/internal/incident"
	"otklik/internal/portal"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// watched returns what residents may know of what is read: names, networks and public
// addresses of the sources that are read now. Nil where the configuration hides it.
func (a *App) watched() func() []portal.Watched {
	if a.Config.Public.Hidden {
		return nil
	}
	return func() []portal.Watched {
		list := []portal.Watched{}
		for _, s := range a.Roster.All() {
			if s.Paused || s.Proposed() || s.Kind == source.Hook { // who pushes to us is not watched
				continue
			}
			one := portal.Watched{Name: s.Name, URL: s.URL, Network: s.Channel.Name(), Since: s.AddedAt, Own: s.Own}
			if p, ok := a.Places.ByID(s.Place.Centre); ok {
				one.Town = p.Name
			}
			list = append(list, one)
		}
		return list
	}
}

// towns returns the names of the region's municipalities.
func (a *App) towns() (names []string) {
	for _, p := range centres(a.region()) {
		names = append(names, p.Name)
	}
	return names
}

func (a *App) ownZone() *time.Location { return a.zoneOf(scope.Place{Region: a.region()}) }

// sourceDays is how long it is remembered what a source brought in an hour, and which links
// messages held.
const sourceDays = 90

func (a *App) forgetSourceDays(ctx context.Context) error {
	before := a.Now().AddDate(0, 0, -sourceDays)
	return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		if err := tx.Sources().ForgetHours(ctx, before); err != nil {
			return err
		}
		return tx.Sources().ForgetMentions(ctx, before)
	})
}
