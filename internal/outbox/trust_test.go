package outbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/outbox"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// TestWhatCannotBeAskedIsNeverSentAgain: where the network knows neither a key nor
// a way to read back, one try whose end is not known is the last one.
func TestWhatCannotBeAskedIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	unclear := source.Fail(source.Unclear, "", "timeout")
	for name, wrote := range map[string]bool{"the reply stands": true, "the reply does not stand": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{blind: true, publish: []error{unclear}, wrote: []bool{wrote}}
			b := newBench(t, n)
			b.enqueue(t, "vk:-1")
			b.aDay(t)
			if n.calls != 1 || n.finds != 0 || len(b.desk.unknown) != 1 || len(b.desk.published)+len(b.desk.failed) != 0 {
				t.Errorf("sent %d times, read back %d times, unknown %q, published %d, failed %q", n.calls, n.finds, b.desk.unknown, len(b.desk.published), b.desk.failed)
			}
		})
	}
}

// TestACrashBeforeABlindNetworkIsUnknown: the job was taken, and the process died.
func TestACrashBeforeABlindNetworkIsUnknown(t *testing.T) {
	t.Parallel()
	n := &network{blind: true}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	b.change(t, func(tx incident.Tx) error {
		if _, err := tx.Replies().Take(t.Context(), b.now, 10); err != nil {
			return err
		}
		_, err := tx.Replies().Interrupted(t.Context(), b.now)
		return err
	})
	b.aDay(t)
	if n.calls != 0 || len(b.desk.unknown) != 1 {
		t.Errorf("sent %d times, unknown %q", n.calls, b.desk.unknown)
	}
}

// TestAKeyNeedsNoReadBack: the network itself knows a call that it has seen.
func TestAKeyNeedsNoReadBack(t *testing.T) {
	t.Parallel()
	n := &network{blind: true, key: true, publish: []error{source.Fail(source.Unclear, "", "timeout"), nil}, wrote: []bool{true, false}}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	b.aDay(t)
	if len(n.stands) != 1 || n.calls != 2 || n.finds != 0 || len(b.desk.published) != 1 || len(b.desk.unknown) != 0 {
		t.Errorf("stands %d times, sent %d times, published %d, unknown %q", len(n.stands), n.calls, len(b.desk.published), b.desk.unknown)
	}
}

// TestNothingIsSentAgainBeforeTheNetworkHasSettled: the thread does not show the
// reply yet. Sending it then would make two.
func TestNothingIsSentAgainBeforeTheNetworkHasSettled(t *testing.T) {
	t.Parallel()
	n := &network{settle: time.Minute, publish: []error{source.Fail(source.Unclear, "", "timeout")}, wrote: []bool{true}, hidden: true}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	for range 20 { // forty seconds
		b.step(t)
		b.now = b.now.Add(2 * time.Second)
	}
	if n.finds == 0 || n.calls != 1 {
		t.Fatalf("read back %d times, sent %d times", n.finds, n.calls)
	}
	n.hidden = false
	b.aDay(t)
	if n.calls != 1 || len(n.stands) != 1 || len(b.desk.published) != 1 || b.desk.proofs[0] != reply.ByReadBack {
		t.Errorf("sent %d times, stands %d times, published %d with proof %q", n.calls, len(n.stands), len(b.desk.published), b.desk.proofs)
	}
	// One that never comes to stand is sent again once the time is over.
	lost := &network{settle: time.Minute, publish: []error{source.Fail(source.Unclear, "", "timeout"), nil}, wrote: []bool{false, true}}
	b = newBench(t, lost)
	b.enqueue(t, "vk:-1")
	from := b.now
	for lost.calls < 2 && b.now.Sub(from) < time.Hour {
		b.step(t)
		b.now = b.now.Add(5 * time.Second)
	}
	if took := b.now.Sub(from); took < time.Minute || took > 2*time.Minute {
		t.Errorf("sent again after %v, the network needs a minute", took)
	}
}

// TestFloodControlRestsTheSourceAndLosesNothing: sixty alike, and a network
// that refuses every tenth and everything while it is annoyed.
func TestFloodControlRestsTheSourceAndLosesNothing(t *testing.T) {
	t.Parallel()
	n := &network{}
	var annoyed time.Time
	refused := 0
	b := newBench(t, n)
	n.before = func() error {
		if len(n.stands)%10 == 9 && refused < 8 && !b.now.Before(annoyed) {
			annoyed = b.now.Add(4 * time.Minute)
		}
		if b.now.Before(annoyed) {
			refused++
			e := source.Fail(source.Flood, "Слишком похоже.", "flood control")
			e.After, e.Code = 5*time.Minute, 9
			return e
		}
		return nil
	}
	b.enqueueMany(t, "vk:-1", 60)
	tries := 0
	for len(b.desk.published) < 60 && tries < 10_000 {
		tries++
		b.step(t)
		b.now = b.now.Add(20 * time.Second)
	}
	if len(n.stands) != 60 || len(b.desk.published) != 60 || len(b.desk.failed)+len(b.desk.unknown) != 0 {
		t.Fatalf("stands %d, published %d, failed %d, unknown %d", len(n.stands), len(b.desk.published), len(b.desk.failed), len(b.desk.unknown))
	}
	if refused == 0 || refused > 12 {
		t.Errorf("the network refused %d times: it must be left alone while it rests", refused)
	}
	var out reply.Outlet
	b.change(t, func(tx incident.Tx) (err error) {
		out, err = tx.Fanouts().Outlet(t.Context(), "vk:-1")
		return err
	})
	if out.Spacing == 0 {
		t.Error("after so many complaints the source is not slower")
	}
}

// TestACaptchaWaitsForAPerson and then everything leaves.
func TestACaptchaWaitsForAPerson(t *testing.T) {
	t.Parallel()
	n := &network{publish: []error{nil, source.Fail(source.Person, "Введите код с картинки.", "captcha")}}
	b := newBench(t, n)
	b.enqueueMany(t, "vk:-1", 5)
	b.aDay(t)
	b.aDay(t)
	if n.calls != 2 || len(n.stands) != 1 || len(b.desk.failed) != 0 {
		t.Fatalf("asked %d times, stands %d, failed %q", n.calls, len(n.stands), b.desk.failed)
	}
	again := newBenchOn(t, b) // the program starts anew: it remembers
	again.step(t)
	if n.calls != 2 {
		t.Fatal("a restart forgot that the network waits for a person")
	}
	again.change(t, func(tx incident.Tx) error {
		out, err := tx.Fanouts().Outlet(t.Context(), "vk:-1")
		if !out.Waits || out.Sentence == "" {
			t.Errorf("the outlet = %+v", out)
		}
		if err != nil {
			return err
		}
		out.Waits = false
		return tx.Fanouts().SaveOutlet(t.Context(), out)
	})
	again.aDay(t)
	if len(n.stands) != 5 {
		t.Errorf("after a person has seen to it %d stand, want 5", len(n.stands))
	}
}

// TestTheLimitsOfANetworkHoldOverARestart: three replies a minute, and twenty a
// day, whatever restarts.
func TestTheLimitsOfANetworkHoldOverARestart(t *testing.T) {
	t.Parallel()
	n := &network{perSecond: 0.05, perDay: 20}
	b := newBench(t, n)
	b.enqueueMany(t, "vk:-1", 40)
	for range 120 { // two minutes, a restart each third second
		b.step(t)
		if b.now = b.now.Add(time.Second); b.now.Second()%3 == 0 {
			b = newBenchOn(t, b)
		}
	}
	if len(n.stands) > 6 {
		t.Fatalf("%d left in two minutes, the network bears 3 a minute", len(n.stands))
	}
	b = newBenchOn(t, b)
	aDayOn := func() {
		for range 60 {
			b.step(t)
			b.now = b.now.Add(20 * time.Minute)
		}
	}
	aDayOn()
	if len(n.stands) != 20 {
		t.Errorf("%d left in a day, want 20", len(n.stands))
	}
	b.now = b.now.Add(24 * time.Hour)
	aDayOn()
	if len(n.stands) != 40 {
		t.Errorf("%d left on the second day, want 40", len(n.stands))
	}
}

// TestQuietHours: what is not urgent waits for morning, what is urgent leaves.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	n := &network{}
	b := newBench(t, n)
	morning := noon.Add(20 * time.Hour)
	b.Options.Quiet = func(_ *reply.Job, now time.Time) time.Time {
		if now.Before(morning) {
			return morning
		}
		return time.Time{}
	}
	b.enqueueMany(t, "vk:-1", 3)
	b.change(t, func(tx incident.Tx) error {
		j, err := tx.Replies().Job(t.Context(), 2)
		if err != nil {
			return err
		}
		j.Urgent = true
		return tx.Replies().Settle(t.Context(), j)
	})
	for range 6 {
		b.step(t)
		b.now = b.now.Add(time.Hour)
	}
	if len(n.stands) != 1 {
		t.Fatalf("%d left by night, want the urgent one", len(n.stands))
	}
	b.now = morning
	b.aDay(t)
	if len(n.stands) != 3 {
		t.Errorf("%d stand by day, want 3", len(n.stands))
	}
}

// TestADeadSourceKeepsNoOtherWaiting: one network hangs, the other one publishes.
func TestADeadSourceKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	dead := &network{before: func() error { <-hang; return source.Fail(source.Later, "", "dead") }}
	n := &network{}
	b := newBench(t, n)
	b.Options.Every = time.Millisecond
	b.Options.Publisher = func(id string) source.Publisher {
		if id == "vk:-2" {
			return dead
		}
		return n
	}
	b.enqueueMany(t, "vk:-2", 3)
	b.enqueueMany(t, "vk:-1", 30)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	deadline := time.After(20 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d of 30 were published beside a dead source", n.standing())
		}
		if n.standing() == 30 {
			break
		}
	}
	cancel()
	close(hang)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func (b *bench) step(t *testing.T) {
	t.Helper()
	if _, err := b.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) change(t *testing.T, fn func(incident.Tx) error) {
	t.Helper()
	if err := b.db.Change(t.Context(), incident.Machine, fn); err != nil {
		t.Fatal(err)
	}
}

// newBenchOn starts another outbox on the same database, desk and network.
func newBenchOn(t *testing.T, old *bench) *bench {
	t.Helper()
	b := &bench{net: old.net, desk: old.desk, db: old.db, now: old.now}
	o := old.Options
	o.Now = func() time.Time { return b.now }
	b.Outbox = outbox.New(o)
	return b
}

// enqueueMany stores n approved replies of the source.
func (b *bench) enqueueMany(t *testing.T, src string, n int) {
	t.Helper()
	b.change(t, func(tx incident.Tx) error {
		i := &incident.Incident{State: "approval", OpenedAt: noon, UpdatedAt: noon}
		if err := tx.Incidents().Open(t.Context(), i); err != nil {
			return err
		}
		for k := range n {
			r := &reply.Reply{Incident: int64(i.ID), State: reply.Approved, Purpose: reply.Final, Text: "Засыпали.", CreatedAt: noon}
			if err := tx.Replies().SaveReply(t.Context(), r); err != nil {
				return err
			}
			if err := tx.Replies().Enqueue(t.Context(), &reply.Job{Reply: r.ID, Incident: int64(i.ID), Source: src, Key: fmt.Sprintf("%s-%d", src, k), State: reply.Waiting, NextAt: noon}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *network) standing() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.stands)
}
