package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/reply"
)

// A publication whose end nobody knows is never tried by itself: a person looks and says.
func TestAPublicationOfUnknownEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deliveries = []reply.Job{{ID: 31, Reply: 2, Incident: 1, Source: "tg:1", State: reply.Unknown, Text: "Бригада выехала.", Note: "Площадка не ответила.", Place: w.incidents[0].Place}}
	w.fanouts = []reply.Fanout{{ID: 5, Incident: 1, Reply: 2, State: reply.Running}}
	w.progress = map[reply.FanoutID]reply.Progress{5: {All: 40, Sent: 12, Proven: 11, Waiting: 26, Unknown: 1, Failed: 1}}
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/1")
	got := text(p, ".case-reply .said-bad")
	if !strings.Contains(got, "Неизвестно, отправлено ли.") || !strings.Contains(got, "Бригада выехала.") || attr(p, ".case-reply .said-bad a", "href") == "" {
		t.Errorf("the page says %q", got)
	}
	if got := text(p, ".case-reply"); !strings.Contains(got, "из 40: стоит 12, из них доказано 11; ждёт 26; неизвестно 1; не отправлено 1") {
		t.Errorf("the reply to all: %q", got)
	}
	for how, want := range map[string]desk.Change{"stands": desk.Stands{Job: 31}, "resend": desk.Resend{Job: 31}} {
		v.post("/desk/incidents/1/deliver", url.Values{"version": {"3"}, "job": {"31"}, "do": {how}})
		if w.desk.last() != want {
			t.Errorf("%s did %#v", how, w.desk.last())
		}
	}
	v.post("/desk/incidents/1/deliver", url.Values{"version": {"3"}, "fanout": {"5"}, "do": {"pause"}})
	if w.desk.last() != (desk.Halt{Fanout: 5, How: "pause"}) {
		t.Errorf("pause did %#v", w.desk.last())
	}
	if n := len(all(w.as(t, "leader").page("/desk/incidents/1"), ".case-reply .said form")); n != 0 {
		t.Errorf("a leader has %d forms", n)
	}
}

// A source that waits for a person says so on the page of sources, and one button lets
// its replies leave again.
func TestASourceThatWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.outlets = []reply.Outlet{{Source: "vk:-1", Waits: true, Sentence: "ВКонтакте просит ввести код с картинки.", Since: clock.Add(-time.Hour), Place: w.incidents[0].Place}}
	v := w.as(t, "admin")
	p := v.page("/desk/sources")
	if got := text(p, ".said-bad"); !strings.Contains(got, "просит ввести код") {
		t.Errorf("the page says %q", got)
	}
	v.post("/desk/sources/release", url.Values{"source": {attr(p, ".said-bad input", "value")}})
	if w.released != "vk:-1" {
		t.Errorf("released %q", w.released)
	}
}
