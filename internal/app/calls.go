package app

import (
	"context"
	"time"

	"otklik/internal/api"
	"otklik/internal/incident"
	"otklik/internal/source"
)

// calls answers what the networks push.
func (a *App) calls() *api.Calls {
	return &api.Calls{Receiver: a.Roster.Receiver, Bring: a.bring, Refused: a.refusedCall, Log: a.Log}
}

// of is what a source says of itself, without what reads it.
func of(s source.Source) source.Connection {
	return source.Connection{Name: s.Name, URL: s.URL, Channel: s.Channel, Territory: s.Territory, Own: s.Own}
}

// bring stores what a network's call brought, before the call is answered.
func (a *App) bring(ctx context.Context, s source.Source, r source.Received) error {
	state, due := a.Intake.Called(s.ID, of(s), nil)
	if len(r.Messages) == 0 && len(r.Found) == 0 && !due {
		return nil
	}
	a.Intake.Place(of(s), r.Messages)
	_, err := a.Inbox.Bring(ctx, s.ID, r.ID, r.Messages, func(tx incident.Tx) error {
		if err := a.Intake.Discover(ctx, tx, s.ID, s.Territory, r.Found); err != nil || !due {
			return err
		}
		return tx.Intake().Note(ctx, state)
	})
	if err == nil && len(r.Found) > 0 {
		a.reloadSources(ctx)
	}
	return err
}

// refusedCall tells on the page of sources of a call that was not taken.
func (a *App) refusedCall(s source.Source, why error) {
	state, due := a.Intake.Called(s.ID, of(s), why)
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Intake().Note(ctx, state) }); err != nil {
		a.Log.Warn("the state of a source cannot be stored", "source", s.ID, "error", err)
	}
}

const (
	calledKept = 30 * 24 * time.Hour // a sender gives up long before
	calledBit  = 500                 // ids forgotten at once: others write between
)

// forgetCalled forgets the ids of calls of a month ago.
func (a *App) forgetCalled(ctx context.Context) error {
	for {
		var n int64
		err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
			n, err = tx.Intake().ForgetCalled(ctx, a.Now().Add(-calledKept), calledBit)
			return err
		})
		if err != nil || n < calledBit {
			return err
		}
	}
}
