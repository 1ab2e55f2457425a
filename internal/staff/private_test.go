package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
)

func TestARefusedReplyIsPartedOrCleared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	const words = "Перерасчёт для кв. 12 сделали."
	w.desk.fail = fault.New(fault.Invalid, "personal").At("cleared").Say("В ответе личные данные (квартира), а прочтут его все.")
	res := v.post("/desk/incidents/1/answer", url.Values{"text": {words}, "version": {"3"}})
	p := parse(t, res)
	panel := text(p, ".privacy")
	for _, want := range []string{"кв. 12", "Квартира", "Разделить ответ", "ответьте на сообщение 2"} {
		if !strings.Contains(panel, want) {
			t.Errorf("the panel does not say %q: %s", want, panel)
		}
	}
	if got := text(p, "#reply-text"); res.StatusCode != http.StatusUnprocessableEntity || got != words || len(all(p, ".reply-form [name=cleared]")) != 1 {
		t.Errorf("refused = %d, the editor %q", res.StatusCode, got)
	}
	w.desk.fail = nil

	p = parse(t, v.post("/desk/incidents/1/apart", url.Values{"text": {words}}))
	if open, alone := text(p, "#reply-text"), text(p, "#private-reply"); open != "Здравствуйте! Ответили вам лично." || alone != words {
		t.Errorf("parted into %q and %q", open, alone)
	}
	v.post("/desk/incidents/1/answer", url.Values{"text": {"Здравствуйте! Ответили вам лично."}, "private": {words}, "cleared": {"контора"}})
	if got, ok := w.desk.last().(desk.Answer); !ok || got.Private != words || got.Cleared != "контора" {
		t.Errorf("the desk was asked for %+v", w.desk.last())
	}
	if res := v.post("/desk/incidents/1/apart", url.Values{"text": {"  "}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("parting nothing = %d", res.StatusCode)
	}
	// What is typed before stays when another piece follows.
	p = parse(t, v.post("/desk/incidents/1/apart", url.Values{"text": {"ещё"}, "private": {words}}))
	if alone := text(p, "#private-reply"); alone != words+" ещё" {
		t.Errorf("the private part is %q", alone)
	}
}

func TestThePrivatePartOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.replies[1].Private, w.replies[1].Cleared = "Для кв. 12: перерасчёт.", "телефон диспетчера"
	w.history = append(w.history, incident.Entry{ID: 50, Incident: 1, Version: 4, At: clock, Action: lifecycle.Deliver, Detail: incident.Detail{Reply: 2, How: desk.HowPrivateRead}})
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/1")
	if got := text(p, ".reply"); !strings.Contains(got, "Для кв. 12: перерасчёт.") || !strings.Contains(got, "Взять ссылку") || !strings.Contains(got, "телефон диспетчера") {
		t.Errorf("the reply shows %q", got)
	}
	if got := text(p, ".history"); !strings.Contains(got, "личную часть ответа открыли по ссылке") {
		t.Errorf("the history says %q", got)
	}
	if got := text(w.as(t, "leader").page("/desk/incidents/1"), "main"); strings.Contains(got, "кв. 12: перерасчёт") {
		t.Error("a leader reads the private part")
	}
	r := v.post("/desk/incidents/1/private_link", url.Values{"reply": {"2"}})
	if got := text(parse(t, r), "main"); r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(got, "https://centre.example/r/secret") || !strings.Contains(got, "прочтёт ту часть ответа") {
		t.Errorf("the link = %d %q", r.StatusCode, got)
	}
	if r := v.post("/desk/incidents/1/private_link", url.Values{"reply": {"99"}}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a reply without one = %d", r.StatusCode)
	}
	w.replies[0].Private = "Для кв. 12: светильник."
	if got := text(w.as(t, "approver").page("/desk/approvals"), "main"); w.replies[0].State == reply.Draft && !strings.Contains(got, "Для кв. 12: светильник.") {
		t.Error("who approves does not see the private part")
	}
}

func TestAMachinesDraftIsMarkedAndWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if n := len(all(w.as(t, "operator").page("/desk/incidents/1"), ".machine")); n != 0 {
		t.Error("without an assistant the page offers one")
	}
	w.staff.Assistant = true
	v := w.as(t, "operator")
	p := parse(t, v.post("/desk/incidents/1/assist", url.Values{"text": {"Начало."}, "assist": {"reply"}}))
	if got := text(p, "#reply-text"); got != "Начало. Слова машины: reply" || attr(p, "[name=machine]", "value") != "9" || !strings.Contains(text(p, ".reply-form"), "черновик машины") || len(all(p, "[name=accepted]:not([checked])")) != 1 {
		t.Errorf("the editor holds %q: %s", got, text(p, ".reply-form"))
	}
	v.post("/desk/incidents/1/answer", url.Values{"text": {"Слова машины: reply"}, "machine": {"9"}, "accepted": {"1"}})
	if got, ok := w.desk.last().(desk.Answer); !ok || got.Draft != 9 || !got.Accepted {
		t.Errorf("the desk was asked for %+v", w.desk.last())
	}
	p = parse(t, v.post("/desk/incidents/1/assist", url.Values{"text": {"Начало."}, "assist": {"summary"}}))
	if got := text(p, ".reply-form"); text(p, "#reply-text") != "Начало." || !strings.Contains(got, "пересказ машины") || !strings.Contains(got, "Слова машины: summary") {
		t.Errorf("the summary: %s", got)
	}
	res := v.post("/desk/incidents/1/assist", url.Values{"text": {"Начало."}, "assist": {"broken"}})
	p = parse(t, res)
	if res.StatusCode != http.StatusServiceUnavailable || text(p, "#reply-text") != "Начало." || !strings.Contains(text(p, ".said-bad"), "недоступен") {
		t.Errorf("when it is away: %d %q", res.StatusCode, text(p, ".said-bad"))
	}
}
