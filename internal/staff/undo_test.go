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

// While an answer is on its way the case says so, and offers no second one.
func TestAnAnswerOnItsWayIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	r := reply.Reply{ID: 70, Incident: 1, State: reply.Approved, Purpose: reply.Final, Text: "Труба заварена.", By: 1, CreatedAt: clock, Place: w.incidents[0].Place}
	w.incidents[0].State, w.replies = lifecycle.Approval, append(w.replies, r)
	for want, job := range map[string]*reply.Job{
		"Ответ уйдёт через несколько секунд.":   {State: reply.Waiting, NextAt: clock.Add(4 * time.Second)},
		"Ответ отправляется прямо сейчас.":      {State: reply.Sending, NextAt: clock},
		"Площадка пока не приняла ответ (2 поп": {State: reply.Waiting, Tries: 2, NextAt: clock.Add(time.Minute)},
		"Ответ вот-вот встанет под сообщением":  nil,
	} {
		w.jobs = map[reply.ID]*reply.Job{}
		if job != nil {
			w.jobs[70] = job
		}
		p := v.page("/desk/incidents/1")
		if got := text(p, ".reply .said"); !strings.Contains(got, want) {
			t.Errorf("the reply says %q, want %q", got, want)
		}
		if got := text(p, ".case-line .tag-state"); got != "отправляется" {
			t.Errorf("the case says %q", got)
		}
		if len(all(p, "#reply-text")) != 0 {
			t.Error("a second reply is offered while one is on its way")
		}
	}
	last := &w.replies[len(w.replies)-1]
	last.State, last.Reason = reply.Returned, desk.Recalled
	w.incidents[0].State = lifecycle.Triage
	if got := text(v.page("/desk/incidents/1"), "#reply-text"); got != "Труба заварена." {
		t.Errorf("after the sending was undone the form holds %q", got)
	}
}

func TestDeedsAndViewsAreTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	v.post("/desk/incidents/1/accept", url.Values{"version": {"3"}, "back": {"/desk?state=new&at=1"}})
	p := v.page("/desk?state=new")
	if got := attr(p, ".said-good form", "action"); got != "/desk/incidents/1/undo" {
		t.Fatalf("accepting is undone by %q", got)
	}
	r := v.post("/desk/incidents/1/undo", url.Values{"back": {attr(p, ".said-good input[name=back]", "value")}})
	if w.desk.last() != (desk.Undo{}) || r.Header.Get("Location") != "/desk?at=1&state=new" {
		t.Errorf("undo did %#v and leads to %s", w.desk.last(), r.Header.Get("Location"))
	}
	v.page("/desk") // what was said is said once
	v.post("/desk/views", url.Values{"name": {"Опасное"}, "query": {"urgency=danger"}})
	r = v.post("/desk/views/1/delete", url.Values{"back": {"/desk?urgency=danger"}})
	if got := r.Header.Get("Location"); got != "/desk?urgency=danger" || len(w.views) != 0 {
		t.Errorf("deleting a view leads to %q, %d views are left", got, len(w.views))
	}
	p = v.page("/desk?urgency=danger")
	form := url.Values{}
	for _, name := range []string{"name", "query", "back"} {
		form.Set(name, attr(p, ".said-good input[name="+name+"]", "value"))
	}
	r = v.post(attr(p, ".said-good form", "action"), form)
	if len(w.views) != 1 || w.views[0].Name != "Опасное" || w.views[0].Query != "urgency=danger" || r.Header.Get("Location") != "/desk?urgency=danger" {
		t.Errorf("the view is back as %+v, and leads to %s", w.views, r.Header.Get("Location"))
	}
}
