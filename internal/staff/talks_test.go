package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/talk"
)

// talked gives the second incident a talk by which it came.
func (w *world) talked() {
	first := w.incidents[1].First
	w.talkLines = []talk.Line{
		{Incident: 2, Kind: talk.Said, Message: first, At: clock},
		{Incident: 2, Kind: talk.Spoke, Key: "where", Text: "Где это?", State: talk.Dropped, At: clock},
		{Incident: 2, Kind: talk.Spoke, Key: "confirm", Text: "Отправить?", State: talk.Sent, Buttons: [][]talk.Choice{{{Label: "Отправить", Data: "1:send"}, {Label: "Отменить", Data: "1:cancel"}}}, At: clock},
		{Incident: 2, Kind: talk.Press, Text: "Отправить", At: clock.Add(time.Minute)},
		{Incident: 2, Kind: talk.Noted, Key: "open", At: clock.Add(time.Minute)},
		{Incident: 2, Kind: talk.Spoke, Key: "taken", Text: "Принято.", State: talk.Unknown, At: clock.Add(time.Minute)},
		{Incident: 2, Kind: talk.Said, Message: message.ID(999_999), At: clock},
	}
	w.stands = []talk.Stand{{Source: "telegram:4001", Talks: 12, Blocked: 2, Unknown: 1}}
}

func TestAnIncidentShowsTheTalkItCameBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.talked()
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/2")
	lines := all(p, ".talk-lines > li")
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	got := text(p, ".talk-lines")
	for _, want := range []string{"Бот,", "Отправить?", "Кнопки: Отправить · Отменить", "Нажата кнопка «Отправить»", "Открыт инцидент", "неизвестно, дошло ли", "(без слов"} {
		if !strings.Contains(got, want) {
			t.Errorf("the talk has no %q: %q", want, got)
		}
	}
	if strings.Contains(got, "Где это?") {
		t.Error("a question that was never asked is shown")
	}
	if len(all(v.page("/desk/incidents/1"), ".talk-lines")) != 0 {
		t.Error("an incident without a talk shows one")
	}
}

func TestTextsOfTheTalkAreEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.talked()
	v := w.as(t, "admin")
	p := v.page("/desk/talks")
	if got := text(p, "main"); !strings.Contains(got, "12 собеседников; остановили бота, им не пишем: 2; неизвестно, дошли ли: 1.") {
		t.Errorf("how talks fare: %q", got)
	}
	if got := text(p, "#taken .message-text"); !strings.Contains(got, "123-456-78") {
		t.Errorf("the preview is %q", got)
	}
	res := v.post("/desk/talks", url.Values{"say": {"taken"}, "text": {"Готово!"}})
	bad := parse(t, res)
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(bad, ".said-bad"), "{{номер}}") || text(bad, "#t-taken") != "Готово!" || len(all(bad, "#taken details[open]")) != 1 {
		t.Errorf("without the number: %d %q", res.StatusCode, text(bad, ".said-bad"))
	}
	for name, form := range map[string]url.Values{"nothing": {"say": {"taken"}, "text": {"  "}}, "a variable of another text": {"say": {"what"}, "text": {"{{номер}}"}}} {
		if res := v.post("/desk/talks", form); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res := v.post("/desk/talks", url.Values{"say": {"nonsense"}, "text": {"x"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown text: %d", res.StatusCode)
	}
	if res := v.post("/desk/talks", url.Values{"say": {"taken"}, "text": {"Записали под № {{номер}}."}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("saving: %d", res.StatusCode)
	}
	p = v.page("/desk/talks")
	if got := text(p, "#taken"); !strings.Contains(got, "Записали под № 123-456-78.") || !strings.Contains(got, "свой текст") || !strings.Contains(got, "Версии") {
		t.Errorf("after saving: %q", got)
	}
	v.post("/desk/talks", url.Values{"say": {"taken"}, "text": {"x"}, "shipped": {"1"}})
	if got := text(v.page("/desk/talks"), "#taken"); strings.Contains(got, "свой текст") {
		t.Errorf("after bringing the shipped one back: %q", got)
	}
	o := w.as(t, "operator")
	if len(all(o.page("/desk/talks"), "textarea")) != 0 {
		t.Error("an operator may edit")
	}
	if res := o.post("/desk/talks", url.Values{"say": {"taken"}, "text": {"{{номер}}"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("an operator saves: %d", res.StatusCode)
	}
}
