package staff_test

import (
	"context"
	"fmt"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// fakeFanouts knows of no mass incident but those that a test names.
type fakeFanouts struct {
	reply.Fanouts
	h *house
}

func (f fakeFanouts) Mass(_ context.Context, id int64) (*reply.Mass, error) {
	if m := f.h.mass[id]; m != nil {
		return m, nil
	}
	return nil, fault.New(fault.NotFound, "not mass")
}
func (f fakeFanouts) FanoutsOf(_ context.Context, _ scope.Scope, id int64) (out []reply.Fanout, err error) {
	for _, x := range f.h.fanouts {
		if x.Incident == id {
			out = append(out, x)
		}
	}
	return out, nil
}
func (f fakeFanouts) Progress(_ context.Context, id reply.FanoutID) (reply.Progress, error) {
	return f.h.progress[id], nil
}
func (f fakeFanouts) Covered(context.Context, reply.FanoutID) ([]reply.Job, error) {
	return f.h.deliveries, nil
}
func (f fakeFanouts) Jobs(_ context.Context, q reply.JobFilter) (out []reply.Job, err error) {
	for _, j := range f.h.deliveries {
		if j.Incident == q.Incident && (q.State == "" || j.State == q.State) && j.ID > q.After && (q.Fanout == 0 || q.Fanout == j.Fanout) && len(out) < q.Limit {
			out = append(out, j)
		}
	}
	return out, nil
}
func (f fakeFanouts) Outlets(_ context.Context, sc scope.Scope) (out []reply.Outlet, err error) {
	for _, o := range f.h.outlets {
		if sc.Sees(o.Place) {
			out = append(out, o)
		}
	}
	return out, nil
}

// Plan says what the desk would do, over the house.
func (d *fakeDesk) Plan(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, text, due string, covered []reply.Job) (desk.Plan, error) {
	real := desk.New(desk.Options{Topics: topic.Default, Publishes: func(source string) bool { return source != "phone" }})
	return real.Plan(ctx, tx, sc, i, text, due, covered)
}

// crowd makes an incident mass: nine more wrote, and one of them rang.
func (w *world) crowd(at int) {
	i := w.incidents[at]
	w.mass = map[int64]*reply.Mass{int64(i.ID): {Incident: int64(i.ID), Why: "person", Place: i.Place}}
	for k := range 9 {
		m := *w.messages[i.ID][0]
		m.ID, m.Author, m.Thread, m.Native, m.Source = message.ID(900+k), fmt.Sprint("сосед", k), fmt.Sprint("ветка", k), fmt.Sprint("n", k), "vk:-1"
		m.Channel = message.VK
		if k == 8 {
			m.Source, m.Channel, m.URL = "phone", message.Phone, ""
		}
		w.messages[i.ID] = append(w.messages[i.ID], &m)
	}
}
