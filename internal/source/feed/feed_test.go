package feed_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/feed"
	"otklik/internal/source/feed/feedfake"
	"otklik/internal/source/page"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/web"
)

// A site answers by its pages; «301 /to» is a redirect, a number a status.
type site struct {
	mu    sync.Mutex
	pages map[string]string
	asked []string
	at    *url.URL
}

func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{pages: pages}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	var err error
	if s.at, err = url.Parse(srv.URL + "/"); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.RequestURI())
	body, known := s.pages[r.URL.RequestURI()]
	var status int
	var to string
	switch n, _ := fmt.Sscanf(body, "%d %s", &status, &to); {
	case !known:
		http.NotFound(w, r)
	case n == 2 && status/100 == 3:
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	case n >= 1 && status >= 400:
		w.WriteHeader(status)
	default:
		_, _ = io.WriteString(w, body)
	}
}

func (s *site) set(path, body string) { s.mu.Lock(); defer s.mu.Unlock(); s.pages[path] = body }

// took returns what was asked since, without robots.txt.
func (s *site) took() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, a := range s.asked {
		if a != "/robots.txt" {
			out = append(out, a)
		}
	}
	s.asked = nil
	return strings.Join(out, " ")
}

func (s *site) feed(path string, c *sourcetest.Clock) *feed.Feed {
	return &feed.Feed{Source: "feed:x", URL: web.Address(s.at, path), Web: &web.Client{Inner: true, Gap: -1, Now: c.Now}, Now: c.Now, Reread: -1}
}

// drain polls until the feed has nothing more.
func drain(t *testing.T, f *feed.Feed, cursor []byte) (out []message.Message, next []byte, note string) {
	t.Helper()
	for range 100 {
		b, err := f.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		out, cursor = append(out, b.Messages...), b.Cursor
		if b.Note != "" {
			note = b.Note
		}
		if !b.More {
			return out, cursor, note
		}
	}
	t.Fatal("Poll asks for more without end")
	return nil, nil, ""
}

func said(list []message.Message) []string {
	out := []string{}
	for _, m := range list {
		out = append(out, fmt.Sprintf("%s %s: %s", m.Event, m.Native, strings.ReplaceAll(m.Text, "\n\n", " | ")))
	}
	return out
}

func rss(items ...string) string {
	return "<rss><channel><title>Вести</title>" + strings.Join(items, "") + "</channel></rss>"
}

func item(guid, link, title, date string) string {
	return fmt.Sprintf("<item><guid isPermaLink='false'>%s</guid><link>%s</link><title>%s</title><pubDate>%s</pubDate></item>", guid, link, title, date)
}

const today = "2026-03-02T08:00:00Z"

// What a feed alone brings: changed items are new revisions, vanished ones stay, a
// guid that several items share names none of them.
func TestItems(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSite(t, map[string]string{"/rss": rss(item("a", "/1", "Яма", today), item("x", "/2", "Свет", today), item("x", "/3", "Газ", today), "<item><title>Без имени</title></item>")})
	f := s.feed("rss", c)
	host := s.at.Host
	step := func(what string, want ...string) func(cursor []byte) []byte {
		return func(cursor []byte) []byte {
			t.Helper()
			got, next, _ := drain(t, f, cursor)
			for k := range want {
				want[k] = strings.ReplaceAll(want[k], "HOST", host)
			}
			have := said(got)
			for k := range have {
				if i := strings.Index(have[k], "text-"); i > 0 {
					have[k] = have[k][:i] + "text" + have[k][i+29:]
				}
			}
			if diff := cmp.Diff(append([]string{}, want...), have); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			c.Advance(time.Hour)
			return next
		}
	}
	cursor := step("at first", "written text: Без имени", "written HOST/3: Газ", "written HOST/2: Свет", "written a: Яма")(nil)
	cursor = step("nothing new")(cursor)
	s.set("/rss", rss(item("x", "/2", "Свет", today)))
	cursor = step("most vanished, and the shared guid stands alone")(cursor)
	s.set("/rss", rss(item("a", "/1", "Яма у школы", today), item("x", "/2", "Свет", today)))
	cursor = step("changed", "written a: Яма у школы")(cursor)
	s.set("/rss", rss(item("a", "/1", "Яма", today)))
	cursor = step("and back", "written a: Яма")(cursor)
	s.set("/rss", rss(item("a", "/9", "Каток открыт", "2026-03-02T10:30:00Z")))
	step("a guid is used again for something else", "written HOST/9: Каток открыт")(cursor)
}

func TestAFeedThatMoved(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSite(t, map[string]string{"/rss": "301 /new", "/new": "308 /newest", "/newest": rss(item("a", "/1", "Яма", today))})
	f := s.feed("rss", c)
	got, cursor, note := drain(t, f, nil)
	if len(got) != 1 || !strings.Contains(note, "/newest") || !strings.Contains(note, "переехала") {
		t.Errorf("%v, note %q", said(got), note)
	}
	s.took()
	if _, _, note = drain(t, f, cursor); s.took() != "/newest" || note == "" {
		t.Errorf("the old address is asked again, or the note is gone: %q", note)
	}
	s.set("/rss", "302 /newest")
	if _, _, note = drain(t, f, nil); note != "" {
		t.Errorf("for an hour: %q", note)
	}
	s.set("/rss", "410")
	var e *source.Error
	if _, err := f.Poll(t.Context(), nil); !errors.As(err, &e) || e.Trouble != source.Permanent {
		t.Errorf("a feed that is gone: %v", err)
	}
}

const article = `<!DOCTYPE html><html><head><title>Яма на Лесной — Вести</title><link rel=canonical href="/news/1"></head><body>
<nav class=menu><ul><li><a href=/>Главная</a><li><a href=/news>Новости</a></ul></nav>
<div class="layout"><aside class=sidebar><p>Подпишитесь на нас, чтобы первыми узнавать новости города, района, двора и подъезда.</p></aside>
<div class="news-detail"><h1>Яма на Лесной</h1><div class=share><a href=#>Поделиться</a></div>
<p>Жители дома 5 по улице Лесной третью неделю просят закрыть яму у школы, куда каждый день ходят дети.</p>
<p>Вчера в неё попала машина, сообщил наш читатель, водитель вызвал эвакуатор.</p>
<ul><li><a href=/2>Читайте также: свет вернули</a></li></ul>
<p onclick="x()">В администрации обещают ответить до пятницы.<script>count()</script></p></div></div>
<div class=comments><p>Длинный комментарий жителя, который тоже похож на текст статьи, с запятыми, точками и всем остальным.</p></div>
<footer><p>Копирование материалов, фотографий, видео разрешено только с письменного согласия редакции, с указанием источника.</p></footer></body></html>`

const articleText = "Яма на Лесной | Жители дома 5 по улице Лесной третью неделю просят закрыть яму у школы, куда каждый день ходят дети. | Вчера в неё попала машина, сообщил наш читатель, водитель вызвал эвакуатор. | В администрации обещают ответить до пятницы."

// Behind an item stands an article; what it cannot say the feed says.
func TestArticles(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSite(t, map[string]string{
		"/rss": rss(item("a", "/1?utm_source=rss", "Яма на Лесной", today), item("b", "/closed", "Свет вернули", today), item("c", "/stub", "Газ", today), item("d", "/none", "Снято сразу", today)),
		"/1":   article, "/closed": "403", "/stub": "<html><body><p>Загрузка…</p></body></html>",
	})
	f := s.feed("rss", c)
	f.Articles = true
	got, cursor, _ := drain(t, f, nil)
	want := []string{"written a: " + articleText, "written b: Свет вернули", "written c: Газ"}
	if diff := cmp.Diff(want, said(got)); diff != "" {
		t.Fatalf("articles (-want +got):\n%s", diff)
	}
	if m := got[0]; m.URL != s.at.String()+"news/1" || m.Channel != message.News || m.Form != message.Post {
		t.Errorf("the article: %s, %s, %s", m.URL, m.Channel, m.Form)
	}
	check := func(what string, want ...string) {
		t.Helper()
		for range 3 {
			c.Advance(time.Hour)
			var more []message.Message
			more, cursor, _ = drain(t, f, cursor)
			got = append(got, more...)
		}
		if diff := cmp.Diff(append([]string{}, want...), said(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		got = nil
	}
	got = nil
	check("nothing new")
	s.set("/1", "<html><body><h1>Ошибка</h1><p>Сайт ремонтируют.</p></body></html>")
	check("a page in repair is no edit")
	s.set("/1", strings.Replace(article, "до пятницы", "до четверга", 1))
	check("an edit", "written a: "+strings.Replace(articleText, "до пятницы", "до четверга", 1))
	s.set("/rss", rss(item("e", "/closed", "Другое", today)))
	check("vanished items are no deletions", "written e: Другое")
	s.set("/1", "410")
	_, cursor, _ = drain(t, f, cursor)
	s.set("/1", article)
	check("gone for a moment", "written a: "+articleText)
	s.set("/1", "404")
	check("gone", "deleted a: ")
	s.set("/1", article)
	check("back", "restored a: "+articleText)
	c.Advance(30 * 24 * time.Hour)
	s.took()
	check("old")
	if got := s.took(); strings.Contains(got, "/1") {
		t.Errorf("an old article is read for ever: %s", got)
	}
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSitemaps(t *testing.T) {
	t.Parallel()
	c := newClock()
	maps := func(list string) string { return "<urlset>" + list + "</urlset>" }
	news := maps("<url><loc>/news/1</loc><lastmod>2026-03-02</lastmod></url><url><loc>/news/0</loc><lastmod>2020-01-01</lastmod></url><url><loc>/about</loc><lastmod>2026-03-02</lastmod></url>")
	s := newSite(t, map[string]string{
		"/sitemap.xml": "<sitemapindex><sitemap><loc>/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap><sitemap><loc>/news.xml.gz</loc><lastmod>2026-03-02T08:00:00Z</lastmod></sitemap><sitemap><loc>/plain.xml</loc></sitemap></sitemapindex>",
		"/news.xml.gz": zipped(t, news), "/plain.xml": maps("<url><loc>/news/7</loc></url>"),
		"/news/1": article, "/news/8": strings.ReplaceAll(article, "Яма на Лесной", "Другая яма"),
	})
	f := s.feed("sitemap.xml", c)
	f.Match = "/news/"
	got, cursor, _ := drain(t, f, nil)
	host := s.at.Host
	if diff := cmp.Diff([]string{"written " + host + "/news/1: " + articleText}, said(got)); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	if took := s.took(); strings.Contains(took, "/old.xml") || strings.Contains(took, "/news/7") || strings.Contains(took, "/about") {
		t.Errorf("asked %s", took)
	}
	s.set("/plain.xml", maps("<url><loc>/news/7</loc></url><url><loc>/news/8</loc></url>"))
	c.Advance(time.Hour)
	got, _, _ = drain(t, f, cursor)
	if len(got) != 1 || got[0].Native != host+"/news/8" || !strings.HasPrefix(got[0].Text, "Другая яма") {
		t.Errorf("a new address without a date: %v", said(got))
	}
	if took := s.took(); strings.Contains(took, ".gz") {
		t.Errorf("a sitemap that has not changed is read again: %s", took)
	}
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	_, f, _ := open(t, feedfake.Options{Name: "Вести двора"})
	r := feed.Recogniser{Web: f.Web}
	for _, path := range []string{"", "feed.xml"} {
		g, err := r.Recognise(t.Context(), web.Address(f.URL, "/"+path))
		if err != nil || g == nil || g.Kind != source.Feed || !strings.HasSuffix(g.ID, "/feed.xml") || g.Name != "Вести двора" || g.Needs != "" {
			t.Fatalf("%q: %+v, %v", path, g, err)
		}
		if _, err := feed.Open(g.Source, page.Options{Web: f.Web}); err != nil {
			t.Errorf("what was recognised cannot be opened: %v", err)
		}
	}
	s := newSite(t, map[string]string{"/robots.txt": "Sitemap: /map.xml", "/map.xml": "<urlset><url><loc>/1</loc></url></urlset>", "/": "<html><title>Вести</title><p>Новости", "/no": "404"})
	if g, err := r.Recognise(t.Context(), s.at); err != nil || g.Kind != source.Feed || g.Name != "Вести" || !strings.Contains(string(g.Settings), "map.xml") {
		t.Errorf("a site with a sitemap: %+v, %v", g, err)
	}
	s = newSite(t, map[string]string{"/": "<html><title>Форум</title><p>Темы"})
	if g, err := r.Recognise(t.Context(), s.at); err != nil || g.Kind != source.Page || g.Name != "Форум" || !strings.Contains(g.Needs, "рецепт") {
		t.Errorf("a forum: %+v, %v", g, err)
	}
	if g, err := r.Recognise(t.Context(), &url.URL{Scheme: "mailto", Opaque: "a@example.org"}); g != nil || err != nil {
		t.Errorf("no page: %+v, %v", g, err)
	}
	var e *source.Error
	if _, err := r.Recognise(t.Context(), web.Address(s.at, "/no")); !errors.As(err, &e) {
		t.Errorf("a page that is not there: %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	try := func(s string) error {
		_, err := feed.Open(source.Source{ID: "feed:news.example/rss", Settings: json.RawMessage(s)}, page.Options{Web: &web.Client{}})
		return err
	}
	if err := try(`{"url":"https://news.example/rss","articles":true,"text":".news","comments":` + feedfake.Comments + `,"zone":"Asia/Krasnoyarsk","reread":"15m","days":3}`); err != nil {
		t.Error(err)
	}
	for in, want := range map[string]string{
		``: "не читаются", `{"url":"https://a.example","articel":true}`: "не читаются", `{"url":"ftp://a.example"}`: "url:", `{"url":"https://a.example","text":"..x"}`: "text:",
		`{"url":"https://a.example","comments":{}}`: "Рецепт", `{"url":"https://a.example","items":5000}`: "items", `{"url":"https://a.example","zone":"Луна"}`: "zone",
		`{"url":"https://a.example","comments":{"threads":{"link":"a"},"posts":{"post":"p","text":"."}}}`: "threads",
	} {
		if err := try(in); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// RoundTrip answers without a network: a cursor of a fuzzer names any host.
func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

func FuzzCursor(f *testing.F) {
	f.Add([]byte(`{"i":{"a":{"f":"x","c":{"u":"http://127.0.0.1:1/","p":[""]}}},"q":[{"t":"a","p":1,"u":"x"}]}`))
	f.Add([]byte(`{"q":[{"t":"a","p":-1}],"i":{"a":null,"b":{"c":null}}}`))
	s := &site{pages: map[string]string{"/rss": rss(item("a", "/1", "Яма", today)), "/1": article}}
	s.at, _ = url.Parse("http://news.example/")
	c := newClock()
	f.Fuzz(func(t *testing.T, cursor []byte) {
		fd := s.feed("rss", c)
		fd.Articles = true
		fd.Web = &web.Client{Gap: -1, Now: c.Now, HTTP: &http.Client{Transport: s}}
		b, err := fd.Poll(t.Context(), cursor)
		if err == nil && len(b.Cursor) == 0 {
			t.Error("no cursor")
		}
	})
}
