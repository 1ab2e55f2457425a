package okfake

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/source/fakepage"
)

//go:embed page
var files embed.FS

// routes builds the handler: methods at /fb.do, the rest for people. All links are
// relative, so that the fake can stand under any prefix.
func (f *Fake) routes() error {
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("okfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("okfake: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/fb.do", f.call)
	mux.HandleFunc("GET /{$}", f.home)
	mux.HandleFunc("GET /group/{group}/topic/{topic}", f.topicPage)
	mux.Handle("GET /group/{group}", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { see(w, "../") }))
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.Handle("POST /comment", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.take)))
	f.mux = mux
	return nil
}

// The types that the templates show.
type (
	view struct {
		Up, Group string // Up leads to the home page: «../../../»
		Topics    []lineView
		Topic     lineView
		Comments  []lineView
		Form      form
		Shown     bool // the form
	}
	lineView struct {
		ID, Link, Author, Text, When, Machine, To, Count string
		Own                                              bool
	}
	form struct {
		Topic, To, ToName, Author, Text, Problem string
		AsGroup                                  bool
	}
)

const shownTopics = 30

func (f *Fake) address(t *topic) string { return "group/" + f.opts.Group + "/topic/" + t.ID }

func (f *Fake) home(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	v := view{Group: f.opts.Name}
	for _, t := range slices.Backward(f.state.Topics) {
		if t.Deleted {
			continue
		}
		l := f.line(t.ID, t.From, t.At, t.Text)
		l.Link, l.Count = f.address(t), fmt.Sprintf("Комментарии: %d", standing(t))
		if v.Topics = append(v.Topics, l); len(v.Topics) == shownTopics {
			break
		}
	}
	f.mu.Unlock()
	f.show(w, http.StatusOK, "home.html", v)
}

func (f *Fake) topicPage(w http.ResponseWriter, r *http.Request) {
	f.thread(w, http.StatusOK, "../../../", form{Topic: r.PathValue("topic"), To: r.URL.Query().Get("to")})
}

// thread shows a topic with its comments and the form.
func (f *Fake) thread(w http.ResponseWriter, status int, up string, in form) {
	f.mu.Lock()
	t, c := f.find(in.Topic)
	if t == nil || c != nil || t.Deleted {
		f.mu.Unlock()
		f.show(w, http.StatusNotFound, "gone.html", view{Up: up, Group: f.opts.Name})
		return
	}
	v := view{Up: up, Group: f.opts.Name, Topic: f.line(t.ID, t.From, t.At, t.Text), Form: in, Shown: !f.opts.ReadOnlyPage && !t.Closed}
	v.Topic.Link = up + f.address(t)
	for _, c := range t.Comments {
		if c.Deleted {
			continue
		}
		l := f.line(c.ID, c.From, c.At, c.Text)
		if _, to := f.find(c.Reply); to != nil {
			l.To = f.name(to.From)
		}
		v.Comments = append(v.Comments, l)
		if c.ID == in.To {
			v.Form.ToName = l.Author
		}
	}
	if v.Form.ToName == "" {
		v.Form.To = ""
	}
	f.mu.Unlock()
	f.show(w, status, "topic.html", v)
}

// take takes a visitor's comment, or that of the group's administrator.
func (f *Fake) take(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинный комментарий.", http.StatusRequestEntityTooLarge)
		return
	}
	in := form{
		Topic: r.PostForm.Get("topic"), To: r.PostForm.Get("to"), Author: strings.TrimSpace(strings.ToValidUTF8(r.PostForm.Get("author"), "")),
		Text: strings.TrimSpace(r.PostForm.Get("text")), AsGroup: r.PostForm.Get("group") != "",
	}
	if in.Author == "" {
		in.Author = "Гость группы"
	}
	switch {
	case f.opts.ReadOnlyPage:
		in.Problem = "Здесь можно только читать."
	case in.Text == "":
		in.Problem = "Напишите текст."
	case !utf8.ValidString(in.Text):
		in.Problem = "Текст повреждён: наберите его ещё раз."
	case utf8.RuneCountInString(in.Text) > maxText:
		in.Problem = fmt.Sprintf("Комментарий длиннее %d знаков: сократите его.", maxText)
	case utf8.RuneCountInString(in.Author) > maxName:
		in.Problem = fmt.Sprintf("Имя длиннее %d знаков: сократите его.", maxName)
	}
	if in.Problem == "" {
		from := int64(0)
		if !in.AsGroup {
			from = f.Person(in.Author)
		}
		if _, err := f.Comment(in.Topic, in.To, from, in.Text); err != nil {
			in.Problem = "Комментарий не принят: тема закрыта или удалена."
		}
	}
	if in.Problem != "" {
		f.thread(w, http.StatusUnprocessableEntity, "", in)
		return
	}
	see(w, "group/"+f.opts.Group+"/topic/"+in.Topic+"#last")
}

// see sends the visitor to another page. http.Redirect would drop the prefix we stand under.
func see(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

func (f *Fake) line(id string, from, at int64, text string) lineView {
	return lineView{ID: id, Author: f.name(from), Text: text, When: f.when(at), Machine: time.UnixMilli(at).UTC().Format(time.RFC3339), Own: from == 0}
}

// when words a time, in the zone of the fake's clock.
func (f *Fake) when(at int64) string {
	now := f.opts.Now()
	t := time.UnixMilli(at).In(now.Location())
	if d := now.Sub(t); d >= 0 && d < time.Minute {
		return "только что"
	}
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return "сегодня в " + t.Format("15:04")
	}
	return t.Format("02.01.2006 в 15:04")
}

func (f *Fake) show(w http.ResponseWriter, status int, page string, v view) {
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
