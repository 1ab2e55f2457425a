package staff_test

import (
	"context"
	"slices"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lint"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// fakePromises keeps promises; the scope is that of their own place.
type fakePromises struct {
	promise.Store
	h *house
}

func (f fakePromises) sees(sc scope.Scope, p *promise.Promise) bool { return sc.Sees(p.Place) }

func (f fakePromises) OfIncident(_ context.Context, sc scope.Scope, id int64) (out []promise.Promise, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.promises {
		if p := &f.h.promises[k]; p.Incident == id && f.sees(sc, p) {
			out = append(out, *p)
		}
	}
	return out, nil
}

func (f fakePromises) Promise(_ context.Context, sc scope.Scope, id promise.ID) (*promise.Promise, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.promises {
		if p := f.h.promises[k]; p.ID == id && f.sees(sc, &p) {
			return &p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no promise %d", id)
}

func (f fakePromises) Calendar(_ context.Context, sc scope.Scope, q promise.Filter) (out []promise.Promise, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.promises {
		p := &f.h.promises[k]
		if !f.sees(sc, p) || p.Vague != q.Vague || q.Agency != 0 && p.Place.Agency != q.Agency || q.State != "" && p.State != q.State ||
			!q.From.IsZero() && p.Until.Before(q.From) || !q.Until.IsZero() && !p.Until.Before(q.Until) {
			continue
		}
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b promise.Promise) int { return a.Until.Compare(b.Until) })
	return out, nil
}

func (f fakePromises) Tally(_ context.Context, sc scope.Scope, _, now time.Time) (out []promise.Tally, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	at := map[int64]int{}
	for k := range f.h.promises {
		p := &f.h.promises[k]
		if !f.sees(sc, p) {
			continue
		}
		n, ok := at[p.Place.Agency]
		if !ok {
			n = len(out)
			at[p.Place.Agency] = n
			out = append(out, promise.Tally{Agency: p.Place.Agency})
		}
		t := &out[n]
		t.Made++
		switch {
		case p.Vague:
			t.Vague++
		case p.Overdue(now):
			t.Overdue++
		case p.State == promise.Open:
			t.Waiting++
		case p.State == promise.Kept:
			t.Kept++
		case p.State == promise.Broken:
			t.Broken++
		}
	}
	return out, nil
}

// Lint reads drafts as the desk does, without a store.
func (d *fakeDesk) Lint(_ context.Context, _ incident.Tx, _ *incident.Incident, text string, purpose reply.Purpose) (o desk.Opinion, ok bool, err error) {
	a, err := russian.New()
	if err != nil {
		return o, false, err
	}
	l, err := lint.New(a)
	if err != nil {
		return o, false, err
	}
	o.Report, o.Bar = l.Check(lint.Case{Reply: l.Text(text), Purpose: purpose, When: promise.Options{At: clock}}), lint.Bar
	return o, true, nil
}

func (f fakeReplies) Doubts(_ context.Context, sc scope.Scope, _ time.Time) (out []reply.Doubts, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.replies {
		if r := &f.h.replies[k]; r.Lint.Read && !r.PublishedAt.IsZero() && sc.Sees(r.Place) {
			d := reply.Doubts{Agency: r.Place.Agency, Published: 1}
			if r.Lint.Doubt {
				d.Doubted = 1
			}
			out = append(out, d)
		}
	}
	return out, nil
}
