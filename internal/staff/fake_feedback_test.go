package staff_test

import (
	"context"
	"slices"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// fakeFeedback holds voices and closures in memory. What no page asks is left to the
// nil Store inside.
type fakeFeedback struct {
	feedback.Store
	h *house
}

func (f fakeFeedback) sees(ctx context.Context, sc scope.Scope, id int64) bool {
	_, err := f.h.Incidents().Incident(ctx, sc, incident.ID(id))
	return err == nil
}

func (f fakeFeedback) OfIncident(ctx context.Context, sc scope.Scope, id int64) (out []feedback.Voice, err error) {
	if !f.sees(ctx, sc, id) {
		return nil, fault.New(fault.NotFound, "incident %d is not here", id)
	}
	for _, v := range f.h.voices {
		if v.Incident == id {
			out = append(out, v)
		}
	}
	return out, nil
}

func (f fakeFeedback) Voice(ctx context.Context, sc scope.Scope, id feedback.ID) (*feedback.Voice, error) {
	k := slices.IndexFunc(f.h.voices, func(v feedback.Voice) bool { return v.ID == id })
	if k < 0 || !f.sees(ctx, sc, f.h.voices[k].Incident) {
		return nil, fault.New(fault.NotFound, "voice %d is not here", id)
	}
	v := f.h.voices[k]
	return &v, nil
}

func (f fakeFeedback) Waiting(ctx context.Context, sc scope.Scope, after feedback.ID, limit int) (out []feedback.Voice, err error) {
	for _, v := range f.h.voices {
		if v.State == feedback.Waiting && v.ID > after && f.sees(ctx, sc, v.Incident) && len(out) < limit {
			out = append(out, v)
		}
	}
	return out, nil
}

func (f fakeFeedback) CountWaiting(ctx context.Context, sc scope.Scope, limit int) (int, error) {
	list, err := f.Waiting(ctx, sc, 0, limit)
	return len(list), err
}

func (f fakeFeedback) Closures(_ context.Context, id int64) (out []feedback.Closure, err error) {
	for _, c := range f.h.closures {
		if c.Incident == id {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f fakeFeedback) Sampled(ctx context.Context, sc scope.Scope, limit int) (out []feedback.Closure, err error) {
	for _, c := range f.h.closures {
		if c.Sampled && c.CheckedAt.IsZero() && c.FalseAt.IsZero() && f.sees(ctx, sc, c.Incident) && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f fakeFeedback) CountSampled(ctx context.Context, sc scope.Scope, limit int) (int, error) {
	list, err := f.Sampled(ctx, sc, limit)
	return len(list), err
}

func (d *fakeDesk) Invite(context.Context, account.Actor, incident.ID) (string, error) {
	return "https://centre.example/r/abcdefghijklmnopqrstuvwxyz", d.fail
}

func (d *fakeDesk) Paper(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, of message.ID) (desk.Paper, error) {
	return (&desk.Desk{}).Paper(ctx, tx, who, i, of)
}

func (d *fakeDesk) Printed(_ context.Context, _ account.Actor, id incident.ID, of message.ID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		d.printed = append(d.printed, printing{id, of})
	}
	return d.fail
}

// A printing is a letter that was printed.
type printing struct {
	incident incident.ID
	message  message.ID
}
