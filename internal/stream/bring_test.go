package stream_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
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
	empty(t, inbox, taken(db, func(list []message.Message) time.Duration {
		for _, m := range list {
			got = append(got, m.Source+" "+m.Native)
		}
		return 0
	}))
	if !slices.Equal(got, []string{"max:bot 1", "max:-7 1"}) {
		t.Errorf("handed on: %v", got)
	}
}

// TestWhoPushesWaitsForNoLongBatch: a service that has just started, or that rested, takes in
// few messages at once while others push, as many as hold the store for some 5 ms; left alone
// it takes a tenth of a second's worth.
func TestWhoPushesWaitsForNoLongBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
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
			if _, err := inbox.Push(t.Context(), "hook:a", "", list); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name  string
			each  time.Duration // that a message holds the store
			alone bool
			sizes []int // of the next batches
		}{
			{"just started", time.Millisecond, false, []int{1, 5, 5}},
			{"slower messages", 5 * time.Millisecond, false, []int{5, 1, 1}},
			{"quick ones, which are not believed at once", 500 * time.Microsecond, false, []int{1, 1, 1, 2}},
			{"nobody pushes", 2 * time.Millisecond, true, []int{51, 50}},
			{"somebody pushes again", 2 * time.Millisecond, false, []int{2, 2}},
			{"very quick ones, alone", time.Microsecond, true, []int{50, 66, 88, 118, 157, 200, 200}},
		} {
			if push(400); c.alone {
				time.Sleep(2 * time.Second)
			}
			for k, want := range c.sizes {
				got, err := inbox.Drain(t.Context(), taken(db, func(list []message.Message) time.Duration { return time.Duration(len(list)) * c.each }))
				if err != nil || got != want {
					t.Errorf("%s: batch %d has %d messages, %v; want %d", c.name, k, got, err, want)
				}
			}
		}
	})
}
