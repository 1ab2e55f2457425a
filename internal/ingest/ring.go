package ingest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/standing"
)

// A thread is one talk at one source.
type thread struct{ source, root string }

// A trace is what the messages of a transaction leave in the ring.
type trace struct {
	dropped []message.Message  // concern nobody
	kept    []*message.Message // new here
	ours    []thread           // hold a message of an incident now
	fresh   []fresh            // texts that belong to an incident now
	caught  map[standing.ID]int64
}

// caughtBy counts a message that is new here for the saved queries that caught it.
func (t *trace) caughtBy(r *message.Reading) {
	for _, id := range r.Queries {
		if t.caught == nil {
			t.caught = map[standing.ID]int64{}
		}
		t.caught[standing.ID(id)]++
	}
}

// drop notes a message for the ring.
func (in *Intake) drop(m message.Message, j *judged, t *trace) {
	m.Place, _ = in.Desk.Stand(&m, j.reading)
	if m.Thread == "" && j.late != nil {
		j.late.add(m)
		return
	}
	t.dropped = append(t.dropped, m)
}

// A tail keeps the last dropped messages of a file that stand in no thread. They
// can be recalled by nothing, so that the ring may have them at the end of the
// file: writing the thousands before them, only to be pushed out, would make the
// intake of a large file half as slow again (measured: 66 µs a message, and 40 for
// the ring).
type tail struct {
	list []message.Message // a ring once it is full
	next int
}

// add may be called more than once for a message whose transaction was repeated:
// the ring has each once.
func (l *tail) add(m message.Message) {
	if len(m.Text) > message.RingText {
		return
	}
	if len(l.list) < message.RingSize {
		l.list = append(l.list, m)
		return
	}
	l.list[l.next] = m
	l.next = (l.next + 1) % len(l.list)
}

// end writes the tail into the ring.
func (in *Intake) end(ctx context.Context, l *tail) error {
	for part := range slices.Chunk(append(l.list[l.next:], l.list[:l.next]...), fileBatch) {
		err := in.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Ring().Drop(ctx, in.run, part) })
		if err != nil {
			return err
		}
	}
	return nil
}

// remember writes the trace into the ring, and the hits of saved queries to
// their counts: what concerns nobody is noted, what
// has become ours by this transaction is due. Nothing of it can be lost between
// this transaction and the one that takes it in.
func (in *Intake) remember(ctx context.Context, tx incident.Tx, t *trace) error {
	if len(t.dropped) > 0 {
		if err := tx.Ring().Drop(ctx, in.run, t.dropped); err != nil {
			return err
		}
	}
	if len(t.caught) > 0 {
		if err := tx.Standing().CountHits(ctx, t.caught, in.Now()); err != nil {
			return err
		}
	}
	refs := map[string][]message.Ref{}
	for _, m := range t.kept {
		refs[m.Source] = append(refs[m.Source], message.Ref{Native: m.Native, Revision: m.Revision, Event: m.Event})
	}
	for source, list := range refs {
		if err := tx.Ring().Kept(ctx, source, list); err != nil {
			return err
		}
	}
	slices.SortFunc(t.ours, func(a, b thread) int { return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.root, b.root)) })
	for _, th := range slices.Compact(t.ours) {
		if err := tx.Ring().ClaimThread(ctx, th.source, th.root); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many recalled messages share a transaction: people wait behind it.
const atOnce = 100

// recall takes in what became ours after it was dropped. It goes on where a
// process that was killed has left off. The summary corrects what this run of
// the program counted as not ours; what another run did stands in that one's.
func (in *Intake) recall(ctx context.Context) (sum Summary, err error) {
	for {
		due, err := in.Store.Reader().Ring().Due(ctx, atOnce)
		if err != nil || len(due) == 0 {
			return sum, err
		}
		mine := slices.DeleteFunc(slices.Clone(due), func(d message.Dropped) bool { return d.Run != in.run })
		if len(mine) > 0 {
			due = mine
		}
		var batch []message.Message
		for _, d := range due {
			if d.Message != nil {
				batch = append(batch, *d.Message)
			}
		}
		js, err := in.judge(ctx, batch)
		if err != nil {
			return sum, err
		}
		one, err := in.enter(ctx, js, func(tx incident.Tx) error { return tx.Ring().Remove(ctx, due) })
		if len(mine) > 0 {
			sum.Add(one)
			sum.Read -= one.Read
			sum.NotOurs -= one.Read
		}
		if err != nil {
			return sum, err
		}
	}
}

// Forget erases what the ring has held for a day. Whoever keeps the service
// running calls it every so often; margin is how often.
func (in *Intake) Forget(ctx context.Context, margin time.Duration) error {
	return in.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		_, err := tx.Ring().Forget(ctx, in.Now().Add(margin-message.RingAge))
		return err
	})
}
