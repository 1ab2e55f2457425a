package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

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

// TestWhatWasAcknowledgedIsHandedOnUntilItIsTaken: in order of arrival, again
// after a failure, and not again after a success; also by a new process.
func TestWhatWasAcknowledgedIsHandedOnUntilItIsTaken(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "otklik.db")
	open := func() (*stream.Inbox, func()) {
		db, err := store.Open(ctx, path)
		if err != nil {
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
	if _, err := inbox.Drain(ctx, func(context.Context, []message.Message) error { return down }); !errors.Is(err, down) {
		t.Errorf("Drain into a failing intake = %v", err)
	}
	end() // the process dies and another one starts
	inbox, end = open()
	defer end()
	var got []string
	take := func(_ context.Context, list []message.Message) error {
		for _, m := range list {
			got = append(got, m.Native)
		}
		return nil
	}
	for range 2 {
		if _, err := inbox.Drain(ctx, take); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 3 || got[0] != "1" || got[1] != "2" || got[2] != "3" {
		t.Errorf("handed on %v, want 1 2 3, each once", got)
	}
}
