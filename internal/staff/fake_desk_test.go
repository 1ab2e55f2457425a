package staff_test

import (
	"context"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/shift"
	"otklik/internal/team"
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

func (d *fakeDesk) CloseShift(_ context.Context, who account.Actor, at scope.Place, note string) error {
	d.h.shifts = append([]shift.Shift{{ID: int64(len(d.h.shifts) + 1), Place: at, OpenedAt: clock.Add(-8 * time.Hour), ClosedAt: clock, ClosedBy: who.ID, Note: note}}, d.h.shifts...)
	return d.fail
}

func (d *fakeDesk) AcceptShift(_ context.Context, who account.Actor, _ scope.Place, id int64) error {
	for k := range d.h.shifts {
		if d.h.shifts[k].ID == id {
			d.h.shifts[k].AcceptedAt, d.h.shifts[k].AcceptedBy = clock, who.ID
		}
	}
	return d.fail
}

func (h *house) Links() incident.Links       { return fakeLinks{h: h} }
func (h *house) Team() team.Store            { return fakeTeam{h: h} }
func (h *house) Checklists() checklist.Store { return fakeChecks{h: h} }
func (h *house) Shifts() shift.Store         { return fakeShifts{h: h} }

func (f fakeReplies) Unclear(context.Context, scope.Scope, int) ([]int64, error) {
	return f.h.unclear, nil
}

// around is what colleagues do beside the incidents.
type around struct {
	notes   []team.Note
	members []team.Member
	items   []checklist.Item
	links   []incident.Link
	shifts  []shift.Shift
	unclear []int64
}

type fakeLinks struct {
	incident.Links
	h *house
}

func (f fakeLinks) LinksOf(_ context.Context, id incident.ID) (out []incident.Link, _ error) {
	for _, l := range f.h.links {
		if l.From == id || l.To == id {
			out = append(out, l)
		}
	}
	return out, nil
}

type fakeTeam struct {
	team.Store
	h *house
}

func (f fakeTeam) Members(_ context.Context, id int64) (out []team.Member, _ error) {
	for _, m := range f.h.members {
		if m.Incident == id {
			out = append(out, m)
		}
	}
	return out, nil
}

func (f fakeTeam) Joined(_ context.Context, agency int64, _ int) (out []int64, _ error) {
	for _, m := range f.h.members {
		if m.Agency == agency {
			out = append(out, m.Incident)
		}
	}
	return out, nil
}

func (f fakeTeam) Notes(_ context.Context, id int64) (out []team.Note, _ error) {
	for _, n := range f.h.notes {
		if n.Incident == id {
			out = append(out, n)
		}
	}
	return out, nil
}

func (f fakeTeam) Naming(_ context.Context, who account.ID, _ int) (out []team.Note, _ error) {
	for _, n := range f.h.notes {
		if slices.Contains(n.Mentions, who) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (f fakeTeam) Followers(context.Context, int64) ([]account.ID, error) {
	return []account.ID{1}, nil
}

func (f fakeTeam) Followed(context.Context, account.ID, int) ([]int64, error) { return []int64{1}, nil }

type fakeChecks struct {
	checklist.Store
	h *house
}

func (f fakeChecks) Items(_ context.Context, id int64) (out []checklist.Item, _ error) {
	for _, i := range f.h.items {
		if i.Incident == id {
			out = append(out, i)
		}
	}
	return out, nil
}

func (f fakeChecks) Templates(context.Context, string) ([]checklist.Template, error) {
	return []checklist.Template{{Items: []string{"Выехать на место"}}}, nil
}

type fakeShifts struct {
	shift.Store
	h *house
}

func (f fakeShifts) Shifts(context.Context, scope.Place, int) ([]shift.Shift, error) {
	return f.h.shifts, nil
}
