package staff_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/promise"
)

func TestDraftIsLinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	p := v.page("/desk/incidents/6")
	if n := len(all(p, "textarea[data-lint='/desk/incidents/6/lint']")); n != 1 {
		t.Fatalf("%d fields are read while they are typed, want 1", n)
	}
	r := v.post("/desk/incidents/6/lint", url.Values{"text": {"Здравствуйте! Вопрос взят на контроль."}, "purpose": {"final"}})
	page := parse(t, r)
	body := text(page, "main")
	for _, want := range []string{"из 100", "Похоже на отписку", "Не сказано, что сделано", "Здравствуйте! Вопрос взят на контроль."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page without a script does not show %q", want)
		}
	}
	if len(all(page, "#reply-lint [name=override_reason]")) != 1 {
		t.Error("there is no field for the reason")
	}
	page = parse(t, v.post("/desk/incidents/6/lint", url.Values{"text": {"Светофор на Ленина починили 20 ноября, контроллер новый."}}))
	if len(all(page, "#reply-lint [name=override_reason]")) != 0 {
		t.Error("a good reply is asked for a reason")
	}
	// What is refused below the bar comes back with a field for the reason.
	w.desk.fail = fault.New(fault.Invalid, "lint").At("override_reason").Say("Ответ похож на отписку: 20 из 100.")
	r = v.post("/desk/incidents/6/answer", url.Values{"text": {"Взято на контроль."}, "purpose": {"final"}})
	if page = parse(t, r); r.StatusCode != 422 || len(all(page, "#reply-lint [name=override_reason]")) != 1 || text(page, "#reply-text") != "Взято на контроль." {
		t.Errorf("a refused reply = %d, without the field for the reason or its words", r.StatusCode)
	}
	w.desk.fail = nil
	v.post("/desk/incidents/6/answer", url.Values{"text": {"Взято на контроль."}, "override_reason": {"просил заявитель"}})
	if got, ok := w.desk.last().(desk.Answer); !ok || got.Override != "просил заявитель" {
		t.Errorf("the reason did not reach the desk: %#v", w.desk.last())
	}
}

func TestApproverSeesTheScore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/desk/incidents/6", "/desk/approvals"} {
		body := text(w.as(t, "curator").page(path), "main")
		if !strings.Contains(body, "38 из 100") || !strings.Contains(body, "просил заявитель") {
			t.Errorf("%s does not show the score and the reason", path)
		}
	}
}

func TestCalendarOfPromises(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	week := text(v.page("/desk/promises"), "main")
	for _, want := range []string{"Срок прошёл, итога нет", "Без дня: проверить нельзя", "Как держат слово", "до 21"} {
		if !strings.Contains(week, want) {
			t.Errorf("the calendar does not show %q", want)
		}
	}
	next := text(v.page("/desk/promises?from=2026-11-23&by=month"), "main")
	if !strings.Contains(next, "до 24") {
		t.Error("the month does not show what is promised by the 24th")
	}
	if body := text(v.page("/desk/promises?from=%27%3B&agency=x"), "main"); !strings.Contains(body, "Обещания") {
		t.Error("a broken address has no page")
	}
	if body := text(w.as(t, "executor").page("/desk/promises"), "main"); strings.Contains(body, "Без дня: проверить нельзя") {
		t.Error("an executor is shown what a curator controls")
	}
}

// A promise by the hour shows its hour; one of a whole day does not.
func TestPromiseByTheHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promises = append(w.promises, promise.Promise{ID: 77, Incident: 1, Until: clock.Add(10 * time.Minute), State: promise.Open, Place: w.incidents[0].Place})
	v := w.as(t, "curator")
	for _, path := range []string{"/desk/incidents/1", "/desk/promises"} {
		if body := text(v.page(path), "main"); !strings.Contains(body, "до 22 ноября, 17:50") || !strings.Contains(body, "осталось 10 мин") {
			t.Errorf("%s does not say until which minute", path)
		}
	}
	if body := text(v.page("/desk/promises"), "main"); strings.Contains(body, "23:59") {
		t.Error("a whole day is shown with an hour")
	}
}

func TestWhatBecomesOfAPromise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	v.post("/desk/incidents/1/move-promise", url.Values{"promise": {"1"}, "until": {"2026-12-20"}, "reason": {"мороз"}})
	got, ok := w.desk.last().(desk.MovePromise)
	if !ok || got.Promise != 1 || got.Reason != "мороз" || got.Until.Format("2006-01-02 15:04:05 -07") != "2026-12-20 23:59:59 +07" {
		t.Errorf("move = %#v, want the end of the day in the place's own time", w.desk.last())
	}
	if r := v.post("/desk/incidents/1/move-promise", url.Values{"promise": {"1"}, "until": {"31.02"}, "reason": {"мороз"}}); r.StatusCode != 422 {
		t.Errorf("an impossible day = %d, want 422", r.StatusCode)
	}
	if body := text(v.page("/desk/incidents/6"), "main"); !strings.Contains(body, "Мы обещали до 19") || !strings.Contains(body, "не успели: мороз") {
		t.Error("no text for the author is offered after a promise was moved")
	}
}
