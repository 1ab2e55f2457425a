package desk_test

import (
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
)

// A clock that was set back changes nothing and says what to do; seconds between machines
// are no reason, and the history goes forward all the same.
func TestAClockThatWasSetBackIsRefused(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	lines := len(b.history(t, i.ID))
	*now = noon.Add(-2 * time.Hour)
	b.refused(t, lifecycle.Executor, i.ID, desk.Take{}, fault.Unavailable, "Часы сервера отстают")
	b.refused(t, lifecycle.Operator, i.ID, desk.Answer{Text: "Засыпали."}, fault.Unavailable, "исправить время на сервере")
	if n := len(b.history(t, i.ID)); n != lines {
		t.Errorf("the history has %d lines, it had %d", n, lines)
	}
	*now = noon.Add(-20 * time.Second)
	b.deed(t, lifecycle.Executor, i.ID, desk.Take{})
	h := b.history(t, i.ID)
	if last := h[len(h)-1]; last.At.Before(h[len(h)-2].At) {
		t.Errorf("the history goes back: %v after %v", last.At, h[len(h)-2].At)
	}
}
