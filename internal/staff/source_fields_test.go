package staff_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/source"
	"otklik/internal/source/hook"
)

// Fields are those of a mailbox: its servers.
func (f *fakeRoster) Fields(s *source.Source) []source.Field {
	if s.Kind == source.VK {
		return []source.Field{{Name: "events", Label: "Как узнаём о новом", Value: "longpoll", Hint: "За секунды.", Choices: []source.Choice{{Value: "", Name: "читаем"}, {Value: "longpoll", Name: "ждём"}}}}
	}
	if s.Kind == source.Hook {
		return hook.Fields(s.Settings)
	}
	if s.Kind == source.Page {
		return []source.Field{{Name: "posts.post", Label: "Сообщение", Hint: "div.post"}}
	}
	if s.Kind != source.Mail {
		return nil
	}
	var set map[string]string
	_ = json.Unmarshal(s.Settings, &set)
	return []source.Field{{Name: "imap", Label: "Сервер входящей почты", Value: set["imap"], Hint: "imap.example.ru:993"}}
}

func (f *fakeRoster) SetFields(s *source.Source, values map[string]string) (err error) {
	if s.Kind == source.Hook {
		s.Settings, err = hook.Set(s.Settings, values)
		return err
	}
	if strings.Contains(values["imap"], " ") {
		return fault.New(fault.Invalid, "imap").Say("Адрес сервера записывают так: imap.example.ru:993.")
	}
	if strings.Contains(values["posts.post"], "[[") {
		return fault.New(fault.Invalid, "recipe").Say("Рецепт не годится: posts.post.")
	}
	s.Settings, err = json.Marshal(values)
	return err
}

// Survey says what a recipe finds.
func (f *fakeRoster) Survey(_ context.Context, _ account.Actor, s source.Source) (*source.Survey, error) {
	if s.Kind != source.Page {
		return nil, nil
	}
	return &source.Survey{Found: []string{"Сообщений на странице: 2 по " + string(s.Settings)}, Wrong: []string{"posts.date: время не читается"}}, nil
}

// A forum is described by a recipe, and what it finds is said before anything is kept.
func TestAForumIsTriedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	link := "https://forum.example/"
	form := url.Values{"link": {link}, "name": {"Форум"}, "f-posts.post": {"div[["}, "try": {"1"}}
	res, p := sent(v, "/desk/sources", form)
	if res.StatusCode != http.StatusUnprocessableEntity || attr(p, `[name="f-posts.post"]`, "value") != "div[[" || !strings.Contains(text(p, "main [role=alert]"), "posts.post") {
		t.Fatalf("a recipe that is none = %d %q, the field says %q", res.StatusCode, text(p, "main [role=alert]"), attr(p, `[name="f-posts.post"]`, "value"))
	}
	form.Set("f-posts.post", "div.post")
	if res, p = sent(v, "/desk/sources", form); res.StatusCode != http.StatusOK || !strings.Contains(text(p, "main"), `2 по {"posts.post":"div.post"}`) || !strings.Contains(text(p, "main [role=alert]"), "posts.date") || len(w.roster.saved) != 0 {
		t.Fatalf("trying = %d %q, %d saved", res.StatusCode, text(p, "main"), len(w.roster.saved))
	}
	form.Del("try")
	if res, _ = sent(v, "/desk/sources", form); res.StatusCode != http.StatusSeeOther || len(w.roster.saved) != 1 {
		t.Fatalf("adding = %d", res.StatusCode)
	}
}

// A mailbox is added with its servers and its password in one form; the password becomes a
// key and stands on no page.
func TestAMailboxIsAddedWithItsPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	res, p := sent(v, "/desk/sources/new", url.Values{"link": {"cur@mail.example"}})
	if res.StatusCode != http.StatusOK || !strings.Contains(text(p, "main"), "Впишите пароль.") || attr(p, "#s-f-imap", "placeholder") != "imap.example.ru:993" || attr(p, "#s-secret", "type") != "password" {
		t.Fatalf("the form = %d %q", res.StatusCode, text(p, "main"))
	}
	form := url.Values{"link": {"cur@mail.example"}, "name": {"Почта"}, "f-imap": {"mail server"}, "secret": {"app-secret"}}
	if res, p = sent(v, "/desk/sources", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "main [role=alert]"), "imap.example.ru:993") || len(w.roster.keys) != 0 {
		t.Errorf("a wrong server = %d %q, %d keys", res.StatusCode, text(p, "main [role=alert]"), len(w.roster.keys))
	}
	form.Set("f-imap", "mail.example:993")
	if res, p = sent(v, "/desk/sources", form); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("adding = %d %q", res.StatusCode, text(p, "main"))
	}
	got := w.roster.saved[0]
	if got.Key != "cur@mail.example" || string(got.Settings) != `{"imap":"mail.example:993"}` || len(w.roster.keys) != 1 || w.roster.keys[0].Kind != source.Mail || w.roster.keys[0].Secret != "app-secret" {
		t.Errorf("saved %+v with %d keys", got, len(w.roster.keys))
	}
	if _, p = sent(v, "/desk/sources/new", url.Values{"link": {"https://vk.example/9"}}); attr(p, "#s-secret", "type") != "" || attr(p, "#s-f-events option[selected]", "value") != "longpoll" {
		t.Error("a wall asks for a password, or for no events")
	}
}
