package maxfake

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/source/fakepage"
)

//go:embed page
var files embed.FS

// routes builds the handler: methods below /api, the rest for people. All links are
// relative, so that the fake can stand under any prefix.
func (f *Fake) routes() error {
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("maxfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("maxfake: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", f.api())
	mux.HandleFunc("GET /{$}", f.home)
	mux.HandleFunc("GET /c/{chat}/{code}", f.postPage)
	mux.HandleFunc("GET /bot", f.talkPage)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	guard := http.NewCrossOriginProtection()
	mux.Handle("POST /comment", guard.Handler(http.HandlerFunc(f.takeComment)))
	mux.Handle("POST /say", guard.Handler(http.HandlerFunc(f.takeWords)))
	f.mux = mux
	return nil
}

// address is where a post stands on the pages.
func address(chat int64, id string) string { return fmt.Sprintf("c/%d/%s", chat, code(id)) }

// The types that the templates show.
type (
	view struct {
		Up       string // to the home page: «../../»
		Bot      string
		Channels []channelView
		Channel  string
		Post     lineView
		Comments []lineView
		Closed   bool
		Form     form
		ReadOnly bool
	}
	channelView struct {
		Title string
		Posts []lineView
	}
	lineView struct {
		ID, Link, Author, Text, When, Machine, To, Count string
		Own, Edited                                      bool
		Buttons                                          [][]button
	}
	button struct{ Label, Data, URL string }
	form   struct{ Post, To, ToName, Author, Text, Problem string }
)

const shownPosts = 30

func (f *Fake) home(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	v := view{Bot: f.opts.Name}
	for _, c := range f.state.Chats {
		if c.Type == "dialog" {
			continue
		}
		cv := channelView{Title: c.Title}
		for _, m := range slices.Backward(c.Messages) {
			if m.Deleted {
				continue
			}
			l := f.line(c, m)
			if c.Type == "channel" {
				l.Link, l.Count = address(c.ID, m.ID), fmt.Sprintf("Комментарии: %d", standing(m.Comments))
			}
			if cv.Posts = append(cv.Posts, l); len(cv.Posts) == shownPosts {
				break
			}
		}
		v.Channels = append(v.Channels, cv)
	}
	f.mu.Unlock()
	f.show(w, http.StatusOK, "home.html", v)
}

func standing(all []*message) (n int) {
	for _, m := range all {
		if !m.Deleted {
			n++
		}
	}
	return n
}

func (f *Fake) postPage(w http.ResponseWriter, r *http.Request) {
	chat, _ := strconv.ParseInt(r.PathValue("chat"), 10, 64)
	f.mu.Lock()
	id := ""
	if c := f.chat(chat); c != nil {
		for _, m := range c.Messages {
			if code(m.ID) == r.PathValue("code") {
				id = m.ID
			}
		}
	}
	f.mu.Unlock()
	f.thread(w, http.StatusOK, "../../", form{Post: id, To: r.URL.Query().Get("to")})
}

// thread shows a post with its comments and the form.
func (f *Fake) thread(w http.ResponseWriter, status int, up string, in form) {
	f.mu.Lock()
	c, above, p := f.find(in.Post)
	if p == nil || above != nil || p.Deleted || c.Type != "channel" {
		f.mu.Unlock()
		f.show(w, http.StatusNotFound, "gone.html", view{Up: up, Bot: f.opts.Name})
		return
	}
	v := view{Up: up, Bot: f.opts.Name, Channel: c.Title, Post: f.line(c, p), Form: in, Closed: p.Off, ReadOnly: f.opts.ReadOnlyPage}
	v.Post.Link = up + address(c.ID, p.ID)
	for _, m := range p.Comments {
		if m.Deleted {
			continue
		}
		l := f.line(c, m)
		if _, _, to := f.find(m.Reply); to != nil {
			l.To = f.line(c, to).Author
		}
		v.Comments = append(v.Comments, l)
		if m.ID == in.To {
			v.Form.ToName = l.Author
		}
	}
	if v.Form.ToName == "" {
		v.Form.To = ""
	}
	f.mu.Unlock()
	f.show(w, status, "post.html", v)
}

// takeComment takes a visitor's comment.
func (f *Fake) takeComment(w http.ResponseWriter, r *http.Request) {
	in, ok := f.form(w, r, "Гость канала")
	if !ok {
		return
	}
	in.Post, in.To = r.PostForm.Get("post"), r.PostForm.Get("to")
	if in.Problem == "" {
		if _, err := f.Comment(in.Post, in.To, f.Person(in.Author), in.Text); err != nil {
			in.Problem = "Комментарий не принят: комментарии выключены, или запись удалена."
		}
	}
	if in.Problem != "" {
		f.thread(w, http.StatusUnprocessableEntity, "", in)
		return
	}
	f.mu.Lock()
	c, _, _ := f.find(in.Post)
	to := address(c.ID, in.Post) + "#last"
	f.mu.Unlock()
	see(w, to)
}

func (f *Fake) talkPage(w http.ResponseWriter, r *http.Request) {
	f.talked(w, http.StatusOK, form{Author: clean(r.URL.Query().Get("as"))})
}

// talked shows the direct talk of a visitor.
func (f *Fake) talked(w http.ResponseWriter, status int, in form) {
	v := view{Bot: f.opts.Name, Form: in, ReadOnly: f.opts.ReadOnlyPage}
	f.mu.Lock()
	for id, name := range f.state.People {
		if name != in.Author {
			continue
		}
		if c := f.chat(id); c != nil {
			for _, m := range c.Messages {
				if !m.Deleted {
					v.Comments = append(v.Comments, f.line(c, m))
				}
			}
		}
	}
	f.mu.Unlock()
	f.show(w, status, "talk.html", v)
}

// takeWords takes what a visitor says to the bot: words, or a button.
func (f *Fake) takeWords(w http.ResponseWriter, r *http.Request) {
	in, ok := f.form(w, r, "Житель")
	if !ok {
		return
	}
	under, data := r.PostForm.Get("under"), r.PostForm.Get("data")
	switch {
	case r.PostForm.Has("start"):
		f.Start(f.Person(in.Author), "")
	case under != "" && !f.opts.ReadOnlyPage && in.Author != "":
		f.Press(f.Person(in.Author), clip(under), clip(data))
	case !f.opts.ReadOnlyPage && (r.PostForm.Has("photo") || r.PostForm.Has("album")):
		photos := []any{photo(1)}
		if r.PostForm.Has("album") {
			photos = append(photos, photo(2), photo(3))
		}
		f.Say(f.Person(in.Author), in.Text, photos...)
	case !f.opts.ReadOnlyPage && r.PostForm.Has("place"):
		f.Say(f.Person(in.Author), "", map[string]any{"type": "location", "latitude": 53.7212, "longitude": 91.4424})
	case !f.opts.ReadOnlyPage && r.PostForm.Has("voice"):
		f.Say(f.Person(in.Author), "", map[string]any{"type": "audio", "payload": map[string]any{"id": 1, "token": "t"}})
	case in.Problem != "":
		f.talked(w, http.StatusUnprocessableEntity, in)
		return
	default:
		f.Say(f.Person(in.Author), in.Text)
	}
	see(w, "bot?as="+url.QueryEscape(in.Author)+"#last")
}

// photo is a picture as MAX tells of it; its bytes are nowhere.
func photo(id int) map[string]any {
	return map[string]any{"type": "image", "payload": map[string]any{"photo_id": id, "token": "t"}}
}

// see sends the visitor to another page. http.Redirect would drop the prefix we stand under.
func see(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// form reads what a visitor wrote; ok is false when the answer is given already.
func (f *Fake) form(w http.ResponseWriter, r *http.Request, nobody string) (in form, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинное сообщение.", http.StatusRequestEntityTooLarge)
		return in, false
	}
	in = form{Author: clean(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	if in.Author == "" {
		in.Author = nobody
	}
	switch {
	case f.opts.ReadOnlyPage:
		in.Problem = "Здесь можно только читать."
	case in.Text == "":
		in.Problem = "Напишите текст."
	case !utf8.ValidString(in.Text):
		in.Problem = "Текст повреждён: наберите его ещё раз."
	case utf8.RuneCountInString(in.Text) > maxText:
		in.Problem = fmt.Sprintf("Текст длиннее %d знаков: сократите его.", maxText)
	}
	return in, true
}

// clean returns a name as it may be kept.
func clean(name string) string {
	r := []rune(strings.TrimSpace(strings.ToValidUTF8(name, "")))
	return string(r[:min(len(r), maxName)])
}

func clip(s string) string { return s[:min(len(s), 200)] }

func (f *Fake) line(c *chat, m *message) lineView {
	l := lineView{ID: m.ID, Author: c.Title, Text: m.Text, When: f.when(m.At), Machine: time.UnixMilli(m.At).UTC().Format(time.RFC3339), Own: m.From == 0 || m.From == f.opts.Bot, Edited: m.Edited}
	if m.From != 0 {
		l.Author = f.name(m.From)
	}
	for _, x := range m.Extra {
		l.Buttons = append(l.Buttons, buttons(x)...)
	}
	return l
}

// buttons returns the rows of a keyboard.
func buttons(x any) (rows [][]button) {
	a, _ := x.(map[string]any)
	p, _ := a["payload"].(map[string]any)
	all, _ := p["buttons"].([]any)
	for _, row := range all {
		var out []button
		row, _ := row.([]any)
		for _, k := range row {
			k, _ := k.(map[string]any)
			label, _ := k["text"].(string)
			data, _ := k["payload"].(string)
			link, _ := k["url"].(string)
			if label != "" && (k["type"] == "callback" || k["type"] == "link") {
				out = append(out, button{label, data, link})
			}
		}
		rows = append(rows, out)
	}
	return rows
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
