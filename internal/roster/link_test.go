package roster_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/roster"
	"otklik/internal/source"
)

// An echo recognises everything as itself.
type echo struct{}

func (echo) Recognise(_ context.Context, u *url.URL) (*source.Guess, error) {
	return &source.Guess{Source: source.Source{ID: u.String()}}, nil
}

// People paste links with words around them, without their beginning, and as other programs
// wrap them; what can be no source says why.
func TestALinkIsTakenOutOfWhatWasPasted(t *testing.T) {
	t.Parallel()
	r := roster.New(roster.Options{Kinds: map[source.Kind]roster.Connector{source.Feed: {Recognise: echo{}}, source.Mail: {Recognise: echo{}}}})
	for in, want := range map[string]string{
		" vk.com/abakan ":        "https://vk.com/abakan",
		"http://m.vk.com/club1":  "http://m.vk.com/club1",
		"«https://vk.com/club1»": "https://vk.com/club1",
		"Вот наша группа: https://vk.com/club1, заходите":    "https://vk.com/club1",
		"https://vk.com/club1 https://vk.com/club1":          "https://vk.com/club1",
		"https://vk.com/away.php?to=https%3A%2F%2Fkurs.test": "https://kurs.test",
		"@abakan":                        "https://t.me/abakan",
		"tg://resolve?domain=abakan":     "https://t.me/abakan",
		"tg://join?invite=AbC":           "https://t.me/+AbC",
		"https://web.telegram.org/k/#@a": "https://t.me/a",
		"https://m.ok.ru/dk?st.cmd=altGroupMain&st.groupId=53": "https://ok.ru/group/53",
		"администрация.рф/news":                                "https://администрация.рф/news",
		"mailto:help@abakan.example":                           "mailto:help@abakan.example",
		"help@abakan.example":                                  "mailto:help@abakan.example",
	} {
		g, err := r.Recognise(t.Context(), admin, in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got, _ := url.PathUnescape(g.ID); got != want {
			t.Errorf("%q is taken for %q, want %q", in, got, want)
		}
	}
	for in, says := range map[string]string{
		" ": "Вставьте ссылку",
		"https://vk.com/club1 https://vk.com/club2": "несколько ссылок",
		"яма на лесной":                             "не адрес страницы",
		"+7 999 000-00-00":                          "не адрес страницы",
		"https://":                                  "не адрес страницы",
		"ftp://abakan.example":                      "не адрес страницы",
		"javascript:alert(1)":                       "не адрес страницы",
		"https://user:pw@abakan.example/":           "имя и пароль",
		"https://www.instagram.com/abakan":          "Instagram Отклик не читает",
		"https://x.com/abakan":                      "X (Twitter) Отклик не читает",
	} {
		if g, err := r.Recognise(t.Context(), admin, in); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), says) {
			t.Errorf("%q = %+v, %q, want %q", in, g, fault.Sentence(err), says)
		}
	}
}
