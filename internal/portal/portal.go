// Package portal is what residents see: a page that says what this centre is, where
// it listens and how it answers; the page behind a one-use link, where the author
// of an incident says whether it is solved; the pictures of a reply.
package portal

import (
	"net/http"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/site"
	"otklik/internal/topic"
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

	// Judge takes what residents say about the result. Optional: without it links that
	// ask for it do not exist. Cases, Topics and Now are what its page reads.
	Judge  Judge
	Files  site.Files // of pictures. Optional: without it there are no pages of them
	Cases  func() incident.Tx
	Topics func() *topic.Taxonomy
	Now    func() time.Time
}

// Portal serves the page.
type Portal struct{ Options }

// New returns the portal.
func New(o Options) *Portal { return &Portal{o} }

// Routes returns the table of the portal's pages.
func (p *Portal) Routes() []site.Route {
	return append(append(p.verdictRoutes(), p.galleryRoutes()...), site.Route{Method: "GET", Pattern: "/", Access: site.Access{Open: true}, Handler: p.home})
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != "/" {
		return fault.New(fault.NotFound, "no route for the path")
	}
	doc := site.Doc{Title: p.Title, Styles: []string{"portal.css"}, Body: "portal"}
	return p.Site.Page(w, r, http.StatusOK, doc, home(p.Options))
}
