package app

import (
	"context"
	"path/filepath"

	"otklik/internal/herald"
	"otklik/internal/personal"
	"otklik/internal/russian"
	"otklik/internal/seal"
	"otklik/internal/store"
)

// openHerald makes what calls programs outside.
func (a *App) openHerald(ctx context.Context) error {
	box, err := seal.Keyed(filepath.Join(a.Dir, seal.Name))
	if err != nil {
		return err
	}
	a.Herald = herald.New(herald.Options{
		Store: a.DB, Box: box, Topics: a.Topics, Mask: a.masked, Stand: a.standOf, Hurry: a.Outbox.Wake, Tell: a.tell, Now: a.Now, Log: a.Log, Plain: a.Demo != nil,
		Alone: func(ctx context.Context) (herald.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Calling); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		},
	})
	return a.Herald.Load(ctx)
}

// masked covers personal data in a text.
func (a *App) masked(text string) string {
	var spans []russian.Span
	for _, f := range personal.Find(a.Analyzer.Read(text)) {
		spans = append(spans, f.Span)
	}
	return personal.Mask(text, spans)
}

// pushers are the sources that push messages to us by the signed call.
func (a *App) pushers() (list []string) {
	for _, s := range a.signers() {
		list = append(list, s.Source)
	}
	return list
}

// publishes reports whether replies to the messages of a source leave by themselves.
func (a *App) publishes(id string) bool {
	return a.Options.Publishers[id] != nil || a.Roster.Publisher(id) != nil || a.Herald.Publishes(id)
}
