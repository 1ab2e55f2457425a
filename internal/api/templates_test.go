package api_test

import (
	"fmt"
	"strings"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/lint"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

func TestPrecedentsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	if w.real.Options.Lint, err = lint.New(a); err != nil {
		t.Fatal(err)
	}
	old, now := w.opened("Абакан, яма у школы, колесо пробил, звоните "+phoneWords, here), w.opened("Абакан, яма у школы", here)
	_, curator := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	path := fmt.Sprintf("/api/v1/incidents/%d/actions/", old.ID)
	w.change(func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(t.Context(), scope.All(), old.ID)
		if err != nil {
			return err
		}
		i.State, i.AnsweredAt = lifecycle.Answered, noon
		if err := tx.Incidents().Save(t.Context(), i); err != nil {
			return err
		}
		return tx.Replies().SaveReply(t.Context(), &reply.Reply{Incident: int64(old.ID), Message: int64(old.First), Purpose: reply.Final, State: reply.Published, PublishedAt: noon,
			Text: "Здравствуйте! Яму у школы заделали 20 ноября, уложили новый асфальт.", Place: here})
	})
	see := fmt.Sprintf("/api/v1/incidents/%d/precedents", now.ID)
	if a := w.call(curator, "GET", see, nil); a.StatusCode != 200 || a.field("0") != nil {
		t.Errorf("before anybody looked: %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", path+"close", map[string]any{"outcome": "solved", "how": "photo"}); a.StatusCode != 200 {
		t.Fatalf("close = %d %v", a.StatusCode, a.json)
	}
	got := w.call(curator, "GET", see, nil)
	if asked, _ := got.field("0.asked").(string); got.StatusCode != 200 || got.field("0.incident") != float64(old.ID) || got.field("0.verified") != true || !strings.Contains(asked, "[скрыто]") || strings.Contains(asked, "900") {
		t.Errorf("precedents = %d %v", got.StatusCode, got.json)
	}
}

// A template from its making to the figures, as a program sees it.
func TestTemplatesOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.opened("Абакан, яма", here)
	_, curator := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	_, leader := w.person(lifecycle.Leader, scope.Place{Region: khakassia})
	_, far := w.person(lifecycle.Curator, scope.Place{Region: kursk})

	bad := map[string]any{"name": "Яма", "kind": "final", "text": "Звоните {{тел}}"}
	if a := w.call(curator, "POST", "/api/v1/templates", bad); a.StatusCode != 422 || a.field("field") != "text" || !strings.Contains(a.field("detail").(string), "{{тел}}") {
		t.Errorf("an unknown variable = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(leader, "POST", "/api/v1/templates", bad); a.StatusCode != 403 {
		t.Errorf("a leader = %d", a.StatusCode)
	}
	a := w.call(curator, "POST", "/api/v1/templates", map[string]any{"name": "Яма", "kind": "final", "topic": "roads.potholes", "text": "{{приветствие}} Яму по адресу {{адрес}} заделали. Ждём {{контакт}}."})
	if a.StatusCode != 200 || a.field("version") != 1.0 {
		t.Fatalf("save = %d %v", a.StatusCode, a.json)
	}
	id := a.field("id")
	next := map[string]any{"id": id, "version": 1, "name": "Яма", "kind": "final", "text": "{{приветствие}} Яму заделали. Ждём {{контакт|вашего ответа}}."}
	if a := w.call(curator, "POST", "/api/v1/templates", next); a.StatusCode != 200 || a.field("version") != 2.0 {
		t.Errorf("next version = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", "/api/v1/templates", next); a.StatusCode != 409 {
		t.Errorf("a version that is gone = %d", a.StatusCode)
	}
	if a := w.call(far, "POST", "/api/v1/templates", next); a.StatusCode != 404 {
		t.Errorf("of another region = %d", a.StatusCode)
	}
	if a := w.call(curator, "GET", "/api/v1/templates?versions_of=1", nil); a.StatusCode != 200 || a.field("0.version") != 2.0 || a.field("1.topic") != "roads.potholes" {
		t.Errorf("versions = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(far, "GET", "/api/v1/templates?versions_of=1", nil); a.StatusCode != 404 {
		t.Errorf("versions for another region = %d", a.StatusCode)
	}
	path := fmt.Sprintf("/api/v1/incidents/%d", i.ID)
	if a := w.call(curator, "POST", path+"/begin", map[string]any{"template": id}); a.StatusCode != 200 || a.field("text") != "Здравствуйте! Яму заделали. Ждём вашего ответа." || a.field("purpose") != "final" {
		t.Errorf("begin = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", path+"/begin", map[string]any{"template": 99}); a.StatusCode != 422 || a.field("field") != "template" {
		t.Errorf("begin with none = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", path+"/actions/answer", map[string]any{"text": "Яму заделали {{впишите: число}}", "template": id}); a.StatusCode != 422 || a.field("field") != "text" {
		t.Errorf("a blank left = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", path+"/actions/answer", map[string]any{"text": "Яму заделали 20 ноября.", "template": id}); a.StatusCode != 200 {
		t.Errorf("answer = %d %v", a.StatusCode, a.json)
	}
	reason := w.call(curator, "POST", "/api/v1/templates", map[string]any{"name": "Частная", "kind": "reason", "group": "Дороги", "text": "Дорога частная, её содержит {{впишите: кто}}."}).field("id")
	refusal := w.opened("Абакан, яма на частной дороге", here)
	of := fmt.Sprintf("/api/v1/incidents/%d", refusal.ID)
	begun := w.call(curator, "POST", of+"/begin", map[string]any{"template": reason})
	if begun.StatusCode != 200 || begun.field("text") != "Дорога частная, её содержит {{впишите: кто}}." || begun.field("purpose") != nil {
		t.Errorf("begin with a reason = %d %v", begun.StatusCode, begun.json)
	}
	if a := w.call(curator, "POST", of+"/actions/reject", map[string]any{"reason": begun.field("text")}); a.StatusCode != 422 || a.field("field") != "reason" || !strings.Contains(a.field("detail").(string), "впишите: кто") {
		t.Errorf("a refusal with a blank = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", of+"/actions/submit", map[string]any{"text": "Дорога частная.", "template": reason}); a.StatusCode != 422 || a.field("field") != "template" {
		t.Errorf("a reply that begins with a reason = %d %v", a.StatusCode, a.json)
	}
	if a := w.call(curator, "POST", of+"/actions/reject", map[string]any{"reason": "Дорога частная, её содержит СНТ."}); a.StatusCode != 200 || a.field("outcome_reason") != "Дорога частная, её содержит СНТ." {
		t.Errorf("refusal = %d %v", a.StatusCode, a.json)
	}
	replies, err := w.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	if list := w.call(curator, "GET", path+"/replies", nil); err == nil && list.field("0.machine") != nil {
		t.Errorf("what a person wrote is a machine's: %v", list.json)
	}
	err = w.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		replies[0].Machine = reply.MachineEdited
		return tx.Replies().SaveReply(t.Context(), &replies[0])
	})
	if list := w.call(curator, "GET", path+"/replies", nil); err != nil || list.field("0.machine") != "edited" {
		t.Errorf("the reply does not say that it began as a machine's: %v", list.json)
	}
	if err != nil || len(replies) != 1 || replies[0].Template == 0 || replies[0].TemplateVersion != 2 {
		t.Errorf("replies = %+v, %v", replies, err)
	}
}

// Personal data into a public thread over the API: the lint names them, the deed refuses
// them, the private part has a link.
func TestPrivatePartsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	if w.real.Options.Lint, err = lint.New(a); err != nil {
		t.Fatal(err)
	}
	i := w.opened("Абакан, яма во дворе", here)
	_, curator := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	path := fmt.Sprintf("/api/v1/incidents/%d", i.ID)
	const told = "Яму во дворе заделали 20 ноября, ваша кв. 12 получит перерасчёт."
	got := w.call(curator, "POST", path+"/lint", map[string]any{"text": told})
	start, _ := got.field("secrets.0.start").(float64)
	if got.StatusCode != 200 || !strings.HasPrefix(told[int(start):], "кв. 12") || got.field("secrets.0.type") != "flat" || got.field("public_sentence") == nil {
		t.Errorf("lint = %d %v", got.StatusCode, got.json)
	}
	answer := map[string]any{"text": told, "override_reason": "проверка"}
	if got := w.call(curator, "POST", path+"/actions/answer", answer); got.StatusCode != 422 || got.field("field") != "cleared" {
		t.Errorf("answer = %d %v", got.StatusCode, got.json)
	}
	if strings.Contains(w.log.String(), "кв. 12") {
		t.Error("the log holds it")
	}
	answer["text"], answer["private"] = "Яму во дворе заделали 20 ноября, об остальном ответили вам лично.", told
	if got := w.call(curator, "POST", path+"/actions/answer", answer); got.StatusCode != 200 {
		t.Fatalf("answer with a private part = %d %v", got.StatusCode, got.json)
	}
	list := w.call(curator, "GET", path+"/replies", nil)
	if list.field("0.has_private") != true || strings.Contains(fmt.Sprint(list.json), "кв. 12") {
		t.Errorf("replies = %v", list.json)
	}
	if got := w.call(curator, "POST", path+"/private_link", map[string]any{"reply": list.field("0.id")}); got.StatusCode != 200 || !strings.HasPrefix(fmt.Sprint(got.field("link")), "/r/") {
		t.Errorf("link = %d %v", got.StatusCode, got.json)
	}
	if got := w.call(curator, "POST", path+"/private_link", map[string]any{"reply": 99}); got.StatusCode != 404 {
		t.Errorf("a link to no reply = %d", got.StatusCode)
	}
}
