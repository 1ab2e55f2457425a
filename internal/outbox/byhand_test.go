package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/outbox"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// hands is a store of replies that went by hand, a desk that hears of proofs, and the
// network's thread.
type hands struct {
	jobs   []reply.Job
	stands map[reply.ID]bool
	asked  []reply.ID
	proven []reply.ID
	err    error
}

type handTx struct {
	incident.Tx
	reply.Store
	h *hands
}

func (t handTx) Replies() reply.Store { return t }
func (t handTx) ByHand(_ context.Context, sources []string, _ time.Time, _ int) ([]reply.Job, error) {
	if len(sources) != 1 || sources[0] != "ok:5" {
		return nil, errors.New("another source was asked for")
	}
	return t.h.jobs, nil
}

func (h *hands) Change(_ context.Context, _ incident.Lane, fn func(incident.Tx) error) error {
	return fn(handTx{h: h})
}

func (h *hands) Find(_ context.Context, j reply.Job) (reply.Receipt, bool, error) {
	h.asked = append(h.asked, j.Reply)
	return reply.Receipt{Native: "c"}, h.stands[j.Reply], h.err
}

func (h *hands) Proven(_ context.Context, j reply.Job, r reply.Receipt) error {
	h.proven = append(h.proven, j.Reply)
	for k := range h.jobs {
		if h.jobs[k].Reply == j.Reply {
			h.jobs = append(h.jobs[:k:k], h.jobs[k+1:]...)
			break
		}
	}
	return nil
}

func TestRepliesThatWentByHandAreLookedFor(t *testing.T) {
	t.Parallel()
	h := &hands{jobs: []reply.Job{{Reply: 1, Source: "ok:5"}, {Reply: 2, Source: "ok:5"}}, stands: map[reply.ID]bool{1: true}}
	now := noon
	all := map[string]source.Finder{}
	o := &outbox.Hands{Store: h, Desk: h, Finders: func() map[string]source.Finder { return all }, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	step := func() {
		t.Helper()
		if err := o.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if step(); len(h.asked) != 0 {
		t.Error("asked although no thread can be read")
	}
	all["ok:5"] = h
	if step(); len(h.asked) != 2 || len(h.proven) != 1 || h.proven[0] != 1 {
		t.Fatalf("asked for %v, proven %v", h.asked, h.proven)
	}
	if step(); len(h.asked) != 2 {
		t.Error("what was not found is asked for at once again")
	}
	for range 24 * 60 {
		now = now.Add(time.Minute)
		step()
	}
	if n := len(h.asked) - 2; n < 5 || n > 15 {
		t.Errorf("in a day one reply was looked for %d times", n)
	}
	h.err = source.Fail(source.Later, "Сеть не отвечает.", "away")
	now = now.Add(12 * time.Hour)
	step()
	h.err, h.stands[2] = nil, true
	now = now.Add(12 * time.Hour)
	if step(); len(h.proven) != 2 {
		t.Errorf("a thread that could not be read, and could later: proven %v", h.proven)
	}
}
