package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// The approver sees what was changed since it was returned, and decides with a sentence.
func TestTheStackOfDrafts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	place := w.incidents[5].Place
	w.replies = append(w.replies,
		reply.Reply{ID: 80, Incident: 6, State: reply.Returned, Text: "Ваше обращение рассмотрено, светофор отремонтируют.", Reason: "Нет срока", By: 4, CreatedAt: clock.Add(-5 * time.Hour), Place: place},
		reply.Reply{ID: 81, Incident: 6, State: reply.Draft, Purpose: reply.Final, Text: "Светофор отремонтируют до 25 ноября.", By: 4, CreatedAt: clock.Add(-time.Hour), Place: place})
	v := w.as(t, "curator")
	p := v.page("/desk/approvals")
	cards := all(p, ".draft")
	if len(cards) != 2 {
		t.Fatalf("%d drafts, want 2", len(cards))
	}
	second := cards[1]
	if got := text(second, "del"); got != "убрано: Ваше обращение рассмотрено, светофор отремонтируют." {
		t.Errorf("taken out: %q", got)
	}
	if got := text(second, "ins"); !strings.Contains(got, "до 25 ноября.") {
		t.Errorf("put in: %q", got)
	}
	if got := text(second, ".said-warn"); got != "Возвращали: Нет срока" {
		t.Errorf("the card says %q", got)
	}
	r := v.post(attr(second, ".draft-return", "action"), url.Values{"version": {"3"}, "reply": {"81"}, "reason": {"Проверьте дату"}, "back": {"/desk/approvals"}})
	if w.desk.last() != (desk.Return{Reply: 81, Reason: "Проверьте дату"}) || r.Header.Get("Location") != "/desk/approvals" {
		t.Errorf("did %#v, leads to %s", w.desk.last(), r.Header.Get("Location"))
	}
	if r := w.as(t, "phone").get("/desk/approvals"); r.StatusCode != 403 {
		t.Errorf("the stack for a phone operator = %d", r.StatusCode)
	}
}

// An own draft has no button where the agency wants another pair of eyes.
func TestAnOwnDraftWaitsForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agencies[0].Approval = true
	w.accounts = append(w.accounts, &account.Account{ID: 72, Login: "boss", Name: "Руководитель", Role: lifecycle.Approver, Hash: hash(), Place: scope.Place{Region: khakassia, Agency: 1}})
	w.replies[0].By = 72
	v := w.as(t, "boss")
	p := v.page("/desk/approvals")
	if n := len(all(p, ".draft button[data-key=a]")); n != 0 || !strings.Contains(text(p, ".draft-deeds"), "другой человек") {
		t.Errorf("%d buttons to approve an own draft; it says %q", n, text(p, ".draft-deeds"))
	}
	if p := v.page("/desk/incidents/6"); len(all(p, "form[action$='/approve']")) != 0 || len(all(p, "button[formaction$='/answer']")) != 0 {
		t.Error("the incident's page offers what the desk refuses")
	}
	w.agencies[0].OwnApproval = true
	w.staff.Now = func() time.Time { return clock.Add(time.Minute) } // the list of agencies is remembered for a moment
	if n := len(all(v.page("/desk/approvals"), ".draft button[data-key=a]")); n != 1 {
		t.Errorf("%d buttons where the agency allows it", n)
	}
}

func TestAnAgencyWithWorkIsNotClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	w.desk.fail = fault.New(fault.Conflict, "work").Say("Закрыть нельзя: открытых инцидентов 3.")
	r := v.post("/desk/agencies/close", url.Values{"agency_id": {"1"}})
	if got := r.Header.Get("Location"); got != "/desk/agencies/1/move" {
		t.Fatalf("closing leads to %q", got)
	}
	p := v.page("/desk/agencies/1/move")
	if !strings.Contains(text(p, ".said-bad"), "открытых инцидентов 3") || len(all(p, "#m-agency")) != 1 {
		t.Errorf("the page says %q", text(p, ".said-bad"))
	}
	w.desk.fail = nil
	v.post("/desk/agencies/1/move", url.Values{"agency": {"Теплосети"}, "reason": {"закрыта"}})
	p = v.page("/desk/agencies/1/move")
	if w.desk.moved != [2]int64{1, 2} || text(p, ".said-good") != "Перенесено: 1 инцидент, 1 правило." || !strings.Contains(text(p, ".said-bad"), "Ответ ждёт согласования.") {
		t.Errorf("moved %v, said %q and %q", w.desk.moved, text(p, ".said-good"), text(p, ".said-bad"))
	}
	if p := w.as(t, "admin").page("/desk/agencies/1/move"); len(all(p, "#m-agency")) != 0 || !strings.Contains(text(p, "main"), "может куратор") {
		t.Error("an administrator, who may not hand over, is offered to")
	}
	v.post("/desk/agencies/change", url.Values{"agency_id": {"2"}, "name": {"Тепло"}, "approval": {"1"}, "own": {"1"}})
	if a := w.agencies[1]; a.Name != "Тепло" || !a.Approval || !a.OwnApproval {
		t.Errorf("the agency is %+v", a)
	}
}

// TestTheStackSaysWhoseWordsTheyAre: a draft that began as a machine's says so beside it, and on
// the incident; what a person wrote says nothing.
func TestTheStackSaysWhoseWordsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	place := w.incidents[5].Place
	for how, want := range map[string]string{
		reply.MachineEdited: "по черновику машины Правил человек.", reply.MachineAccepted: "черновик машины Без правок: человек прочитал и отвечает за каждое слово.", "": "",
	} {
		w.replies = []reply.Reply{{ID: 81, Incident: 6, State: reply.Draft, Purpose: reply.Final, Text: "Светофор отремонтируют до 25 ноября.", Machine: how, By: 4, CreatedAt: clock.Add(-time.Hour), Place: place}}
		v := w.as(t, "curator")
		got := ""
		for _, n := range all(v.page("/desk/approvals"), ".draft .note:has(.tag-warn)") {
			got = strings.Join(strings.Fields(plain(n)), " ")
		}
		if got != want {
			t.Errorf("a draft that is %q says %q, want %q", how, got, want)
		}
		if page := text(v.page("/desk/incidents/6"), "main"); want != "" && !strings.Contains(page, want) {
			t.Errorf("the incident does not say that its draft is %q", how)
		}
	}
}
