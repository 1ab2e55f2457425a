package source

import (
	"testing"
	"time"
)

func TestAGaugeTellsTheBusiestTimeOfTheHour(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	g := &Gauge{}
	for range 7 {
		g.Spend(start, time.Second)
	}
	g.Spend(start.Add(time.Second), time.Second)
	g.Spend(start.Add(900*time.Millisecond), time.Second) // one that was booked before and went later
	for _, c := range []struct {
		after      time.Duration
		used, peak int
	}{{time.Second, 2, 7}, {2 * time.Second, 0, 7}, {50 * time.Minute, 0, 7}, {61 * time.Minute, 0, 0}} {
		if q := g.Quota("запросы", 30, time.Second, start.Add(c.after)); q.Used != c.used || q.Peak != c.peak || q.Per != time.Second {
			t.Errorf("after %s: %+v, want %d and %d", c.after, q, c.used, c.peak)
		}
	}
	g.Rest(start.Add(time.Minute))
	if q := g.Quota("", 30, time.Second, start); !q.Until.Equal(start.Add(time.Minute)) {
		t.Errorf("the network's wait is not told: %+v", q)
	}
	if q := g.Quota("", 30, time.Second, start.Add(2*time.Minute)); !q.Until.IsZero() {
		t.Errorf("a wait that is over is told: %+v", q)
	}
	g.Spend(start.Add(-24*time.Hour), time.Second) // the clock was set back
	if q := g.Quota("", 30, time.Second, start.Add(-24*time.Hour)); q.Used != 1 {
		t.Errorf("after the clock was set back: %+v", q)
	}
	m := &Gauge{}
	for k := range 40 {
		m.Spend(start.Add(time.Duration(k)*3*time.Second), time.Minute)
	}
	if q := m.Quota("", 20, time.Minute, start.Add(time.Minute)); q.Used != 20 || q.Peak != 20 || q.Share() != 1 {
		t.Errorf("by the minute: %+v", q)
	}
}
