package staff_test

import (
	"context"
	"slices"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/problem"
	"otklik/internal/scope"
)

// fakeProblems and fakeCalls hold what the pages read; what no page asks is left to
// the nil Store inside.
type fakeProblems struct {
	problem.Store
	h *house
}

func (h *house) Problems() problem.Store { return fakeProblems{h: h} }
func (h *house) Calls() call.Store       { return fakeCalls{h: h} }

func (f fakeProblems) Problem(_ context.Context, sc scope.Scope, id problem.ID) (*problem.Problem, error) {
	for k := range f.h.problems {
		if p := f.h.problems[k]; p.ID == id && sc.Sees(p.Scope) {
			return &p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "problem %d is not here", id)
}

func (f fakeProblems) List(_ context.Context, sc scope.Scope, q problem.Filter) (out []problem.Problem, err error) {
	for _, p := range f.h.problems {
		if sc.Sees(p.Scope) && (!q.Open || p.State == problem.Open) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f fakeProblems) Of(_ context.Context, id int64) (problem.ID, error) {
	for p, list := range f.h.durable {
		if slices.Contains(list, id) {
			return p, nil
		}
	}
	return 0, nil
}

func (f fakeProblems) Incidents(_ context.Context, id problem.ID) ([]int64, error) {
	return f.h.durable[id], nil
}

type fakeCalls struct {
	call.Store
	h *house
}

func (f fakeCalls) list(ctx context.Context, sc scope.Scope, keep func(call.Call) bool) (out []call.Call) {
	for _, c := range f.h.calls {
		if _, err := f.h.Incidents().Incident(ctx, sc, incident.ID(c.Incident)); err == nil && keep(c) {
			out = append(out, c)
		}
	}
	return out
}

func (f fakeCalls) OpenOf(_ context.Context, _ scope.Scope, phone, name string, _ int) ([]int64, error) {
	return nil, nil // the desk asks; it is a fake as well
}

func (f fakeCalls) Left(_ context.Context, _ scope.Scope, _ int64, ending string) (bool, error) {
	return ending == "2233", nil
}

func (f fakeCalls) Waiting(ctx context.Context, sc scope.Scope, _ int) ([]call.Call, error) {
	return f.list(ctx, sc, func(c call.Call) bool { return c.State == call.Waiting }), nil
}

func (f fakeCalls) Latest(ctx context.Context, sc scope.Scope, _ int) ([]call.Call, error) {
	return f.list(ctx, sc, func(c call.Call) bool { return c.State != call.Waiting }), nil
}

func (f fakeCalls) OfIncident(ctx context.Context, sc scope.Scope, id int64) ([]call.Call, error) {
	return f.list(ctx, sc, func(c call.Call) bool { return c.Incident == id }), nil
}

func (d *fakeDesk) EndProblem(_ context.Context, _ account.Actor, id problem.ID, how, reason string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if reason == "" {
		return fault.New(fault.Invalid, "no reason").At("reason").Say("Напишите, что сделано.")
	}
	d.ended = how
	return d.fail
}
