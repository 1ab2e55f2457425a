package staff_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// watchForm is the form of query 1, with changes.
func watchForm(changes ...string) url.Values {
	f := url.Values{"watch": {"1"}, "version": {"2"}, "name": {"Дороги и ямы"}, "query": {"яма | выбоина"}, "note": {"Весной пишут чаще"}, "on": {"1"},
		"must": {"на въезде выбоина во всю полосу"}, "must_not": {"угольная шахта ждёт гостей"}}
	for k := 0; k+1 < len(changes); k += 2 {
		f.Set(changes[k], changes[k+1])
	}
	return f
}

func TestTheListShowsWhatIsBrokenFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	p := w.as(t, "analyst").page("/desk/watches")
	rows := all(p, ".watch")
	if len(rows) != 4 || !strings.Contains(text(rows[0], ".line-name"), "Ярмарка не читается") || !strings.Contains(text(rows[0], ".line-error"), "Столбец 11: набора @праздники нет") {
		t.Fatalf("%d rows, the first says %q, %q", len(rows), text(rows[0], ".line-name"), text(rows[0], ".line-error"))
	}
	if got := text(rows[1], ".line-name"); !strings.Contains(got, "не проходит 1 пример") {
		t.Errorf("the second says %q", got)
	}
	for _, r := range rows {
		if !strings.Contains(text(r, ".line-name"), "Дороги и ямы") {
			continue
		}
		if got := text(r, "dl"); got != "сегодня 12 7 дней 64 всего 1240" || attr(r, ".spark", "aria-label") != "За 30 дней: 74\u00a0сообщения, больше всего за сутки: 14" {
			t.Errorf("hits %q, line %q", got, attr(r, ".spark", "aria-label"))
		}
	}
	if got := text(w.as(t, "operator").page("/desk/sources"), ".said-bad"); !strings.HasPrefix(got, "1 правило наблюдения не читается") {
		t.Errorf("the sources say %q", got)
	}
	p = w.as(t, "leader").page("/desk/watches")
	if len(all(p, ".watch")) != 4 || len(all(p, ".watch form, a[href='/desk/watches/new']")) != 0 {
		t.Error("who only reads has buttons")
	}
	p = w.as(t, "leader").page("/desk/watches/1")
	if len(all(p, "main form")) != 0 || strings.Contains(text(p, "main"), "шахта") || !strings.Contains(text(p, ".watch-read"), "яма | выбоина") {
		t.Errorf("a leader reads %q", text(p, "main"))
	}
}

func TestAQueryIsSavedWithItsExamples(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	v := w.as(t, "analyst")
	fails := watchForm("query", "яма")
	r := v.post("/desk/watches/1", fails)
	p := parse(t, r)
	if r.StatusCode != 422 || !strings.Contains(text(p, ".watch-failures"), "нет слова «яма»") || len(all(p, "button[name=anyway]")) != 1 || w.queries[0].Version != 2 {
		t.Fatalf("examples that fail: %d, %q, version %d", r.StatusCode, text(p, ".watch-failures"), w.queries[0].Version)
	}
	fails.Set("anyway", "1")
	if r := v.post("/desk/watches/1", fails); r.StatusCode != 303 || w.queries[0].Version != 3 || !strings.HasSuffix(w.audit[len(w.audit)-1].Subject, "examples_fail") {
		t.Errorf("saved anyway: %d, version %d", r.StatusCode, w.queries[0].Version)
	}
	p = v.page("/desk/watches/1")
	if got := text(p, ".watch-failures"); !strings.Contains(got, "выбоина во всю полосу") {
		t.Errorf("afterwards the page says %q", got)
	}
	if r := v.post("/desk/watches", url.Values{"name": {"Снег"}, "query": {"снег &\r\n !лыжи"}, "territory": {abakan}, "others": {chernogor}, "channel": {"vk"}, "must": {"снег не убран\r\n\r\nснега по пояс"}}); r.StatusCode != 303 {
		t.Fatalf("a new one = %d", r.StatusCode)
	}
	q := w.queries[len(w.queries)-1]
	if q.Name != "Снег" || q.Text != "снег &\n !лыжи" || strings.Join(q.Territories, " ") != abakan+" "+chernogor || len(q.Examples) != 2 || q.On || q.Owner != 8 {
		t.Errorf("stored %+v", q)
	}
}

func TestWhatCannotBeSavedIsShownAtItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	v := w.as(t, "analyst")
	for _, c := range []struct{ field, value, where, says string }{
		{"query", "снег & (яма", "#w-query-says", "Столбец 8"},
		{"name", "Дворы", "#w-name-says", "уже есть"},
		{"name", "", "#w-name-says", "Назовите"},
		{"name", "Пути", "#w-name-says", "«Дворы»"},
		{"others", "12345", "#w-territories-says", "ОКТМО"},
		{"channel", "fax", "#w-channels-says", "источников"},
		{"must", strings.Repeat("выбоина\n", 51), "#w-examples-says", "больше 50"},
	} {
		r := v.post("/desk/watches/1", watchForm(c.field, c.value))
		p := parse(t, r)
		if r.StatusCode != 422 || !strings.Contains(text(p, c.where), c.says) {
			t.Errorf("%s = %.20q: %d, %q, want 422 and %q", c.field, c.value, r.StatusCode, text(p, c.where), c.says)
		}
		if c.field == "query" && (attr(p, "[data-column]", "data-column") != "8" || text(p, ".watch-caret mark") != "(" || plain(all(p, "#w-query")[0]) != c.value) {
			t.Errorf("the caret stands at %q %q; the text is kept: %q", attr(p, "[data-column]", "data-column"), text(p, ".watch-caret mark"), plain(all(p, "#w-query")[0]))
		}
	}
	v.post("/desk/watches/1/drop", url.Values{"version": {"2"}})
	if p := v.page("/desk/watches/1"); !strings.Contains(text(p, ".said-bad"), "ссылаются «Дворы»") || len(all(p, "form[action$=drop]")) != 0 {
		t.Errorf("dropping what others name: %q", text(p, ".said-bad"))
	}
	if r := v.post("/desk/watches/2/drop", url.Values{"version": {"1"}}); r.StatusCode != 303 || len(w.queries) != 3 {
		t.Errorf("drop = %d, %d are left", r.StatusCode, len(w.queries))
	}
	if r := v.post("/desk/watches/1/frob", nil); r.StatusCode != 404 {
		t.Errorf("an unknown deed = %d", r.StatusCode)
	}
	if r := v.get("/desk/watches/1?version=77"); r.StatusCode != 404 {
		t.Errorf("an unknown version = %d", r.StatusCode)
	}
}

func TestTwoEditorsSeeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	if r := w.as(t, "curator").post("/desk/watches/1", watchForm("query", "яма | выбоина | колея")); r.StatusCode != 303 {
		t.Fatalf("the first = %d", r.StatusCode)
	}
	v := w.as(t, "analyst")
	r := v.post("/desk/watches/1", watchForm("query", "яма | выбоина | люк"))
	p := parse(t, r)
	if got := text(p, ".said-bad"); r.StatusCode != 409 || !strings.Contains(got, "Анна Майнагашева") || !strings.Contains(got, "Запрос яма | выбоина | колея") || strings.Contains(got, "Примечание") {
		t.Errorf("the second = %d, %q", r.StatusCode, got)
	}
	if got := plain(all(p, "#w-query")[0]); got != "яма | выбоина | люк" || w.queries[0].Text != "яма | выбоина | колея" {
		t.Errorf("the form holds %q, the store %q", got, w.queries[0].Text)
	}
	if r := v.post("/desk/watches/1", watchForm("query", "яма | выбоина | люк", "version", attr(p, "input[name=version]", "value"))); r.StatusCode != 303 || w.queries[0].Version != 4 {
		t.Errorf("knowingly = %d, version %d", r.StatusCode, w.queries[0].Version)
	}
}

func TestAnEarlierVersionComesBackThroughTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	p := w.as(t, "analyst").page("/desk/watches/1?version=1")
	if plain(all(p, "#w-query")[0]) != "яма" || attr(p, "#w-note", "value") != "Первая проба" || attr(p, "input[name=version]", "value") != "2" || plain(all(p, "#w-must")[0]) != "во дворе яма" ||
		len(all(p, "input[name=territory][value='"+abakan+"'][checked]")) != 1 {
		t.Errorf("the form holds %q, %q", plain(all(p, "#w-query")[0]), attr(p, "#w-note", "value"))
	}
}

func TestTryingAQueryShowsOursAndNewUnderTheRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	p := parse(t, w.as(t, "analyst").post("/desk/watches/check", watchForm()))
	got := text(p, "#w-check")
	if !strings.Contains(got, "Просмотрено 3 сообщения") || !strings.Contains(got, "подошли 2: 1 уже у нас (за сутки — 1), 1 новое") {
		t.Errorf("it says %q", got)
	}
	if strings.Contains(got, "900 000") || !strings.Contains(got, "[телефон]") || len(all(p, "#w-check mark")) < 2 || len(all(p, "#w-check b")) != 0 || attr(p, ".watch-found a", "href") != "/desk/incidents/1" {
		t.Errorf("an analyst reads %q", got)
	}
	if got := text(parse(t, w.as(t, "curator").post("/desk/watches/check", watchForm())), "#w-check"); !strings.Contains(got, "8 900 000-11-22") {
		t.Errorf("a curator, who may see it, reads %q", got)
	}
	if len(w.audit) != 0 && strings.HasPrefix(w.audit[len(w.audit)-1].Subject, "standing") {
		t.Error("trying is no change")
	}
	r := httptest.NewRequest("POST", "/desk/watches/check", strings.NewReader(watchForm("query", "яма |").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	answer := w.as(t, "analyst").do(r)
	if p := parse(t, answer); answer.StatusCode != 200 || len(all(p, "#main")) != 0 || !strings.Contains(text(p, "#w-query-says"), "Столбец") {
		t.Errorf("a script gets %d, %q", answer.StatusCode, text(p, "body"))
	}
}

func TestTurningOffAndOnAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	v := w.as(t, "analyst")
	v.post("/desk/watches/2/off", url.Values{"version": {"1"}})
	undo := attr(v.page("/desk/watches"), ".said form", "action")
	if w.queries[1].On || undo != "/desk/watches/2/on?version=2" {
		t.Fatalf("on %v, undo by %q", w.queries[1].On, undo)
	}
	if v.post(undo, nil); !w.queries[1].On || w.queries[1].Version != 3 {
		t.Errorf("undone: %+v", w.queries[1])
	}
}

// A person tries a query by the keyboard; the answer comes without leaving the page.
func TestAQueryIsTriedByKeyboard(t *testing.T) {
	w := newWorld(t)
	w.watching()
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "analyst")
	within(t, ctx, "c tries", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(base+"/desk/watches/1"), chromedp.WaitVisible(chromedp.CSS("#w-query")),
		chromedp.KeyEvent("c"), chromedp.WaitVisible(chromedp.CSS(".watch-found li")))
	if got := value[string](t, ctx, `location.pathname`); got != "/desk/watches/1" {
		t.Errorf("it went to %s", got)
	}
	value[string](t, ctx, `document.querySelector("#w-query").value = "  яма | выбоина\n& (снег"`) // columns count from the first character, blanks and line ends too
	value[bool](t, ctx, `document.querySelector("#w-query").dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, bubbles: true}))`)
	within(t, ctx, "Ctrl+Enter in the field", chromedp.WaitVisible(chromedp.CSS("#w-query-says mark")))
	within(t, ctx, "the answer is in its place", chromedp.WaitVisible(chromedp.CSS("#w-check .note")), chromedp.Sleep(100*time.Millisecond))
	if got := value[string](t, ctx, `(() => { const q = document.querySelector("#w-query"); return q.value.slice(0, q.selectionStart) + "^" + document.querySelector("[data-column]").dataset.column })()`); got != "  яма | выбоина\n& ^19" {
		t.Errorf("the cursor stands behind %q", got)
	}
	if n := value[int](t, ctx, `document.querySelectorAll("#w-query-says").length`); n != 1 {
		t.Errorf("%d places tell of the query", n)
	}
}

func TestVersionsShowWhatChangedAndComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	v := w.as(t, "analyst")
	p := v.page("/desk/watches/1")
	row := all(p, ".topic-versions li")[0]
	if got := text(row, ".watch-changes"); got != "Запрос яма | выбоина Примечание Первая проба Весной пишут чаще Территории Абакан везде Должно подойти во дворе яма на въезде выбоина во всю полосу" {
		t.Errorf("the second version changed %q", got)
	}
	if got := text(row, "del") + "/" + text(row, "ins"); got != "Первая проба Абакан во дворе яма/| выбоина Весной пишут чаще везде на въезде выбоина во всю полосу" {
		t.Errorf("taken out and put in: %q", got)
	}
	p = v.page("/desk/watches/1?version=1")
	if got := text(p, ".watch-back"); !strings.Contains(got, "Версия 1 против нынешней") || !strings.Contains(got, "Территории везде Абакан") || len(all(p, ".watch-back form[action='/desk/watches/1/return']")) != 1 {
		t.Errorf("over the form stands %q", got)
	}
	if got := text(w.as(t, "leader").page("/desk/watches/1"), ".topic-versions"); !strings.Contains(got, "Должно подойти 1 пример 1 пример") || strings.Contains(got, "во дворе") {
		t.Errorf("who may not read examples reads %q", got)
	}
	if r := v.post("/desk/watches/1/return", url.Values{"version": {"1"}, "to": {"1"}}); r.StatusCode != 303 || w.queries[0].Version != 2 {
		t.Errorf("a stale return = %d, version %d", r.StatusCode, w.queries[0].Version)
	}
	if got := text(v.page("/desk/watches/1"), ".said-bad"); !strings.Contains(got, "изменил кто-то ещё") {
		t.Errorf("afterwards the page says %q", got)
	}
	r := v.post("/desk/watches/1/return", url.Values{"version": {"2"}, "to": {"1"}})
	if q := w.queries[0]; r.StatusCode != 303 || q.Version != 3 || q.Text != "яма" || strings.Join(q.Territories, " ") != abakan || q.Examples[0].Text != "во дворе яма" {
		t.Fatalf("return = %d, stored %+v", r.StatusCode, w.queries[0])
	}
	if got := text(v.page("/desk/watches/1"), ".said-good"); !strings.Contains(got, "снова такое, как в версии 1") {
		t.Errorf("the page says %q", got)
	}
	if r := v.post("/desk/watches/1/return", url.Values{"version": {"3"}, "to": {"77"}}); r.StatusCode != 404 {
		t.Errorf("an unknown version = %d", r.StatusCode)
	}
	if r := v.post("/desk/watches/1/forget", nil); r.StatusCode != 303 {
		t.Errorf("forget = %d", r.StatusCode)
	}
	if got := text(v.page("/desk/watches/1"), ".topic-versions"); strings.Contains(got, "на въезде") || strings.Count(got, "не сохранилось: примеры") != 2 {
		t.Errorf("after forgetting the versions say %q", got)
	}
}

// A version whose examples its text does not keep comes into the form.
func TestAReturnThatFailsItsExamplesIsOfferedInTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	w.versions[1].Examples[0].Text = "колея во дворе"
	v := w.as(t, "analyst")
	r := v.post("/desk/watches/1/return", url.Values{"version": {"2"}, "to": {"1"}})
	p := parse(t, r)
	if r.StatusCode != 422 || !strings.Contains(text(p, ".watch-failures"), "колея во дворе") || plain(all(p, "#w-query")[0]) != "яма" || attr(p, ".watch-form input[name=version]", "value") != "2" || len(all(p, "button[name=anyway]")) != 1 {
		t.Errorf("return = %d, %q", r.StatusCode, text(p, ".watch-failures"))
	}
	if w.queries[0].Version != 2 {
		t.Error("it was saved all the same")
	}
}

func TestAMunicipalCentreKeepsQueriesOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.watching()
	for n, centre := range []string{abakan, chernogor} {
		w.accounts = append(w.accounts, &account.Account{ID: account.ID(80 + n), Login: "mcu-" + centre, Name: "Центр", Role: lifecycle.Centre, Hash: hash(), Place: scope.Place{Region: khakassia, Centre: centre}})
	}
	v, other := w.as(t, "mcu-"+abakan), w.as(t, "mcu-"+chernogor)
	p := v.page("/desk/watches/new")
	if len(all(p, "input[name=territory], input[name=unplaced]")) != 0 || !strings.Contains(text(p, ".watch-where legend"), "Абакан") {
		t.Errorf("a new query of a centre listens to %q", text(p, ".watch-where"))
	}
	if r := v.post("/desk/watches", url.Values{"name": {"Парк"}, "query": {"парк & темно"}, "on": {"1"}}); r.StatusCode != 303 {
		t.Fatalf("save = %d", r.StatusCode)
	}
	q := w.queries[len(w.queries)-1]
	if q.Place != (scope.Place{Region: khakassia, Centre: abakan}) {
		t.Errorf("it stands at %+v", q.Place)
	}
	one := fmt.Sprintf("/desk/watches/%d", q.ID)
	if r := v.post(one, url.Values{"watch": {fmt.Sprint(q.ID)}, "version": {"1"}, "name": {"Парк"}, "query": {"парк"}, "others": {chernogor}}); r.StatusCode != 422 || !strings.Contains(text(parse(t, r), "#w-territories-says"), "только свою") {
		t.Errorf("another's territory = %d", r.StatusCode)
	}
	p = v.page("/desk/watches")
	mine, regions := 0, 0
	for _, row := range all(p, ".watch") {
		if n := len(all(row, "form")); strings.Contains(text(row, ".line-name"), "ваш центр") && n == 1 {
			mine++
		} else if strings.Contains(text(row, ".line-name"), "регион") && n == 0 {
			regions++
		}
	}
	if mine != 1 || regions != 4 || len(all(p, "a[href='/desk/watches/new']")) != 1 {
		t.Errorf("a centre sees %d of its own and %d of the region", mine, regions)
	}
	p = v.page("/desk/watches/1")
	if len(all(p, "main form")) != 0 || !strings.Contains(text(p, "main"), "правило всего региона") || !strings.Contains(text(p, "main"), "яма | выбоина") {
		t.Errorf("the region's query reads %q", text(p, "main"))
	}
	for _, deed := range []string{"", "/off", "/drop", "/return", "/forget"} {
		if r := v.post("/desk/watches/1"+deed, watchForm()); r.StatusCode != 403 {
			t.Errorf("POST /desk/watches/1%s by a centre = %d, want 403", deed, r.StatusCode)
		}
		if r := other.post(one+deed, watchForm()); r.StatusCode != 404 {
			t.Errorf("POST %s%s by another centre = %d, want 404", one, deed, r.StatusCode)
		}
	}
	if n := len(all(other.page("/desk/watches"), ".watch")); n != 4 {
		t.Errorf("another centre sees %d queries", n)
	}
	if got := text(w.as(t, "analyst").page("/desk/watches"), ".watches"); !strings.Contains(got, "центр: Абакан") {
		t.Errorf("the region reads %q", got)
	}
}
