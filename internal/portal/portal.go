// Package portal is what residents see: a page that says what this centre is, where
// it listens and how it answers; the page behind a one-use link, where the author
// of an incident says whether it is solved; the pictures of a reply.
package portal

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/shield"
	"otklik/internal/site"
	"otklik/internal/topic"
	"otklik/internal/upload"
)

// Options say what the page stands on.
type Options struct {
	Site  *site.Site
	Title string // of the centre

	// Watched returns what is read, by name. Nil: residents are not told.
	Watched func() []Watched
	Towns   []string       // municipalities of the region, in order
	Contact string         // whom to ask to take a place off, or to add one; may be empty
	Zone    *time.Location // of dates; nil = UTC

	// Practice is the page of a demo's fake networks; "" = this is no demo.
	Practice string

	// Judge takes what residents say about the result. Optional: without it links that
	// ask for it do not exist. Cases, Topics and Now are what its page reads.
	Judge Judge
	// Counter and Hearer take reports and lead those who filed them. Optional: without
	// them nobody reports here.
	Counter   Counter
	Hearer    Hearer
	Agreement Consent    // to the use of personal data; empty = none is asked for
	Letters   bool       // who leaves a mailbox can be told there how it comes on
	Address   string     // of the portal, "https://otklik.example.ru"; may be empty
	Files     site.Files // of pictures. Optional: without it there are no pages of them
	Cases     func() incident.Tx
	Topics    func() *topic.Taxonomy
	Now       func() time.Time

	Uploads *upload.Uploads // files of residents. Optional: without it the form takes none
	Shield  *shield.Shield  // against abuse. Optional
	Widgets []Widget        // buttons on sites of others
	Face    *Face           // public cases. Optional: without it there are no pages of them
}

// Portal serves the page.
type Portal struct {
	Options
	ways  func() []link  // of the head, by the routes that exist
	tries *site.Throttle // of numbers
	shelf func() *shelf  // of public pages that many look at
	stack func() *shelf  // of the others, which addresses name one by one: numbers, further pages of lists

	writing chan struct{} // files of open data
}

// New returns the portal.
func New(o Options) *Portal {
	p := &Portal{Options: o, tries: site.NewThrottle(), writing: make(chan struct{}, atOnce)}
	p.ways = sync.OnceValue(func() []link { return p.links(p.Routes()) })
	p.shelf = sync.OnceValue(func() *shelf { return newShelf(p.Face.Events, p.Now) })
	p.stack = sync.OnceValue(func() *shelf { return newShelf(p.Face.Events, p.Now) })
	return p
}

// Routes returns the table of the portal's pages.
func (p *Portal) Routes() []site.Route {
	return append(slices.Concat(p.reportRoutes(), p.widgetRoutes(), p.followRoutes(), p.statusRoutes(), p.verdictRoutes(), p.galleryRoutes(), p.watchedRoutes(), p.uploadRoutes(), p.faceRoutes()), site.Route{Method: "GET", Pattern: "/", Access: site.Access{Open: true}, Handler: p.home})
}

// atHome is how many places the first page names; the rest stand on a page of their own.
const atHome = 8

func (p *Portal) home(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != "/" {
		return fault.New(fault.NotFound, "no route for the path")
	}
	var list []Watched
	if p.Watched != nil {
		list = p.public()
		slices.SortStableFunc(list, func(a, b Watched) int { // our own pages first: there we answer
			switch {
			case a.Own == b.Own:
				return 0
			case a.Own:
				return -1
			}
			return 1
		})
	}
	return p.show(w, r, http.StatusOK, site.Doc{Title: p.Title}, home(p.Title, p.Practice, p.Counter != nil && p.Hearer != nil, list[:min(len(list), atHome)]))
}
