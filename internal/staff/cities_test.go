package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/neighbour"
)

// TestAnIncidentIsHandedToAnotherCity: the form shows masked words and what the city asks,
// refuses with what was typed kept, and sends what it shows.
func TestAnIncidentIsHandedToAnotherCity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.neighboured()
	v := w.as(t, "operator")
	if text(v.page("/desk/incidents/4"), "#cities") == "" {
		t.Error("the incident does not offer the city")
	}
	p := v.page("/desk/incidents/1/city?service=015")
	for _, sel := range []string{"#n-text", "#n-address", "select[name='a:WHERE'][required]", "input[name='a:DEEP']", "input[type='datetime-local']", "textarea[name='a:MORE']", "select[name='a:NEAR'][multiple]", "input[name=contact]"} {
		if len(all(p, sel)) != 1 {
			t.Errorf("the form has %d of %s", len(all(p, sel)), sel)
		}
	}
	if words := text(p, "#n-text"); strings.Contains(words, "900") || !strings.Contains(words, "[телефон]") || attr(p, "#n-address", "value") == "" {
		t.Errorf("the words are %q", words)
	}
	f := url.Values{"version": {"3"}, "service": {"015"}, "city": {"5"}, "text": {"Яма, звоните 8 900 000-11-22"}, "address": {"Абакан, Ленина, 1"}, "words": {"masked"}, "a:DEEP": {"12,5"}}
	res, p := sent(v, "/desk/incidents/1/city", f)
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, ".said-bad"), "Где яма") || attr(p, "input[name='a:DEEP']", "value") != "12,5" || !strings.HasPrefix(text(p, "#n-text"), "Яма, звоните") {
		t.Errorf("without what is required: %d, %q", res.StatusCode, text(p, ".said-bad"))
	}
	f["a:WHERE"], f["a:NEAR"] = []string{"road"}, []string{"s", "h"}
	if res, _ := sent(v, "/desk/incidents/1/city", f); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/desk/incidents/1") {
		t.Fatalf("handing over = %d", res.StatusCode)
	}
	c, ok := w.desk.last().(desk.HandToCity)
	if !ok || c.Agency != 3 || c.Name != "Соседний город" || c.Request.Service != "015" || c.Request.Words.Text != "Яма, звоните [телефон]" || c.Request.Words.Asked["DEEP"][0] != "12.5" || len(c.Request.Words.Asked["NEAR[]"]) != 2 || c.Request.Words.Phone != "" {
		t.Errorf("asked of the desk: %+v", w.desk.last())
	}
	f.Set("words", "whole")
	f.Set("contact", "1")
	sent(v, "/desk/incidents/1/city", f)
	if c := w.desk.last().(desk.HandToCity); !strings.Contains(c.Request.Words.Text, "8 900 000-11-22") || c.Request.Words.Phone != "8 900 000-11-22" || c.Request.Words.First != "Житель" || !c.Request.Contact {
		t.Errorf("whole: %+v", c.Request.Words)
	}
	if res := w.as(t, "executor").get("/desk/incidents/1/city"); res.StatusCode != http.StatusForbidden {
		t.Errorf("an executor: %d", res.StatusCode)
	}
}

// TestWhatBecameOfItInTheOtherCity: an end that nobody knows has its buttons.
func TestWhatBecameOfItInTheOtherCity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.neighboured()
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/6")
	if said := text(p, "#cities"); !strings.Contains(said, "неизвестно, дошло ли") || !strings.Contains(said, "Неизвестно, приняла ли") || len(all(p, "#cities button")) != 2 {
		t.Errorf("of an unknown end: %q", said)
	}
	said := text(v.page("/desk/incidents/8"), "#cities")
	for _, says := range []string{"Соседний город: принято городом", "1003", "с именем и контактом автора", "отвечает: Горсвет", "обещают к 25.11.2026", "Бригада выедет в среду"} {
		if !strings.Contains(said, says) {
			t.Errorf("the page does not say %q: %q", says, said)
		}
	}
	if res, _ := sent(v, "/desk/incidents/6/city-says", url.Values{"request": {"1"}, "do": {"found"}, "number": {"1007"}, "version": {"3"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("found = %d", res.StatusCode)
	}
	if c := w.desk.last(); c != (desk.CitySays{Request: neighbour.ID(1), Do: "found", Number: "1007", Name: "Соседний город"}) {
		t.Errorf("asked of the desk: %+v", c)
	}
}

// TestACityIsSetUp: services are asked for, topics are proposed by name and saved.
func TestACityIsSetUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.neighboured()
	v := w.as(t, "admin")
	if !strings.Contains(text(v.page("/desk/sources/5"), "main"), "Что мы передаём в этот город") {
		t.Error("the page of the source does not lead there")
	}
	p := v.page("/desk/sources/5/city?propose=1")
	if got := attr(p, "input[name='t:"+potholes+"']", "value"); got != "Ямы во дворах (015)" || !strings.Contains(text(p, "main"), "Предложено по названиям") {
		t.Errorf("proposed: %q", got)
	}
	if said := text(p, "main"); !strings.Contains(said, "неизвестно, дошло ли") {
		t.Error("the page does not tell of what went there")
	}
	if res, _ := sent(v, "/desk/sources/5/city/ask", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("asking = %d", res.StatusCode)
	}
	group := text(p, "label[for=n-g0]")
	f := url.Values{"agency": {"Теплосети"}, "g:" + group: {"Освещение улиц (007)"}, "t:" + potholes: {"Ямы во дворах (015)"}}
	if res, _ := sent(v, "/desk/sources/5/city", f); res.StatusCode != http.StatusSeeOther {
		t.Errorf("saving = %d", res.StatusCode)
	}
	c, err := w.staff.Envoy.City(t.Context(), "open311:city")
	if err != nil || c.Agency != 2 || c.Topics[potholes] != "015" || c.Groups[group] != "007" {
		t.Errorf("saved %+v, %v", c, err)
	}
	for field, bad := range map[string]string{"agency": "Никто", "t:" + potholes: "Полёты", "version": "1", "t:nothing": "Ямы во дворах (015)"} {
		g := url.Values{"agency": {"Теплосети"}}
		g.Set(field, bad)
		if res, p := sent(v, "/desk/sources/5/city", g); res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusConflict || text(p, ".said-bad") == "" {
			t.Errorf("%s %q = %d", field, bad, res.StatusCode)
		}
	}
	if res := v.get("/desk/sources/1/city"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a wall = %d", res.StatusCode)
	}
	if res := w.as(t, "operator").post("/desk/sources/5/city", f); res.StatusCode != http.StatusForbidden {
		t.Errorf("an operator saves = %d", res.StatusCode)
	}
}
