package feedfake

import (
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"html"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/source/fakepage"
)

//go:embed page
var files embed.FS

func (f *Fake) routes() error {
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("feedfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("feedfake: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", f.home)
	mux.HandleFunc("GET /feed.xml", f.feed)
	mux.HandleFunc("GET /sitemap.xml", f.sitemap)
	mux.HandleFunc("GET /{article}", f.show)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, r *http.Request) {
		if f.opts.Robots == "" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(f.opts.Robots))
	})
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.Handle("POST /comment", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	f.mux = mux
	return nil
}

// ServeHTTP shows the site, or the trouble that waits.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path != "/robots.txt" && !strings.HasPrefix(r.URL.Path, "/assets/") {
		f.mu.Lock()
		var t Trouble
		if len(f.troubles) > 0 {
			t, f.troubles = f.troubles[0], f.troubles[1:]
		}
		f.mu.Unlock()
		if t != "" {
			spoil(w, t)
			return
		}
	}
	f.mux.ServeHTTP(w, r)
}

func spoil(w http.ResponseWriter, t Trouble) {
	switch t {
	case Down:
		w.WriteHeader(http.StatusBadGateway)
	case Busy:
		w.WriteHeader(http.StatusTooManyRequests)
	case Closed:
		w.WriteHeader(http.StatusForbidden)
	case Garbage:
		_, _ = w.Write([]byte("\x1f\x8b\x08\x00\xff\xfe\x00\x01\x02<\x00"))
	case Huge:
		for range 400 {
			if _, err := w.Write(bytes.Repeat([]byte("<item><title>яма</title></item>"), 4000)); err != nil {
				return
			}
		}
	case Odd:
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body><h1>Сайт ремонтируется</h1></body></html>"))
	}
}

// Types that the templates show.
type (
	homeView struct {
		Name  string
		Items []itemView
	}
	itemView struct {
		ID                int64
		Title, Lead, When string
		Count, Machine    string
	}
	articleView struct {
		Name, Problem, Author, Text string
		Item                        itemView
		Paragraphs                  []string
		Comments                    []commentView
		Page, Next                  int
		Form                        bool
		To                          int64
	}
	commentView struct {
		ID, Article   int64
		Page          int
		Author, Text  string
		When, Machine string
		Deleted, Form bool
		Replies       []commentView
	}
)

func (a *article) title() string {
	if a.Title != "" {
		return a.Title
	}
	r := []rune(a.Text)
	if len(r) > 80 {
		return strings.TrimSpace(string(r[:80])) + "…"
	}
	return a.Text
}

func (f *Fake) item(a *article) itemView {
	n := 0
	for _, c := range a.Comments {
		if !c.Deleted {
			n++
		}
	}
	at := time.Unix(a.At, 0).In(f.opts.Now().Location())
	lead := a.Text
	if r := []rune(lead); len(r) > 300 {
		lead = string(r[:300]) + "…"
	}
	return itemView{ID: a.ID, Title: a.title(), Lead: lead, When: at.Format("02.01.2006, 15:04"), Machine: at.Format(time.RFC3339), Count: strconv.Itoa(n)}
}

// newest returns the articles that are shown, the newest first.
func (f *Fake) newest(most int) (out []*article) {
	for _, a := range slices.Backward(f.state.Articles) {
		if !a.Deleted && len(out) < most {
			out = append(out, a)
		}
	}
	return out
}

func (f *Fake) home(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	v := homeView{Name: f.opts.Name}
	for _, a := range f.newest(f.opts.InFeed) {
		v.Items = append(v.Items, f.item(a))
	}
	f.mu.Unlock()
	f.out(w, http.StatusOK, "home.html", v)
}

var months = [...]string{"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"}

var weekdays = [...]string{"Вс", "Пн", "Вт", "Ср", "Чт", "Пт", "Сб"}

// feed shows RSS 2.0 with the dates that Russian engines write.
func (f *Fake) feed(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>" + esc(f.opts.Name) + "</title><link>./</link>\n")
	f.mu.Lock()
	for _, a := range f.newest(f.opts.InFeed) {
		at := time.Unix(a.At, 0).UTC()
		fmt.Fprintf(&b, "<item><title>%s</title><link>article-%d</link><guid isPermaLink=\"false\">n%d</guid><pubDate>%s, %02d %s %d %s</pubDate><description>%s</description></item>\n",
			esc(a.title()), a.ID, a.ID, weekdays[at.Weekday()], at.Day(), months[at.Month()-1], at.Year(), at.Format("15:04:05 -0700"), esc("<p>"+html.EscapeString(f.item(a).Lead)+"</p>"))
	}
	f.mu.Unlock()
	b.WriteString("</channel></rss>")
	cached(w, r, "application/rss+xml; charset=utf-8", b.Bytes())
}

func (f *Fake) sitemap(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
	f.mu.Lock()
	for _, a := range f.newest(1000) {
		at := time.Unix(a.At, 0).UTC().Format(time.RFC3339)
		fmt.Fprintf(&b, "<url><loc>article-%d</loc><news:news><news:publication_date>%s</news:publication_date><news:title>%s</news:title></news:news></url>\n", a.ID, at, esc(a.title()))
	}
	f.mu.Unlock()
	b.WriteString("</urlset>")
	cached(w, r, "application/xml", b.Bytes())
}

func esc(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// cached answers that nothing has changed where the asker says so.
func cached(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	h := fnv.New64a()
	_, _ = h.Write(body)
	tag := fmt.Sprintf("%q", strconv.FormatUint(h.Sum64(), 36))
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body)
}

func number(s string) int { n, _ := strconv.Atoi(s); return min(max(n, 0), 1_000_000) }

func (f *Fake) show(w http.ResponseWriter, r *http.Request) {
	id := number(strings.TrimPrefix(r.PathValue("article"), "article-"))
	q := r.URL.Query()
	f.articlePage(w, http.StatusOK, articleView{Page: max(number(q.Get("page")), 1), To: int64(number(q.Get("to")))}, int64(id))
}

func (f *Fake) articlePage(w http.ResponseWriter, status int, v articleView, id int64) {
	f.mu.Lock()
	a := f.article(id)
	if a == nil {
		status = http.StatusNotFound
		for _, x := range f.state.Articles {
			if x.ID == id {
				status = http.StatusGone
			}
		}
		f.mu.Unlock()
		f.out(w, status, "gone.html", f.opts.Name)
		return
	}
	v.Name, v.Item, v.Form, v.Paragraphs = f.opts.Name, f.item(a), !f.opts.ReadOnlyPage, strings.Split(a.Text, "\n\n")
	top := f.level(a, 0, v.Page, 0)
	from, to := min((v.Page-1)*f.opts.PerPage, len(top)), min(v.Page*f.opts.PerPage, len(top))
	v.Comments = top[from:to]
	if to < len(top) {
		v.Next = v.Page + 1
	}
	f.mu.Unlock()
	f.out(w, status, "article.html", v)
}

// deepest is how many levels of answers are shown inside of one another.
const deepest = 40

// level returns the comments that answer one, with the answers to them. A deleted
// one is shown only as a place, where answers stand below it.
func (f *Fake) level(a *article, answers int64, page, depth int) (out []commentView) {
	for _, c := range a.Comments {
		if c.Answers != answers {
			continue
		}
		at := time.Unix(c.At, 0).In(f.opts.Now().Location())
		v := commentView{ID: c.ID, Article: a.ID, Page: page, Author: c.Author, Text: c.Text, When: at.Format("02.01.2006, 15:04"), Machine: at.Format(time.RFC3339), Deleted: c.Deleted, Form: !f.opts.ReadOnlyPage}
		replies := f.level(a, c.ID, page, depth+1)
		if depth < deepest {
			v.Replies = replies
			replies = nil
		}
		if !c.Deleted || len(v.Replies) > 0 {
			out = append(out, v)
		}
		out = append(out, replies...)
	}
	return out
}

// write takes a visitor's comment.
func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинный комментарий.", http.StatusRequestEntityTooLarge)
		return
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	id := int64(number(get("article")))
	v := articleView{Page: 1, To: int64(number(get("to"))), Author: get("author"), Text: get("text")}
	if v.Author == "" {
		v.Author = "Читатель"
	}
	f.mu.Lock()
	full := f.state.Last > 20_000
	f.mu.Unlock()
	switch {
	case f.opts.ReadOnlyPage:
		v.Problem = "Здесь можно только читать."
	case v.Text == "":
		v.Problem = "Напишите текст комментария."
	case !utf8.ValidString(v.Text+v.Author) || utf8.RuneCountInString(v.Text) > 4000 || utf8.RuneCountInString(v.Author) > 60:
		v.Problem = "Слишком длинно: сократите комментарий."
	case full:
		v.Problem = "Комментариев слишком много: новых сайт не берёт."
	}
	if v.Problem != "" {
		f.articlePage(w, http.StatusUnprocessableEntity, v, id)
		return
	}
	n, err := f.Comment(id, v.To, v.Author, v.Text)
	if err != nil {
		f.out(w, http.StatusNotFound, "gone.html", f.opts.Name)
		return
	}
	w.Header().Set("Location", fmt.Sprintf("article-%d?page=%d#c%d", id, f.pageOf(id, n), n)) // relative: http.Redirect would drop the prefix
	w.WriteHeader(http.StatusSeeOther)
}

// pageOf returns the page that shows a comment.
func (f *Fake) pageOf(id, commentID int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.article(id)
	if a == nil {
		return 1
	}
	var holds func(v commentView) bool
	holds = func(v commentView) bool { return v.ID == commentID || slices.ContainsFunc(v.Replies, holds) }
	k := slices.IndexFunc(f.level(a, 0, 1, 0), holds)
	return max(k, 0)/f.opts.PerPage + 1
}

func (f *Fake) out(w http.ResponseWriter, status int, page string, v any) {
	var b bytes.Buffer
	if err := f.pages.Execute(&b, page, v); err != nil {
		http.Error(w, "Страница не собралась.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}
