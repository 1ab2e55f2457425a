package app

import (
	"context"

	"otklik/internal/courier"
	"otklik/internal/notify/mail"
	"otklik/internal/portal"
	"otklik/internal/store"
)

// openCourier makes what writes to residents who reported, where letters leave from here and
// the portal has an address that they can be led to.
func (a *App) openCourier() {
	m := a.Config.Mail
	if m == nil || a.Config.Site == "" || a.Config.Public.Closed {
		return
	}
	a.Courier = courier.New(courier.Options{
		Store: a.DB, Key: a.Desk.Links, Site: a.Config.Site, Path: portal.FollowPath, Now: a.Now, Log: a.Log,
		Mail: &mail.Sender{Server: m.Server, From: m.From, User: m.User, Password: m.Password.Reveal(), Secret: m.Secret, Now: a.Now},
		Alone: func(ctx context.Context) (courier.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Posting); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		},
	})
}
