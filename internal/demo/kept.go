package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"otklik/internal/app"
	"otklik/internal/gazetteer"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// keepSources puts the networks beside VK among the sources that an administrator keeps,
// and mends their addresses after a start at another port. at is since when they are there.
func (d *Demo) keepSources(ctx context.Context, at time.Time) error {
	box := d.App.Roster.Box
	err := d.App.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		list, err := tx.Sources().Sources(ctx, scope.All())
		if err != nil {
			return err
		}
		have := map[string]source.Source{}
		for _, s := range list {
			have[s.ID] = s
		}
		keys, err := tx.Sources().Keys(ctx, scope.All())
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, k := range keys {
			known[k.Name] = true
		}
		for _, n := range append(slices.Clone(d.others), d.visited...) {
			s, err := n.kept(d.App)
			if err != nil {
				return err
			}
			s.AddedAt = at
			if was, ok := have[s.ID]; ok {
				if string(was.Settings) == string(s.Settings) && was.URL == s.URL {
					continue
				}
				was.Settings, was.URL = s.Settings, s.URL
				s = was
			}
			if s.Key != "" && !known[s.Key] {
				k := source.Key{Name: s.Key, Kind: s.Kind.Keys(), Sealed: box.Seal(s.Key, n.secret), AddedAt: at, Place: scope.Place{Region: Region}}
				if err := tx.Sources().SaveKey(ctx, &k); err != nil {
					return err
				}
			}
			if err := tx.Sources().SaveSource(ctx, &s); err != nil {
				return err
			}
			for _, found := range list { // what a bot found speaks for the bot's place
				if found.Via != s.ID || found.Territory != "" {
					continue
				}
				found.Territory, found.Place = s.Territory, s.Place
				if err := tx.Sources().SaveSource(ctx, &found); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.App.Roster.Load(ctx); err != nil {
		return err
	}
	if err := d.befriend(ctx); err != nil {
		return err
	}
	return d.subscribe(ctx)
}

// kept returns the source of the network with its addresses and its place.
func (n *Network) kept(a *app.App) (s source.Source, err error) {
	s = n.source
	if s.Settings, err = json.Marshal(n.settings(n)); err != nil {
		return s, err
	}
	s.URL = n.URL
	if s.Territory != Region {
		if s.Territory, err = municipality(s.Territory); err != nil {
			return s, err
		}
	}
	p, _ := a.Desk.Stand(&message.Message{Territory: s.Territory}, nil)
	s.Place = scope.Place{Region: cmp.Or(p.Region, Region), Centre: p.Centre}
	return s, nil
}

// municipality returns the code of a municipality.
func municipality(name string) (string, error) {
	list, err := gazetteer.Municipalities(Region)
	if err != nil {
		return "", err
	}
	for _, m := range list {
		if m.Name == name {
			return m.ID, nil
		}
	}
	return "", fmt.Errorf("demo: municipality %s is not in the gazetteer", name)
}
