package staff_test

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
)

// fakeNeighbours are the requests that went to other cities.
type fakeNeighbours struct {
	neighbour.Store
	h *house
}

func (h *house) Neighbours() neighbour.Store { return fakeNeighbours{h: h} }

func (f fakeNeighbours) OfIncident(_ context.Context, _ scope.Scope, incident int64) (out []neighbour.Request, err error) {
	for _, r := range f.h.handed {
		if r.Incident == incident {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f fakeNeighbours) OfSource(_ context.Context, _ scope.Scope, source string, _ int) (out []neighbour.Request, err error) {
	for _, r := range f.h.handed {
		if r.Source == source {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f fakeNeighbours) Request(_ context.Context, _ scope.Scope, id neighbour.ID) (*neighbour.Request, error) {
	for _, r := range f.h.handed {
		if r.ID == id {
			return &r, nil
		}
	}
	return nil, fault.New(fault.NotFound, "request %d", id)
}
