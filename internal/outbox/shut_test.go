package outbox_test

import (
	"errors"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
)

func shut(n int) (errs []error) {
	for range n {
		e := source.Fail(source.Shut, "Комментарии закрыты: откройте их.", "213")
		e.Code = 213
		errs = append(errs, e)
	}
	return errs
}

// tale returns what is told of the thread of the job, and the job.
func (b *bench) tale(t *testing.T) (reply.Outlet, *reply.Job) {
	t.Helper()
	out, err := b.db.Reader().Fanouts().Outlet(t.Context(), reply.ShutID("vk:-1", ""))
	if err != nil {
		t.Fatal(err)
	}
	j, err := b.db.Reader().Replies().JobByID(t.Context(), scope.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return out, j
}

// A reply whose thread is closed waits for it, the more seldom tried the longer it is closed,
// can be taken back meanwhile, and leaves once the thread is open.
func TestAReplyWaitsForItsThreadToBeOpened(t *testing.T) {
	t.Parallel()
	n := &network{publish: shut(30)}
	b := newBench(t, n)
	b.enqueue(t, "vk:-1")
	for step := range 24 * 60 { // minutes of a day
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if out, j := b.tale(t); step == 0 && (!j.Shut() || j.Note != "Комментарии закрыты: откройте их." || out.Sentence != j.Note || !out.RestUntil.After(b.now) || !out.Since.Equal(b.now)) {
			t.Fatalf("after the first try %+v is told, the job is %+v", out, j)
		}
		if len(n.stands) > 0 {
			break
		}
		b.now = b.now.Add(time.Minute)
	}
	waited := b.now.Sub(noon)
	if len(n.stands) != 1 || n.calls != 31 || len(b.desk.failed) != 0 || waited < 10*time.Hour {
		t.Errorf("after %s and %d calls %d stand, failed %q", waited, n.calls, len(n.stands), b.desk.failed)
	}
	if out, _ := b.tale(t); out.RestUntil.After(b.now) || out.Sentence != "" {
		t.Errorf("an open thread is told as closed: %+v", out)
	}
}

func TestAReplyThatWaitsForItsThreadCanBeTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, &network{publish: shut(5)})
	b.enqueue(t, "vk:-1")
	for range 3 {
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(5 * time.Minute)
	}
	err := b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		taken, err := tx.Replies().Recall(t.Context(), 1)
		if err == nil && !taken {
			err = errors.New("it is not here")
		}
		return err
	})
	if err != nil {
		t.Errorf("Recall: %v", err)
	}
}

// Nobody opens the thread for three days: the reply returns to the desk with the reason.
func TestAThreadThatStaysClosedReturnsTheReply(t *testing.T) {
	t.Parallel()
	b := newBench(t, &network{publish: shut(1000)})
	b.enqueue(t, "vk:-1")
	for b.now.Sub(noon) < 96*time.Hour && len(b.desk.failed) == 0 {
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(20 * time.Minute)
	}
	if waited := b.now.Sub(noon); len(b.desk.failed) != 1 || b.desk.failed[0] != "Комментарии закрыты: откройте их." || waited < 72*time.Hour || waited > 75*time.Hour {
		t.Errorf("after %s failed %q", waited, b.desk.failed)
	}
	if out, _ := b.tale(t); out.RestUntil.After(b.now) {
		t.Errorf("what waits no more is told: %+v", out)
	}
}
