package okfake_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"otklik/internal/source/ok/okfake"
)

func open(t *testing.T, o okfake.Options) (*okfake.Fake, string) {
	t.Helper()
	o.Group, o.Name, o.AppKey, o.Token, o.Secret = "5300", "Двор на Лесной", "k", "t", "s"
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, 9, 7, 9, 30, 0, 0, time.UTC) }
	}
	f, err := okfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/ok", f)) // under a prefix, as the demo has it
	t.Cleanup(srv.Close)
	return f, srv.URL + "/ok/"
}

func get(t *testing.T, address string, want int) *html.Node {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Fatalf("%s: HTTP %d, want %d", address, resp.StatusCode, want)
	}
	n, err := html.Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func first(t *testing.T, n *html.Node, css string) *html.Node {
	t.Helper()
	found := cascadia.Query(n, cascadia.MustCompile(css))
	if found == nil {
		t.Fatalf("no %s", css)
	}
	return found
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(text(c))
	}
	return b.String()
}

// follow returns where a link of a page leads.
func follow(t *testing.T, page, link string) string {
	t.Helper()
	at, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	if at, err = at.Parse(link); err != nil {
		t.Fatal(err)
	}
	return at.String()
}

// submit sends the form of a page with the values of the visitor, and returns the page
// after it.
func submit(t *testing.T, base string, n *html.Node, css string, values url.Values, want int) *html.Node {
	t.Helper()
	form := first(t, n, css)
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("input[type=hidden]")) {
		values.Set(attr(in, "name"), attr(in, "value"))
	}
	at := follow(t, base, attr(form, "action"))
	resp, err := http.PostForm(at, values)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Fatalf("%s: HTTP %d, want %d", at, resp.StatusCode, want)
	}
	n, err = html.Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestVisitorComments(t *testing.T) {
	t.Parallel()
	f, base := open(t, okfake.Options{})
	topic := f.Topic(0, "Что <чинить>?")
	home := get(t, base, http.StatusOK)
	if got := text(home); !strings.Contains(got, "Двор на Лесной") || !strings.Contains(got, "Что <чинить>?") {
		t.Errorf("the home page shows neither group nor topic: %s", got)
	}
	at := follow(t, base, attr(first(t, home, "article a"), "href"))
	page := get(t, at, http.StatusOK)
	page = submit(t, at, page, "form", url.Values{"author": {"Анна"}, "text": {"Лавку"}}, http.StatusOK)
	if got := text(first(t, page, ".line .text")); got != "Лавку" {
		t.Errorf("the comment reads %q", got)
	}
	page = get(t, follow(t, at, attr(first(t, page, ".line p a"), "href")), http.StatusOK)
	page = submit(t, at, page, "form", url.Values{"text": {"Починим"}, "group": {"1"}}, http.StatusOK)
	if got := text(first(t, page, ".line.own .who")); !strings.Contains(got, "Двор на Лесной") || !strings.Contains(got, "отвечает: Анна") {
		t.Errorf("an answer of the group reads %q", got)
	}
	if got := f.Wrote(topic); len(got) != 1 || got[0] != "Починим" {
		t.Errorf("the group wrote %q", got)
	}
	page = submit(t, at, page, "form", url.Values{"text": {"  "}}, http.StatusUnprocessableEntity)
	if got := text(first(t, page, "[role=alert]")); got != "Напишите текст." {
		t.Errorf("the problem reads %q", got)
	}
	get(t, follow(t, at, ".."), http.StatusNotFound)
	if got := text(first(t, get(t, base+"group/5300", http.StatusOK), "h1")); got != "Темы группы" {
		t.Errorf("the address of the group leads to %q", got)
	}
	if err := f.Close(topic, true); err != nil {
		t.Fatal(err)
	}
	if page := get(t, at, http.StatusOK); cascadia.Query(page, cascadia.MustCompile("form")) != nil {
		t.Error("the topic is closed, and the form is there")
	}
	get(t, base+"group/5300/topic/5", http.StatusNotFound)
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ok.json")
	f, _ := open(t, okfake.Options{Snapshot: file})
	f.Seed(func() { f.Topic(0, "Запись") })
	_, base := open(t, okfake.Options{Snapshot: file, ReadOnlyPage: true})
	if got := text(get(t, base, http.StatusOK)); !strings.Contains(got, "Запись") {
		t.Errorf("after a restart: %s", got)
	}
	resp, err := http.PostForm(base+"comment", url.Values{"author": {"Анна"}, "text": {"Яма"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		t.Error("a page that can only be read took words")
	}
}
