package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/staff"
)

func TestQueueShowsWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "operator").page("/desk")
	if n := len(all(p, ".rows > .row")); n != 50 {
		t.Errorf("rows = %d, want 50", n)
	}
	if got := text(p, ".row[data-id='1'] .row-text"); !strings.Contains(got, "третий день течёт труба") {
		t.Errorf("excerpt = %q", got)
	}
	if got := text(p, ".row[data-id='4'] .row-claim"); got != "взято: Работник к." && !strings.HasPrefix(got, "взято: ") {
		t.Errorf("claim = %q", got)
	}
	if got := text(p, ".row[data-id='3'] .row-claim"); got != "взято вами" {
		t.Errorf("own claim = %q", got)
	}
	next := attr(p, ".pages a[rel=next]", "href")
	if next == "" {
		t.Fatal("no link to the next page")
	}
	p = w.as(t, "operator").page(next)
	if n := len(all(p, ".rows > .row")); n != 10 {
		t.Errorf("rows of the second page = %d, want 10", n)
	}
}

// The queue covers what the page of the incident covers, for the same roles:
// all that the reading found, cut with the excerpt or not.
func TestQueueCoversPersonalDataByRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	said := "Пишет Зоя Примерова, кв. 7, почта zoya@example.org, звоните 8 900 000-33"
	w.excerpts[1] = said
	w.messages[1][0].Text = said + "-44"
	span := func(words, kind string) message.Personal {
		at := strings.Index(said, words)
		return message.Personal{Start: at, End: at + len(words), Type: kind}
	}
	phone := span("8 900 000-33", "phone")
	phone.End += len("-44") // behind the end of the excerpt
	w.readings[1] = &message.Reading{Personal: []message.Personal{span("Зоя Примерова", "name"), span("кв. 7", "flat"), span("zoya@example.org", "email"), phone}}
	delete(w.readings, 2)
	w.excerpts[2] = "Без разбора: 8 900 000-55-66"
	for _, role := range lifecycle.Roles() {
		p := w.as(t, string(role)).page("/desk")
		got := text(p, ".row[data-id='1'] .row-text")
		if role.Holds(lifecycle.SeePersonal) {
			if !strings.Contains(got, said) {
				t.Errorf("%s reads %q, want the words themselves", role, got)
			}
			continue
		}
		if want := "Пишет [имя], [квартира], почта [почта], звоните [телефон]"; got != want {
			t.Errorf("%s reads %q, want %q", role, got, want)
		}
		if got := text(p, ".row[data-id='2'] .row-text"); got != "Без разбора: [номер]" {
			t.Errorf("%s reads %q of a message without a reading", role, got)
		}
		if got := text(w.as(t, string(role)).page("/desk/incidents/6"), ".similar"); strings.Contains(got, "Зоя") || !strings.Contains(got, "[имя]") {
			t.Errorf("%s reads beside a similar incident %q", role, got)
		}
	}
}

func TestQueueURLIsTheFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	for _, c := range []struct {
		url, chip string
		all       string // every row must show it
	}{
		{"/desk?urgency=danger", "срочность: опасность", ".tag-bad"},
		{"/desk?claimed=me", "взято мной", ".row-mine"},
		{"/desk?missing=1", "нужно уточнить", ".tag-warn"},
		{"/desk?topic=" + url.QueryEscape("ПРОБЛЕМЫ С КОНТЕЙНЕРАМИ"), "Проблемы с контейнерами", ".row-topic"},
		{"/desk?state=rework", "доработка", "[data-state=rework]"},
	} {
		p := v.page(c.url)
		if got := text(p, ".chips"); !strings.Contains(got, c.chip) {
			t.Errorf("%s: chips = %q, want %q", c.url, got, c.chip)
		}
		rows, marked := len(all(p, ".row")), len(all(p, ".row:has("+c.all+")"))
		if rows == 0 || rows != marked {
			t.Errorf("%s: %d of %d rows have %s", c.url, marked, rows, c.all)
		}
	}
	p := v.page("/desk?q=" + url.QueryEscape("светофор"))
	if n := len(all(p, ".row")); n != 12 {
		t.Errorf("search found %d rows, want 12", n)
	}
	if got := attr(p, "#q", "value"); got != "светофор" {
		t.Errorf("the search field forgot its words: %q", got)
	}
}

func TestNumberInSearchOpensItsIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.as(t, "operator").get("/desk?q=" + w.incidents[4].Number)
	if r.StatusCode != 303 || r.Header.Get("Location") != "/desk/incidents/5" {
		t.Errorf("search by number = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestBulkDeedSaysWhatWasNotDoneAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	r := v.post("/desk/bulk/accept", url.Values{"id": {"1.3", "2.2", "999.1"}, "back": {"/desk?state=new"}})
	if r.StatusCode != 303 || r.Header.Get("Location") != "/desk?state=new" {
		t.Fatalf("bulk = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	p := v.page("/desk?state=new")
	if got := text(p, ".said-good"); got != "Принято: 1 инцидент. Отменить всё" {
		t.Errorf("said = %q", got)
	}
	bad := text(p, ".said-bad")
	if !strings.Contains(bad, "Не получилось: 2 инцидента.") || !strings.Contains(bad, "изменил кто-то ещё") || !strings.Contains(bad, "не найдено") {
		t.Errorf("said = %q", bad)
	}
	if got := text(v.page("/desk"), ".said"); got != "" {
		t.Errorf("said twice: %q", got)
	}
	v.post("/desk/bulk/handover", url.Values{"id": {"1.3"}, "agency": {"теплосети"}})
	if got, want := w.desk.last(), (desk.HandOver{Agency: 2}); got != want {
		t.Errorf("hand-over did %#v, want %#v", got, want)
	}
	before := len(w.desk.done)
	v.post("/desk/bulk/reject", url.Values{"id": {"1.3"}})
	p = v.page("/desk")
	if got := text(p, ".said-bad"); !strings.Contains(got, "причину") {
		t.Errorf("a refusal without a reason said %q", got)
	}
	if got := attr(p, ".row-check input[checked]", "value"); got != "1.3" {
		t.Errorf("ticked after a refusal without a reason: %q, want 1.3", got)
	}
	// Without a script Enter in «Кому» presses the first button, «Принять».
	v.post("/desk/bulk/accept", url.Values{"id": {"1.3"}, "agency": {"теплосети"}})
	if got := text(v.page("/desk"), ".said-bad"); !strings.Contains(got, "Ничего не сделано") {
		t.Errorf("accepting with a filled agency said %q", got)
	}
	if n := len(w.desk.done); n != before {
		t.Errorf("%d deeds were done in spite of that", n-before)
	}
}

func TestSavedView(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	v.post("/desk/views", url.Values{"name": {"Опасные новые"}, "query": {"urgency=danger&state=new&at=5&after=3~x"}})
	p := v.page("/desk")
	if got := attr(p, ".views li:last-child a", "href"); got != "/desk?state=new&urgency=danger" {
		t.Errorf("view leads to %q", got)
	}
}

// Each role's work begins with its own queue, and is offered no queue that its
// work does not know.
func TestEachRoleHasItsOwnQueues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for login, want := range map[string]struct{ home, views, never string }{
		"operator":   {"/desk", "Без ответственного", "Проверить решение"},
		"executor":   {"/desk", "Переданные", "Без ответственного"},
		"controller": {"/desk?state=answered", "Проверить решение", "Уточнить"},
	} {
		home := staff.Home(lifecycle.Role(login))
		if home != want.home {
			t.Errorf("%s begins at %s, want %s", login, home, want.home)
		}
		p := w.as(t, login).page(home)
		if got := text(p, ".views"); !strings.Contains(got, want.views) || strings.Contains(got, want.never) {
			t.Errorf("%s: queues %q, want %q and never %q", login, got, want.views, want.never)
		}
		if got := attr(p, ".views li:first-child a", "aria-current"); got != "page" {
			t.Errorf("%s: the first queue is not the one that is shown", login)
		}
	}
	for role, want := range map[lifecycle.Role]string{lifecycle.Phone: "/desk/cards/new", lifecycle.Approver: "/desk/approvals", lifecycle.Admin: "/desk/sources", lifecycle.Leader: "/desk/figures"} {
		if got := staff.Home(role); got != want {
			t.Errorf("%s begins at %s, want %s", role, got, want)
		}
	}
}

func TestDaysOfAFilterAreWords(t *testing.T) {
	t.Parallel()
	p := newWorld(t).as(t, "operator").page("/desk?since=2026-11-01&until=2025-12-31")
	if got := text(p, ".chips"); !strings.Contains(got, "с 1\u00a0ноября") && !strings.Contains(got, "с 1 ноября") || !strings.Contains(got, "31\u00a0декабря 2025") && !strings.Contains(got, "31 декабря 2025") {
		t.Errorf("chips = %q", got)
	}
}
