package ingest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// earlier is the index of the texts of the last two weeks that belong to an
// incident. It is a shadow of the store: filled from it at the first question
// after a start, and kept up by what this process commits. It answers with
// messages; whether their incident is open, where it is and what it is about is
// asked of the store each time, so that what people corrected holds at once.
type earlier struct {
	mu     sync.Mutex
	index  *cluster.Index
	filled bool
}

// A fresh is a text that the transaction under way has brought to an incident.
type fresh struct {
	id      message.ID
	written time.Time
	key     cluster.Key
	drop    bool // the text that was known holds no more; without words in key nothing replaces it
}

// changed notes that the text of a message of an incident is another one now.
func (t *trace) changed(m *message.Message, key func() cluster.Key) {
	f := fresh{id: m.ID, written: written(m), drop: true}
	if m.Event != message.Deleted {
		f.key = key()
	}
	t.fresh = append(t.fresh, f)
}

// nearest is how many earlier texts are looked at for one message.
const nearest = 8

// fill reads the texts of the window from the store, once.
func (in *Intake) fill(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "ingest.fill")
	e := &in.earlier
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.filled {
		return nil
	}
	if e.index == nil {
		e.index = cluster.NewIndex(cluster.Capacity)
	}
	e.index.Reset()
	var latest []fresh // newest first
	err = in.Store.Reader().Messages().Latest(ctx, in.Now().Add(-cluster.Window), cluster.Capacity, func(m *message.Message) {
		latest = append(latest, fresh{id: m.ID, written: written(m), key: in.Key(m.Text)})
	})
	if err != nil {
		return err
	}
	for _, f := range slices.Backward(latest) {
		e.index.Add(int64(f.id), f.written, &f.key)
	}
	e.filled = true
	return nil
}

// adopt takes over what a transaction brought, after its commit.
func (e *earlier) adopt(list []fresh) {
	if len(list) == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.filled { // the store tells it, when somebody asks
		return
	}
	for _, f := range list {
		if f.drop {
			e.index.Drop(int64(f.id))
		}
		e.index.Add(int64(f.id), f.written, &f.key)
	}
}

// near returns the earlier texts that are near, those of the transaction under
// way among them, the likest first. The keys are copies.
func (e *earlier) near(k *cluster.Key, under []fresh) []cluster.Match {
	var out []cluster.Match
	e.mu.Lock()
	if e.filled {
		out = e.index.Near(k, time.Time{}, cluster.Near, nearest, nil)
		for i := range out {
			out[i].Key = out[i].Key.Clone()
		}
	}
	e.mu.Unlock()
	for i := range under {
		f := &under[i]
		if f.drop {
			out = slices.DeleteFunc(out, func(m cluster.Match) bool { return m.ID == int64(f.id) })
		}
		if l := cluster.Compare(k, &f.key, cluster.Near); l.Score >= cluster.Near {
			out = append(out, cluster.Match{ID: int64(f.id), At: f.written, Key: f.key, Likeness: l})
		}
	}
	slices.SortStableFunc(out, func(a, b cluster.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(nearest, len(out))]
}

func written(m *message.Message) time.Time {
	if m.PublishedAt.IsZero() {
		return m.SeenAt
	}
	return m.PublishedAt
}

// A likely is an open incident that a message may belong to, and why.
type likely struct {
	into    incident.ID
	opinion cluster.Opinion
}

// alike returns the open incident whose text and place are those of the message,
// 0 for none, and the incidents that a person should compare it with.
func (in *Intake) alike(ctx context.Context, tx incident.Tx, m *message.Message, r *message.Reading, key cluster.Key, t *trace) (to int64, maybe []likely, err error) {
	mine := in.Desk.Case(m, r, key)
	seen := map[int64]bool{}
	for _, match := range in.earlier.near(&mine.Key, t.fresh) {
		was, err := tx.Messages().Message(ctx, scope.All(), message.ID(match.ID))
		if err == nil && !was.ErasedAt.IsZero() {
			t.fresh = append(t.fresh, fresh{id: was.ID, drop: true}) // nothing is found by words that were erased
			continue
		}
		of := int64(0)
		if err == nil {
			of, err = tx.Messages().Incident(ctx, was.ID)
		}
		if fault.Is(err, fault.NotFound) || err == nil && (of == 0 || seen[of]) {
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		seen[of] = true
		op, err := in.opinion(ctx, tx, m, &mine, of, match.Key, match.At)
		switch {
		case err != nil:
			return 0, nil, err
		case op.Verdict == cluster.Attach:
			return of, nil, nil
		case op.Verdict == cluster.Propose:
			maybe = append(maybe, likely{incident.ID(of), op})
		}
	}
	fp := message.Fingerprint(r.Index)
	if fp == "" {
		return 0, maybe, nil
	}
	of, err := tx.Messages().SameText(ctx, m.Place.Region, fp, in.Now().Add(-cluster.Window)) // also of other processes
	if err != nil || of == 0 || seen[of] {
		return 0, maybe, err
	}
	op, err := in.opinion(ctx, tx, m, &mine, of, mine.Key, time.Time{})
	if err == nil && op.Verdict == cluster.Attach {
		return of, nil, nil
	}
	return 0, maybe, err
}

// opinion judges about the message and an incident for which a text speaks that
// was written at the time given, or with the incident's first message.
func (in *Intake) opinion(ctx context.Context, tx incident.Tx, m *message.Message, mine *cluster.Case, of int64, key cluster.Key, at time.Time) (cluster.Opinion, error) {
	i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(of))
	if err != nil {
		return cluster.Opinion{}, err
	}
	if !i.State.Open() || i.Place.Region != m.Place.Region {
		return cluster.Opinion{Verdict: cluster.Apart}, nil
	}
	if at.IsZero() {
		if at = i.PublishedAt; at.IsZero() {
			at = i.OpenedAt
		}
	}
	theirs := desk.CaseOf(i, key, at)
	return cluster.Judge(mine, &theirs), nil
}
