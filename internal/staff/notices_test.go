package staff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/regime"
	"otklik/internal/reply"
)

// rung gives the operator notices of many kinds, and somebody else one.
func (w *world) rung() {
	for k, n := range []notice.Notice{
		{Kind: notice.Followed, What: notice.Answer, Incident: 3, SeenAt: clock},
		{Kind: notice.Mention, Incident: 1, Subject: 1},
		{Kind: notice.Deadline, What: notice.Overdue, Step: regime.First, Incident: 1, Due: clock.Add(-10 * time.Minute)},
		{Kind: notice.Call, Incident: 10},
		{Kind: notice.Reopened, What: notice.Author, Incident: 2},
		{Kind: notice.System, What: string(notice.Mail), Subject: 2},
		{Kind: notice.Approval, Incident: 9999},
	} {
		n.ID, n.Account, n.Cause, n.At = notice.ID(k+1), 1, fmt.Sprint("entry:", k), clock.Add(-time.Duration(20-k)*time.Minute)
		w.told = append(w.told, n)
	}
	w.told = append(w.told, notice.Notice{ID: 90, Account: 2, Kind: notice.Call, Incident: 5, At: clock})
}

func TestNoticesStandOnTheirPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.busy()
	w.rung()
	v := w.as(t, "operator")
	p := v.page("/desk/notices")
	got := text(p, "main")
	for _, want := range []string{"предупредите автора", "Срок прошёл: первый ответ", "до 22 ноября, 17:30", "Нужно позвонить сейчас", "Автор пишет: не решено", "больше не виден", "Дан ответ", "улица Чертыгашева, 33"} {
		if !strings.Contains(got, strings.ReplaceAll(want, " ", " ")) && !strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), want) {
			t.Errorf("the page lacks «%s»: %s", want, got)
		}
	}
	if n := len(all(p, "main .cards > li")); n != 7 {
		t.Errorf("%d notices, want 7", n)
	}
	if got := text(p, ".bell-count"); got != "6" {
		t.Errorf("the bell says %q, want 6", got)
	}
	if n := len(all(v.page("/desk/notices?kind=deadline"), "main .cards > li")); n != 1 {
		t.Errorf("%d notices of deadlines, want 1", n)
	}
	if n := len(all(v.page("/desk/notices?kind=x'&after=-4"), "main .cards > li")); n != 7 {
		t.Errorf("an unknown kind shows %d, want all 7", n)
	}
	v.page("/desk/incidents/1") // both about it are seen
	if got := text(v.page("/desk/notices?new=1"), ".bell-count"); got != "4" {
		t.Errorf("after the incident was opened the bell says %q, want 4", got)
	}
	v.post("/desk/notices/seen", nil)
	if p := v.page("/desk/notices"); len(all(p, "main .tag-warn")) != 0 || text(p, ".bell-count") != "0" {
		t.Error("what was read is still new")
	}
	if w.told[7].SeenAt != (time.Time{}) {
		t.Error("somebody else's notice was marked as seen")
	}
}

func TestOlderNoticesAreAPageAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for k := range 120 {
		w.told = append(w.told, notice.Notice{ID: notice.ID(k + 1), Account: 1, Kind: notice.Given, Incident: int64(k%60 + 1), Cause: fmt.Sprint(k), At: clock})
	}
	v := w.as(t, "operator")
	p := v.page("/desk/notices?kind=given")
	if text(p, ".bell-count") != "99+" {
		t.Errorf("the bell says %q", text(p, ".bell-count"))
	}
	seen := 0
	for url := "/desk/notices?kind=given"; url != ""; {
		p := v.page(url)
		seen += len(all(p, "main .cards > li"))
		url = ""
		if len(all(p, ".pages a")) > 0 {
			url = attr(p, ".pages a", "href")
		}
	}
	if seen != 120 {
		t.Errorf("page by page %d notices are shown, want 120", seen)
	}
}

// TestABellRingsOnOpenPages: a notice reaches the pages of its person alone, a burst rings once.
func TestABellRingsOnOpenPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lines, _ := stream(t, w, w.as(t, "operator"))
	until := func(prefix string) string {
		t.Helper()
		for l := range lines {
			if strings.HasPrefix(l, prefix) {
				return l
			}
		}
		t.Fatalf("the stream ended without %q", prefix)
		return ""
	}
	until("event: stream")
	w.mu.Lock()
	w.told = append(w.told, notice.Notice{ID: 1, Account: 1, Kind: notice.Given, Incident: 1, At: clock})
	w.mu.Unlock()
	for range 20 {
		w.hub.Publish(live.Event{For: []account.ID{1, 2}})
	}
	until("event: notice")
	if got := until("data: "); got != `data: {"unseen":1,"text":"1","more":true}` {
		t.Errorf("the bell says %s", got)
	}
	close(w.closing)
	for l := range lines {
		if strings.HasPrefix(l, "event: notice") {
			t.Error("a burst rings more than once")
		}
	}
}

// TestWhoLooksIsToldToTheOthers: «Смотрит: …» follows the open page, and the pane too.
func TestWhoLooksIsToldToTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	curator := w.as(t, "curator")
	lines, _ := streamAt(t, w, w.as(t, "operator"), "/desk/events?at=1")
	next := func(prefix string) string {
		t.Helper()
		for l := range lines {
			if strings.HasPrefix(l, prefix) {
				return l
			}
		}
		t.Fatalf("the stream ended without %q", prefix)
		return ""
	}
	next("event: stream")
	if got := text(curator.page("/desk/incidents/1"), ".looking"); got != "Смотрит: Ирина Соколова" {
		t.Errorf("the curator's page says %q", got)
	}
	if got := text(w.as(t, "operator").page("/desk/incidents/1"), ".looking"); got != "" {
		t.Errorf("one's own page says %q", got)
	}
	_, id, stop := w.hub.Attend(live.Visitor{Account: 2, Name: "Анна Майнагашева"})
	curator.get("/desk/incidents/1/pane?stream=" + id) // the queue of the curator opens it
	next("event: presence")
	if got := next("data: "); got != `data: {"incident":1,"text":"Смотрит: Анна Майнагашева"}` {
		t.Errorf("the operator hears %s", got)
	}
	stop()
	next("event: presence")
	if got := next("data: "); got != `data: {"incident":1,"text":""}` {
		t.Errorf("after she has gone the operator hears %s", got)
	}
	for _, at := range []string{"99999", "-1", "x", "1%27"} { // an incident that one does not see is attended by nobody
		lines, _ := streamAt(t, w, w.as(t, "phone"), "/desk/events?at="+at)
		for l := range lines {
			if strings.HasPrefix(l, "event: stream") {
				break
			}
		}
	}
	if got := w.hub.Looking(99999, 0); len(got) != 0 {
		t.Errorf("at an incident that is not there %v look", got)
	}
}

// TestTheBoardNamesSuspiciousReplies: with the queue of all of them behind it.
func TestTheBoardNamesSuspiciousReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.replies = nil
	v := w.as(t, "curator")
	if got := text(v.page("/desk/control"), "main"); !strings.Contains(got, "Подозрительных ответов нет") {
		t.Errorf("the board says %q", got)
	}
	n := 0
	for _, i := range w.incidents {
		if i.State == lifecycle.Approval || i.State == lifecycle.New {
			w.replies = append(w.replies, reply.Reply{ID: reply.ID(700 + i.ID), Incident: int64(i.ID), State: reply.Draft, Lint: reply.Lint{Read: true, Doubt: true}})
		}
		if i.State == lifecycle.Approval {
			n++
		}
	}
	got := text(v.page("/desk/control"), "main")
	_, part, ok := strings.Cut(got, "Ответы похожи на отписки")
	if !ok || n == 0 || strings.Count(part, "№") != min(n, 8) {
		t.Errorf("of %d the board names %d: %s", n, strings.Count(part, "№"), part)
	}
}
