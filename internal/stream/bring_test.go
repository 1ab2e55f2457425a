package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/store"
	"otklik/internal/stream"
)

// TestACallBringsAllOrNothing: messages of several places and what is stored with them; the
// same call brings nothing again, the same message by another call neither.
func TestACallBringsAllOrNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	inbox := stream.NewInbox(db, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	here, there := pushed("1"), pushed("1")
	here.Source, there.Source = "max:bot", "max:-7"
	down := errors.New("it cannot be stored")
	for _, c := range []struct {
		name, call string
		also       error
		accepted   int
	}{
		{"what is stored with it fails", "u1", down, 0},
		{"again", "u1", nil, 2},
		{"the same call", "u1", nil, 0},
		{"another call with the same messages", "u2", nil, 0},
		{"a call without an id", "", nil, 0},
	} {
		ran := false
		n, err := inbox.Bring(ctx, "max:bot", c.call, []message.Message{here, there}, func(incident.Tx) error { ran = true; return c.also })
		if n != c.accepted && err == nil || !errors.Is(err, c.also) {
			t.Errorf("%s: %d, %v", c.name, n, err)
		}
		if ran == (c.name == "the same call") {
			t.Errorf("%s: stored with it: %t", c.name, ran)
		}
	}
	var got []string
	if _, err := inbox.Drain(ctx, func(_ context.Context, list []message.Message) error {
		for _, m := range list {
			got = append(got, m.Source+" "+m.Native)
		}
		return nil
	}); err != nil || !slices.Equal(got, []string{"max:bot 1", "max:-7 1"}) {
		t.Errorf("handed on: %v, %v", got, err)
	}
}

// TestWhoPushesWaitsForNoLongBatch: while messages come in, slow batches get small, and quick
// or undisturbed ones stay whole.
func TestWhoPushesWaitsForNoLongBatch(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	inbox := stream.NewInbox(db, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	n := 0
	push := func(many int) {
		t.Helper()
		var list []message.Message
		for range many {
			n++
			list = append(list, pushed(strconv.Itoa(n)))
		}
		if _, err := inbox.Push(ctx, "hook:a", "", list); err != nil {
			t.Fatal(err)
		}
	}
	drain := func(pause time.Duration) (size int) {
		t.Helper()
		size, err := inbox.Drain(ctx, func(context.Context, []message.Message) error { time.Sleep(pause); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return size
	}
	push(1000)
	if size := drain(300 * time.Millisecond); size != 200 {
		t.Errorf("the first batch has %d", size)
	}
	for range 3 {
		push(1)
		drain(300 * time.Millisecond)
	}
	push(1)
	if size := drain(0); size > 50 {
		t.Errorf("after slow batches beside pushes one has %d", size)
	}
	time.Sleep(1100 * time.Millisecond)
	if size := drain(0); size != 200 {
		t.Errorf("with nobody pushing a batch has %d", size)
	}
}
