package staff_test

import (
	"testing"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/staff"
)

// A line of history without an icon takes the whole page down.
func TestEveryActionCanBeTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range lifecycle.Table() {
		if staff.ActionIcons[r.Action] == "" {
			t.Errorf("%s has no icon", r.Action)
			continue
		}
		_ = site.Icon(staff.ActionIcons[r.Action]) // panics for an unknown one
		w.history = append(w.history, incident.Entry{Incident: 1, Version: 3, At: clock, Action: r.Action})
	}
	p := w.as(t, "curator").page("/desk/incidents/1")
	if n := len(all(p, ".history li, .trail li, ol li")); n < len(lifecycle.Table()) {
		t.Errorf("%d lines of history, want %d", n, len(lifecycle.Table()))
	}
}
