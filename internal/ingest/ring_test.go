package ingest_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/store"
)

// A dying store runs what dies after a number of changes.
type dying struct {
	*store.DB
	after int
	die   func() error
}

func (d *dying) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	if d.after--; d.after < 0 {
		return d.die()
	}
	return d.DB.Change(ctx, lane, fn)
}

func (b *bench) text(t *testing.T, native string) string {
	t.Helper()
	m, err := b.db.Reader().Messages().ByNative(t.Context(), "file:a", native)
	if fault.Is(err, fault.NotFound) {
		return ""
	} else if err != nil {
		t.Fatal(err)
	}
	return m.Text
}

// TestTheTalkOfAThreadSurvivesAFailureBetween: the talk was dropped, the trouble
// was stored, and the database was gone before the talk was taken in.
func TestTheTalkOfAThreadSurvivesAFailureBetween(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", "Какая погода", in("post", "oleg")))
	gone := fault.New(fault.Unavailable, "gone")
	b.Store = &dying{DB: b.db, after: 1, die: func() error { return gone }}
	sum, err := b.Take(t.Context(), []message.Message{msg("2", "Яма у дома", in("post", "anna"))}, nil)
	if !errors.Is(err, gone) {
		t.Errorf("error = %v", err)
	}
	same(t, sum, ingest.Summary{Read: 1, Kept: 1, Opened: 1})
	if b.text(t, "1") != "" {
		t.Fatal("the talk was taken in already; the test shows nothing")
	}
	// Another run of the program goes on. What the first counted stands in its own summary.
	again := &bench{Intake: ingest.New(b.Options), db: b.db}
	again.Store = b.db
	same(t, again.take(t), ingest.Summary{})
	if got := b.text(t, "1"); got != "Какая погода" {
		t.Errorf("the talk = %q", got)
	}
}

// TestTheTalkOfAThreadSurvivesAKill is the same with a process that is killed by
// -9 between the two transactions.
func TestTheTalkOfAThreadSurvivesAKill(t *testing.T) {
	t.Parallel()
	const env = "OTKLIK_TEST_KILLED"
	if path := os.Getenv(env); path != "" {
		b := benchAt(t, path)
		b.take(t, msg("1", "Какая погода", in("post", "oleg")))
		b.Store = &dying{DB: b.db, after: 1, die: func() error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) }}
		b.take(t, msg("2", "Яма у дома", in("post", "anna")))
		t.Fatal("still alive")
	}
	path := filepath.Join(t.TempDir(), "otklik.db")
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheTalkOfAThreadSurvivesAKill$")
	c.Env = append(os.Environ(), env+"="+path)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process was not killed: %v\n%s", err, out)
	}
	b := benchAt(t, path)
	if b.text(t, "1") != "" || b.text(t, "2") == "" {
		t.Fatal("the kill did not fall between the two transactions")
	}
	b.take(t)
	if got := b.text(t, "1"); got != "Какая погода" {
		t.Errorf("the talk = %q", got)
	}
	b.take(t, msg("1", "Какая погода", in("post", "oleg")), msg("2", "Яма у дома", in("post", "anna")))
	if n := b.incidents(t); n != 1 {
		t.Errorf("%d incidents", n)
	}
}

// TestAnEditThatOvertookItsOriginalIsKept: the edit says nothing to us and
// arrives first; the original concerns us. Whatever the order, both are kept.
func TestAnEditThatOvertookItsOriginalIsKept(t *testing.T) {
	t.Parallel()
	at := func(minute int) func(*message.Message) {
		return func(m *message.Message) {
			m.Revision = message.Revision{Time: noon.Add(time.Duration(minute) * time.Minute)}
		}
	}
	original, edit := msg("1", "Яма у дома", at(0)), msg("1", "Какая погода", at(1))
	permute([]message.Message{original, edit}, func(order []message.Message) {
		b := newBench(t)
		for _, m := range order {
			b.take(t, m)
		}
		if got := b.text(t, "1"); got != "Какая погода" {
			t.Errorf("%v ends with %q", revisions(order), got)
		}
		if n := b.incidents(t); n != 1 {
			t.Errorf("%v opened %d incidents", revisions(order), n)
		}
	})
}

// TestWhatItsAuthorDeletedIsRecalledNoMore: the words leave the ring with the
// deletion, and a restore of what concerns nobody is not kept for it.
func TestWhatItsAuthorDeletedIsRecalledNoMore(t *testing.T) {
	t.Parallel()
	event := func(e message.Event, minute int) func(*message.Message) {
		return func(m *message.Message) {
			m.Event, m.Revision = e, message.Revision{Time: noon.Add(time.Duration(minute) * time.Minute)}
		}
	}
	b := newBench(t)
	b.take(t, msg("1", "Какая погода", in("post", "oleg"), event(message.Written, 0)))
	b.take(t, msg("1", "", in("post", "oleg"), event(message.Deleted, 1)))
	if seen, err := b.db.Reader().Ring().Seen(t.Context(), scope.All(), time.Time{}, 0); len(seen) != 0 || err != nil {
		t.Errorf("the ring holds %d messages, %v", len(seen), err)
	}
	b.take(t, msg("2", "Яма у дома", in("post", "anna")))
	if got := b.text(t, "1"); got != "" {
		t.Errorf("what was deleted is kept: %q", got)
	}
	other := newBench(t)
	other.take(t, msg("1", "Какая погода", event(message.Written, 0)))
	other.take(t, msg("1", "", event(message.Deleted, 1)))
	same(t, other.take(t, msg("1", "Какая погода", event(message.Restored, 2))), ingest.Summary{Read: 1, NotOurs: 1})
}

func TestTheRingIsSeenNewestFirstAndForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", "Какая погода", func(m *message.Message) { m.SeenAt = noon.Add(-25 * time.Hour) }),
		msg("2", "Хорошая погода"), msg("2", "Хорошая погода"), msg("3", "Яма у дома"))
	texts := func() string {
		list, err := b.db.Reader().Ring().Seen(t.Context(), scope.All(), time.Time{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, s := range list {
			out = append(out, s.Message.Text)
		}
		return strings.Join(out, ", ")
	}
	if got := texts(); got != "Яма у дома, Хорошая погода, Какая погода" {
		t.Errorf("seen = %q", got)
	}
	if err := b.Forget(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := texts(); got != "Яма у дома, Хорошая погода" {
		t.Errorf("after a day = %q", got)
	}
}

// TestAFileLeavesItsTailInTheRing: what concerned nobody stands in the ring at the
// end of a file, and what stands in a thread is recalled before it.
func TestAFileLeavesItsTailInTheRing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sum, err := b.File(t.Context(), ingest.FileRun{Name: "a.csv", Format: records{
		msg("1", "Какая погода"), msg("2", strings.Repeat("погода ", 1+message.RingText/13)), msg("3", "Хорошая погода", in("post", "oleg")), msg("4", "Яма у дома", in("post", "anna")),
	}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, sum, ingest.Summary{Read: 4, NotOurs: 1, Kept: 2, Opened: 1, KeptWithoutIncident: 1, Rejected: 1, Reasons: map[string]int64{"too_large": 1}})
	list, err := b.db.Reader().Ring().Seen(t.Context(), scope.All(), time.Time{}, 0)
	if err != nil || len(list) != 3 {
		t.Fatalf("seen %d messages, %v; want 3", len(list), err)
	}
	for _, s := range list {
		if kept := s.Message.Native != "1"; s.Kept != kept {
			t.Errorf("message %s kept: %t", s.Message.Native, s.Kept)
		}
	}
}

// records is a file of these messages.
type records []message.Message

func (f records) Records(context.Context, string, io.Reader) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for k := range f {
			if !yield(source.Record{Line: k + 1, Index: k + 1, Message: f[k]}, nil) {
				return
			}
		}
	}
}

// TestASecondRunSetsNothingMoreAside: the clock has gone on, the record is the same.
func TestASecondRunSetsNothingMoreAside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hour := 0
	b.Now = func() time.Time { hour++; return noon.Add(time.Duration(hour) * time.Hour) }
	for range 2 {
		b.take(t, msg("1", "бомба"))
	}
	list, err := b.db.Reader().Intake().Aside(t.Context(), scope.All(), 0)
	if err != nil || len(list) != 1 {
		t.Errorf("%d set aside, %v; want one", len(list), err)
	}
}
