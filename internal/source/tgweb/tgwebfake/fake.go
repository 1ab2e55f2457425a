// Package tgwebfake is a public channel of Telegram as a browser sees it: the preview pages
// /s/NAME with twenty posts each, the widget of a post's discussion, and the contact page
// that all other names lead to. Its own page at / lets a visitor write a post or a comment.
//
// Tests and the demo use the same fake. New makes one; Post, Comment, Edit, Delete and
// Restore change it; Fail makes it misbehave.
package tgwebfake

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Options describe the channel.
type Options struct {
	Name     string // user name
	Title    string
	Now      func() time.Time
	Snapshot string // file that keeps all over a restart; empty: memory alone
	ReadOnly bool   // visitors cannot write
	NoTalk   bool   // the channel has no discussion
}

const (
	pageSize = 20
	maxText  = 4000
	maxName  = 60
	maxPosts = 5000
)

// A Trouble is a way in which a page can go wrong.
type Trouble string

// Troubles.
const (
	Status  Trouble = "status"  // HTTP status Code
	Away    Trouble = "away"    // 302 to the contact page: renamed, closed, no preview
	Garbage Trouble = "garbage" // no page of Telegram
	Huge    Trouble = "huge"    // a page without end
	Odd     Trouble = "odd"     // the same posts in other markup
	Empty   Trouble = "empty"   // the header without posts
)

// A Fake is one channel. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles []trouble
	asked    int
}

type trouble struct {
	kind Trouble
	code int
}

type state struct {
	Last  int64   `json:"last"`
	Posts []*post `json:"posts"`
}

type post struct {
	ID       int64    `json:"id"`
	Author   string   `json:"author,omitempty"` // of a comment
	At       int64    `json:"at"`
	Text     string   `json:"text"`
	Edited   bool     `json:"edited,omitempty"`
	Gone     bool     `json:"gone,omitempty"`
	ReplyTo  int64    `json:"reply_to,omitempty"`
	Photos   []string `json:"photos,omitempty"`
	From     string   `json:"from,omitempty"` // forwarded
	Service  bool     `json:"service,omitempty"`
	Comments []*post  `json:"comments,omitempty"`
}

//go:embed page
var files embed.FS

// New returns a fake, with what the snapshot keeps if there is one.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{opts: o}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("tgwebfake: %w", err)
	}
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", fakepage.Funcs{"lines": lines, "short": short, "style": style, "when": (*post).when, "shown": func(p *post) string { return p.shown(o.Now().Location()) }, "standing": (*post).standing}); err != nil {
		return nil, fmt.Errorf("tgwebfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return nil, fmt.Errorf("tgwebfake: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /s/{name}", f.preview)
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		f.show(w, http.StatusOK, "contact.html", r.PathValue("name"))
	})
	mux.HandleFunc("GET /{name}/{post}", f.embed)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { f.home(w, http.StatusOK, form{}) })
	mux.Handle("GET /assets/{file}", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.Handle("POST /write", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	f.mux = mux
	return f, nil
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Post writes a post and returns its id.
func (f *Fake) Post(text string) int64 { return f.add(&post{Text: text}) }

// Answer writes a post that answers another one.
func (f *Fake) Answer(to int64, text string) int64 { return f.add(&post{Text: text, ReplyTo: to}) }

// Pictures writes a post with pictures.
func (f *Fake) Pictures(text string, addresses ...string) int64 {
	return f.add(&post{Text: text, Photos: addresses})
}

// Forward writes a post of another channel.
func (f *Fake) Forward(from, text string) int64 { return f.add(&post{Text: text, From: from}) }

// Service writes an entry of the channel itself.
func (f *Fake) Service() int64 { return f.add(&post{Service: true}) }

func (f *Fake) add(p *post) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Last++
	p.ID, p.At = f.state.Last, f.opts.Now().Unix()
	f.state.Posts = append(f.state.Posts, p)
	f.state.Posts = f.state.Posts[max(0, len(f.state.Posts)-maxPosts):]
	f.save()
	return p.ID
}

// Comment writes under a post; replyTo is a comment or 0.
func (f *Fake) Comment(under, replyTo int64, author, text string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.find(under)
	if p == nil || f.opts.NoTalk {
		return 0, fault.New(fault.NotFound, "tgwebfake: no post %d with comments", under)
	}
	c := &post{ID: int64(1000 + len(p.Comments)), Author: author, At: f.opts.Now().Unix(), Text: text, ReplyTo: replyTo}
	p.Comments = append(p.Comments, c)
	f.save()
	return c.ID, nil
}

// Edit changes a post, or a comment under it when comment is not 0.
func (f *Fake) Edit(id, comment int64, text string) {
	f.change(id, comment, func(p *post) { p.Text, p.Edited = text, true })
}

// Delete takes away a post or a comment.
func (f *Fake) Delete(id, comment int64) { f.change(id, comment, func(p *post) { p.Gone = true }) }

// Restore shows it again: a page that comes from a cache.
func (f *Fake) Restore(id, comment int64) { f.change(id, comment, func(p *post) { p.Gone = false }) }

func (f *Fake) change(id, comment int64, do func(*post)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.state.Posts {
		if p.ID != id {
			continue
		}
		if comment == 0 {
			do(p)
		}
		for _, c := range p.Comments {
			if c.ID == comment {
				do(c)
			}
		}
	}
	f.save()
}

func (f *Fake) find(id int64) *post {
	k, ok := slices.BinarySearchFunc(f.state.Posts, id, func(p *post, id int64) int { return cmp.Compare(p.ID, id) })
	if !ok || f.state.Posts[k].Gone {
		return nil
	}
	return f.state.Posts[k]
}

// Fail makes the next page go wrong.
func (f *Fake) Fail(t Trouble, code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, trouble{t, code})
}

// Asked returns how many pages were asked for.
func (f *Fake) Asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// goneWrong takes the next trouble; it reports whether the answer is given.
func (f *Fake) goneWrong(w http.ResponseWriter, r *http.Request) (kind Trouble, done bool) {
	f.mu.Lock()
	f.asked++
	var t trouble
	if len(f.troubles) > 0 {
		t, f.troubles = f.troubles[0], f.troubles[1:]
	}
	f.mu.Unlock()
	switch t.kind {
	case Status:
		http.Error(w, "nope", t.code)
	case Away:
		http.Redirect(w, r, "/"+f.opts.Name, http.StatusFound)
	case Garbage:
		_, _ = w.Write([]byte("<!doctype html><title>Provider</title><p>\x00\xff Оплатите интернет"))
	case Huge:
		chunk := bytes.Repeat([]byte("<div>"), 1<<18)
		for range 16 {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
	default:
		return t.kind, false
	}
	return t.kind, true
}

// shownPage is what the template of the preview shows.
type shownPage struct {
	Name, Title   string
	Posts         []*post
	Before, After int64
}

func (f *Fake) preview(w http.ResponseWriter, r *http.Request) {
	kind, done := f.goneWrong(w, r)
	if done {
		return
	}
	if !strings.EqualFold(r.PathValue("name"), f.opts.Name) {
		w.Header().Set("Location", "../"+r.PathValue("name"))
		w.WriteHeader(http.StatusFound)
		return
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	f.mu.Lock()
	v := shownPage{Name: f.opts.Name, Title: f.opts.Title}
	var list []*post
	for _, p := range f.state.Posts {
		if !p.Gone && (before == 0 || p.ID < before) && p.ID > after {
			list = append(list, p)
		}
	}
	from := max(0, len(list)-pageSize)
	if after > 0 {
		from = 0
	}
	v.Posts = list[from:min(len(list), from+pageSize)]
	if len(v.Posts) > 0 && (from > 0 || after > 0) {
		v.Before = v.Posts[0].ID
	}
	if kind == Empty {
		v.Posts, v.Before = nil, 0
	}
	var b bytes.Buffer
	err := f.pages.Execute(&b, "preview.html", v)
	f.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	out := b.Bytes()
	if kind == Odd {
		out = bytes.ReplaceAll(out, []byte("js-widget_message"), []byte("post-v2"))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out)
}

// embed shows the discussion of a post.
func (f *Fake) embed(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("post"), 10, 64)
	if !r.URL.Query().Has("embed") { // a person who follows a link
		w.Header().Set("Location", fmt.Sprintf("../#post%d", id))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	if _, done := f.goneWrong(w, r); done {
		return
	}
	limit, _ := strconv.Atoi(r.URL.Query().Get("comments_limit"))
	limit = min(max(limit, 5), 100)
	f.mu.Lock()
	v := shownPage{Name: f.opts.Name, Title: f.opts.Title}
	p := f.find(id)
	if p != nil && !f.opts.NoTalk {
		for _, c := range p.Comments {
			if !c.Gone {
				v.Posts = append(v.Posts, c)
			}
		}
		if cut := len(v.Posts) - limit; cut > 0 {
			v.Posts, v.Before = v.Posts[cut:], v.Posts[cut].ID
		}
		v.After = id
	}
	var b bytes.Buffer
	err := f.pages.Execute(&b, "discussion.html", v)
	f.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w)
}

// The types of the visitor's page.
type (
	form struct {
		Under                 int64
		Author, Text, Problem string
	}
	home struct {
		Name, Title string
		Posts       []*post
		Form        form
		ReadOnly    bool
		NoTalk      bool
	}
)

func (f *Fake) home(w http.ResponseWriter, status int, in form) {
	f.mu.Lock()
	v := home{Name: f.opts.Name, Title: f.opts.Title, Form: in, ReadOnly: f.opts.ReadOnly, NoTalk: f.opts.NoTalk}
	for _, p := range slices.Backward(f.state.Posts) {
		if !p.Gone && !p.Service && len(v.Posts) < 30 {
			v.Posts = append(v.Posts, p)
		}
	}
	f.mu.Unlock()
	f.show(w, status, "home.html", v)
}

// write takes what a visitor wrote.
func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинный текст.", http.StatusRequestEntityTooLarge)
		return
	}
	in := form{Author: strings.TrimSpace(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	in.Under, _ = strconv.ParseInt(r.PostForm.Get("under"), 10, 64)
	in.Author = cmp.Or(in.Author, "Гость канала")
	switch {
	case f.opts.ReadOnly:
		in.Problem = "Здесь можно только читать."
	case in.Text == "" || !utf8.ValidString(in.Text+in.Author):
		in.Problem = "Напишите текст."
	case utf8.RuneCountInString(in.Text) > maxText || utf8.RuneCountInString(in.Author) > maxName:
		in.Problem = "Текст или имя слишком длинные: сократите."
	case in.Under == 0:
		f.Post(in.Text)
	default:
		if _, err := f.Comment(in.Under, 0, in.Author, in.Text); err != nil {
			in.Problem = "Под этой записью комментариев нет."
		}
	}
	if in.Problem != "" {
		f.home(w, http.StatusUnprocessableEntity, in)
		return
	}
	w.Header().Set("Location", "./") // relative: http.Redirect would drop the prefix we stand under
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
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }

// when returns the time as the pages write it.
func (p *post) when() string { return time.Unix(p.At, 0).UTC().Format("2006-01-02T15:04:05+00:00") }

// shown returns the time for people, in the zone of the fake's clock.
func (p *post) shown(zone *time.Location) string {
	return time.Unix(p.At, 0).In(zone).Format("02.01.2006 15:04")
}

// standing returns the comments that are shown.
func (p *post) standing() (list []*post) {
	for _, c := range p.Comments {
		if !c.Gone {
			list = append(list, c)
		}
	}
	return list
}

// lines writes line breaks and emoji as Telegram's pages do.
func lines(text string) fakepage.HTML {
	s := strings.ReplaceAll(html.EscapeString(text), "\n", "<br/>")
	return fakepage.HTML(strings.ReplaceAll(s, "🔥", `<i class="emoji" style="background-image:url('//telegram.org/img/emoji/40/F09F94A5.png')"><b>🔥</b></i>`)) //nolint:gosec // escaped above
}

func style(address string) fakepage.CSS {
	return fakepage.CSS("width:800px;background-image:url('" + strings.NewReplacer("'", "%27", ")", "%29", "\\", "%5C").Replace(address) + "')") //nolint:gosec // escaped
}

// short writes a number as Telegram's pages do: every post was seen 1,500 times an id.
func short(id int64) string {
	n := id * 1500
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.1fM", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.1fK", float64(n)/1e3)
	}
	return strconv.FormatInt(n, 10)
}
