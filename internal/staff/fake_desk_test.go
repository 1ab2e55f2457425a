package staff_test

import (
	"context"

	"otklik/internal/incident"
	"otklik/internal/scope"
)

func (h *house) Disputes() incident.Disputes { return fakeDisputes{h} }

type fakeDisputes struct{ h *house }

func (f fakeDisputes) SaveDispute(context.Context, *incident.Dispute) error { return nil }

func (f fakeDisputes) Disputes(_ context.Context, sc scope.Scope, state incident.DisputeState, _ int) (out []incident.Dispute, _ error) {
	for _, d := range f.h.disputes {
		for _, i := range f.h.incidents {
			if d.State == state && i.ID == d.Incident && sc.Sees(i.Place) {
				out = append(out, d)
			}
		}
	}
	return out, nil
}
