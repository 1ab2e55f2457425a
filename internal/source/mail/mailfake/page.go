package mailfake

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/order"
	"otklik/internal/source/fakepage"
	"otklik/internal/source/mail"
)

//go:embed page
var files embed.FS

type pages = *fakepage.Pages

const (
	mostText = 4000 // runes that a visitor may write
	mostName = 60
)

// routes builds the page for people. All links are relative.
func (f *Fake) routes() (err error) {
	if f.page, err = fakepage.Parse(files, "page/*.html", nil); err != nil {
		return fmt.Errorf("mailfake: %w", err)
	}
	assets, err := fs.Sub(files, "page")
	if err != nil {
		return fmt.Errorf("mailfake: %w", err)
	}
	f.mux = http.NewServeMux()
	f.mux.HandleFunc("GET /{$}", f.homePage)
	f.mux.HandleFunc("GET /box", f.boxPage)
	f.mux.HandleFunc("POST /token", f.token)
	f.mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	f.mux.Handle("POST /write", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	return nil
}

// The types that the templates show.
type (
	homeView struct {
		Centre string
		Boxes  []boxLink
		Form   formView
	}
	boxLink struct{ Name, Address, Link, Count string }
	boxView struct {
		Centre, Name, Address string
		Letters               []letterView
		Form                  formView
	}
	letterView struct {
		ID, Who, Subject, Text, When string
		Theirs                       bool // the centre wrote it
	}
	formView struct {
		Name, Address, Subject, Text, To, Problem string
		MaxText, MaxName                          int
	}
)

func (f *Fake) homePage(w http.ResponseWriter, _ *http.Request) {
	f.home(w, http.StatusOK, formView{})
}

func (f *Fake) home(w http.ResponseWriter, status int, form formView) {
	v := homeView{Centre: f.opts.Address, Form: form}
	v.Form.MaxText, v.Form.MaxName = mostText, mostName
	f.mu.Lock()
	for address, box := range f.state.People {
		n := len(box["INBOX"].Letters)
		count := "ответов пока нет"
		if n > 0 {
			count = fmt.Sprintf("ответов: %d", n)
		}
		v.Boxes = append(v.Boxes, boxLink{f.state.Names[address], address, "box?of=" + url.QueryEscape(address), count})
	}
	f.mu.Unlock()
	order.By(v.Boxes, func(a, b boxLink) int { return strings.Compare(a.Address, b.Address) })
	f.show(w, status, "home.html", v)
}

func (f *Fake) boxPage(w http.ResponseWriter, r *http.Request) {
	f.box(w, http.StatusOK, strings.ToLower(r.URL.Query().Get("of")), formView{})
}

// box shows a resident's letters and the answers to them.
func (f *Fake) box(w http.ResponseWriter, status int, address string, form formView) {
	f.mu.Lock()
	box := f.state.People[address]
	if box == nil {
		f.mu.Unlock()
		http.Error(w, "Такого ящика нет.", http.StatusNotFound)
		return
	}
	v := boxView{Centre: f.opts.Address, Name: f.state.Names[address], Address: address, Form: form}
	type dated struct {
		at time.Time
		letterView
	}
	var all []dated
	for name, fd := range box {
		for _, l := range fd.Letters {
			m := mail.Read([]byte(l.Raw))
			lv := letterView{ID: m.ID, Who: v.Name, Subject: m.Subject, Text: m.Text, When: l.At.Format("02.01.2006 15:04"), Theirs: name == "INBOX"}
			if lv.Theirs {
				lv.Who = m.Name
				if lv.Who == "" {
					lv.Who = m.From
				}
			}
			all = append(all, dated{l.At, lv})
		}
	}
	f.mu.Unlock()
	order.By(all, func(a, b dated) int { return a.at.Compare(b.at) })
	for _, d := range all {
		v.Letters = append(v.Letters, d.letterView)
		if d.Theirs || v.Form.To == "" {
			v.Form.To, v.Form.Subject = d.ID, d.Subject
		}
	}
	v.Form.MaxText, v.Form.MaxName = mostText, mostName
	f.show(w, status, "box.html", v)
}

var goodAddress = regexp.MustCompile(`^[a-z0-9._+-]{1,40}@[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40})+$`)

// write takes a visitor's letter.
func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 128<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинное письмо.", http.StatusRequestEntityTooLarge)
		return
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	form := formView{Name: get("name"), Address: strings.ToLower(get("address")), Subject: get("subject"), Text: get("text"), To: get("to")}
	switch {
	case !goodAddress.MatchString(form.Address) || form.Address == f.opts.Address:
		form.Problem = "Впишите адрес, например anna@pochta.example."
	case form.Text == "" && form.Subject == "":
		form.Problem = "Напишите что-нибудь."
	case utf8.RuneCountInString(form.Text) > mostText || utf8.RuneCountInString(form.Name) > mostName || utf8.RuneCountInString(form.Subject) > 200:
		form.Problem = "Письмо слишком длинное."
	}
	answer := form.To != ""
	if form.Problem != "" {
		if answer {
			f.box(w, http.StatusUnprocessableEntity, form.Address, form)
		} else {
			f.home(w, http.StatusUnprocessableEntity, form)
		}
		return
	}
	if answer && !strings.HasPrefix(strings.ToLower(form.Subject), "re:") {
		form.Subject = "Re: " + form.Subject
	}
	f.Write(Draft{From: form.Address, Name: form.Name, Subject: form.Subject, Text: form.Text, To: form.To})
	w.Header().Set("Location", "box?of="+url.QueryEscape(form.Address)) // relative: the fake may stand under any prefix
	w.WriteHeader(http.StatusSeeOther)
}

func (f *Fake) show(w http.ResponseWriter, status int, name string, view any) {
	var b bytes.Buffer
	if err := f.page.Execute(&b, name, view); err != nil {
		http.Error(w, "Страница не собралась.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// content is the body of a draft with the lines of the head that it needs.
func content(d Draft) string {
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped([]byte(strings.ReplaceAll(d.Text, "\n", "\r\n")))
	if d.Picture == nil {
		return text
	}
	return "Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n--part\r\n" + text + "\r\n--part\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Disposition: attachment; filename=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		wrapped(d.Picture) + "\r\n--part--\r\n"
}

// wrapped is base64 in lines.
func wrapped(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return out.String() + s + "\r\n"
}
