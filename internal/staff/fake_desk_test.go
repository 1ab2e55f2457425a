package staff_test

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

func (h *house) Disputes() incident.Disputes { return fakeDisputes{h} }
func (h *house) Clocks() incident.Clocks     { return fakeClocks{h: h} }

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

func (f fakeReplies) Drafts(_ context.Context, sc scope.Scope, _ int) (list []reply.Reply, _ error) {
	for _, r := range f.h.replies {
		if r.State == reply.Draft && sc.Sees(r.Place) {
			list = append(list, r)
		}
	}
	return list, nil
}

func (d *fakeDesk) SaveAgency(ctx context.Context, _ account.Actor, a *agency.Agency) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	return d.h.Agencies().SaveAgency(ctx, a)
}

func (d *fakeDesk) MoveAll(_ context.Context, _ account.Actor, from, to int64, reason string) (m desk.Moved, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.moved = [2]int64{from, to}
	return desk.Moved{Done: []incident.ID{4}, Rules: 1, Failed: []desk.NotDone{{ID: 6, Err: fault.New(fault.Conflict, "draft").Say("Ответ ждёт согласования.")}}}, d.fail
}
