package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"otklik/internal/outbox"
)

// Run starts everything that lives and returns after all of it has ended: when
// ctx ends, or when a part fails.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	closing := make(chan struct{})
	handler, err := a.handler(closing)
	if err != nil {
		l.Close()
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		close(closing) // event streams end, so that Shutdown need not wait for them
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(stop); err != nil { // a client that neither sends nor reads must not hold the end up
			return server.Close()
		}
		return nil
	})
	g.Go(func() error { return a.Roster.Run(ctx) })
	g.Go(func() error { return a.Inbox.Run(ctx, a.take) })
	g.Go(func() error { return a.Outbox.Run(ctx) })
	g.Go(func() error { return a.Dialogue.Run(ctx) })
	hands := &outbox.Hands{Store: a.DB, Desk: a.Desk, Finders: a.Roster.Finders, Now: a.Now, Log: a.Log}
	if a.Demo != nil { // a visitor waits
		hands.Every = 3 * time.Second
	}
	g.Go(func() error { return hands.Run(ctx) })
	g.Go(func() error { return a.Lookout.Run(ctx) })
	g.Go(func() error { return a.Fetcher.Run(ctx) })
	g.Go(func() error { return a.Uploads.Run(ctx) })
	g.Go(func() error { return a.watchDeadlines(ctx) })
	g.Go(func() error { return a.sweep(ctx) })
	g.Go(func() error { return a.learnByNight(ctx) })
	g.Go(func() error { return a.watchPromises(ctx) })
	g.Go(func() error { return a.Notices.Run(ctx) })
	g.Go(func() error { return a.Herald.Run(ctx) })
	g.Go(func() error { return a.Envoy.Run(ctx) })
	if a.Courier != nil {
		g.Go(func() error { return a.Courier.Run(ctx) })
	}
	g.Go(func() error { return a.forgetNotices(ctx) })
	g.Go(func() error { return a.hearBot(ctx) })
	g.Go(func() error { return a.indexPrecedents(ctx) })
	err = g.Wait()
	a.settle(context.WithoutCancel(ctx))
	return err
}

const sweepEvery = 10 * time.Minute

// sweep ends sessions that have expired, erases dropped messages of yesterday and bytes
// that nothing refers to.
func (a *App) sweep(ctx context.Context) error {
	for {
		if err := a.endExpired(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("expired sessions cannot be removed", "error", err)
		}
		if err := a.Intake.Forget(ctx, sweepEvery); err != nil && ctx.Err() == nil {
			a.Log.Warn("dropped messages of yesterday cannot be erased", "error", err)
		}
		if err := a.forgetSourceDays(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("old counts of sources cannot be removed", "error", err)
		}
		if err := a.forgetCalled(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("ids of old calls cannot be removed", "error", err)
		}
		if err := a.sweepFiles(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("bytes that nothing refers to cannot be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sweepEvery):
		}
	}
}
