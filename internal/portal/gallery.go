package portal

import (
	"fmt"
	"net/http"
	"strconv"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A GalleryPage shows the pictures of one reply to whoever has its link: it stands in a
// public thread. It names no number, no author and no address.
type GalleryPage struct {
	Title string // of the centre
	Topic string
	Shots []Shot
}

// A Shot is one picture or document.
type Shot struct {
	URL     string
	Small   string // "" for a document
	Caption string
	Width   int
	Height  int
}

func (p *Portal) galleryRoutes() []site.Route {
	if p.Files == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: "/p/{secret}", Access: open, Handler: p.gallery},
		{Method: "GET", Pattern: "/p/{secret}/{n}", Access: open, Handler: p.shot(false)},
		{Method: "GET", Pattern: "/p/{secret}/{n}/small", Access: open, Handler: p.shot(true)},
	}
}

func (p *Portal) gallery(w http.ResponseWriter, r *http.Request) error {
	g, err := p.Cases().Attachments().Gallery(r.Context(), r.PathValue("secret"))
	if err != nil {
		return err
	}
	i, err := p.Cases().Incidents().Incident(r.Context(), scope.All(), incident.ID(g.Incident))
	if err != nil {
		return err
	}
	v := &GalleryPage{Title: p.Title}
	if tp, ok := p.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		v.Topic = tp.Name
	}
	for k := range g.Files {
		f := &g.Files[k]
		one := Shot{URL: fmt.Sprintf("/p/%s/%d", r.PathValue("secret"), k+1), Caption: captions[f.Part], Width: f.Width, Height: f.Height}
		if f.Picture() {
			one.Small = one.URL + "/small"
		} else {
			one.Caption = "Документ, PDF"
		}
		v.Shots = append(v.Shots, one)
	}
	hide(w)
	return p.show(w, r, http.StatusOK, site.Doc{Title: "Фото к ответу"}, gallery(v))
}

var captions = map[attachment.Part]string{attachment.Before: "Было", attachment.After: "Стало", attachment.NoPart: "Фото"}

// hide keeps a page whose address is its key out of caches, search and the addresses
// that other sites are told.
func hide(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
}

func (p *Portal) shot(small bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		g, err := p.Cases().Attachments().Gallery(r.Context(), r.PathValue("secret"))
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 1 || n > len(g.Files) {
			return fault.New(fault.NotFound, "the gallery has no such picture")
		}
		w.Header().Set("Referrer-Policy", "no-referrer")
		return site.ServeFile(w, r, p.Files, &g.Files[n-1], small)
	}
}
