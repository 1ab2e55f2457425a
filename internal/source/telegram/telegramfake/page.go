package telegramfake

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
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

// routes builds the handler: methods under /bot…/, files under /file/, the rest for people.
// All links are relative, so that the fake can stand under any prefix.
func (f *Fake) routes() error {
	var err error
	if f.pages, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("telegramfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("telegramfake: %w", err)
	}
	people := http.NewServeMux()
	people.HandleFunc("GET /{$}", f.home)
	people.HandleFunc("GET /{id}", f.postPage)
	people.HandleFunc("GET /{channel}/{post}", f.postOfChannel)
	people.HandleFunc("GET /c/{chat}/{id}", f.inGroup)
	people.HandleFunc("GET /bot", func(w http.ResponseWriter, r *http.Request) {
		f.talkPage(w, http.StatusOK, form{Author: clean(r.URL.Query().Get("as"))})
	})
	people.Handle("GET /assets/{file}", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	guard := http.NewCrossOriginProtection()
	people.Handle("POST /comment", guard.Handler(http.HandlerFunc(f.takeComment)))
	people.Handle("POST /say", guard.Handler(http.HandlerFunc(f.takeWords)))
	api := http.NewServeMux()
	api.HandleFunc("/{bot}/{method}", f.call)
	api.HandleFunc("GET /file/{bot}/{path...}", f.file)
	f.mux = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first, _, more := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); more && (first == "file" || strings.HasPrefix(first, "bot")) {
			api.ServeHTTP(w, r)
			return
		}
		people.ServeHTTP(w, r)
	})
	return nil
}

// The types that the templates show.
type (
	view struct {
		Bot, Channel string
		Posts, Lines []line
		Post         line
		Form         form
		Board        string // what the keyboard below asks for: request_location, request_contact
		BoardLabel   string
		ReadOnly     bool
	}
	line struct {
		ID                              int64
		Author, Text, When, Machine, To string
		Own, Edited, Photo              bool
		Comments                        int
		Buttons                         [][]buttonOnPage
	}
	form struct {
		Post, To                      int64
		ToName, Author, Text, Problem string
	}
)

const shownPosts = 30

func (f *Fake) home(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	group := f.state.Chats[GroupID]
	v := view{Bot: f.opts.Name, Channel: f.opts.Channel}
	for _, n := range slices.Backward(group.Notes) {
		if n.Of == 0 || n.Gone {
			continue
		}
		l := f.line(group, n)
		l.Comments = len(f.under(group, n.ID))
		if v.Posts = append(v.Posts, l); len(v.Posts) == shownPosts {
			break
		}
	}
	f.mu.Unlock()
	f.show(w, http.StatusOK, "home.html", v)
}

// under returns what stands in the thread of a post's copy.
func (f *Fake) under(group *chat, thread int64) (list []*note) {
	for _, n := range group.Notes {
		if n.Thread == thread && !n.Gone {
			list = append(list, n)
		}
	}
	return list
}

func (f *Fake) postPage(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(strings.TrimPrefix(r.PathValue("id"), "post"), 10, 64)
	to, _ := strconv.ParseInt(r.URL.Query().Get("to"), 10, 64)
	f.thread(w, http.StatusOK, form{Post: id, To: to})
}

// postOfChannel leads from the address of a channel's post (t.me/NAME/12?comment=34) to
// its page.
func (f *Fake) postOfChannel(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("post"), 10, 64)
	to := "../"
	f.mu.Lock()
	for _, n := range f.state.Chats[GroupID].Notes {
		if n.Of == id && id != 0 && strings.EqualFold(r.PathValue("channel"), f.opts.User) {
			to = fmt.Sprintf("../post%d", n.ID)
		}
	}
	f.mu.Unlock()
	see(w, to)
}

// inGroup leads from the address of a message in a group (t.me/c/1002/34?thread=12) to the
// page of the post that it stands under.
func (f *Fake) inGroup(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	to := "../../"
	f.mu.Lock()
	if n := f.state.Chats[GroupID].note(id); n != nil && r.PathValue("chat") == strconv.FormatInt(superBase-GroupID, 10) {
		to = fmt.Sprintf("../../post%d", cmp.Or(n.Thread, n.ID))
	}
	f.mu.Unlock()
	see(w, to)
}

// superBase is what ids of channels and supergroups are counted down from.
const superBase = -1_000_000_000_000

// thread shows a post with its comments and the form.
func (f *Fake) thread(w http.ResponseWriter, status int, in form) {
	f.mu.Lock()
	group := f.state.Chats[GroupID]
	p := group.note(in.Post)
	v := view{Bot: f.opts.Name, Channel: f.opts.Channel, Form: in, ReadOnly: f.opts.ReadOnly}
	if p == nil || p.Of == 0 {
		f.mu.Unlock()
		f.show(w, http.StatusNotFound, "gone.html", v)
		return
	}
	v.Post = f.line(group, p)
	for _, n := range f.under(group, p.ID) {
		l := f.line(group, n)
		if n.ReplyTo != p.ID {
			if up := group.note(n.ReplyTo); up != nil {
				l.To = f.line(group, up).Author
			}
		}
		if v.Lines = append(v.Lines, l); n.ID == in.To {
			v.Form.ToName = l.Author
		}
	}
	if v.Form.ToName == "" {
		v.Form.To = 0
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
	in.Post, _ = strconv.ParseInt(r.PostForm.Get("post"), 10, 64)
	in.To, _ = strconv.ParseInt(r.PostForm.Get("to"), 10, 64)
	if in.Problem == "" {
		if _, err := f.Comment(cmp.Or(in.To, in.Post), f.Person(in.Author), in.Text); err != nil {
			in.Problem = "Комментарий не принят: записи больше нет."
		}
	}
	if in.Problem != "" {
		f.thread(w, http.StatusUnprocessableEntity, in)
		return
	}
	see(w, fmt.Sprintf("post%d#last", in.Post))
}

// talkPage shows the direct talk of a visitor.
func (f *Fake) talkPage(w http.ResponseWriter, status int, in form) {
	v := view{Bot: f.opts.Name, Channel: f.opts.Channel, Form: in, ReadOnly: f.opts.ReadOnly}
	f.mu.Lock()
	for id, name := range f.state.People {
		c := f.state.Chats[id]
		if name != in.Author || c == nil {
			continue
		}
		for _, n := range c.Notes {
			if n.Gone {
				continue
			}
			v.Lines = append(v.Lines, f.line(c, n))
			if n.From == 0 {
				v.Board, v.BoardLabel = board(n.Markup, v.Board, v.BoardLabel)
			}
		}
	}
	f.mu.Unlock()
	f.show(w, status, "talk.html", v)
}

// board returns what the keyboard asks for after a message with the markup.
func board(markup json.RawMessage, was, label string) (ask, text string) {
	var m struct {
		Remove   bool               `json:"remove_keyboard"`
		Keyboard [][]map[string]any `json:"keyboard"`
	}
	if markup == nil || json.Unmarshal(markup, &m) != nil {
		return was, label
	}
	for _, row := range m.Keyboard {
		for _, k := range row {
			for _, what := range []string{"request_location", "request_contact"} {
				if k[what] == true {
					label, _ = k["text"].(string)
					return what, label
				}
			}
		}
	}
	if m.Remove {
		return "", ""
	}
	return was, label
}

// takeWords takes what a visitor says to the bot: words, a button, a place, a phone.
func (f *Fake) takeWords(w http.ResponseWriter, r *http.Request) {
	in, ok := f.form(w, r, "Житель")
	if !ok {
		return
	}
	who := func() int64 { return f.Person(in.Author) }
	under, _ := strconv.ParseInt(r.PostForm.Get("under"), 10, 64)
	var err error
	switch {
	case f.opts.ReadOnly:
	case r.PostForm.Has("start"):
		_, err = f.Direct(who(), "/start", nil)
	case r.PostForm.Has("request_location"):
		_, err = f.Direct(who(), "", map[string]any{"location": map[string]any{"latitude": cmp.Or(f.opts.Lat, 55.7558), "longitude": cmp.Or(f.opts.Lon, 37.6173)}})
	case r.PostForm.Has("request_contact"):
		_, err = f.Direct(who(), "", map[string]any{"contact": map[string]any{"phone_number": "+70000000000", "first_name": in.Author, "user_id": who()}})
	case r.PostForm.Has("photo"):
		_, err = f.Photo(who(), who(), in.Text, picture())
	case r.PostForm.Has("album"):
		who := who()
		f.begin(who)
		f.Album(who, who, in.Text, 3)
	case r.PostForm.Has("place"):
		_, err = f.Direct(who(), "", map[string]any{"location": map[string]any{"latitude": 53.7212, "longitude": 91.4424}})
	case r.PostForm.Has("voice"):
		_, err = f.Direct(who(), "", map[string]any{"voice": map[string]any{"file_id": "AwACAgIAAxk", "file_unique_id": "v", "duration": 4}})
	case under != 0:
		f.Press(who(), under, r.PostForm.Get("data"))
	case in.Problem == "":
		_, err = f.Direct(who(), in.Text, nil)
	default:
		f.talkPage(w, http.StatusUnprocessableEntity, in)
		return
	}
	if err != nil || f.opts.ReadOnly {
		in.Problem = cmp.Or(in.Problem, "Сообщение не принято.")
		f.talkPage(w, http.StatusUnprocessableEntity, in)
		return
	}
	see(w, "bot?as="+url.QueryEscape(in.Author)+"#last")
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
	in = form{Author: cmp.Or(clean(r.PostForm.Get("author")), nobody), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	switch {
	case f.opts.ReadOnly:
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

// line returns a message as the pages show it; the lock is held.
func (f *Fake) line(c *chat, n *note) line {
	at := time.Unix(n.Date, 0)
	l := line{ID: n.ID, Text: n.Text, When: f.when(at), Machine: at.UTC().Format(time.RFC3339), Own: n.From == 0, Edited: n.Edited != 0, Photo: n.Photo != ""}
	switch {
	case n.From == 0:
		l.Author = "Бот @" + f.opts.Name
	case n.From < 0:
		l.Author = f.opts.Channel
	default:
		l.Author = f.state.People[n.From]
	}
	switch {
	case n.Extra["location"] != nil:
		l.Text = cmp.Or(l.Text, "Место на карте")
	case n.Extra["contact"] != nil:
		l.Text = cmp.Or(l.Text, "Телефон")
	}
	var m struct {
		Rows [][]buttonOnPage `json:"inline_keyboard"`
	}
	if n.Markup != nil && json.Unmarshal(n.Markup, &m) == nil {
		l.Buttons = m.Rows
	}
	return l
}

// when words a time, in the zone of the fake's clock.
func (f *Fake) when(t time.Time) string {
	now := f.opts.Now()
	t = t.In(now.Location())
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

// picture draws what a visitor sends as a photo.
func picture() []byte {
	m := image.NewGray(image.Rect(0, 0, 64, 48))
	for k := range m.Pix {
		m.Pix[k] = uint8(k)
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // into memory
	return b.Bytes()
}

// begin makes the talk of a person who has not written yet.
func (f *Fake) begin(person int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.talk(person)
	delete(f.state.Blocked, person)
}
