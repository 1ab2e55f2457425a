package page_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/page"
	"otklik/internal/source/page/pagefake"
	"otklik/internal/source/web"
)

func TestRecipesAreChecked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		``:                                       "это не JSON",
		`{"posts":{}}`:                           "posts.post: не задан; posts.text: не задан",
		`{"posts":{"post":"div","txt":"p"}}`:     "txt",
		`{"posts":{"post":"div..x","text":"p"}}`: "posts.post: селектор «div..x» не читается",
		`{"posts":{"post":"div@id","text":"p"}}`: "posts.post: нужен селектор записи",
		`{"posts":{"post":"div","text":"p@"}}`:   "posts.text: после @ нужно имя атрибута",
		`{"posts":{"post":"div","text":"p","id":{"find":"@id","match":"("}}}`:      "posts.id: выражение «(» не читается",
		`{"posts":{"post":"div","text":"p","id":{"find":"@id","match":"(a)(b)"}}}`: "одна пара скобок",
		`{"posts":{"post":"div","text":"p","pages":1000}}`:                         "posts.pages: нужно число от 1 до 100",
		`{"posts":{"post":"div","text":"p"},"zone":"Луна"}`:                        "zone: такого часового пояса нет",
		`{"posts":{"post":"div","text":"p"},"encoding":"klingon"}`:                 "encoding: такая кодировка не известна",
		`{"posts":{"post":"div","text":"p"},"dates":"когда"}`:                      "dates: нужен вид даты",
		`{"posts":{"post":"div","text":"p"},"threads":{"link":"a","mark":"b"}}`:    "threads.mark: без threads.row",
		`{"posts":{"post":"` + strings.Repeat("a ", 300) + `","text":"p"}}`:        "длиннее 500 знаков",
	} {
		_, err := page.ParseRecipe([]byte(in))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	r := recipe(t, pagefake.Recipe)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(recipe(t, string(b)))
	if err != nil || string(again) != string(b) {
		t.Errorf("a recipe that was written and read: %s, want %s (%v)", again, b, err)
	}
}

// serve returns the address of one page.
func serve(t *testing.T, body string) *url.URL {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL + "/thread")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var noon = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)

func look(t *testing.T, rec, body string) page.Look {
	t.Helper()
	base, _ := url.Parse("https://forum.example/thread?t=5")
	r := recipe(t, rec)
	doc, err := r.Parse(&web.Answer{Body: []byte(body), Type: "text/html; charset=utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Look(doc, base, noon, page.Moscow)
}

func TestWhatAPageShows(t *testing.T) {
	t.Parallel()
	const rec = `{"posts":{"post":".c","id":"@data-id","author":".a","author_id":"a.a@href","date":"time","text":".t","omit":["blockquote"],"link":"a.self","parent":"@data-to","next":"a.n"}}`
	got := look(t, rec, `<div class=c data-id=1><a class=a href="/u/7"> Анна </a><time datetime="2026-03-02T07:00:00+03:00">час назад</time><div class=t>Яма<script>alert(1)</script> у <b>школы</b><blockquote>чужое</blockquote></div><a class=self href="?t=5#c1">#</a>
 <div class=c data-id=2><span class=a>Олег</span><time>вчера в 9:05</time><div class=t>Подтверждаю</div></div></div>
 <div class=c data-id=3 data-to="#1"><div class=t onclick="x()">И у нас</div><a class=self href="https://other.example/">#</a></div>
 <div class=c data-id=3><div class=t>Тот же номер</div></div><div class=c></div>
 <div class=c id=p9><div class=a>Без номера</div><div class=t>Текст</div></div>
 <a class=n href="?t=5&page=2">Дальше</a>`)
	base := "https://forum.example/thread?t=5"
	want := []page.Post{
		{ID: "1", Author: "Анна", AuthorID: "/u/7", Date: time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC), Text: "Яма у школы", Link: base + "#c1"},
		{ID: "2", Parent: "1", Author: "Олег", AuthorID: "Олег", Date: time.Date(2026, 3, 1, 6, 5, 0, 0, time.UTC), Text: "Подтверждаю", Link: base},
		{ID: "3", Parent: "1", Text: "И у нас", Link: base},
		{ID: "3~1", Text: "Тот же номер", Link: base},
		{ID: "p9", Author: "Без номера", AuthorID: "Без номера", Text: "Текст", Link: base + "#p9"},
	}
	if diff := cmp.Diff(want, got.Posts); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	if got.Next == nil || got.Next.String() != "https://forum.example/thread?t=5&page=2" {
		t.Errorf("next = %v", got.Next)
	}
	for _, away := range []string{"https://other.example/2", "javascript:next()", "#", "?t=5", "//[::1/"} {
		if got := look(t, rec, `<a class=n href="`+away+`">Дальше</a>`); got.Next != nil {
			t.Errorf("the next page leads to %v", got.Next)
		}
	}
}

// Pages of a stranger are read in bounded time, and what they hold is only text.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	const rec = `{"posts":{"post":".c","id":"@id","author":".a","text":".t","next":"a.n"}}`
	for name, body := range map[string]string{
		"posts in posts":    strings.Repeat("<div class=c id=x><p class=t>яма", 200),
		"many posts":        strings.Repeat("<div class=c id=x><p class=t>яма</div>", 50_000),
		"attributes":        "<div class=c id=1><p class=t>яма</div><div " + strings.Repeat("a=b ", 300_000) + "><p class=t>яма",
		"a long text":       "<div class=c id=1><p class=t>" + strings.Repeat("яма ", 400_000),
		"formatting":        "<div class=c id=1><p class=t>" + strings.Repeat("<b><i>", 200) + "яма",
		"tables":            strings.Repeat("<table><tr><td>", 100) + "<div class=c id=1><p class=t>яма",
		"an id without end": "<div class=c id=" + strings.Repeat("x", 100_000) + "><p class=t>яма",
	} {
		start := time.Now()
		got := look(t, rec, body)
		if len(got.Posts) == 0 || len(got.Posts) > 1000 || time.Since(start) > 20*time.Second {
			t.Errorf("%s: %d posts in %v", name, len(got.Posts), time.Since(start))
		}
		for _, p := range got.Posts {
			if len(p.Text) > 64<<10 || len(p.ID) > 120 {
				t.Errorf("%s: a post of %d bytes with an id of %d", name, len(p.Text), len(p.ID))
			}
		}
	}
	at := serve(t, strings.Repeat("<div>", 5000))
	b := &page.Board{Source: "page:x", URL: at, Recipe: recipe(t, rec), Web: &web.Client{Inner: true, Gap: -1}}
	var e *source.Error
	if _, err := b.Poll(t.Context(), nil); !errors.As(err, &e) || e.Trouble != source.Later {
		t.Errorf("a page that no browser shows: %v", err)
	}
}

func TestTry(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{PerPage: 2})
	topic, first := fake.Topic("Анна", "Ямы", "Яма у школы")
	for range 3 {
		if _, err := fake.Post(topic, "Олег", "И у нас", first); err != nil {
			t.Fatal(err)
		}
	}
	got, err := page.Try(t.Context(), board.Web, board.Recipe, board.URL, clock.Now())
	if err != nil || len(got.Wrong) != 0 || got.Threads.Count != 1 || got.Posts != 2 || len(got.Sample) != 2 || !strings.HasSuffix(got.Next, "page=2") || !strings.HasSuffix(got.Last, "page=2") {
		t.Errorf("a good recipe: %+v, %v", got, err)
	}
	for _, f := range got.Fields {
		if f.Field == "posts.author" && !slices.Equal(f.First, []string{"Анна", "Олег"}) || f.Field != "posts.parent" && f.Count != 2 {
			t.Errorf("%s: %d, %q", f.Field, f.Count, f.First)
		}
	}
	bad := strings.NewReplacer(`"author": ".author"`, `"author": ".who"`, `"date": ".date"`, `"date": ".when"`).Replace(pagefake.Recipe)
	got, err = page.Try(t.Context(), board.Web, recipe(t, bad), board.URL, clock.Now())
	if err != nil || len(got.Wrong) != 3 || !strings.HasPrefix(got.Wrong[0], "posts.author:") {
		t.Errorf("a bad recipe: %+v, %v", got, err)
	}
	got, err = page.Try(t.Context(), board.Web, recipe(t, strings.Replace(pagefake.Recipe, "div.post", "div.posts", 1)), board.URL, clock.Now())
	if err != nil || len(got.Wrong) != 1 || !strings.HasPrefix(got.Wrong[0], "posts.post:") {
		t.Errorf("a recipe without posts: %+v, %v", got, err)
	}
	got, err = page.Try(t.Context(), board.Web, recipe(t, strings.Replace(pagefake.Recipe, "a.title", "a.titel", 1)), board.URL, clock.Now())
	if err != nil || len(got.Wrong) != 1 || !strings.HasPrefix(got.Wrong[0], "threads.link:") {
		t.Errorf("a recipe without threads: %+v, %v", got, err)
	}
}

// drain polls until the board has nothing more.
func drain(t *testing.T, b *page.Board, cursor []byte) (out []message.Message, _ []byte) {
	t.Helper()
	for range 100 {
		batch, err := b.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		out, cursor = append(out, batch.Messages...), batch.Cursor
		if !batch.More {
			return out, cursor
		}
	}
	t.Fatal("Poll asks for more without end")
	return nil, nil
}

// Of a thread that is too long its beginning and its end are read; what is new
// stands at its end.
func TestALongThread(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{PerPage: 3})
	board.Recipe.Posts.Pages = 4
	topic, _ := fake.Topic("Анна", "Ямы", "Запись 0")
	for i := range 59 { // 20 pages
		if _, err := fake.Post(topic, "Олег", fmt.Sprintf("Запись %d", i+1), 0); err != nil {
			t.Fatal(err)
		}
	}
	got, cursor := drain(t, board, nil)
	if len(got) != 15 || got[14].Text != "Запись 59" || !strings.Contains(got[14].URL, "page=20#p61") {
		t.Errorf("%d posts, the last one %q at %s", len(got), got[len(got)-1].Text, got[len(got)-1].URL)
	}
	clock.Advance(time.Hour)
	for i := range 7 {
		if _, err := fake.Post(topic, "Олег", fmt.Sprintf("Новая %d", i), 0); err != nil {
			t.Fatal(err)
		}
	}
	if got, cursor = drain(t, board, cursor); len(got) != 7 || got[6].Text != "Новая 6" {
		t.Errorf("new ones: %d", len(got))
	}
	clock.Advance(time.Hour)
	if got, _ = drain(t, board, cursor); len(got) != 0 {
		t.Errorf("a quiet thread brought %d", len(got))
	}
}

// A site that changed its layout is said to have done so; nothing is deleted.
func TestAnotherLayout(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{})
	fake.Topic("Анна", "Ямы", "Яма у школы")
	_, cursor := drain(t, board, nil)
	good := board.Recipe
	board.Recipe = recipe(t, strings.Replace(pagefake.Recipe, "div.post", "div.posting", 1))
	for range 4 {
		clock.Advance(time.Hour)
		batch, err := board.Poll(t.Context(), cursor)
		if err == nil {
			cursor = batch.Cursor
		}
		var e *source.Error
		if len(batch.Messages) != 0 || err != nil && (!errors.As(err, &e) || !strings.Contains(e.Sentence, "вёрстку")) {
			t.Errorf("after another layout: %d messages, %v", len(batch.Messages), err)
		}
	}
	if _, err := board.Poll(t.Context(), cursor); err == nil {
		t.Error("nobody says that the recipe finds nothing any more")
	}
	board.Recipe = good
	if got, _ := drain(t, board, cursor); len(got) != 0 {
		t.Errorf("the mended recipe brought %d messages", len(got))
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	set := func(s string) source.Source {
		return source.Source{ID: "page:forum.example", Name: "Форум", Settings: json.RawMessage(s)}
	}
	good := `{"url":"https://forum.example/","recipe":` + pagefake.Recipe + `,"zone":"Asia/Krasnoyarsk","reread":"10m"}`
	c, err := page.Open(set(good), page.Options{Web: &web.Client{}})
	if err != nil || c.Puller.ID() != "page:forum.example" || c.Publisher != nil || c.Channel != message.Forum || c.URL != "https://forum.example/" || c.Every == 0 {
		t.Errorf("Open = %+v, %v", c, err)
	}
	for in, want := range map[string]string{
		``: "настройки не читаются", `{"url":"https://a.example","recipes":1}`: "настройки не читаются", `{"url":"file:///x"}`: "url:", `{"url":"https://name:word@a.example/"}`: "url:",
		`{"url":"https://a.example/","zone":"Луна"}`: "zone:", `{"url":"https://a.example/"}`: "Рецепт", `{"url":"https://a.example/","reread":"часто"}`: "настройки не читаются", `{"url":"https://a.example/","days":1000}`: "days",
	} {
		if _, err := page.Open(set(in), page.Options{}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func FuzzRecipe(f *testing.F) {
	f.Add(pagefake.Recipe, "<div class=post id=p1><a class=author>а</a><div class=text>б</div></div>")
	f.Add(`{"posts":{"post":"*","text":".","id":{"find":"@id","match":"^(.)"}}}`, "<p id=1>а<p id=2>б")
	f.Add(`{"posts":{"post":":has(a)","text":"a@href","next":"a"}}`, "<p><a href=x>")
	f.Fuzz(func(t *testing.T, rec, body string) {
		r, err := page.ParseRecipe([]byte(rec))
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
				t.Errorf("%v", err)
			}
			return
		}
		base, _ := url.Parse("https://forum.example/t")
		doc, err := r.Parse(&web.Answer{Body: []byte(body)})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, p := range r.Look(doc, base, noon, nil).Posts {
			if p.ID == "" || p.Link == "" || seen[p.ID] && !strings.Contains(p.ID, "~") {
				t.Errorf("post %+v", p)
			}
			seen[p.ID] = true
		}
	})
}
