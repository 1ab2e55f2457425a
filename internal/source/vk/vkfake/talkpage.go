package vkfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The talk of a visitor with the community: a page where one writes, sees the answers and
// presses their buttons. The address names the person; it is a play network.

type (
	talkView struct {
		Name, Club, Letter string
		Person             int64
		Author, Text       string
		Problem            string
		Shown              bool // visitors may write
		Letters            []letterView
		MaxText, MaxAuthor int
	}
	letterView struct {
		Number               int64
		Author, Letter, Text string
		When, Machine        string
		Own, Point           bool
		Buttons              []buttonView // of the last one of the community alone
	}
	buttonView struct{ Label, Payload, Link, Kind string }
)

func (f *Fake) talkRoutes(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection()
	mux.HandleFunc("GET /write", func(w http.ResponseWriter, r *http.Request) { f.talkPage(w, r, http.StatusOK, talkView{}) })
	mux.Handle("POST /write", guard.Handler(http.HandlerFunc(f.writeLetter)))
}

// talkPage shows a talk, or the form that begins one.
func (f *Fake) talkPage(w http.ResponseWriter, r *http.Request, status int, v talkView) {
	f.mu.Lock()
	if v.Person == 0 {
		v.Person, _ = strconv.ParseInt(r.URL.Query().Get("person"), 10, 64)
	}
	if f.state.People[v.Person] == "" {
		v.Person = 0
	}
	v.Name, v.Club, v.Letter = f.opts.Name, f.club(), letter(f.opts.Name)
	v.Shown, v.MaxText, v.MaxAuthor = !f.opts.ReadOnlyPage, maxText, maxName
	talk := f.state.Talks[v.Person]
	for k, l := range talk {
		name := f.name(l.From)
		one := letterView{Number: l.Number, Author: name, Letter: letter(name), Text: l.Text, When: f.when(l.Date), Machine: machine(l.Date), Own: l.From < 0, Point: len(l.Geo) > 0}
		if k == len(talk)-1 {
			one.Buttons = buttonViews(l.Keyboard)
		}
		v.Letters = append(v.Letters, one)
	}
	f.mu.Unlock()
	f.show(w, status, "talk.html", v)
}

func buttonViews(board json.RawMessage) (out []buttonView) {
	var k struct {
		Buttons [][]struct {
			Action struct {
				Type    string `json:"type"`
				Label   string `json:"label"`
				Payload string `json:"payload"`
				Link    string `json:"link"`
			} `json:"action"`
		} `json:"buttons"`
	}
	if json.Unmarshal(board, &k) != nil {
		return nil
	}
	for _, row := range k.Buttons {
		for _, b := range row {
			one := buttonView{Label: b.Action.Label, Payload: b.Action.Payload, Kind: b.Action.Type}
			switch b.Action.Type {
			case "open_link":
				one.Link = b.Action.Link
			case "location":
				one.Label = "Отправить место, где я стою"
			}
			out = append(out, one)
		}
	}
	return out
}

// writeLetter takes a visitor's message, a press, or a point.
func (f *Fake) writeLetter(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинное сообщение.", http.StatusRequestEntityTooLarge)
		return
	}
	v := talkView{Author: strings.TrimSpace(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	v.Person, _ = strconv.ParseInt(r.PostForm.Get("person"), 10, 64)
	payload, kind := r.PostForm.Get("payload"), r.PostForm.Get("kind")
	if v.Author == "" {
		v.Author = "Гость"
	}
	lat, badLat := strconv.ParseFloat(strings.ReplaceAll(r.PostForm.Get("lat"), ",", "."), 64)
	lon, badLon := strconv.ParseFloat(strings.ReplaceAll(r.PostForm.Get("lon"), ",", "."), 64)
	switch {
	case f.opts.ReadOnlyPage:
		v.Problem = "Здесь можно только читать."
	case !utf8.ValidString(v.Text + v.Author + payload):
		v.Problem = "Текст повреждён: наберите его ещё раз."
	case kind == "location" && (badLat != nil || badLon != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180):
		v.Problem = "Место не читается: нужны широта и долгота, например 53.72 и 91.44."
	case kind != "location" && v.Text == "":
		v.Problem = "Напишите текст сообщения."
	case utf8.RuneCountInString(v.Text) > maxText:
		v.Problem = fmt.Sprintf("Сообщение длиннее %d знаков: сократите его.", maxText)
	case utf8.RuneCountInString(v.Author) > maxName:
		v.Problem = fmt.Sprintf("Имя длиннее %d знаков: сократите его.", maxName)
	}
	if v.Problem != "" {
		f.talkPage(w, r, http.StatusUnprocessableEntity, v)
		return
	}
	f.mu.Lock()
	if f.state.People[v.Person] == "" {
		v.Person = f.person(v.Author)
	}
	f.mu.Unlock()
	switch {
	case kind == "location":
		f.Stand(v.Person, lat, lon)
	case payload != "":
		f.Press(v.Person, v.Text, payload)
	default:
		f.Say(v.Person, v.Text)
	}
	w.Header().Set("Location", fmt.Sprintf("write?person=%d#last", v.Person)) // relative: see write
	w.WriteHeader(http.StatusSeeOther)
}
