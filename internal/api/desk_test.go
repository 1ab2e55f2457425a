package api_test

import (
	"fmt"
	"strings"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

func TestShiftsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, one := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	_, two := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	w.opened("Абакан, яма", here)
	if a := w.call(one, "GET", "/api/v1/shifts", nil); a.StatusCode != 200 || a.field("0.figures.came") != float64(1) || a.field("0.id") != nil {
		t.Errorf("the shift under way = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(one, "POST", "/api/v1/shifts", map[string]any{"do": "close", "note": " "}); a.StatusCode != 422 {
		t.Errorf("without a note = %d %v", a.StatusCode, a.json)
	}
	a := w.call(one, "POST", "/api/v1/shifts", map[string]any{"do": "close", "note": "Ждём бригаду"})
	if a.StatusCode != 200 || a.field("1.note") != "Ждём бригаду" {
		t.Fatalf("close = %d %v", a.StatusCode, a.json)
	}
	id := a.field("1.id")
	if a := w.call(one, "POST", "/api/v1/shifts", map[string]any{"do": "accept", "shift": id}); a.StatusCode != 403 {
		t.Errorf("one's own = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(two, "POST", "/api/v1/shifts", map[string]any{"do": "accept", "shift": id}); a.StatusCode != 200 || a.field("1.accepted_by") == nil {
		t.Errorf("accept = %d %v", a.StatusCode, a.json)
	}
}

func TestChecklistsAndContactsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, curator := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	_, town := w.person(lifecycle.Curator, scope.Place{Region: khakassia, Centre: abakan})
	if a := w.call(curator, "POST", "/api/v1/checklists", map[string]any{"topic": "roads.potholes", "items": []string{" Огородить ", "", "Заделать"}}); a.StatusCode != 200 || a.field("0.items.1") != "Заделать" || a.field("0.items.0") != "Огородить" {
		t.Errorf("stored %d %v", a.StatusCode, a.json)
	}
	if w.call(town, "GET", "/api/v1/checklists", nil).StatusCode != 403 {
		t.Error("who sees a part of the region edits lists of all")
	}
	for name, b := range map[string]map[string]any{"an unknown topic": {"topic": "no.such", "items": []string{"а"}}, "an unknown group": {"group": "Нет", "items": []string{"а"}}, "twice": {"items": []string{"а", " а"}},
		"too long": {"items": []string{strings.Repeat("я", 2001)}}} {
		if a := w.call(curator, "POST", "/api/v1/checklists", b); a.StatusCode != 422 || a.field("detail") == nil {
			t.Errorf("%s = %d %v", name, a.StatusCode, a.json)
		}
	}
	if a := w.call(curator, "POST", "/api/v1/checklists", map[string]any{"group": topic.Default().Topics[0].Group, "items": []string{}}); a.StatusCode != 200 {
		t.Errorf("taking away what is not there = %d", a.StatusCode)
	}
	contacts := []map[string]any{{"name": "ЕДДС", "phone": "112-1", "centre": abakan}, {"name": "Регион", "phone": "112-2"}}
	if a := w.call(curator, "POST", "/api/v1/contacts", map[string]any{"contacts": contacts}); a.StatusCode != 200 || a.field("1.name") != "ЕДДС" {
		t.Fatalf("contacts = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(town, "POST", "/api/v1/contacts", map[string]any{"csv": abakan + ";ЕДДС Абакана;112-3;газ"}); a.StatusCode != 200 || a.field("1.danger") != "gas" || a.field("0.name") != "Регион" {
		t.Errorf("the town's own by a table = %d %v", a.StatusCode, a.json)
	}
	for name, c := range map[string]struct {
		secret string
		body   map[string]any
		status int
	}{
		"the region's by a town":   {town, map[string]any{"contacts": []map[string]any{{"name": "А", "phone": "1-1"}}}, 403},
		"no number":                {curator, map[string]any{"contacts": []map[string]any{{"name": "А", "phone": "нет"}}}, 422},
		"a region that is not":     {curator, map[string]any{"contacts": []map[string]any{{"name": "А", "phone": "12", "centre": "38701000"}}}, 422},
		"a contact beside its own": {curator, map[string]any{"centres": []string{abakan}, "contacts": []map[string]any{{"name": "А", "phone": "12"}}}, 422},
		"a line that is no line":   {curator, map[string]any{"csv": "Абакан"}, 422},
	} {
		if a := w.call(c.secret, "POST", "/api/v1/contacts", c.body); a.StatusCode != c.status {
			t.Errorf("%s = %d %v, want %d", name, a.StatusCode, a.json, c.status)
		}
	}
	if a := w.call(curator, "POST", "/api/v1/contacts", map[string]any{"centres": []string{"", abakan}}); a.StatusCode != 200 || a.field("0") != nil {
		t.Errorf("emptied = %d %v", a.StatusCode, a.json)
	}
}

func TestNoticesOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.opened("Абакан, яма", here)
	me, secret := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	other, _ := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	w.change(func(tx incident.Tx) error {
		var list []notice.Notice
		for k := range 3 {
			list = append(list, notice.Notice{Account: me.ID, Kind: notice.Deadline, What: notice.Soon, Step: "first", Due: noon, Incident: int64(i.ID) + int64(k), Cause: fmt.Sprint("entry:", k), At: noon})
		}
		return tx.Notices().Write(t.Context(), append(list, notice.Notice{Account: other.ID, Kind: notice.Given, Cause: "entry:9", At: noon}))
	})
	a := w.call(secret, "GET", "/api/v1/notices?limit=2", nil)
	if a.StatusCode != 200 || a.field("unseen") != float64(3) || a.field("notices.1.title") != "Подходит срок: первый ответ" || a.field("notices.2") != nil {
		t.Fatalf("notices = %d %v", a.StatusCode, a.json)
	}
	if b := w.call(secret, "GET", fmt.Sprintf("/api/v1/notices?after=%v", a.field("next")), nil); b.field("notices.0.incident") != float64(i.ID) || b.field("notices.1") != nil || b.field("next") != nil {
		t.Errorf("older ones = %v", b.json)
	}
	if b := w.call(secret, "POST", "/api/v1/notices/seen", map[string]any{"incident": i.ID}); b.field("unseen") != float64(2) {
		t.Errorf("seen of one = %v", b.json)
	}
	if b := w.call(secret, "POST", "/api/v1/notices/seen", map[string]any{}); b.field("unseen") != float64(0) {
		t.Errorf("all seen = %v", b.json)
	}
	if n, err := w.db.Reader().Notices().Unseen(t.Context(), other.ID, 10); n != 1 || err != nil {
		t.Errorf("somebody else has %d unseen, %v", n, err)
	}
	if b := w.call(secret, "GET", "/api/v1/notices/settings", nil); b.StatusCode != 200 || b.field("quiet_from") != float64(22) || b.field("by.call.0") != "mail" {
		t.Errorf("settings = %d %v", b.StatusCode, b.json)
	}
	choice := map[string]any{"by": map[string]any{"call": []string{"telegram"}}, "quiet_from": 0, "quiet_to": 0, "digest_hour": 7, "digest": "morning", "digest_by": "mail"}
	if b := w.call(secret, "POST", "/api/v1/notices/settings", choice); b.StatusCode != 200 || b.field("by.call.0") != "telegram" || b.field("by.given") != nil || b.field("digest") != "morning" {
		t.Errorf("chosen = %d %v", b.StatusCode, b.json)
	}
	choice["by"] = map[string]any{"pigeon": []string{"mail"}}
	if b := w.call(secret, "POST", "/api/v1/notices/settings", choice); b.StatusCode != 422 {
		t.Errorf("an unknown kind = %d", b.StatusCode)
	}
	for name, c := range map[string]struct {
		body   map[string]any
		status int
	}{"mail that is off": {map[string]any{"do": "mail", "mail": "a@example.ru"}, 409}, "an address of nobody": {map[string]any{"do": "drop", "address": 77}, 404}, "an unknown deed": {map[string]any{"do": "fly"}, 422}} {
		if b := w.call(secret, "POST", "/api/v1/notices/addresses", c.body); b.StatusCode != c.status || b.field("detail") == nil {
			t.Errorf("%s = %d %v", name, b.StatusCode, b.json)
		}
	}
}
