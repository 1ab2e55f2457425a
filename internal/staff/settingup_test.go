package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/topic"
)

func (w *world) setUp() {
	w.book = []call.Contact{{Name: "ЕДДС региона", Phone: "8 (3902) 11-11-11"}, {Name: "ЕДДС Абакана", Phone: "8 (3902) 22-33-44", Centre: abakan}, {Name: "Горгаз", Phone: "04", Danger: call.Gas, Centre: abakan}}
}

func TestReadyChecklistsAreEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := v.page("/desk/checklists")
	if got := text(p, "main"); !strings.Contains(got, "Новый список") {
		t.Errorf("the page says %q", got)
	}
	name := topic.Default().Topics[50].Name
	if r := v.post("/desk/checklists", url.Values{"topic": {name}, "group": {"Дороги"}, "items": {"Перекрыть воду\r\n\r\nПредупредить дом"}}); r.StatusCode != 303 {
		t.Fatalf("save = %d", r.StatusCode)
	}
	want := checklist.Template{Topic: topic.Default().Topics[50].Code, Items: []string{"Перекрыть воду", "", "Предупредить дом"}}
	if diff := cmp.Diff(want, w.keeper.list); diff != "" {
		t.Errorf("stored differs:\n%s", diff)
	}
	if r := v.post("/desk/checklists", url.Values{"drop": {"1"}}); r.StatusCode != 303 || len(w.keeper.list.Items) != 0 {
		t.Errorf("drop = %d, %+v", r.StatusCode, w.keeper.list)
	}
	for name, form := range map[string]url.Values{"no points": {"items": {" \n"}}, "no such topic": {"topic": {"нет такой"}, "items": {"а"}}} {
		if r := v.post("/desk/checklists", form); r.StatusCode != 422 {
			t.Errorf("%s = %d", name, r.StatusCode)
		}
	}
	w.keeper.err = fault.New(fault.Invalid, "no").Say("Один пункт записан дважды.")
	if r := v.post("/desk/checklists", url.Values{"items": {"а\nа"}}); r.StatusCode != 422 {
		t.Errorf("a point twice = %d", r.StatusCode)
	}
}

func TestWhomToRingIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setUp()
	v := w.as(t, "curator")
	p := v.page("/desk/contacts?centre=" + abakan)
	if attr(p, ".contact-row input[name=name]", "value") != "ЕДДС Абакана" || !strings.Contains(text(p, "main"), "ЕДДС региона: 8 (3902) 11-11-11") {
		t.Errorf("the page says %q", text(p, "main"))
	}
	form := url.Values{"centre": {abakan}, "name": {"ЕДДС", "", "Лифты"}, "phone": {"112-1", "", "8 (3902) 1"}, "danger": {"", "", "lift"}}
	if r := v.post("/desk/contacts/save", form); r.StatusCode != 303 {
		t.Fatalf("save = %d", r.StatusCode)
	}
	want := []call.Contact{{Name: "ЕДДС", Phone: "112-1", Centre: abakan}, {Name: "Лифты", Phone: "8 (3902) 1", Danger: call.Lift, Centre: abakan}}
	if diff := cmp.Diff(want, w.book); diff != "" || w.keeper.centres[0] != abakan {
		t.Errorf("stored for %v differs:\n%s", w.keeper.centres, diff)
	}
	if r := v.post("/desk/contacts/import", url.Values{"csv": {"Абакан;ЕДДС;112-1\nЧерногорск;ЕДДС;112-2\n;Регион;112-3"}}); r.StatusCode != 303 || len(w.book) != 3 || len(w.keeper.centres) != 3 {
		t.Errorf("import = %d, %+v", r.StatusCode, w.book)
	}
	for name, c := range map[string]struct {
		deed string
		form url.Values
	}{
		"no number":            {"save", url.Values{"name": {"ЕДДС"}, "phone": {"звоните"}, "danger": {""}}},
		"an empty table":       {"import", url.Values{"csv": {"территория;название;телефон"}}},
		"an unknown territory": {"import", url.Values{"csv": {"Нигде;ЕДДС;112"}}},
	} {
		if r := v.post("/desk/contacts/"+c.deed, c.form); r.StatusCode != 422 {
			t.Errorf("%s = %d, want 422", name, r.StatusCode)
		}
	}
	if r := v.get("/desk/contacts?centre=38701000"); r.StatusCode != 404 {
		t.Errorf("a municipality of another region = %d", r.StatusCode)
	}
	w.setUp()
	if got := text(w.as(t, "operator").page("/desk/calls"), "main"); !strings.Contains(got, "ЕДДС Абакана") {
		t.Errorf("the page of calls does not say whom to ring: %s", got)
	}
}
