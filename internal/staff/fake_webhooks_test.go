package staff_test

import (
	"context"

	"otklik/internal/fault"
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
