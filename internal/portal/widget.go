package portal

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/site"
)

// A Widget is a button on somebody's site by which residents report: a link with a mark, or
// the form in a frame of that site.
type Widget struct {
	Mark   string   // of what comes by it: small Latin letters, digits, hyphens
	Agency string   // that is proposed to answer, by name; "" = by the rules
	Sites  []string // origins that may frame the form
}

// widgetPath begins the addresses of forms in frames.
const widgetPath = "/widget/"

//go:embed widget.js
var widgetScript []byte

// widgetTag changes with the script.
var widgetTag = func() string {
	sum := sha256.Sum256(widgetScript)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}()

// widget returns the widget of a mark, nil when there is none.
func (p *Portal) widget(mark string) *Widget {
	for k := range p.Widgets {
		if mark != "" && p.Widgets[k].Mark == mark {
			return &p.Widgets[k]
		}
	}
	return nil
}

// Action is where the form goes.
func (v *ReportPage) Action() string {
	if v.Widget != nil {
		return widgetPath + v.Widget.Mark
	}
	return "/report"
}

func (p *Portal) widgetRoutes() []site.Route {
	if p.Counter == nil || p.Hearer == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: "/widget", Access: open, Handler: p.widgets},
		{Method: "GET", Pattern: "/widget.js", Access: open, Bare: true, Handler: p.widgetJS},
		{Method: "GET", Pattern: widgetPath + "{mark}", Access: open, Handler: p.inFrame(func(w http.ResponseWriter, r *http.Request) error {
			return p.showReport(w, r, http.StatusOK, p.newReport(r))
		})},
		{Method: "POST", Pattern: widgetPath + "{mark}", Access: open, Handler: p.inFrame(p.reported)},
	}
}

// inFrame lets the sites of the widget, and nobody else, show what h answers in a frame.
func (p *Portal) inFrame(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		b := p.widget(r.PathValue("mark"))
		if b == nil {
			return fault.New(fault.NotFound, "no widget of the mark").Say("Такой кнопки нет. Сообщить можно на главной странице.")
		}
		w.Header().Set("Content-Security-Policy", strings.Replace(site.CSP, "frame-ancestors 'none'", "frame-ancestors "+strings.Join(append([]string{"'self'"}, b.Sites...), " "), 1))
		return h(w, r)
	}
}

// widgetJS answers with the script that others' pages load.
func (p *Portal) widgetJS(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("ETag", widgetTag)
	if r.Header.Get("If-None-Match") == widgetTag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(widgetScript) // an error is a visitor who left
	return nil
}

// A WidgetsPage tells owners of sites how to put a button on theirs.
type WidgetsPage struct {
	Address string // of this portal
	Link    string // with a mark to be chosen
	Widgets []WidgetCode
}

// A WidgetCode is what one site copies.
type WidgetCode struct {
	Name, Mark   string
	Link         string // for a page in a network, a letter, a poster
	Code         string // link and script
	Banner       string // script alone: it brings the banner
	Frame        string // "" = no site may frame it
	Sites        string
	Script, Form string // addresses, for the policy of the site
}

func (p *Portal) widgets(w http.ResponseWriter, r *http.Request) error {
	base := strings.TrimRight(p.Address, "/")
	if base == "" {
		base = "https://" + r.Host
	}
	v := &WidgetsPage{Address: base, Link: base + "/report?from=vk-gorod"}
	for _, b := range p.Widgets {
		c := WidgetCode{Name: b.Agency, Mark: b.Mark, Link: base + "/report?from=" + b.Mark, Sites: strings.Join(b.Sites, ", ")}
		if c.Name == "" {
			c.Name = "Метка " + b.Mark
		}
		script := `<script src="` + base + `/widget.js" async`
		c.Code = `<a href="` + c.Link + `" data-otklik="` + b.Mark + `">Сообщить о проблеме</a>` + "\n" + script + `></script>`
		c.Banner = script + ` data-mark="` + b.Mark + `"></script>`
		if len(b.Sites) > 0 {
			c.Frame = `<iframe src="` + base + widgetPath + b.Mark + `" title="Сообщить о проблеме" width="100%" height="760"></iframe>`
		}
		v.Widgets = append(v.Widgets, c)
	}
	return p.show(w, r, http.StatusOK, site.Doc{Title: "Кнопка для вашего сайта"}, widgetsPage(v))
}
