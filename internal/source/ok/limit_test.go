package ok_test

import (
	"testing"
	"time"

	"otklik/internal/source/ok/okfake"
)

// What went is told by the connector's clock: else a product whose time is not that of the
// machine (a test, a demo that runs faster) shows calls that nobody made, or none at all.
func TestTheGaugeGoesByTheConnectorsClock(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{})
	at := time.Date(2031, 5, 4, 10, 0, 0, 0, time.UTC)
	g.Now = func() time.Time { return at }
	info := func() { t.Helper(); _, _ = g.Info(t.Context()) }
	info()
	info()
	if q := g.Quotas()[0]; q.Used != 2 || q.Peak != 2 || !q.Until.IsZero() {
		t.Errorf("two calls in the same second are told as %+v", q)
	}
	f.Fail("group.getInfo", okfake.Trouble{Kind: okfake.Refuse, Code: 11})
	info()
	if q := g.Quotas()[0]; !q.Until.Equal(at.Add(10 * time.Minute)) {
		t.Errorf("the wait that OK asked for ends %v, want ten minutes after %v", q.Until, at)
	}
	at = at.Add(2 * time.Hour)
	if q := g.Quotas()[0]; q.Used != 0 || q.Peak != 0 || !q.Until.IsZero() {
		t.Errorf("two hours later it still counts: %+v", q)
	}
}
