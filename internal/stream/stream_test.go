package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/store"
	"otklik/internal/stream"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func pushed(native string) message.Message {
	return message.Message{
		Source: "hook:a", Channel: message.Hook, Native: native, Text: "Яма " + native, Event: message.Written,
		Revision: message.Revision{Time: noon}, PublishedAt: noon, SeenAt: noon,
	}
}

// taken is an intake that notes what it took, and says how long that held the store.
func taken(db *store.DB, take func([]message.Message) time.Duration) stream.Take {
	return func(ctx context.Context, list []message.Message, also func(incident.Tx) error) (time.Duration, error) {
		return take(list), db.Change(ctx, incident.Machine, also)
	}
}

// empty drains the inbox to its end, and returns the sizes of the batches.
func empty(t *testing.T, inbox *stream.Inbox, take stream.Take) (sizes []int) {
	t.Helper()
	for {
		n, err := inbox.Drain(t.Context(), take)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return sizes
		}
		sizes = append(sizes, n)
	}
}

// TestWhatWasAcknowledgedIsHandedOnUntilItIsTaken: in order of arrival, again
// after a failure, and not again after a success; also by a new process.
func TestWhatWasAcknowledgedIsHandedOnUntilItIsTaken(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "otklik.db")
	var db *store.DB
	open := func() (*stream.Inbox, func()) {
		var err error
		if db, err = store.Open(ctx, path); err != nil {
			t.Fatal(err)
		}
		return stream.NewInbox(db, func() time.Time { return noon }, slog.New(slog.DiscardHandler)), func() { db.Close() }
	}
	inbox, end := open()
	for _, c := range []struct {
		key      string
		natives  []string
		accepted int
	}{
		{"call-1", []string{"1", "2"}, 2},
		{"call-1", []string{"1", "2"}, 0}, // the same call again
		{"call-2", []string{"2", "3"}, 1}, // another call with a message that waits already
	} {
		var list []message.Message
		for _, n := range c.natives {
			list = append(list, pushed(n))
		}
		if n, err := inbox.Push(ctx, "hook:a", c.key, list); err != nil || n != c.accepted {
			t.Errorf("Push(%s, %v) = %d, %v, want %d", c.key, c.natives, n, err, c.accepted)
		}
	}
	down := errors.New("intake is down")
	if _, err := inbox.Drain(ctx, func(context.Context, []message.Message, func(incident.Tx) error) (time.Duration, error) {
		return 0, down
	}); !errors.Is(err, down) {
		t.Errorf("Drain into a failing intake = %v", err)
	}
	end() // the process dies and another one starts
	inbox, end = open()
	defer end()
	var got []string
	empty(t, inbox, taken(db, func(list []message.Message) time.Duration {
		for _, m := range list {
			got = append(got, m.Native)
		}
		return 0
	}))
	if len(got) != 3 || got[0] != "1" || got[1] != "2" || got[2] != "3" {
		t.Errorf("handed on %v, want 1 2 3, each once", got)
	}
}
