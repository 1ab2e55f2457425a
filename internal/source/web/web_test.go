package web_test

import (
	"net/url"
	"testing"

	"otklik/internal/source/web"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://WWW.News.example:80/a?utm_source=rss&id=5&yclid=1#c3": "news.example/a?id=5",
		"https://news.example": "news.example/",
		"https://forum.example:8080/viewtopic.php?t=5&sid=0123456789abcdef0123456789": "forum.example:8080/viewtopic.php?t=5",
		"https://news.example/?s=12&amp;p=1":                                          "news.example/?s=12&amp&p=1",
		"https://news.example/%D1%8F%D0%BC%D0%B0":                                     "news.example/%D1%8F%D0%BC%D0%B0",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := web.Name(u); got != want {
			t.Errorf("Name(%s) = %s, want %s", in, got, want)
		}
	}
	page, _ := url.Parse("https://news.example/a/b")
	for in, want := range map[string]string{"c?d": "https://news.example/a/c?d", "//other.example/x": "https://other.example/x", " /y ": "https://news.example/y"} {
		if got := web.Address(page, in); got == nil || got.String() != want {
			t.Errorf("Address(%q) = %v, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "#top", "javascript:alert(1)", "mailto:a@example.org", "file:///etc/passwd", "http://", "https://%zz", "data:text/html,x"} {
		if got := web.Address(page, in); got != nil {
			t.Errorf("Address(%q) = %v", in, got)
		}
	}
}
