package vkfake

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

	"otklik/internal/source/fakepage"
)

//go:embed page
var files embed.FS

// routes builds the handler: methods under /method/, the rest for people. All
// links are relative, so that the fake can stand under any prefix.
func (f *Fake) routes() error {
	var err error
	f.pages, err = fakepage.Parse(files, "page/*.html", nil)
	if err != nil {
		return fmt.Errorf("vkfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("vkfake: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/method/{method}", f.call)
	mux.HandleFunc("GET /longpoll", f.longPoll)
	mux.HandleFunc("GET /{$}", f.wallPage)
	mux.HandleFunc("GET /{post}", f.postPage)
	f.talkRoutes(mux)
	f.boardRoutes(mux)
	f.elsewhereRoutes(mux)
	mux.HandleFunc("GET /captcha/{name}", captchaPicture)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.Handle("POST /comment", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	f.mux = mux
	return nil
}

// The types that the templates show.
type (
	wallView struct {
		Name, Club, Letter string
		Posts              []postView
		Search             string
		Page               int
		Newer, Older       int // page numbers, 0 for none
	}
	postView struct {
		ID                          int64
		Link, Author, Letter, Text  string
		When, Machine, Count        string
		Edited, Pinned, Closed, Own bool
		Comments                    []commentView
	}
	commentView struct {
		ID                   int64
		Author, Letter, Text string
		When, Machine        string
		Own, Deleted, Target bool
		To                   string // whom it answers
		Replies              []commentView
	}
	threadView struct {
		Name, Club, Letter string
		Post               postView
		Form               formView
	}
	formView struct {
		Shown              bool
		Post, ReplyTo      int64
		To, Author, Text   string
		Problem            string
		MaxText, MaxAuthor int
	}
)

const postsOnPage = 20

func (f *Fake) wallPage(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	v := wallView{Name: f.opts.Name, Club: f.club(), Letter: letter(f.opts.Name), Page: 1}
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && n > 1 && n < 1000 {
		v.Page = n
	}
	var shown []*post
	for _, p := range slices.Backward(f.state.Posts) {
		if !p.Deleted {
			shown = append(shown, p)
		}
	}
	slices.SortStableFunc(shown, func(a, b *post) int { return number(b.Pinned) - number(a.Pinned) })
	for _, p := range part(shown, (v.Page-1)*postsOnPage, postsOnPage) {
		v.Posts = append(v.Posts, f.postView(p))
	}
	v.Newer = v.Page - 1
	if v.Page*postsOnPage < len(shown) {
		v.Older = v.Page + 1
	}
	f.mu.Unlock()
	f.show(w, http.StatusOK, "wall.html", v)
}

func (f *Fake) postPage(w http.ResponseWriter, r *http.Request) {
	if f.topicPage(w, r) || f.strayPage(w, r.PathValue("post")) {
		return
	}
	id := f.postID(r.PathValue("post"))
	q := r.URL.Query()
	form := formView{Post: id}
	form.ReplyTo, _ = strconv.ParseInt(q.Get("to"), 10, 64)
	target, _ := strconv.ParseInt(q.Get("reply"), 10, 64)
	f.thread(w, http.StatusOK, form, target)
}

// thread shows a post with its comments and the form.
func (f *Fake) thread(w http.ResponseWriter, status int, form formView, target int64) {
	f.mu.Lock()
	p := f.post(form.Post)
	if p == nil {
		f.mu.Unlock()
		f.show(w, http.StatusNotFound, "gone.html", wallView{Name: f.opts.Name, Club: f.club(), Letter: letter(f.opts.Name)})
		return
	}
	v := threadView{Name: f.opts.Name, Club: f.club(), Letter: letter(f.opts.Name), Post: f.postView(p), Form: form}
	for _, c := range p.level(0) {
		cv := f.commentView(p, c, target)
		for _, r := range p.level(c.ID) {
			cv.Replies = append(cv.Replies, f.commentView(p, r, target))
		}
		v.Post.Comments = append(v.Post.Comments, cv)
	}
	v.Form.Shown = !f.opts.ReadOnlyPage && !p.Closed
	v.Form.MaxText, v.Form.MaxAuthor = maxText, maxName
	if c := p.comment(form.ReplyTo); c != nil && !c.Deleted {
		v.Form.To = f.name(c.From)
	} else {
		v.Form.ReplyTo = 0
	}
	f.mu.Unlock()
	f.show(w, status, "post.html", v)
}

// write takes a visitor's comment.
func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинный комментарий.", http.StatusRequestEntityTooLarge)
		return
	}
	form := formView{Author: strings.TrimSpace(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	form.Post, _ = strconv.ParseInt(r.PostForm.Get("post"), 10, 64)
	form.ReplyTo, _ = strconv.ParseInt(r.PostForm.Get("to"), 10, 64)
	if form.Author == "" {
		form.Author = "Гость стены"
	}
	switch {
	case f.opts.ReadOnlyPage:
		form.Problem = "Здесь можно только читать."
	case form.Text == "":
		form.Problem = "Напишите текст комментария."
	case !utf8.ValidString(form.Text + form.Author):
		form.Problem = "Текст повреждён: наберите его ещё раз."
	case utf8.RuneCountInString(form.Text) > maxText:
		form.Problem = fmt.Sprintf("Комментарий длиннее %d знаков: сократите его.", maxText)
	case utf8.RuneCountInString(form.Author) > maxName:
		form.Problem = fmt.Sprintf("Имя длиннее %d знаков: сократите его.", maxName)
	}
	if form.Problem != "" {
		f.thread(w, http.StatusUnprocessableEntity, form, 0)
		return
	}
	id, err := f.Comment(form.Post, form.ReplyTo, f.Person(form.Author), form.Text)
	if err != nil {
		form.Problem = "Комментарий не принят: запись закрыта для комментариев или удалена."
		f.thread(w, http.StatusUnprocessableEntity, form, 0)
		return
	}
	link := fmt.Sprintf("wall%d_%d?reply=%d#c%d", f.Owner(), form.Post, id, id)
	w.Header().Set("Location", link) // relative: http.Redirect would drop the prefix we stand under
	w.WriteHeader(http.StatusSeeOther)
}

func (f *Fake) show(w http.ResponseWriter, status int, page string, v any) {
	var b bytes.Buffer
	if err := f.pages.Execute(&b, page, v); err != nil {
		http.Error(w, "Страница не собралась.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

func (f *Fake) club() string {
	if f.opts.Screen != "" {
		return f.opts.Screen
	}
	return fmt.Sprintf("club%d", f.opts.Group)
}

// postID takes «wall-1001_10» apart; 0 for anything else.
func (f *Fake) postID(s string) int64 {
	n, ok := strings.CutPrefix(s, fmt.Sprintf("wall%d_", f.Owner()))
	if !ok {
		return 0
	}
	id, _ := strconv.ParseInt(n, 10, 64)
	return id
}

func (f *Fake) postView(p *post) postView {
	name := f.name(p.From)
	return postView{
		ID: p.ID, Link: fmt.Sprintf("wall%d_%d", f.Owner(), p.ID), Author: name, Letter: letter(name), Text: p.Text,
		When: f.when(p.Date), Machine: machine(p.Date), Count: comments(p.count()),
		Edited: p.Edited != 0, Pinned: p.Pinned, Closed: p.Closed, Own: p.From == f.Owner(),
	}
}

func (f *Fake) commentView(p *post, c *comment, target int64) commentView {
	name := f.name(c.From)
	v := commentView{
		ID: c.ID, Author: name, Letter: letter(name), Text: c.Text, When: f.when(c.Date), Machine: machine(c.Date),
		Own: c.From == f.Owner(), Deleted: c.Deleted, Target: c.ID == target,
	}
	if c.ReplyTo != 0 && c.ReplyTo != c.First {
		if to := p.comment(c.ReplyTo); to != nil {
			v.To = f.name(to.From)
		}
	}
	return v
}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

// when words a time as people read it, in the zone of the fake's clock.
func (f *Fake) when(unix int64) string {
	now := f.opts.Now()
	t := time.Unix(unix, 0).In(now.Location())
	switch d := now.Sub(t); {
	case d >= 0 && d < time.Minute:
		return "только что"
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return "сегодня в " + t.Format("15:04")
	case t.Year() == now.Year():
		return fmt.Sprintf("%d %s в %s", t.Day(), months[t.Month()-1], t.Format("15:04"))
	}
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
}

func machine(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func letter(name string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if r == utf8.RuneError {
		return "?"
	}
	return strings.ToUpper(string(r))
}

// comments counts in Russian.
func comments(n int) string {
	word := "комментариев"
	switch {
	case n == 0:
		return "Комментариев нет"
	case n%100 >= 11 && n%100 <= 14:
	case n%10 == 1:
		word = "комментарий"
	case n%10 >= 2 && n%10 <= 4:
		word = "комментария"
	}
	return fmt.Sprintf("%d %s", n, word)
}
