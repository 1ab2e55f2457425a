package api

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/source"
)

func (a *API) senderKeeper() (site.SenderKeeper, error) {
	if k, ok := a.Roster.(site.SenderKeeper); ok {
		return k, nil
	}
	return nil, fault.New(fault.NotFound, "no senders are kept here")
}

// connect keeps a new system that pushes messages to us.
func (a *API) connect(ctx context.Context, me *Caller, b *SourceFieldsBody) (*body[SourceAnswer], error) {
	keeper, err := a.senderKeeper()
	if err != nil {
		return nil, err
	}
	s := source.Source{Kind: source.Hook}
	if err := b.into(&s); err != nil {
		return nil, err
	}
	secret, err := keeper.Connect(ctx, me.Actor(), &s, b.Code)
	if err != nil {
		return nil, err
	}
	return a.withSecret(ctx, me, &s, secret)
}

// newSecret gives one another secret.
func (a *API) newSecret(ctx context.Context, me *Caller, s *source.Source, now bool) (*body[SourceAnswer], error) {
	keeper, err := a.senderKeeper()
	if err != nil {
		return nil, err
	}
	secret, err := keeper.Rotate(ctx, me.Actor(), s.Number, now)
	if err != nil {
		return nil, err
	}
	return a.withSecret(ctx, me, s, secret)
}

func (a *API) withSecret(ctx context.Context, me *Caller, s *source.Source, secret string) (*body[SourceAnswer], error) {
	out := SourceAnswer{Secret: secret}
	var err error
	out.Source, err = a.fare(ctx, me, s)
	return &body[SourceAnswer]{out}, err
}
