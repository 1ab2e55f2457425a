package staff_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// clocked gives the first incidents of the world clocks of each sort.
func clocked(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for k, c := range []incident.Clock{
		{Regime: "open", Step: regime.First, State: regime.Running, Due: clock.Add(-3*time.Hour - 5*time.Minute), Rung: 3},
		{Regime: "open", Step: regime.Forward, State: regime.Running, Due: clock.Add(70 * time.Minute)},
		{Regime: "open", Step: regime.First, State: regime.Running, Due: clock.Add(26*time.Hour + 10*time.Minute)},
		{Regime: "open", Step: regime.First, State: regime.Paused},
	} {
		w.incidents[k].Clock = c
	}
	return w
}

func TestTimeLeftIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := clocked(t)
	p := w.as(t, "operator").page("/desk?sort=due")
	said := text(p, "#rows")
	for _, want := range []string{"просрочено на 3 ч 5 мин", "сообщили руководителю", "осталось 1 ч 10 мин", "осталось 26 ч 10 мин", "часы стоят", "Первый ответ: до"} {
		if !strings.Contains(said, want) {
			t.Errorf("the queue does not say %q", want)
		}
	}
}

func TestTheIncidentExplainsItsDeadlines(t *testing.T) {
	t.Parallel()
	w := clocked(t)
	p := w.as(t, "curator").page("/desk/incidents/1")
	said := text(p, ".clocks")
	for _, want := range []string{"Сроки", "Регламент «Открытые источники»", "календарь", "п. 2", "Другой регламент"} {
		if !strings.Contains(said, want) {
			t.Errorf("the deadlines do not say %q: %s", want, said)
		}
	}
	if got := text(w.as(t, "executor").page("/desk/incidents/1"), ".clocks"); strings.Contains(got, "Другой регламент") {
		t.Error("an executor is offered another regime")
	}
}

func TestClockFormsAskTheDesk(t *testing.T) {
	t.Parallel()
	w := clocked(t)
	v := w.as(t, "curator")
	for path, c := range map[string]struct {
		form url.Values
		want desk.Change
	}{
		"pause":  {url.Values{"reason": {"ждём фото"}}, desk.Pause{Reason: "ждём фото"}},
		"resume": {url.Values{}, desk.Resume{}},
		"regime": {url.Values{"regime": {"pos"}, "reason": {"форма"}}, desk.SetRegime{Regime: "pos", Reason: "форма"}},
		"extend": {url.Values{"until": {"2026-12-25"}, "reason": {"экспертиза"}, "notice": {"Продлено"}},
			desk.Extend{Until: time.Date(2026, 12, 25, 6, 0, 0, 0, time.UTC), Reason: "экспертиза", Notice: "Продлено"}},
	} {
		res := v.post("/desk/incidents/2/"+path, c.form)
		if res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusConflict {
			t.Errorf("%s = %d", path, res.StatusCode)
		}
		if got := w.desk.last(); got != c.want {
			t.Errorf("%s asked for %+v, want %+v", path, got, c.want)
		}
	}
	if res := v.post("/desk/incidents/2/extend", url.Values{"until": {"2026-02-30"}, "reason": {"да"}}); res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusBadRequest {
		t.Errorf("an impossible date = %d", res.StatusCode)
	}
}

func TestTheBoardAndMyWork(t *testing.T) {
	t.Parallel()
	w := clocked(t)
	board := text(w.as(t, "curator").page("/desk/control"), "main")
	for _, want := range []string{"Просрочено", "Срок в ближайшие сутки", "Ждут согласования", "Не передано", "просрочено на 3 ч 5 мин", "Всего"} {
		if !strings.Contains(board, want) {
			t.Errorf("the board does not say %q", want)
		}
	}
	w.incidents[0].ClaimedBy, w.incidents[1].ClaimedBy = 77, 77
	w.accounts = append(w.accounts, &account.Account{ID: 77, Login: "mine", Name: "Мой", Role: "operator", Hash: hash(), Place: scope.Place{Region: khakassia}})
	work := text(w.as(t, "mine").page("/desk/work"), "main")
	late, soon := strings.Index(work, "просрочено на 3 ч"), strings.Index(work, "осталось 1 ч 10 мин")
	if late < 0 || soon < late {
		t.Errorf("my work is not by time left: %s", work)
	}
}

func TestRegimesAreEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	form := url.Values{"version": {"1"}, "of": {"portal"}, "n-final": {"10"}, "unit-final": {"work_days"}, "n-confirm": {"15"}, "unit-confirm": {"days"}, "try": {"1"}}
	if res := v.post("/desk/regimes/limits", form); res.StatusCode != http.StatusOK || !strings.Contains(text(parse(t, res), "main"), "стало 10 рабочих дней") || w.staff.Keeper.Rules().Version != 1 {
		t.Errorf("the preview = %d", res.StatusCode)
	}
	form.Del("try")
	if res := v.post("/desk/regimes/limits", form); res.StatusCode != http.StatusSeeOther || w.staff.Keeper.Rules().Version != 2 {
		t.Errorf("saving = %d, version %d", res.StatusCode, w.staff.Keeper.Rules().Version)
	}
	form.Set("n-final", "12")
	if res := v.post("/desk/regimes/limits", form); res.StatusCode != http.StatusConflict {
		t.Errorf("an old version = %d", res.StatusCode)
	}
	bad := url.Values{"version": {"2"}, "of": {"day:95000000"}, "territory": {"95000000"}, "file": {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T090000Z\nEND:VEVENT\nEND:VCALENDAR"}}
	if res := v.post("/desk/regimes/ical", bad); !strings.Contains(text(parse(t, res), "main"), "Строка 3") {
		t.Errorf("a bad file = %d, without its line", res.StatusCode)
	}
	bad.Set("file", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260703\nSUMMARY:День республики\nEND:VEVENT\nEND:VCALENDAR")
	if res := v.post("/desk/regimes/ical", bad); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a good file = %d", res.StatusCode)
	}
	if got := text(v.page("/desk/regimes"), "main"); !strings.Contains(got, "2026-07-03: День республики (выходной)") {
		t.Errorf("the day is not on the page")
	}
}

// TestThePressureOfARegimeIsEdited: the number of authors that raise a case by a rung stands in
// the form; what is no such number is refused with a sentence and stays as it was typed.
func TestThePressureOfARegimeIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	open, _ := w.staff.Keeper.Book().Regime("open")
	form := url.Values{"of": {"open"}}
	for _, s := range open.Steps {
		form.Set("n-"+string(s.Kind), fmt.Sprint(s.Within.N))
		form.Set("unit-"+string(s.Kind), string(s.Within.Unit))
	}
	authors := func() *regime.Pressure {
		r, _ := w.staff.Keeper.Book().Regime("open")
		return r.Pressure
	}
	save := func(typed string) (int, string) {
		form.Set("version", fmt.Sprint(w.staff.Keeper.Rules().Version))
		form.Set("pressure", typed)
		res := v.post("/desk/regimes/limits", form)
		if res.StatusCode == http.StatusSeeOther {
			return res.StatusCode, ""
		}
		doc := parse(t, res)
		if got := attr(doc, "input#p-open", "value"); got != typed {
			t.Errorf("%q is not kept in its field", typed)
		}
		return res.StatusCode, text(doc, "main")
	}
	if got := attr(v.page("/desk/regimes"), "input#p-open", "value"); got != "5" {
		t.Fatalf("the page has no field with the 5 authors of the regime")
	}
	for _, bad := range []string{"1", "1001", "-5", "много", "2.5"} {
		if status, said := save(bad); status != http.StatusUnprocessableEntity || !strings.Contains(said, "от 2 до 1000") || authors().Authors != 5 {
			t.Errorf("%q = %d, %d authors", bad, status, authors().Authors)
		}
	}
	form.Set("try", "1")
	if _, said := save("7"); !strings.Contains(said, "давление, было за каждые 5 авторов, стало за каждые 7 авторов") || authors().Authors != 5 {
		t.Errorf("the preview does not tell the pressure")
	}
	form.Del("try")
	if status, _ := save("7"); status != http.StatusSeeOther || authors().Authors != 7 || authors().Check == "" {
		t.Errorf("7 = %d, %+v", status, authors())
	}
	form.Del("pressure")
	form.Set("version", fmt.Sprint(w.staff.Keeper.Rules().Version))
	if v.post("/desk/regimes/limits", form); authors() == nil || authors().Authors != 7 {
		t.Errorf("a form without the field took the pressure away: %+v", authors())
	}
	if status, _ := save(""); status != http.StatusSeeOther || authors() != nil {
		t.Errorf("none = %d, %+v", status, authors())
	}
	if got := text(v.page("/desk/regimes"), "main"); !strings.Contains(got, "О сроке говорят по времени, сколько бы людей ни писало.") {
		t.Error("the page does not say what no pressure means")
	}
}
