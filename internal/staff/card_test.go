package staff_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/topic"
)

// heardByDesk makes the desk hear a hole in Lenin street, of somebody who has one incident open.
func heardByDesk(w *world) {
	mine, near := *w.incidents[0], *w.incidents[1]
	w.desk.hears = &desk.Hearing{Phone: "+79230001122", Ask: "Где именно (Абакан): улица и дом или ориентир рядом?",
		Case: incident.Incident{Topic: topic.Default().Topics[0].Code, Kind: message.Complaint, Urgency: message.Danger, Proposed: 1, Address: incident.Address{Settlement: "Абакан"}},
		Mine: []incident.Row{{Incident: mine}}, Near: []incident.Row{{Incident: near}}}
}

// Without a script the button answers with the whole page: what is known, and all that was typed.
func TestACardIsHeardWithoutAScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heardByDesk(w)
	form := url.Values{"channel": {"counter"}, "text": {"яма, мой телефон 8 923 000-11-22"}, "caller": {"Мария"}, "attach": {incidentID(w.incidents[1])}}
	p := parse(t, w.as(t, "phone").post("/desk/read", form))
	got := strings.ReplaceAll(text(p, "#reading"), "\u00a0", " ")
	for _, want := range []string{"Наберите 112", "Спросите: Где именно (Абакан)", "УКХТ Абакана", "Абакан, телефон +7 923 000-11-22. Верно?", "Открытые обращения этого человека", "Открыто рядом о том же",
		incident.Spoken(w.incidents[0].Number), incident.Spoken(w.incidents[1].Number)} {
		if !strings.Contains(got, want) {
			t.Errorf("the page says %q, want %q", got, want)
		}
	}
	if text(p, "#k-text") != form.Get("text") || attr(p, "#k-caller", "value") != "Мария" || attr(p, "input[name=channel][checked]", "value") != "counter" {
		t.Errorf("what was typed is lost: %q, %q, %q", text(p, "#k-text"), attr(p, "#k-caller", "value"), attr(p, "input[name=channel][checked]", "value"))
	}
	if chosen := attr(p, "input[name=attach][checked]", "value"); chosen != incidentID(w.incidents[1]) {
		t.Errorf("chosen is %q", chosen)
	}
	want := desk.Card{Channel: message.Counter, Text: form.Get("text"), Caller: "Мария", Attach: w.incidents[1].ID}
	if diff := cmp.Diff(want, w.desk.heard[0]); diff != "" {
		t.Error(diff)
	}
	if len(w.desk.cards) != 0 {
		t.Error("hearing has filed a card")
	}
	if p := w.as(t, "phone").page("/desk/cards/new"); attr(p, "input[name=channel][checked]", "value") != "phone" || len(all(p, "#reading *")) != 0 {
		t.Error("an empty card is not that of a call, or says something already")
	}
}

// A script asks for the part alone, and is answered with it even while the form has mistakes.
func TestAScriptHearsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heardByDesk(w)
	v := w.as(t, "phone")
	for topicName, says := range map[string]string{"": "Спросите:", "такой темы нет": "Спросите:"} {
		q := httptest.NewRequest(http.MethodPost, "/desk/read", strings.NewReader(url.Values{"text": {"яма"}, "topic": {topicName}}.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("X-Part", "1")
		r := v.do(q)
		body, err := io.ReadAll(r.Body)
		if r.StatusCode != 200 || err != nil || !strings.Contains(string(body), says) || strings.Contains(string(body), "<main") {
			t.Errorf("topic %q: %d %v %.200s", topicName, r.StatusCode, err, body)
		}
	}
}

func TestACardIsAttachedToAnOpenIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := parse(t, w.as(t, "phone").post("/desk/cards", url.Values{"text": {"и снова яма"}, "attach": {"2"}, "channel": {"paper"}, "phone": {"8 923 000-11-22"}}))
	if got := text(p, ".filed"); !strings.Contains(got, "Добавлено к обращению") || !strings.Contains(got, "последним четырём цифрам") || strings.Contains(got, "Верно?") {
		t.Errorf("filed: %q", got)
	}
	want := desk.Card{Channel: message.Paper, Text: "и снова яма", Phone: "8 923 000-11-22", Attach: 2}
	if diff := cmp.Diff(want, w.desk.cards[0]); diff != "" {
		t.Error(diff)
	}
}

// Bad input of the card is told above it, and nothing that was typed is lost.
func TestACardWithMistakesIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "phone")
	for name, c := range map[string]struct {
		path, field, value, says string
	}{
		"a topic that is none":    {"/desk/cards", "topic", "<b>нет</b>", "Такой темы нет"},
		"an incident in words":    {"/desk/cards", "attach", "второе", "Такого обращения нет"},
		"an incident below zero":  {"/desk/cards", "attach", "-5", "Такого обращения нет"},
		"an endless incident":     {"/desk/cards", "attach", strings.Repeat("9", 40), "Такого обращения нет"},
		"read: a topic":           {"/desk/read", "topic", "нет", "Такой темы нет"},
		"read: a foreign channel": {"/desk/read", "channel", "vk", "Карточку заводят по звонку"},
	} {
		form := url.Values{"text": {"яма <script>"}, c.field: {c.value}}
		r := v.post(c.path, form)
		p := parse(t, r)
		if r.StatusCode != 422 || !strings.Contains(text(p, "[role=alert]"), c.says) || text(p, "#k-text") != "яма <script>" {
			t.Errorf("%s = %d %q, kept %q", name, r.StatusCode, text(p, "[role=alert]"), text(p, "#k-text"))
		}
	}
}

func incidentID(i *incident.Incident) string { return strconv.FormatInt(int64(i.ID), 10) }
