package tgweb_test

import (
	"net/http"
	"testing"
	"time"

	"otklik/internal/source/tgweb/tgwebfake"
)

func TestTheGaugeGoesByTheConnectorsClock(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := time.Date(2031, 5, 4, 10, 0, 0, 0, time.UTC)
	w.channel.Now = func() time.Time { return at }
	look := func() { t.Helper(); _, _ = w.channel.Poll(t.Context(), nil) }
	look()
	look()
	if q := w.channel.Quotas()[0]; q.Used != 2 || q.Peak != 2 || !q.Until.IsZero() {
		t.Errorf("two pages in the same minute are told as %+v", q)
	}
	w.Fail(tgwebfake.Status, http.StatusTooManyRequests)
	look()
	if q := w.channel.Quotas()[0]; !q.Until.Equal(at.Add(time.Minute)) {
		t.Errorf("the wait that Telegram asked for ends %v, want a minute after %v", q.Until, at)
	}
	at = at.Add(2 * time.Hour)
	if q := w.channel.Quotas()[0]; q.Used != 0 || q.Peak != 0 || !q.Until.IsZero() {
		t.Errorf("two hours later it still counts: %+v", q)
	}
}
