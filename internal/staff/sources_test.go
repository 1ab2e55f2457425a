package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"otklik/internal/fault"
	"otklik/internal/source"
)

func TestSourcesTellHowTheyFare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "operator").page("/desk/sources")
	cards := all(p, ".line-card")
	if len(cards) != 2 {
		t.Fatalf("%d cards", len(cards))
	}
	if got := text(cards[0], ".tag"); got != "не читается" || !strings.Contains(text(cards[0], ".line-error"), "ключ") {
		t.Errorf("what somebody must mend stands first: %q", text(p, ".cards"))
	}
	if got := text(cards[1], ".line-facts"); !strings.Contains(got, "работает") || !strings.Contains(got, "задержка 37 с") {
		t.Errorf("facts: %q", got)
	}
	if got := attr(cards[1], ".spark", "aria-label"); got != "За сутки: 16\u00a0сообщений, больше всего за час: 12" {
		t.Errorf("line: %q", got)
	}
	if text(p, "#s-link") != "" || attr(p, "#s-link", "name") != "" {
		t.Error("an operator may add sources")
	}
	if got := text(p, "main"); !strings.Contains(got, "Черногорск") || !strings.Contains(got, "ни один источник: 1") {
		t.Errorf("where nobody listens is not told: %q", got)
	}
}

func TestAnAdministratorAddsASourceByItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	res, p := sent(v, "/desk/sources/new", url.Values{"link": {"https://elsewhere.example/"}})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "[role=alert]"), "не узнаёт") || attr(p, "#s-link", "value") != "https://elsewhere.example/" {
		t.Errorf("an unknown link = %d %q", res.StatusCode, text(p, "[role=alert]"))
	}
	link := "https://vk.example/lesnaya"
	res, p = sent(v, "/desk/sources/new", url.Values{"link": {link}})
	if res.StatusCode != http.StatusOK || text(p, "h1") != "Двор на Лесной" || !strings.Contains(text(p, "[role=status]"), "Нужен ключ") {
		t.Fatalf("a link = %d %q", res.StatusCode, text(p, "main"))
	}
	form := url.Values{"link": {link}, "name": {"Двор"}, "territory": {abakan}, "every": {"1m0s"}, "key": {"приложение"}, "own": {"1"}, "try": {"1"}}
	res, p = sent(v, "/desk/sources", form)
	if got := text(p, "main"); res.StatusCode != http.StatusOK || !strings.Contains(got, "Прочитано: 3 сообщения") || strings.Index(got, "<b>Новое</b>") > strings.Index(got, "Старое") || attr(p, "#s-name", "value") != "Двор" {
		t.Errorf("a trial = %d %q", res.StatusCode, got)
	}
	if len(w.roster.saved) != 0 {
		t.Error("a trial kept the source")
	}
	form.Del("try")
	w.roster.fail = fault.New(fault.Invalid, "no").Say("Назовите источник.")
	if res, p = sent(v, "/desk/sources", form); res.StatusCode != http.StatusUnprocessableEntity || text(p, "main [role=alert]") != "Назовите источник." || attr(p, "#s-name", "value") != "Двор" {
		t.Errorf("a refusal = %d %q", res.StatusCode, text(p, "[role=alert]"))
	}
	if res, _ = sent(v, "/desk/sources", form); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/desk/sources/1" {
		t.Fatalf("adding = %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	got := w.roster.saved[0]
	if got.ID != "vk:-9" || got.Name != "Двор" || got.Territory != abakan || got.Every.String() != "1m0s" || got.Key != "приложение" || !got.Own || got.Version != 0 {
		t.Errorf("saved: %+v", got)
	}
}

func TestASourceIsChangedPausedTriedAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := v.page("/desk/sources/1")
	if attr(p, "#s-name", "value") == "" || attr(p, `#s-answer option[selected]`, "value") != "группа" || attr(p, `input[name="version"]`, "value") != "2" {
		t.Errorf("form: %q", text(p, "form"))
	}
	for _, deed := range []string{"save", "pause", "resume", "remove"} {
		if res, _ := sent(v, "/desk/sources/1/"+deed, url.Values{"name": {"Стена"}, "version": {"2"}}); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s = %d", deed, res.StatusCode)
		}
	}
	if want := []string{"save", "pause 1 true", "pause 1 false", "remove 1"}; !slices.Equal(w.roster.deeds, want) {
		t.Errorf("deeds = %q", w.roster.deeds)
	}
	if got := w.roster.saved[0]; got.Name != "Стена" || got.Version != 2 || got.ID != "vk:-1" {
		t.Errorf("saved: %+v", got)
	}
	w.roster.fail = source.Fail(source.Person, "Ключ отозван.", "vk: 5")
	if res, p := sent(v, "/desk/sources/1/try", nil); res.StatusCode < 500 || text(p, "main [role=alert]") != "Ключ отозван." {
		t.Errorf("a trial that the network refuses = %d %q", res.StatusCode, text(p, "[role=alert]"))
	}
	if res, _ := sent(v, "/desk/sources/1/burn", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown deed = %d", res.StatusCode)
	}
	if res, _ := sent(w.as(t, "operator"), "/desk/sources/1/pause", nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("an operator pauses: %d", res.StatusCode)
	}
}

func TestKeysAreKeptAndNeverShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := v.page("/desk/sources/keys")
	if got := text(p, "main"); !strings.Contains(got, "приложение") || !strings.Contains(got, "источников с этим ключом: 2") || strings.Contains(got, "vk1.") {
		t.Errorf("keys: %q", got)
	}
	w.roster.fail = fault.New(fault.Invalid, "no").Say("Вставьте сам ключ.")
	res, p := sent(v, "/desk/sources/keys", url.Values{"kind": {"vk"}, "name": {"новый"}, "secret": {"vk1.secret"}})
	if res.StatusCode != http.StatusUnprocessableEntity || attr(p, "#k-name", "value") != "новый" || attr(p, "#k-secret", "value") != "" {
		t.Errorf("a refusal = %d, kept %q and %q", res.StatusCode, attr(p, "#k-name", "value"), attr(p, "#k-secret", "value"))
	}
	if res, _ = sent(v, "/desk/sources/keys", url.Values{"kind": {"vk"}, "name": {"новый"}, "secret": {"vk1.secret"}}); res.StatusCode != http.StatusSeeOther || len(w.roster.keys) != 1 || w.roster.keys[0].Secret != "vk1.secret" {
		t.Errorf("a key = %d, %d kept", res.StatusCode, len(w.roster.keys))
	}
	if res, _ = sent(v, "/desk/sources/keys/2/remove", nil); res.StatusCode != http.StatusSeeOther || !slices.Contains(w.roster.deeds, "forget 2") {
		t.Errorf("removing = %d", res.StatusCode)
	}
	if res, _ = sent(v, "/desk/sources/keys/7/remove", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("removing another one's = %d", res.StatusCode)
	}
}

// sent posts a form and returns the answer with its page.
func sent(v *visitor, path string, form url.Values) (*http.Response, *html.Node) {
	v.t.Helper()
	res := v.post(path, form)
	return res, parse(v.t, res)
}

func TestThePastOfASourceIsReadOnItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	if p := v.page("/desk/sources/1"); attr(p, `#past form`, "action") != "/desk/sources/1/back" || attr(p, "#past", "data-hx-get") != "" {
		t.Errorf("before anybody asked: %q", text(p, "#past"))
	}
	if res, _ := sent(v, "/desk/sources/1/back", url.Values{"days": {"30"}}); res.StatusCode != http.StatusSeeOther || !slices.Contains(w.roster.deeds, "back 1 by 30") {
		t.Errorf("asking = %d, deeds %q", res.StatusCode, w.roster.deeds)
	}
	w.backfills = map[string]*source.Backfill{"vk:-1": {Source: "vk:-1", State: source.BackRuns, Since: clock.AddDate(0, 0, -30), AskedAt: clock, Reached: clock.AddDate(0, 0, -3), Messages: 1200, Kept: 14, Error: "ВКонтакте просит подождать."}}
	p := v.page("/desk/sources/1")
	if got := text(p, "#past"); attr(p, "#past progress", "value") != "10" || attr(p, "#past", "data-hx-get") != "/desk/sources/1/past" || !strings.Contains(got, "новых для нас: 14") || !strings.Contains(got, "просит подождать") {
		t.Errorf("under way: %q", got)
	}
	res := v.get("/desk/sources/1/past")
	if part := parse(t, res); attr(part, "#past progress", "value") != "10" || len(all(part, "header")) != 0 {
		t.Error("the page cannot ask again for this part alone")
	}
	if res, _ := sent(v, "/desk/sources/1/stop-back", nil); res.StatusCode != http.StatusSeeOther || !slices.Contains(w.roster.deeds, "stop 1") {
		t.Errorf("stopping = %d", res.StatusCode)
	}
	w.backfills["vk:-1"].State = source.BackDone
	if p := v.page("/desk/sources/1"); !strings.Contains(text(p, "#past"), "Прочитано всё") || attr(p, "#past", "data-hx-get") != "" {
		t.Errorf("done: %q", text(p, "#past"))
	}
	w.roster.fail = fault.New(fault.Conflict, "no").Say("Прошлое этого источника уже читают.")
	if res, p := sent(v, "/desk/sources/1/back", url.Values{"days": {"7"}}); res.StatusCode != http.StatusConflict || text(p, "main [role=alert]") != "Прошлое этого источника уже читают." {
		t.Errorf("a refusal = %d %q", res.StatusCode, text(p, "[role=alert]"))
	}
}
