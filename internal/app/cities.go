package app

import (
	"otklik/internal/roster"
	"otklik/internal/source"
	"otklik/internal/source/open311"
)

// cityKind reads the systems of other cities by Open311. Reading wants no key, as a rule.
func (a *App) cityKind() roster.Connector {
	o := open311.Options{Now: a.Now, Inner: a.Demo != nil}
	return roster.Connector{
		Recognise: open311.Links{Options: o},
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			return open311.Open(s, key, o)
		},
	}
}
