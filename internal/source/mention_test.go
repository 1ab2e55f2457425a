package source

import (
	"slices"
	"testing"
)

func TestWhatTextsLinkTo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Пишите в vk.com/abakan_live, там ответят":          {"https://vk.com/abakan_live"},
		"https://m.vk.com/wall-123_45?reply=6":              {"https://vk.com/club123"},
		"https://vk.ru/club123 и vk.com/public123":          {"https://vk.com/club123"},
		"https://vk.com/id123 vk.com/wall123_4":             nil, // people
		"vk.com/away.php?to=x vk.com/feed":                  nil,
		"https://t.me/s/abakan_news/77 t.me/Abakan_News":    {"https://t.me/abakan_news"},
		"t.me/+AbCdEf t.me/joinchat/AbC t.me/c/123/4":       nil, // closed chats
		"t.me/abakan_help_bot t.me/abc":                     nil,
		"https://ok.ru/group/52345 ok.ru/profile/777":       {"https://ok.ru/group/52345"},
		"ok.ru/gorodabakan.":                                {"https://ok.ru/gorodabakan"},
		"https://max.ru/abakan_dvor, max.ru/join/xyz":       {"https://max.ru/abakan_dvor"},
		"почта box@vk.com/abakan и notvk.com/abakan":        nil,
		"https://evil.example/vk.com/abakan":                nil,
		"Телефон 8 (390) 000-00-00, ул. Ленина, 5":          nil,
		"vk.com/abakan vk.com/abakan https://vk.com/abakan": {"https://vk.com/abakan"},
	} {
		if got := Mentions(text); !slices.Equal(got, want) {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
	for address, want := range map[string]string{"https://vk.com/club7": "https://vk.com/club7", "https://t.me/Abakan_News": "https://t.me/abakan_news", "https://news.example/rss": "", "::": ""} {
		if got := MentionOf(address); got != want {
			t.Errorf("%q is known as %q, want %q", address, got, want)
		}
	}
}
