package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/outbox"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/store"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// A network publishes what it is told to, as badly as it is told to.
type network struct {
	stands  []string // keys of what stands in the thread
	publish []error  // what the next calls answer; nil is success
	wrote   []bool   // whether the next calls write although they fail
	find    error
	finds   int

	key, blind bool // Ability
	settle     time.Duration
	perSecond  float64
	perDay     int
	mu         sync.Mutex
	calls      int
	hidden     bool         // what stands is not shown yet
	before     func() error // refuses
}

func (n *network) Publish(_ context.Context, job reply.Job) (reply.Receipt, error) {
	if n.before != nil {
		if err := n.before(); err != nil {
			n.calls++
			return reply.Receipt{}, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	var err error
	write := true
	if len(n.publish) > 0 {
		err, n.publish = n.publish[0], n.publish[1:]
		write = err == nil
	}
	if len(n.wrote) > 0 {
		write, n.wrote = n.wrote[0], n.wrote[1:]
	}
	if write {
		n.stands = append(n.stands, job.Key)
	}
	return reply.Receipt{Native: "c1", URL: "https://example.org/1"}, err
}

func (n *network) Find(_ context.Context, job reply.Job) (reply.Receipt, bool, error) {
	n.finds++
	if n.hidden {
		return reply.Receipt{}, false, nil
	}
	for _, key := range n.stands {
		if key == job.Key {
			return reply.Receipt{Native: "c1"}, true, n.find
		}
	}
	return reply.Receipt{}, false, n.find
}

func (n *network) Ability() source.Ability {
	return source.Ability{Key: n.key, ReadBack: !n.blind, Settle: n.settle, PerSecond: n.perSecond, PerDay: n.perDay}
}

// A desk writes down what it hears, and settles the job as the real one does.
type desk struct {
	db        *store.DB
	heard     chan struct{} // closed with the first publication
	published []reply.Receipt
	failed    []string
	unknown   []string
	proofs    []string
	deaf      int // how many of the next publications it cannot note
}

func (d *desk) Published(ctx context.Context, job reply.Job, r reply.Receipt) error {
	if d.deaf > 0 {
		d.deaf--
		return errors.New("the database is away")
	}
	d.published, d.proofs = append(d.published, r), append(d.proofs, job.Proof)
	job.State = reply.Sent
	err := d.settle(ctx, &job)
	if len(d.published) == 1 {
		close(d.heard)
	}
	return err
}

func (d *desk) Unpublishable(ctx context.Context, job reply.Job, sentence string) error {
	d.failed = append(d.failed, sentence)
	job.State = reply.Dead
	return d.settle(ctx, &job)
}

func (d *desk) Uncertain(ctx context.Context, job reply.Job, sentence string) error {
	d.unknown = append(d.unknown, sentence)
	job.State = reply.Unknown
	return d.settle(ctx, &job)
}

func (d *desk) Withdrawn(context.Context, reply.Job, reply.FanoutState) error { return nil }

func (d *desk) settle(ctx context.Context, job *reply.Job) error {
	return d.db.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, job) })
}

type bench struct {
	*outbox.Outbox
	net  *network
	desk *desk
	db   *store.DB
	now  time.Time
}

func newBench(t *testing.T, net *network) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b := &bench{net: net, desk: &desk{db: db, heard: make(chan struct{})}, db: db, now: noon}
	b.Outbox = outbox.New(outbox.Options{
		Store: db, Desk: b.desk, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
		Publisher: func(source string) source.Publisher {
			if source == "vk:-1" {
				return net
			}
			return nil
		},
	})
	return b
}

func (b *bench) enqueue(t *testing.T, src string) {
	t.Helper()
	err := b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		i := &incident.Incident{State: "approval", OpenedAt: noon, UpdatedAt: noon}
		if err := tx.Incidents().Open(t.Context(), i); err != nil {
			return err
		}
		r := &reply.Reply{Incident: int64(i.ID), State: reply.Approved, Purpose: reply.Final, Text: "Засыпали.", CreatedAt: noon}
		if err := tx.Replies().SaveReply(t.Context(), r); err != nil {
			return err
		}
		return tx.Replies().Enqueue(t.Context(), &reply.Job{Reply: r.ID, Incident: int64(i.ID), Source: src, Key: "k", State: reply.Waiting, NextAt: noon})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// until steps through a day, an hour at a time, until nothing more happens.
func (b *bench) aDay(t *testing.T) {
	t.Helper()
	for range 40 {
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(2 * time.Hour)
	}
}

func TestAReplyStandsOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	later := source.Fail(source.Later, "Занято.", "busy")
	unclear := source.Fail(source.Unclear, "", "timeout")
	for name, n := range map[string]*network{
		"all goes well":                         {},
		"busy twice":                            {publish: []error{later, later, nil}},
		"the answer is lost after writing":      {publish: []error{unclear, nil}, wrote: []bool{true}},
		"the answer is lost before writing":     {publish: []error{unclear, nil}, wrote: []bool{false, true}},
		"an error of no kind, after writing":    {publish: []error{errors.New("EOF"), nil}, wrote: []bool{true}},
		"lost, then busy, then lost, then good": {publish: []error{unclear, later, unclear, nil}, wrote: []bool{false, false, false, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, n)
			b.enqueue(t, "vk:-1")
			b.aDay(t)
			if len(n.stands) != 1 || len(b.desk.published) != 1 || len(b.desk.failed) != 0 {
				t.Errorf("stands %d times, published %d, failed %q", len(n.stands), len(b.desk.published), b.desk.failed)
			}
		})
	}
}

func TestWhatCannotBePublishedReturnsToTheDesk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		net *network
		src string
	}{
		"comments are closed":         {&network{publish: []error{source.Fail(source.Permanent, "Комментарии закрыты.", "213")}}, "vk:-1"},
		"the source is gone":          {&network{}, "vk:-2"},
		"the network is dead all day": {&network{publish: dead(60)}, "vk:-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.net)
			b.enqueue(t, c.src)
			b.aDay(t)
			if len(b.desk.failed) != 1 || b.desk.failed[0] == "" || len(c.net.stands) != 0 {
				t.Errorf("failed = %q, stands %d times", b.desk.failed, len(c.net.stands))
			}
		})
	}
}

func dead(n int) (errs []error) {
	for range n {
		errs = append(errs, source.Fail(source.Later, "Не отвечает.", "dead"))
	}
	return errs
}

// TestACrashWhilePublishingIsReadBack: the job was taken, the reply written, and
// the process died before the receipt.
func TestACrashWhilePublishingIsReadBack(t *testing.T) {
	t.Parallel()
	n := &network{}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	err := b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		_, err := tx.Replies().Take(t.Context(), b.now, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n.stands = []string{"k"}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	select {
	case <-b.desk.heard:
	case <-time.After(10 * time.Second):
		t.Error("nothing was published in ten seconds")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(n.stands) != 1 || n.finds == 0 || len(b.desk.published) != 1 {
		t.Errorf("stands %d times, read back %d times, published %d", len(n.stands), n.finds, len(b.desk.published))
	}
}

// TestWhatCouldNotBeNotedIsClaimedAgain: the reply stands, the database was away
// when the desk was told. Nothing restarts, and nothing is published again.
func TestWhatCouldNotBeNotedIsClaimedAgain(t *testing.T) {
	t.Parallel()
	n := &network{}
	b := newBench(t, n)
	b.desk.deaf = 1
	b.enqueue(t, "vk:-1")
	var minutes atomic.Int64
	b.Options.Now = func() time.Time { return noon.Add(time.Duration(minutes.Add(1)) * time.Minute) }
	b.Options.Every = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	select {
	case <-b.desk.heard:
	case <-time.After(10 * time.Second):
		t.Error("the publication was not noted in ten seconds")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(n.stands) != 1 || n.finds != 1 || len(b.desk.published) != 1 {
		t.Errorf("stands %d times, read back %d times, noted %d times; want once each", len(n.stands), n.finds, len(b.desk.published))
	}
}

type lease struct{ lost, released bool }

func (l *lease) Check(context.Context) error {
	if l.lost {
		return errors.New("the session has ended")
	}
	return nil
}
func (l *lease) Release() { l.released = true }

func TestNothingIsPublishedWhileAnotherProcessPublishes(t *testing.T) {
	t.Parallel()
	n := &network{}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	b.Options.Every = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := 0
	held := &lease{}
	b.Options.Alone = func(context.Context) (outbox.Lease, error) {
		switch asked++; {
		case asked < 3:
			if len(n.stands) > 0 {
				t.Error("published without the lease")
			}
			return nil, nil
		case asked == 3:
			return held, nil
		}
		cancel()
		return nil, nil
	}
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	select {
	case <-b.desk.heard:
	case <-time.After(10 * time.Second):
		t.Error("nothing was published in ten seconds")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !held.released || asked != 3 {
		t.Errorf("lease released: %t, asked for %d times, want 3", held.released, asked)
	}
}

// TestAStopPutsBackWhatWasNotBegun: at shutdown a job that was taken and not begun
// waits as it did; nobody needs to read anything back for it.
func TestAStopPutsBackWhatWasNotBegun(t *testing.T) {
	t.Parallel()
	n := &network{}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	ctx, cancel := context.WithCancel(t.Context())
	b.Options.Store = &stopping{b.db, 2, cancel} // the second change takes the job
	if _, err := b.Step(ctx); err != nil {
		t.Fatal(err)
	}
	if len(n.stands) != 0 {
		t.Error("a publication was begun after the stop")
	}
	b.Options.Store = b.db
	if _, err := b.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(n.stands) != 1 || n.finds != 0 {
		t.Errorf("stands %d times, read back %d times; want 1 and 0", len(n.stands), n.finds)
	}
}

// A stopping store stops the program behind one of its changes.
type stopping struct {
	*store.DB
	after int
	stop  func()
}

func (s *stopping) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	err := s.DB.Change(ctx, lane, fn)
	if s.after--; s.after == 0 {
		s.stop()
	}
	return err
}
