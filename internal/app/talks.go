package app

import (
	"context"
	"time"

	"otklik/internal/dialogue"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/store"
)

// gather is how long a question waits for one more message in a row.
const gather = 1500 * time.Millisecond

// openTalks makes the dialogue with residents in messengers.
func (a *App) openTalks() {
	c := a.Config.Talks
	o := dialogue.Options{
		Store: a.DB, Desk: a.Desk, Places: a.Places, Quiet: a.quiet, Tell: a.tell, Now: a.Now, Log: a.Log, Region: a.region(), Centre: a.Config.Title,
		Consent: c.Consent, Contact: c.Contact, Off: c.Off, Patience: time.Duration(c.Patience), Gather: gather, Negative: a.Config.Rating.Negative,
		Speaker: func(id string) source.Speaker {
			if a.Roster == nil {
				return nil
			}
			return a.Roster.Speaker(id)
		},
		Date: func(at time.Time, p scope.Place) string { return site.Date(at, a.Now(), a.zoneOf(p)) },
		Topic: func(i *incident.Incident) string {
			t, _ := a.Topics().ByCode(i.Topic)
			return t.Name
		},
		Agency: func(ctx context.Context, tx incident.Tx, id int64) string {
			g, err := tx.Agencies().Agency(ctx, id)
			if err != nil {
				return ""
			}
			return g.Name
		},
		Alone: func(ctx context.Context) (dialogue.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Talking); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		},
	}
	if a.Demo != nil {
		o.Gather = 0
	}
	a.Dialogue = dialogue.New(o)
	a.Desk.Author = a.Dialogue.Notice
}
