package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

var analyzer = sync.OnceValue(func() *russian.Analyzer {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	return a
})

// watched stores a query of the region and returns its id.
func (w *world) watched() int64 {
	q := standing.Query{Name: fmt.Sprintf("Готовое %d", w.tick()), Text: "люк", Place: scope.Place{Region: khakassia}, Examples: []standing.Example{{Text: "открыт люк", Must: true}}}
	w.change(func(tx incident.Tx) error { return tx.Standing().SaveQuery(w.t.Context(), &q) })
	return int64(q.ID)
}

func TestQueriesAreSavedTriedAndDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	post := func(path, body string) answer { return w.call(token, "POST", "/api/v1/watches"+path, body) }
	r := post("", `{"name":"Дороги и ямы","query":"яма | выбоина","on":true,"territories":["`+abakan+`"],"examples":[{"text":"глубокая яма","must":true},{"text":"лужа","must":false}]}`)
	if r.StatusCode != 201 || r.field("version") != 1.0 || r.field("examples.0.text") != "глубокая яма" || len(list(r.field("days"))) != 30 {
		t.Fatalf("save = %d %s", r.StatusCode, r.raw)
	}
	one := fmt.Sprintf("/%v", r.field("id"))
	for body, want := range map[string]struct {
		status int
		field  string
	}{
		`{"name":"Пусто","query":"(яма"}`:                                               {422, "query"},
		`{"name":"ДОРОГИ и ямы","query":"яма"}`:                                         {422, "name"},
		`{"name":"Имя!","query":"яма"}`:                                                 {422, "name"},
		`{"name":"Где","query":"яма","territories":["38000000"]}`:                       {422, "territories"},
		`{"name":"Откуда","query":"яма","channels":["fax"]}`:                            {422, "channels"},
		`{"name":"Без примера","query":"яма","examples":[{"text":"лужа","must":true}]}`: {422, "examples"},
		`{"name":"Нет","query":"` + strings.Repeat("яма | ", 900) + `яма"}`:             {422, "query"},
		`{"name":"Лишнее","query":"яма","frob":1}`:                                      {422, ""},
		`{"query":"яма"}`: {422, ""},
		`{"name":"Пример","query":"яма","anyway":true,"examples":[{"text":"x","must":true}]}`: {201, ""},
	} {
		if r := post("", body); r.StatusCode != want.status || want.field != "" && !strings.HasSuffix(fmt.Sprint(r.field("field")), want.field) {
			t.Errorf("%.60s = %d at %v, want %d at %q", body, r.StatusCode, r.field("field"), want.status, want.field)
		}
	}
	if r := post("", `{"name":"Дворы","query":"@дороги_и_ямы & двор"}`); r.StatusCode != 201 || fmt.Sprint(r.field("uses")) != "[дороги_и_ямы]" {
		t.Errorf("a set = %d %s", r.StatusCode, r.raw)
	}
	if r := post(one, `{"version":1,"name":"Дороги и ямы","query":"яма | выбоина | колея"}`); r.StatusCode != 200 || r.field("version") != 2.0 || fmt.Sprint(r.field("used_by")) != "[Дворы]" {
		t.Errorf("change = %d %s", r.StatusCode, r.raw)
	}
	if r := post(one, `{"version":1,"name":"Дороги и ямы","query":"яма"}`); r.StatusCode != 409 {
		t.Errorf("an older version = %d", r.StatusCode)
	}
	if r := post(one+"/drop", `{}`); r.StatusCode != 422 || !strings.Contains(fmt.Sprint(r.field("detail")), "«Дворы»") {
		t.Errorf("drop of what others name = %d %s", r.StatusCode, r.raw)
	}
	if r := w.call(token, "GET", "/api/v1/watches"+one+"/versions", nil); len(r.list) != 2 || r.field("1.query") != "яма | выбоина" {
		t.Errorf("versions = %s", r.raw)
	}
	_, reader := w.person(lifecycle.Leader, scope.Place{Region: khakassia})
	if r := w.call(reader, "GET", "/api/v1/watches", nil); r.StatusCode != 200 || len(r.list) != 3 || strings.Contains(string(r.raw), `"text"`) {
		t.Errorf("a leader reads %s", r.raw)
	}

	w.change(func(tx incident.Tx) error {
		m := message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "1", Event: message.Written, Revision: message.HashOf("1"),
			Text: "Тут яма, звоните " + phoneWords, SeenAt: noon, Place: scope.Place{Region: khakassia}}
		return tx.Ring().Drop(t.Context(), "run", []message.Message{m})
	})
	r = post("/preview", `{"query":"яма"}`)
	if r.StatusCode != 200 || r.field("dropped") != 1.0 || r.field("found.0.kept") != false || strings.Contains(string(r.raw), phoneWords) || r.field("found.0.spans.0.start") != float64(len("Тут ")) {
		t.Errorf("preview = %d %s", r.StatusCode, r.raw)
	}
	if r := post("/check", `{"query":"яма & ("}`); r.StatusCode != 200 || r.field("reads") != false || r.field("column") == nil {
		t.Errorf("check of what cannot be read = %d %s", r.StatusCode, r.raw)
	}
	if r := post("/check", `{"query":"яма","examples":[{"text":"лужа","must":true}]}`); r.field("reads") != true || r.field("failures.0.why") == nil {
		t.Errorf("check = %s", r.raw)
	}
	if r := post("/preview", `{"id":999,"query":"яма"}`); r.StatusCode != 404 {
		t.Errorf("a draft of nothing = %d", r.StatusCode)
	}
	if strings.Contains(w.log.String(), "яма") {
		t.Error("the log holds words of a query")
	}
}

func TestVersionsAreWholeAndComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	_, centre := w.person(lifecycle.Centre, scope.Place{Region: khakassia, Centre: abakan})
	_, other := w.person(lifecycle.Centre, scope.Place{Region: khakassia, Centre: chernogor})
	_, leader := w.person(lifecycle.Leader, scope.Place{Region: khakassia})
	r := w.call(token, "POST", "/api/v1/watches", `{"name":"Ямы","query":"яма","territories":["`+abakan+`"],"unplaced":true,"channels":["vk"],"examples":[{"text":"глубокая яма","must":true}]}`)
	one := fmt.Sprintf("/api/v1/watches/%v", r.field("id"))
	w.call(token, "POST", one, `{"version":1,"name":"Ямы","query":"люк"}`)
	r = w.call(centre, "GET", one+"/versions", nil)
	if len(r.list) != 2 || fmt.Sprint(r.field("1.territories")) != "["+abakan+"]" || r.field("1.unplaced") != true || r.field("1.examples.0.text") != "глубокая яма" || r.field("1.knows_examples") != true || r.field("0.knows_where") != true {
		t.Errorf("versions = %s", r.raw)
	}
	if r := w.call(leader, "GET", one+"/versions", nil); r.StatusCode != 200 || strings.Contains(string(r.raw), "глубокая") {
		t.Errorf("a leader reads %s", r.raw)
	}
	for body, want := range map[string]int{`{"to":7}`: 404, `{"to":1,"version":1}`: 409, `{"to":0}`: 422, `{}`: 422} {
		if r := w.call(token, "POST", one+"/return", body); r.StatusCode != want {
			t.Errorf("return %s = %d, want %d: %s", body, r.StatusCode, want, r.raw)
		}
	}
	if r := w.call(centre, "POST", one+"/return", `{"to":1}`); r.StatusCode != 403 {
		t.Errorf("a centre returns what the region has saved: %d", r.StatusCode)
	}
	if r := w.call(token, "POST", one+"/return", `{"to":1,"version":2}`); r.StatusCode != 200 || r.field("version") != 3.0 || r.field("query") != "яма" || r.field("unplaced") != true || r.field("examples.0.text") != "глубокая яма" {
		t.Errorf("return = %d %s", r.StatusCode, r.raw)
	}
	if r := w.call(token, "POST", one+"/forget", nil); r.StatusCode != 200 || r.field("examples") != 1.0 {
		t.Errorf("forget = %d %s", r.StatusCode, r.raw)
	}

	r = w.call(centre, "POST", "/api/v1/watches", `{"name":"Парк","query":"парк & темно","on":true}`)
	if r.StatusCode != 201 || r.field("centre") != abakan || r.field("may_change") != true {
		t.Fatalf("a centre saves: %d %s", r.StatusCode, r.raw)
	}
	own := fmt.Sprintf("/api/v1/watches/%v", r.field("id"))
	for body, want := range map[string]int{
		`{"name":"Парк","query":"парк","territories":["` + chernogor + `"]}`: 422, `{"name":"Парк","query":"парк","territories":["` + khakassia + `"]}`: 422, `{"name":"Парк","query":"парк","territories":["` + abakan + `"],"unplaced":true}`: 422,
		`{"name":"Парк","query":"парк","territories":["` + abakan + `"]}`: 200,
	} {
		if r := w.call(centre, "POST", own, body); r.StatusCode != want {
			t.Errorf("%s = %d, want %d", body, r.StatusCode, want)
		}
	}
	if r := w.call(centre, "GET", one, nil); r.StatusCode != 200 || r.field("may_change") != false {
		t.Errorf("a centre reads the region's: %d %s", r.StatusCode, r.raw)
	}
	if r := w.call(other, "GET", own, nil); r.StatusCode != 404 {
		t.Errorf("another centre reads it: %d", r.StatusCode)
	}
	if r := w.call(other, "POST", own+"/drop", `{}`); r.StatusCode != 404 {
		t.Errorf("another centre drops it: %d", r.StatusCode)
	}
	if r := w.call(other, "GET", "/api/v1/watches", nil); len(r.list) != 1 {
		t.Errorf("another centre sees %s", r.raw)
	}
	if r := w.call(token, "GET", "/api/v1/watches", nil); len(r.list) != 2 {
		t.Errorf("the region sees %s", r.raw)
	}
}
