package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"otklik/internal/site"
)

// A link is one entry of the head of every page.
type link struct{ URL, Name string }

// ways are the pages that the head leads to, in order. Only those of them are shown
// that the table of routes has: a centre may have no map or take no reports here.
var ways = []link{
	{"/report", "Сообщить"}, {"/map", "Карта"}, {"/list", "Сообщения"}, {"/agencies", "Организации"},
	{"/status", "Проверить по номеру"}, {"/sources", "Что мы читаем"},
}

// A frame is what stands around every page of the portal.
type frame struct {
	Path  string // of the page
	Links []link
	Read  bool // there is a page of what is read
	Data  bool // there are open data
	Put   bool // there are buttons for sites of others
}

// links returns the ways that the table of routes has.
func (p *Portal) links(routes []site.Route) []link {
	return slices.DeleteFunc(slices.Clone(ways), func(l link) bool {
		return !slices.ContainsFunc(routes, func(rt site.Route) bool { return rt.Method == http.MethodGet && rt.Pattern == l.URL })
	})
}

// here says what the link is to the page that is shown: the page itself, the way to it,
// or neither (""). These are values of aria-current.
func (f *frame) here(l link) string {
	switch {
	case f.Path == l.URL:
		return "page"
	case strings.HasPrefix(f.Path, l.URL+"/"):
		return "true"
	}
	return ""
}

// show answers with a page of the portal, its head above and its foot below. body is one
// <main id="main" class="portal-main">.
func (p *Portal) show(w http.ResponseWriter, r *http.Request, status int, doc site.Doc, body templ.Component) error {
	doc.Styles, doc.Body, doc.Plain = append([]string{"portal.css"}, doc.Styles...), "portal", true
	return p.Site.Page(w, r, status, doc, p.framed(r.URL.Path, body))
}

func (p *Portal) framed(path string, body templ.Component) templ.Component {
	f := &frame{Path: path, Links: p.ways(), Read: p.Watched != nil, Data: p.Face != nil, Put: p.Counter != nil && p.Hearer != nil}
	return templ.Join(portalHead(f), body, portalFoot(f))
}
