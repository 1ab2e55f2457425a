package maxfake_test

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

	"otklik/internal/source/max/maxfake"
)

func open(t *testing.T, o maxfake.Options) (*maxfake.Fake, string) {
	t.Helper()
	o.Token, o.Bot, o.Name, o.Username = "s", 229, "Отклик", "otklik_bot"
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, 9, 7, 9, 30, 0, 0, time.UTC) }
	}
	f, err := maxfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/max", f)) // under a prefix, as the demo has it
	t.Cleanup(srv.Close)
	return f, srv.URL + "/max/"
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
	f, base := open(t, maxfake.Options{})
	post := f.Post(f.Channel("Двор на Лесной"), 0, "Что <чинить>?")
	home := get(t, base, http.StatusOK)
	if got := text(home); !strings.Contains(got, "Двор на Лесной") || !strings.Contains(got, "Что <чинить>?") {
		t.Errorf("the home page shows neither channel nor post: %s", got)
	}
	at := follow(t, base, attr(first(t, home, "article a"), "href"))
	page := get(t, at, http.StatusOK)
	page = submit(t, at, page, "form", url.Values{"author": {"Анна"}, "text": {"Лавку"}}, http.StatusOK)
	if got := text(first(t, page, ".line .text")); got != "Лавку" {
		t.Errorf("the comment reads %q", got)
	}
	page = get(t, follow(t, at, attr(first(t, page, ".line p a"), "href")), http.StatusOK)
	page = submit(t, at, page, "form", url.Values{"author": {"Борис"}, "text": {"И нам"}}, http.StatusOK)
	if got := text(first(t, page, ".line:nth-of-type(2) .who")); !strings.Contains(got, "Борис") || !strings.Contains(got, "отвечает: Анна") {
		t.Errorf("an answer reads %q", got)
	}
	page = submit(t, at, page, "form", url.Values{"text": {"  "}}, http.StatusUnprocessableEntity)
	if got := text(first(t, page, "[role=alert]")); got != "Напишите текст." {
		t.Errorf("the problem reads %q", got)
	}
	if err := f.CloseComments(post, true); err != nil {
		t.Fatal(err)
	}
	if page := get(t, at, http.StatusOK); cascadia.Query(page, cascadia.MustCompile("form")) != nil {
		t.Error("comments are off, and the form is there")
	}
	get(t, base+"c/5/nothing", http.StatusNotFound)
}

func TestVisitorTalks(t *testing.T) {
	t.Parallel()
	f, base := open(t, maxfake.Options{})
	page := get(t, base+"bot", http.StatusOK)
	page = submit(t, base, page, "form", url.Values{"author": {"Анна"}, "text": {"Яма"}}, http.StatusOK)
	if got := text(first(t, page, ".line .text")); got != "Яма" {
		t.Errorf("what was said reads %q", got)
	}
	anna := f.Person("Анна")
	body := `{"text":"Где?","attachments":[{"type":"inline_keyboard","payload":{"buttons":[[{"type":"callback","text":"Здесь","payload":"here"}]]}}]}`
	req, _ := http.NewRequest(http.MethodPost, base+"api/messages?user_id=700001", strings.NewReader(body))
	req.Header.Set("Authorization", "s")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("sending: %v %v", resp, err)
	}
	resp.Body.Close()
	if got := f.Said(anna); len(got) != 1 || got[0] != "Где?" {
		t.Fatalf("the bot said %q", got)
	}
	page = get(t, base+"bot?as="+url.QueryEscape("Анна"), http.StatusOK)
	if got := text(first(t, page, "form.keys button")); got != "Здесь" {
		t.Errorf("the button reads %q", got)
	}
	submit(t, base, page, "form.keys", url.Values{"data": {"here"}}, http.StatusOK)
	if got := updates(t, base); !strings.Contains(got, `"payload":"here"`) {
		t.Errorf("the press is no event: %s", got)
	}
}

func updates(t *testing.T, base string) string {
	t.Helper()
	req, _ := http.NewRequest(http.MethodGet, base+"api/updates?limit=1000", nil)
	req.Header.Set("Authorization", "s")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "max.json")
	f, _ := open(t, maxfake.Options{Snapshot: file})
	f.Seed(func() { f.Post(f.Channel("Двор"), 0, "Запись") })
	_, base := open(t, maxfake.Options{Snapshot: file})
	if got := text(get(t, base, http.StatusOK)); !strings.Contains(got, "Запись") {
		t.Errorf("after a restart: %s", got)
	}
}

func TestReadOnlyAndLimits(t *testing.T) {
	t.Parallel()
	f, base := open(t, maxfake.Options{ReadOnlyPage: true, PerSecond: 2})
	f.Channel("Двор")
	resp, err := http.PostForm(base+"say", url.Values{"author": {"Анна"}, "text": {"Яма"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a page that can only be read took words: HTTP %d", resp.StatusCode)
	}
	var last string
	for range 3 {
		last = updates(t, base)
	}
	if !strings.Contains(last, "429") {
		t.Errorf("the third call of a second: %s", last)
	}
}
