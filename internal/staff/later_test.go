package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
)

// «Отправить позже» is typed by the clock of the place, in whatever way a browser sends it.
func TestReplyForLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	if p := v.page("/desk/incidents/6"); len(all(p, "form.reply-form [name=at][type=datetime-local]")) != 1 || !strings.Contains(text(p, "#reply-at-zone"), "UTC+7") {
		t.Fatal("there is no field for later, or it does not say by which clock")
	}
	want := time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)
	for _, typed := range []string{"2026-11-25T18:00", "2026-11-25T18:00:00", "25.11.2026 18:00"} {
		v.post("/desk/incidents/6/answer", url.Values{"text": {"Починим."}, "at": {typed}})
		if got, ok := w.desk.last().(desk.Answer); !ok || !got.At.Equal(want) {
			t.Errorf("%q is read as %#v", typed, w.desk.last())
		}
	}
	v.post("/desk/incidents/6/approve", url.Values{"reply": {"2"}, "at": {"2026-11-25T18:00"}})
	if got, ok := w.desk.last().(desk.Approve); !ok || !got.At.Equal(want) {
		t.Errorf("approved for later: %#v", w.desk.last())
	}
	done := len(w.desk.done)
	for _, typed := range []string{"2026-02-31T10:00", "2026-11-25T25:00", "завтра", "2026-11-25", "0x1"} {
		r := v.post("/desk/incidents/6/answer", url.Values{"text": {"Починим."}, "at": {typed}})
		p := parse(t, r)
		if r.StatusCode != 422 || !strings.Contains(text(p, ".said-bad"), "Такой даты и времени нет") || text(p, "#reply-text") != "Починим." || attr(p, "#reply-at", "value") != typed {
			t.Errorf("%q = %d, %q", typed, r.StatusCode, text(p, ".said-bad"))
		}
	}
	if len(w.desk.done) != done {
		t.Error("an impossible time reached the desk")
	}
}

// What waits for its hour says so, and can leave now or not at all.
func TestReplyThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents[0].State = lifecycle.Approval
	w.replies = append(w.replies, reply.Reply{ID: 71, Incident: 1, State: reply.Approved, Text: "Починим.", CreatedAt: clock, Place: w.incidents[0].Place})
	w.jobs = map[reply.ID]*reply.Job{71: {ID: 4, Reply: 71, State: reply.Waiting, NextAt: clock.Add(20 * time.Hour)}}
	v := w.as(t, "curator")
	p := v.page("/desk/incidents/1")
	if !strings.Contains(text(p, ".reply"), "Ответ уйдёт 23 ноября, 13:40") || len(all(p, ".reply button[value=now]")) != 1 || len(all(p, ".reply button[value=recall]")) != 1 {
		t.Errorf("the page says %q", text(p, ".reply"))
	}
	for how, want := range map[string]desk.Change{"now": desk.SendNow{Reply: 71}, "recall": desk.Recall{Reply: 71}} {
		v.post("/desk/incidents/1/deliver", url.Values{"reply": {"71"}, "do": {how}})
		if w.desk.last() != want {
			t.Errorf("%s did %#v", how, w.desk.last())
		}
	}
	if n := len(all(w.as(t, "leader").page("/desk/incidents/1"), ".reply button[value=recall]")); n != 0 {
		t.Error("a leader may recall")
	}
	w.jobs[71].State = reply.Sending
	if n := len(all(v.page("/desk/incidents/1"), ".reply button[value=recall]")); n != 0 {
		t.Error("what is leaving can be recalled")
	}
}
