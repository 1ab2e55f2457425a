package georeport

import (
	"encoding/base64"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"crypto/subtle"

	"otklik/internal/source"
)

// Bounds of one call.
const (
	formLimit   = 256 << 10 // bytes of a form
	uploadLimit = 12 << 20  // bytes of a form with a picture
	paramLimit  = 200       // parameters
	fieldLimit  = 2000      // bytes of an ordinary parameter
)

// params are the parameters of a call. An empty one is none.
type params struct {
	form  url.Values
	files []*multipart.FileHeader
}

// get returns the first value that is not empty.
func (p params) get(name string) string {
	for _, v := range p.form[name] {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// list returns the parts of a comma list.
func (p params) list(name string) (out []string) {
	for _, part := range strings.Split(p.get(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// read reads the parameters of the address and of the body.
func (s *Server) read(w http.ResponseWriter, c *call) (p params, no *refusal) {
	kind, opts, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if c.Method == http.MethodPost {
		switch set := strings.ToLower(opts["charset"]); {
		case err != nil || kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data":
			return p, bad("content_type", "Пришлите форму: Content-Type: application/x-www-form-urlencoded; charset=utf-8, с файлом — multipart/form-data.")
		case set != "" && set != "utf-8" && set != "utf8":
			return p, bad("charset", "Кодировка формы должна быть UTF-8.")
		}
	}
	limit := int64(formLimit)
	if kind == "multipart/form-data" {
		limit = uploadLimit
	}
	c.Body = http.MaxBytesReader(w, c.Body, limit)
	if c.Method == http.MethodPost && kind == "multipart/form-data" {
		err = c.ParseMultipartForm(1 << 20)
	} else {
		err = c.ParseForm()
	}
	if err != nil {
		return p, bad("form", "Форма не прочитана: она оборвана, испорчена или больше "+strconv.Itoa(int(limit>>10))+" КБ.")
	}
	p.form = c.Form
	if c.MultipartForm != nil {
		for _, name := range []string{"media", "media[]"} {
			p.files = append(p.files, c.MultipartForm.File[name]...)
		}
	}
	if len(p.form) > paramLimit {
		return p, bad("form", "Слишком много параметров.")
	}
	for name, list := range p.form {
		for _, v := range list {
			switch {
			case !utf8.ValidString(name) || !utf8.ValidString(v):
				return p, bad("charset", "Параметры должны быть в UTF-8.")
			case strings.IndexByte(v, 0) >= 0 || strings.IndexByte(name, 0) >= 0:
				return p, bad("form", "В параметре недопустимый символ U+0000.")
			case len(v) > fieldLimit && name != "description" && name != "service_request_id":
				return p, bad("form", "Параметр слишком длинный: больше "+strconv.Itoa(fieldLimit)+" байт.")
			}
		}
	}
	return p, nil
}

// known finds whose api_key the call carries. A wrong one is refused everywhere; none is
// refused where one is wanted.
func (s *Server) known(c *call) *refusal {
	key := c.get("api_key")
	if key == "" || c.test && key == rehearsalKey {
		return nil
	}
	if no := s.limits.guess(s.Visitor(c.Request), s.Now(), false); no != nil {
		return no
	}
	given, ok := strings.CutPrefix(key, "whsec_")
	raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(given, " ", "+")) // a + that was not escaped
	list := s.Senders()
	for k := range list {
		for _, want := range list[k].Keys(s.Now()) {
			if ok && err == nil && subtle.ConstantTimeCompare(raw, want) == 1 {
				c.sender = &list[k]
				return nil
			}
		}
	}
	s.limits.guess(s.Visitor(c.Request), s.Now(), true)
	return wrongKey
}

var wrongKey = &refusal{status: http.StatusForbidden, list: []fail{{"api_key", "Нужен действующий api_key. Его выдаёт администратор центра на странице «Источники»."}}}

// rehearsalKey is taken by the test endpoint.
const rehearsalKey = "test"

// when reads a time of a parameter; without a zone it is of UTC, as no other is known.
func (p params) when(name string, no *refusal) time.Time {
	v := p.get(name)
	if v == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02"} {
		t, err := time.Parse(layout, strings.ReplaceAll(v, " ", "+")) // a + that was not escaped
		if err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	no.add(name, "Время записывают с зоной: 2026-11-22T17:40:00+07:00.")
	return time.Time{}
}

// whole reads a number from low to high; 0 for none.
func (p params) whole(name string, low, high int, no *refusal) int {
	v := p.get(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		no.add(name, "Нужно целое число от "+strconv.Itoa(low)+" до "+strconv.Itoa(high)+".")
		return 0
	}
	return n
}

// point reads lat and long; ok is false when there are none or they are wrong.
func (p params) point(no *refusal) (lat, lon float64, ok bool) {
	a, b := p.get("lat"), p.get("long")
	if a == "" && b == "" {
		return 0, 0, false
	}
	lat, err1 := strconv.ParseFloat(a, 64)
	lon, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) || lat == 0 && lon == 0 {
		no.add("lat_long", "Координаты дают парой lat и long в градусах WGS 84: lat=53.7213&long=91.4425.")
		return 0, 0, false
	}
	return lat, lon, true
}

// add adds an error; the answer names all that were found.
func (r *refusal) add(code, about string) {
	r.status = http.StatusBadRequest
	r.list = append(r.list, fail{code, about})
}

// or returns the refusal when it holds an error.
func (r *refusal) or() *refusal {
	if len(r.list) == 0 {
		return nil
	}
	return r
}

// needsKey refuses a call without a key, and one of a sender that is paused or too busy.
func (s *Server) needsKey(c *call) *refusal {
	switch {
	case c.test && (c.sender != nil || c.get("api_key") == rehearsalKey):
		return nil
	case c.sender == nil:
		return wrongKey
	case c.sender.Paused:
		return &refusal{status: http.StatusServiceUnavailable, list: []fail{{"paused", "Приём от этой системы приостановлен. Повторите позже."}}, after: 5 * time.Minute}
	}
	return s.limits.post(c.sender, s.Now())
}

func sourceOf(s *source.Sender) string {
	if s == nil {
		return ""
	}
	return s.Source
}
