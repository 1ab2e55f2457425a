package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// pingPong is how incident 3 came to the arbiter.
var pingPong = []incident.Entry{
	{ID: 31, Incident: 3, Version: 1, At: clock.Add(-9 * time.Hour), Action: lifecycle.File, To: lifecycle.New},
	{ID: 32, Incident: 3, Version: 2, At: clock.Add(-8 * time.Hour), Who: 1, Action: lifecycle.HandOver, From: lifecycle.New, To: lifecycle.Assigned, Detail: incident.Detail{Agency: 1}},
	{ID: 33, Incident: 3, Version: 3, At: clock.Add(-6 * time.Hour), Who: 4, Action: lifecycle.Decline, From: lifecycle.Assigned, To: lifecycle.Assigned, Detail: incident.Detail{Agency: 2, Reason: "Улица на балансе города."}},
	{ID: 34, Incident: 3, Version: 3, At: clock.Add(-2 * time.Hour), Who: 5, Action: lifecycle.Decline, From: lifecycle.Assigned, To: lifecycle.Triage, Detail: incident.Detail{Reason: "Это труба сетей.", Unknown: "хозяина трубы нет в реестре"}},
}

func TestTheArbiterSeesWhoPassedItOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	p := v.page("/desk/arbiter")
	if got := text(p, ".dispute .passing"); !strings.Contains(got, "Передавали 3 раза") || !strings.Contains(got, "→ арбитр") ||
		!strings.Contains(got, "Улица на балансе города.") || !strings.Contains(got, "Кто отвечает, неизвестно: хозяина трубы нет в реестре") {
		t.Errorf("the dispute says %q", got)
	}
	if got := attr(p, ".dispute-form", "action"); got != "/desk/incidents/3/decide" {
		t.Fatalf("the form posts to %q", got)
	}
	v.post("/desk/incidents/3/decide", url.Values{"version": {"3"}, "agency": {"Теплосети"}, "reason": {"труба их"}, "rule": {"1"}, "about": {"group"}, "where": {"region"}, "back": {"/desk/arbiter"}})
	c, ok := w.desk.last().(desk.Decide)
	if !ok || c.Agency != 2 || c.Reason != "труба их" || c.Rule == nil || *c.Rule != (desk.Ruling{Group: true, Wide: true}) {
		t.Errorf("decided %#v", w.desk.last())
	}
	if got := text(v.page("/desk/incidents/3"), ".passing"); !strings.Contains(got, "решаете вы") {
		t.Errorf("the incident says %q", got)
	}
	if n := len(all(w.as(t, "operator").page("/desk/incidents/3"), "#h-agency")); n != 0 {
		t.Error("an operator is offered to hand over what waits for the arbiter")
	}
	if r := w.as(t, "operator").get("/desk/arbiter"); r.StatusCode != 403 {
		t.Errorf("the arbiter's page for an operator = %d", r.StatusCode)
	}
}

// Only who has it may decline; after that the page leads to the queue, with the way back.
func TestAnAgencyDeclines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents[3].Place.Agency = 1
	w.accounts = append(w.accounts, &account.Account{ID: 71, Login: "heat", Name: "Кто-то", Role: lifecycle.Coordinator, Hash: hash(), Place: scope.Place{Region: khakassia, Agency: 1}})
	if n := len(all(w.as(t, "curator").page("/desk/incidents/4"), "#d-reason")); n != 0 {
		t.Error("a curator is offered to decline for an agency")
	}
	v := w.as(t, "heat")
	if n := len(all(v.page("/desk/incidents/4"), "#d-reason")); n != 1 {
		t.Fatal("the agency is not offered to decline")
	}
	r := v.post("/desk/incidents/4/decline", url.Values{"version": {"3"}, "reason": {"не наш"}, "unknown": {"нет в реестре"}, "back": {"/desk/incidents/4"}})
	if w.desk.last() != (desk.Decline{Reason: "не наш", Unknown: "нет в реестре"}) || r.Header.Get("Location") != "/desk" {
		t.Errorf("did %#v, leads to %s", w.desk.last(), r.Header.Get("Location"))
	}
	p := v.page("/desk")
	if attr(p, ".said-good form", "action") != "/desk/undo" || attr(p, ".said-good input[name=id]", "value") != "4" {
		t.Error("a decline is not undone from the queue")
	}
	v.post("/desk/undo", url.Values{"id": {"4"}})
	if w.desk.last() != (desk.Undo{}) {
		t.Errorf("undo did %#v", w.desk.last())
	}
}
