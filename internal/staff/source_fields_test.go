package staff_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/source"
)

// Fields are those of a mailbox: its servers.
func (f *fakeRoster) Fields(s *source.Source) []source.Field {
	if s.Kind == source.VK {
		return []source.Field{{Name: "events", Label: "Как узнаём о новом", Value: "longpoll", Hint: "За секунды.", Choices: []source.Choice{{Value: "", Name: "читаем"}, {Value: "longpoll", Name: "ждём"}}}}
	}
	if s.Kind != source.Mail {
		return nil
	}
	var set map[string]string
	_ = json.Unmarshal(s.Settings, &set)
	return []source.Field{{Name: "imap", Label: "Сервер входящей почты", Value: set["imap"], Hint: "imap.example.ru:993"}}
}

func (f *fakeRoster) SetFields(s *source.Source, values map[string]string) (err error) {
	if strings.Contains(values["imap"], " ") {
		return fault.New(fault.Invalid, "imap").Say("Адрес сервера записывают так: imap.example.ru:993.")
	}
	s.Settings, err = json.Marshal(values)
	return err
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
