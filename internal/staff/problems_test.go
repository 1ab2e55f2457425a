package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
)

// A durable fault is one page with all its incidents, whatever they said of its end.
func TestADurableProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	list := v.page("/desk/problems")
	if got := text(list, ".line-card"); !strings.Contains(got, "улица Чертыгашева, 33") || !strings.Contains(got, "2 обращения, 412 дней") {
		t.Errorf("the list: %q", got)
	}
	p := v.page("/desk/problems/3")
	if n := len(all(p, ".cards .draft")); n != 2 {
		t.Errorf("%d incidents, want 2", n)
	}
	if got := text(p, ".said-warn"); !strings.Contains(got, "повторное обращение о том же месте") {
		t.Errorf("what became of the closing: %q", got)
	}
	if r := v.post("/desk/problems/3/end", url.Values{"how": {"photo"}}); r.StatusCode != http.StatusUnprocessableEntity && r.StatusCode != http.StatusBadRequest {
		t.Errorf("without a reason = %d", r.StatusCode)
	}
	v.post("/desk/problems/3/end", url.Values{"how": {"photo"}, "reason": {"Заменили задвижку"}})
	if w.desk.ended != "photo" {
		t.Errorf("ended by %q", w.desk.ended)
	}
	if r := w.as(t, "executor").post("/desk/problems/3/end", url.Values{"how": {"photo"}, "reason": {"x"}}); r.StatusCode != http.StatusForbidden {
		t.Errorf("by an executor = %d", r.StatusCode)
	}
	one := v.page("/desk/incidents/7")
	if got := text(one, ".case .said-warn"); !strings.Contains(got, "Давняя проблема") {
		t.Errorf("the incident says %q", got)
	}
}

// What must be rung at once stands on top, with whom to ring, and is noted in one form.
func TestCallsThatCannotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	p := v.page("/desk/calls")
	if got := text(p, ".line-bad"); !strings.Contains(got, "запах или утечка газа") || !strings.Contains(got, "104") || !strings.Contains(got, "112") {
		t.Errorf("the call: %q", got)
	}
	if got := text(v.page("/desk"), ".nav-count"); got != "1 ждут" {
		t.Errorf("the menu says %q", got)
	}
	v.post(attr(p, ".call-form", "action"), url.Values{"version": {"3"}, "call": {"1"}, "whom": {"Горгаз, 104"}, "said": {"Выехали"}})
	if w.desk.last() != (desk.Called{Call: 1, Whom: "Горгаз, 104", Said: "Выехали"}) {
		t.Errorf("did %#v", w.desk.last())
	}
	if n := len(all(w.as(t, "leader").page("/desk/calls"), ".call-form")); n != 0 {
		t.Errorf("a leader has %d forms", n)
	}
}
