// Package portal is what residents see. Today it is one page that says what
// this centre is, where it listens and how it answers, and links on.
package portal

import (
	"net/http"

	"otklik/internal/fault"
	"otklik/internal/site"
)

// A Wall is a place where the centre listens.
type Wall struct {
	Name string
	URL  string
}

// Options say what the page stands on.
type Options struct {
	Site  *site.Site
	Title string // of the centre
	Walls []Wall // what is watched and answered
}

// Portal serves the page.
type Portal struct{ Options }

// New returns the portal.
func New(o Options) *Portal { return &Portal{o} }

// Routes returns the table of the portal's pages.
func (p *Portal) Routes() []site.Route {
	return []site.Route{{Method: "GET", Pattern: "/", Access: site.Access{Open: true}, Handler: p.home}}
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != "/" {
		return fault.New(fault.NotFound, "no route for the path")
	}
	doc := site.Doc{Title: p.Title, Styles: []string{"portal.css"}, Body: "portal"}
	return p.Site.Page(w, r, http.StatusOK, doc, home(p.Options))
}
