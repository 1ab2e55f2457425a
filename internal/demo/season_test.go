package demo

import (
	"log/slog"
	"testing"
	"time"

	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source/vk/vkfake"
)

// TestAHistoryCanEndAtAnyTime: in summer, when nobody heats, and in the night
// of the new year the desk has work in every state, too.
func TestAHistoryCanEndAtAnyTime(t *testing.T) {
	t.Parallel()
	for name, now := range map[string]time.Time{
		"summer":   time.Date(2026, 7, 24, 9, 30, 0, 0, time.UTC),
		"new year": time.Date(2025, 12, 31, 17, 5, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := app.Open(t.Context(), app.Options{
				Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Config: config.Config{Region: Region, Title: "ЦУР", Store: "otklik.db"},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			if _, err := a.Places.AddBundledStreets(t.Context(), a.DB); err != nil {
				t.Fatal(err)
			}
			walls := []*Wall{{Network: Network{home: "Абакан"}, group: 1, territory: "95701000"}, {group: 2, territory: Region, official: true}}
			for _, n := range walls {
				if n.Fake, err = vkfake.New(vkfake.Options{Group: n.group}); err != nil {
					t.Fatal(err)
				}
			}
			if err := Seed(t.Context(), a, Stage{walls: walls}, now); err != nil {
				t.Fatal(err)
			}
			for _, s := range lifecycle.States() {
				n, err := a.DB.Reader().Incidents().Count(t.Context(), scope.All(), incident.Filter{States: []lifecycle.State{s}}, 10)
				if err != nil || n == 0 {
					t.Errorf("%d incidents in state %s, %v", n, s, err)
				}
			}
			later, err := a.DB.Reader().Incidents().Count(t.Context(), scope.All(), incident.Filter{Since: now}, 10)
			if err != nil || later > 0 {
				t.Errorf("%d incidents were opened after the end, %v", later, err)
			}
		})
	}
}

// TestEveryTextCanBeWritten fills each text for each town: no slot is unknown,
// none stays empty.
func TestEveryTextCanBeWritten(t *testing.T) {
	t.Parallel()
	h := newTrickle(&Demo{}, nil)
	for _, file := range []string{"messages.txt", "live.txt", "talk.txt", "places.txt"} {
		seen := map[string]bool{}
		for _, w := range readTexts(file) {
			if w.key == "" {
				t.Errorf("%s: %q stands in no section", file, w.body)
			}
			if seen[w.body] {
				t.Errorf("%s: %q stands there twice", file, w.body)
			}
			seen[w.body] = true
			for _, at := range h.voice.towns {
				if got := h.voice.fill(w, at, "Абакан"); slot.MatchString(got) || got == "" {
					t.Errorf("%q for %s = %q", w.body, at.name, got)
				}
			}
		}
	}
	history := map[string]bool{}
	for _, w := range readTexts("messages.txt") {
		history[w.body] = true
	}
	for _, w := range readTexts("live.txt") {
		if history[w.body] {
			t.Errorf("%q arrives live and stands in the history", w.body)
		}
	}
}

func TestSomebodyWhoComesWaitsForNoLongPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ pause, since, want time.Duration }{
		"the first visitor":          {35 * time.Second, 24 * time.Hour, greet},
		"after a quiet time":         {35 * time.Second, 2 * time.Minute, greet},
		"one of many":                {35 * time.Second, 5 * time.Second, patience},
		"something is about to come": {3 * time.Second, 5 * time.Second, 3 * time.Second},
	} {
		if got := sooner(now.Add(c.pause), now, now.Add(-c.since)).Sub(now); got != c.want {
			t.Errorf("%s: the next in %v, want %v", name, got, c.want)
		}
	}
}
