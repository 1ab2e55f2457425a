package vkfake

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The pages of people, as far as search shows them: a page where a visitor writes a post that
// stands on no wall which is read, and sees all such posts.

type elsewhereView struct {
	Name, Club, Letter string
	Posts              []postView
	Author, Text       string
	Problem            string
	Shown              bool // visitors may write
	MaxText, MaxAuthor int
}

// elsewhereMost is how many posts the page shows, the newest.
const elsewhereMost = 50

func (f *Fake) elsewhereRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, _ *http.Request) { f.elsewherePage(w, http.StatusOK, elsewhereView{}) })
	mux.Handle("POST /elsewhere", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.writeElsewhere)))
}

func (f *Fake) elsewherePage(w http.ResponseWriter, status int, v elsewhereView) {
	f.mu.Lock()
	v.Name, v.Club, v.Letter = f.opts.Name, f.club(), letter(f.opts.Name)
	v.Shown, v.MaxText, v.MaxAuthor = !f.opts.ReadOnlyPage, maxText, maxName
	for _, s := range slices.Backward(f.state.Strays) {
		if len(v.Posts) == elsewhereMost {
			break
		}
		if !s.Deleted {
			p := f.postView(&post{ID: s.ID, From: s.Owner, Date: s.Date, Edited: s.Edited, Text: s.Text})
			if s.Name != "" {
				p.Author, p.Letter = s.Name, letter(s.Name)
			}
			v.Posts = append(v.Posts, p)
		}
	}
	f.mu.Unlock()
	f.show(w, status, "elsewhere.html", v)
}

// strayPage leads from the address of a post on another wall to where it is shown; it reports
// false where the name is of none.
func (f *Fake) strayPage(w http.ResponseWriter, name string) bool {
	owner, id, ok := strings.Cut(strings.TrimPrefix(name, "wall"), "_")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || owner == strconv.FormatInt(f.Owner(), 10) {
		return false
	}
	f.mu.Lock()
	s := f.stray(n)
	known := s != nil && !s.Deleted && strconv.FormatInt(s.Owner, 10) == owner
	f.mu.Unlock()
	if known {
		w.Header().Set("Location", fmt.Sprintf("elsewhere#p%d", n)) // relative: see write
		w.WriteHeader(http.StatusSeeOther)
	}
	return known
}

// writeElsewhere takes a visitor's post.
func (f *Fake) writeElsewhere(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинная запись.", http.StatusRequestEntityTooLarge)
		return
	}
	v := elsewhereView{Author: strings.TrimSpace(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	switch {
	case f.opts.ReadOnlyPage:
		v.Problem = "Здесь можно только читать."
	case v.Text == "":
		v.Problem = "Напишите текст записи."
	case !utf8.ValidString(v.Text + v.Author):
		v.Problem = "Текст повреждён: наберите его ещё раз."
	case utf8.RuneCountInString(v.Text) > maxText, utf8.RuneCountInString(v.Author) > maxName:
		v.Problem = fmt.Sprintf("Слишком длинно: запись до %d знаков, имя до %d.", maxText, maxName)
	}
	if v.Problem != "" {
		f.elsewherePage(w, http.StatusUnprocessableEntity, v)
		return
	}
	id := f.Elsewhere(f.Person(cmp.Or(v.Author, "Гость")), "", v.Text, f.opts.Now())
	w.Header().Set("Location", fmt.Sprintf("elsewhere#p%d", id)) // relative: see write
	w.WriteHeader(http.StatusSeeOther)
}
