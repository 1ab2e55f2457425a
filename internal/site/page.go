package site

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/a-h/templ"
)

// A Doc is what every HTML page has around its body.
type Doc struct {
	Title   string
	Theme   string   // light, dark, auto; Page fills it
	Styles  []string // names of assets, after the site's own
	Scripts []string // names of assets, loaded deferred
	Modules []string // names of assets, loaded as modules
	Body    string   // class of <body>
	Feeds   []Feed   // of what the page shows
	Plain   bool     // without the stylesheet of the staff: a phone loads little
}

// A Feed tells readers' programs where a page's news are.
type Feed struct{ Kind, URL, Title string }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page answers with a whole page. It is rendered before the first byte leaves,
// so that a failure becomes an error page and not a torn one.
func (s *Site) Page(w http.ResponseWriter, r *http.Request, status int, doc Doc, body templ.Component) error {
	doc.Theme = Theme(r)
	return Write(w, r, status, Document(doc, body))
}

// Write answers with a component as it stands: a page or a fragment of one.
func Write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := c.Render(r.Context(), buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // pages hold residents' words
	w.WriteHeader(status)
	_, err := w.Write(buf.Bytes())
	if err != nil {
		return nil // the visitor has left; there is nobody to tell
	}
	return nil
}
