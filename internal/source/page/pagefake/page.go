package pagefake

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source/fakepage"
)

//go:embed page
var files embed.FS

func (f *Fake) routes() error {
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("pagefake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("pagefake: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", f.list)
	mux.HandleFunc("GET /topic.php", f.show)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.Handle("POST /write", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	f.mux = mux
	return nil
}

// ServeHTTP shows the forum, or the trouble that waits.
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
		for range 200 {
			if _, err := w.Write(bytes.Repeat([]byte("<div class=post>яма</div>"), 4000)); err != nil {
				return
			}
		}
	case Odd:
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body><h1>Сайт ремонтируется</h1></body></html>"))
	}
}

// Types that the templates show.
type (
	listView struct {
		Name, Problem string
		Topics        []topicView
		Older, Newer  int // pages, 0 for none
		Form          bool
	}
	topicView struct {
		ID         int64
		Title      string
		Count      int
		Last, When string
	}
	postView struct {
		ID, Author      int64
		Name, Text      string
		When            string
		Answers         int64
		To, Quote, Self string
	}
	showView struct {
		Name          string
		Topic         topicView
		Posts         []postView
		Page          int
		Next, Newest  int // pages, 0 for none
		Before        int
		Form          bool
		To            int64
		Problem, Text string
	}
)

const topicsOnPage = 30

func (f *Fake) list(w http.ResponseWriter, r *http.Request) {
	f.listWith(w, r, http.StatusOK, "")
}

func (f *Fake) listWith(w http.ResponseWriter, r *http.Request, status int, problem string) {
	page := max(number(r.URL.Query().Get("page")), 1)
	f.mu.Lock()
	v := listView{Name: f.opts.Name, Form: !f.opts.ReadOnlyPage, Problem: problem, Newer: page - 1}
	var shown []*topic
	for _, t := range f.state.Topics {
		if !t.Deleted {
			shown = append(shown, t)
		}
	}
	last := func(t *topic) *post { s := t.shown(); return s[len(s)-1] }
	slices.SortStableFunc(shown, func(a, b *topic) int { return int(last(b).ID - last(a).ID) })
	from := min((page-1)*topicsOnPage, len(shown))
	to := min(from+topicsOnPage, len(shown))
	for _, t := range shown[from:to] {
		v.Topics = append(v.Topics, f.topicView(t))
	}
	if to < len(shown) {
		v.Older = page + 1
	}
	f.mu.Unlock()
	f.out(w, status, "list.html", v)
}

func (f *Fake) topicView(t *topic) topicView {
	s := t.shown()
	l := s[len(s)-1]
	return topicView{ID: t.ID, Title: t.Title, Count: len(s) - 1, Last: fmt.Sprintf("%d · %s", len(s), f.when(l.At)), When: f.when(l.At)}
}

func (f *Fake) when(at int64) string {
	return time.Unix(at, 0).In(f.opts.Zone).Format("02.01.2006, 15:04")
}

func number(s string) int { n, _ := strconv.Atoi(s); return min(max(n, 0), 100_000) }

func (f *Fake) show(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f.topicPage(w, http.StatusOK, int64(number(q.Get("t"))), max(number(q.Get("page")), 1), int64(number(q.Get("to"))), "", "")
}

func (f *Fake) topicPage(w http.ResponseWriter, status int, id int64, page int, to int64, text, problem string) {
	f.mu.Lock()
	t := f.topic(id)
	if t == nil {
		f.mu.Unlock()
		f.out(w, http.StatusNotFound, "gone.html", f.opts.Name)
		return
	}
	shown := t.shown()
	pages := max((len(shown)+f.opts.PerPage-1)/f.opts.PerPage, 1)
	if page > pages {
		f.mu.Unlock()
		f.out(w, http.StatusNotFound, "gone.html", f.opts.Name)
		return
	}
	v := showView{Name: f.opts.Name, Topic: f.topicView(t), Page: page, Before: page - 1, Form: !f.opts.ReadOnlyPage, To: to, Text: text, Problem: problem}
	if page < pages {
		v.Next, v.Newest = page+1, pages
	}
	for _, p := range shown[(page-1)*f.opts.PerPage : min(page*f.opts.PerPage, len(shown))] {
		pv := postView{ID: p.ID, Author: f.state.People[p.Author], Name: p.Author, Text: p.Text, When: f.when(p.At), Self: fmt.Sprintf("topic.php?t=%d&page=%d#p%d", t.ID, page, p.ID)}
		for _, a := range t.Posts {
			if a.ID == p.Answers {
				pv.Answers, pv.To, pv.Quote = a.ID, a.Author, a.Text
			}
		}
		v.Posts = append(v.Posts, pv)
	}
	f.mu.Unlock()
	f.out(w, status, "topic.html", v)
}

// write takes a visitor's post or topic.
func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинное сообщение.", http.StatusRequestEntityTooLarge)
		return
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	author, text, title := get("author"), get("text"), get("title")
	id, to := int64(number(get("t"))), int64(number(get("to")))
	if author == "" {
		author = "Гость"
	}
	problem := ""
	switch {
	case f.opts.ReadOnlyPage:
		problem = "Здесь можно только читать."
	case text == "" || id == 0 && title == "":
		problem = "Напишите текст сообщения и название темы."
	case !utf8.ValidString(text+author+title) || utf8.RuneCountInString(text) > 4000 || utf8.RuneCountInString(author) > 60 || utf8.RuneCountInString(title) > 120:
		problem = "Слишком длинно: сократите сообщение."
	case f.full():
		problem = "Форум полон: новых сообщений он не берёт."
	}
	if problem != "" && id == 0 {
		f.listWith(w, r, http.StatusUnprocessableEntity, problem)
		return
	}
	if problem != "" {
		f.topicPage(w, http.StatusUnprocessableEntity, id, 1, to, text, problem)
		return
	}
	first := int64(0)
	if id == 0 {
		id, first = f.Topic(author, title, text)
	} else {
		var err error
		if first, err = f.Post(id, author, text, to); err != nil {
			f.out(w, http.StatusNotFound, "gone.html", f.opts.Name)
			return
		}
	}
	f.mu.Lock()
	page := 1
	if t := f.topic(id); t != nil {
		page = (len(t.shown()) + f.opts.PerPage - 1) / f.opts.PerPage
	}
	f.mu.Unlock()
	w.Header().Set("Location", fmt.Sprintf("topic.php?t=%d&page=%d#p%d", id, page, first)) // relative: http.Redirect would drop the prefix
	w.WriteHeader(http.StatusSeeOther)
}

// full bounds what a visitor of a demo can fill.
func (f *Fake) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Last > 50_000
}

// out writes a page in windows-1251; what that does not know goes as a reference.
func (f *Fake) out(w http.ResponseWriter, status int, page string, v any) {
	var b bytes.Buffer
	if err := f.pages.Execute(&b, page, v); err != nil {
		http.Error(w, "Страница не собралась.", http.StatusInternalServerError)
		return
	}
	body, err := encoding.HTMLEscapeUnsupported(charmap.Windows1251.NewEncoder()).Bytes(b.Bytes())
	if err != nil {
		http.Error(w, "Страница не собралась.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html") // the encoding stands in the page, as old forums have it
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
