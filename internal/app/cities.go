package app

import (
	"context"
	"time"

	"otklik/internal/envoy"
	"otklik/internal/neighbour"
	"otklik/internal/roster"
	"otklik/internal/source"
	"otklik/internal/source/open311"
	"otklik/internal/store"
)

// cityKind reads the systems of other cities by Open311. Reading wants no key, as a rule.
func (a *App) cityKind() roster.Connector {
	o := open311.Options{Now: a.Now, Inner: a.Demo != nil, Ours: func(ctx context.Context, key string) (bool, error) {
		return a.DB.Reader().Neighbours().Known(ctx, key)
	}}
	return roster.Connector{
		Recognise: open311.Links{Options: o},
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			return open311.Open(s, key, o)
		},
	}
}

// openEnvoy makes what hands incidents to other cities: to those sources that are cities.
func (a *App) openEnvoy() {
	load, edit := a.setting("cities")
	o := envoy.Options{
		Store: a.DB, Desk: a.Desk, Sources: a.Roster.All, Load: load, Edit: edit, Topics: a.Topics, Lemmas: a.Analyzer.Query, Mask: a.masked, Zone: a.zoneAt, Now: a.Now, Log: a.Log,
		Wire: func(id string) neighbour.Wire {
			w, _ := a.Roster.Puller(id).(neighbour.Wire)
			return w
		},
		Alone: func(ctx context.Context) (envoy.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Handing); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		},
	}
	if a.Demo != nil { // a visitor waits
		o.Every = 3 * time.Second
	}
	a.Envoy = envoy.New(o)
}
