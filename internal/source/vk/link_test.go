package vk_test

import (
	"net/url"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/source/vk"
)

// Whatever of a community is open when somebody copies the address, the community is known.
func TestLinksThatNameACommunity(t *testing.T) {
	t.Parallel()
	r := vk.Recogniser{Ask: func() (string, string) { return "", "" }, Limits: &vk.Limits{}}
	for _, link := range []string{
		"club123", "public123?utm_source=x", "event123", "wall-123", "wall-123_45?reply=46&thread=47", "club123?w=wall-123_45", "feed?w=wall-123_45", "abakan?w=wall-123_45%2Fall", "feed?z=photo-123_5%2Falbum-123_0",
		"board123", "topic-123_4?post=5", "photo-123_5", "video-123_5", "clip-123_5", "albums-123", "album-123_7", "videos-123", "market-123", "im?sel=-123",
	} {
		for _, host := range []string{"https://vk.com/", "https://m.vk.com/", "http://vk.ru/", "https://www.vkontakte.ru/"} {
			u, err := url.Parse(host + link)
			if err != nil {
				t.Fatal(err)
			}
			if g, err := r.Recognise(t.Context(), u); err != nil || g == nil || g.ID != "vk:-123" {
				t.Errorf("%s = %+v, %v", u, g, err)
			}
		}
	}
	for link, says := range map[string]string{
		"id5": "страница человека", "wall5_6": "страница человека", "feed?w=wall5_6": "страница человека", "photo5_1": "страница человека",
		"": "не видно, какое", "feed": "не видно, какое", "im": "не видно, какое", "abakan": "с ключом", "@abakan-statya": "с ключом",
	} {
		u, err := url.Parse("https://vk.com/" + link)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := r.Recognise(t.Context(), u); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), says) {
			t.Errorf("%s = %+v, %q", u, g, fault.Sentence(err))
		}
	}
}
