package staff_test

import (
	"context"
	"fmt"
	"sync"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/herald"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

// fakeWebhooks keeps webhooks in memory.
type fakeWebhooks struct {
	webhook.Store
	h *house
}

func (h *house) Webhooks() webhook.Store { return fakeWebhooks{h: h} }

func (f fakeWebhooks) Webhooks(_ context.Context, sc scope.Scope) (out []webhook.Webhook, _ error) {
	for _, w := range f.h.hooks {
		if sc.Sees(w.Place) {
			out = append(out, w)
		}
	}
	return out, nil
}

func (f fakeWebhooks) Webhook(_ context.Context, sc scope.Scope, id webhook.ID) (*webhook.Webhook, error) {
	for _, w := range f.h.hooks {
		if w.ID == id && sc.Sees(w.Place) {
			return &w, nil
		}
	}
	return nil, fault.New(fault.NotFound, "webhook %d", id)
}

func (f fakeWebhooks) Owed(_ context.Context, id webhook.ID, _ int64, _ int) (out []webhook.Delivery, _ error) {
	for _, d := range f.h.owed {
		if d.Webhook == id {
			out = append(out, d)
		}
	}
	return out, nil
}

func (f fakeWebhooks) Waits(context.Context, webhook.ID) (int, error) { return 3, nil }

// fakeHerald notes what is asked of it.
type fakeHerald struct {
	mu    sync.Mutex
	saved []webhook.Webhook
	deeds []string
	fail  error // of the next call
}

func (f *fakeHerald) failed() (err error) {
	err, f.fail = f.fail, nil
	return err
}

func (f *fakeHerald) Save(_ context.Context, _ account.Actor, w *webhook.Webhook, territory string, agency int64) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failed(); err != nil {
		return "", err
	}
	w.Place.Centre, w.Place.Agency = territory, agency
	f.saved = append(f.saved, *w)
	if w.ID != 0 {
		return "", nil
	}
	w.ID = 1
	return "whsec_once", nil
}

func (f *fakeHerald) Do(_ context.Context, _ account.Actor, id webhook.ID, deed herald.Deed, call int64) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failed(); err != nil {
		return "", err
	}
	f.deeds = append(f.deeds, fmt.Sprint(deed, " ", id, " ", call))
	if deed == herald.Rotate {
		return "whsec_next", nil
	}
	return "", nil
}
