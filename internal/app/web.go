package app

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/desk"
	"otklik/internal/gazetteer"
	"otklik/internal/georeport"
	"otklik/internal/incident"
	"otklik/internal/letter"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/place"
	"otklik/internal/site"
	"otklik/internal/staff"
)

// handler joins the pages, the API and the machine's own paths.
func (a *App) handler(closing <-chan struct{}) (http.Handler, error) {
	s, routes := a.pages(closing)
	hooks := a.hooks()
	rest, err := a.rest(s)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.Handler(routes))
	mux.Handle("/api/", rest.Handler())
	for _, own := range []string{"", "/{number}"} { // of all senders, and of one
		mux.Handle("POST /hooks/messages"+own, hooks)
		mux.HandleFunc("/hooks/messages"+own, api.OnlyPost)
		mux.HandleFunc("POST /hooks/replies"+own, hooks.Replies)
		mux.HandleFunc("/hooks/replies"+own, api.OnlyPost)
	}
	mux.Handle("/hooks/sources/{number}", a.calls())
	mux.Handle(georeport.Prefix, a.georeport())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics())
	return mux, nil
}

// Routes returns the table of all pages; a test walks it by role and scope.
func (a *App) Routes() []site.Route {
	_, routes := a.pages(nil)
	return routes
}

func (a *App) pages(closing <-chan struct{}) (*site.Site, []site.Route) {
	var accounts []site.DemoAccount
	practice := ""
	if a.Demo != nil {
		accounts, practice = a.Demo.SignIns, a.Demo.Networks
	}
	behind, header, _ := a.Config.Proxy.Networks() // Load has validated it
	s := site.New(site.Options{
		Cases: a.DB.Reader, Writer: a.DB, Log: a.Log, Now: a.Now, Secure: a.Config.Secure, Demo: accounts, Title: a.Config.Title, Home: staff.Home,
		Behind: site.Proxies{Trusted: behind, Header: header},
	})
	desk := staff.New(staff.Options{
		Site: s, Cases: a.DB.Reader, Writer: a.DB, Desk: door{a.Desk, a.Outbox.Wake, a.forgotten}, Events: a.Hub, Topics: a.Topics, Names: a.Places,
		Centres: remembered(centres), Settlements: remembered(towns), Outline: remembered(outline), Lemmas: a.Analyzer.Query, Read: a.preview, Replay: a.replay, Resume: a.resumeOutlet, Negative: a.Config.Rating.Negative, Quorum: a.Config.Rating.Quorum(), Assistant: a.Config.Assistant != nil, Files: a.Vault, Judged: a.Shield.Judged, Editor: a, School: a, Keeper: a, Clocks: a.Desk.Clocks, Lookout: a.Lookout, Posting: a.Notices, Roster: a.Roster, Tables: a.Tables, Envoy: a.Envoy, Webhooks: a.Herald, Pushers: a.pushers, Watcher: a, DeskKeeper: a.Desk,
		Letterhead: staff.Letterhead{Head: letter.Head{Centre: cmp.Or(a.Config.Title, "Отклик"), Lines: a.Config.Letter.Lines, Signed: a.Config.Letter.Signed}, Site: a.Config.Site},
		Tiles:      a.tiles(), Closing: closing, Now: a.Now, Log: a.Log,
	})
	routes := desk.Routes()
	routes = append(routes, a.portal(s, practice).Routes()...)
	return s, routes
}

// A door is the desk for the pages: a reply that was approved there is
// published at once, not at the outbox's next look, and what was erased there is
// out of the log of the database and in the second ledger when the page says so.
type door struct {
	*desk.Desk
	wake      func()
	forgotten func(context.Context) error
}

func (d door) Do(ctx context.Context, who account.Actor, id incident.ID, version int, c desk.Change) (*incident.Incident, error) {
	i, err := d.Desk.Do(ctx, who, id, version, c)
	if err != nil {
		return i, err
	}
	d.wake()
	switch c.(type) {
	case desk.Erase, desk.RemovePhoto:
		err = d.forgotten(context.WithoutCancel(ctx))
	}
	return i, err
}

// remembered asks once for each region: what is bundled does not change while the
// program runs, and a page that sorted a region's towns anew spent a fifth of its
// time on it.
func remembered[T any](ask func(region string) T) func(region string) T {
	var known sync.Map
	return func(region string) T {
		if v, ok := known.Load(region); ok {
			return v.(T)
		}
		v, _ := known.LoadOrStore(region, ask(region))
		return v.(T)
	}
}

func pointers(list []place.Place, keep func(*place.Place) bool) []*place.Place {
	var out []*place.Place
	for k := range list {
		if keep(&list[k]) {
			out = append(out, &list[k])
		}
	}
	return out
}

func centres(region string) []*place.Place {
	list, err := gazetteer.Municipalities(region)
	if err != nil {
		return nil
	}
	return pointers(list, func(*place.Place) bool { return true })
}

// towns returns what a map of the region can name.
func towns(region string) []*place.Place {
	list, err := gazetteer.Territories(region)
	if err != nil {
		return nil
	}
	return pointers(list, func(p *place.Place) bool { return p.Level == place.Settlement && p.Known() })
}

func outline(region string) staff.Outline {
	polygons, err := gazetteer.Outline(region)
	if err != nil { // a region without an outline: the map shows its towns alone
		return nil
	}
	var rings staff.Outline
	for _, p := range polygons {
		rings = append(rings, p...)
	}
	return rings
}

func (a *App) tiles() staff.Tiles {
	t := staff.Tiles{Style: a.Config.Map.Style, PMTiles: a.Config.Map.PMTiles}
	if u, err := url.Parse(t.Style); err == nil && u.Host != "" {
		t.Host = u.Scheme + "://" + u.Host
	}
	return t
}

// preview reads a text as intake would, for the phone card.
func (a *App) preview(_ context.Context, region, text string) (*message.Reading, error) {
	r := a.Reader.Full(&message.Message{Text: text, Channel: message.Phone, Form: message.Card, Addressed: true, Territory: region})
	return &r, nil
}

func (a *App) replay(ctx context.Context, who account.Actor, id int64) error {
	_, err := a.Intake.Replay(ctx, who.Scope, id)
	return err
}

// rest is the API: what the pages can do, for programs.
func (a *App) rest(s *site.Site) (*api.API, error) {
	return api.New(api.Options{
		Site: s, Cases: a.DB.Reader, Writer: a.DB, Desk: door{a.Desk, a.Outbox.Wake, a.forgotten}, Topics: a.Topics, Editor: a, School: a, Keeper: a, Clocks: a.Desk.Clocks, Lookout: a.Lookout,
		Territory: a.Places.ByID, Territories: a.below, Lemmas: a.Analyzer.Query, Read: a.preview, Personal: a.personal,
		Plan: a.Desk.Plan, Files: a.Vault, Judged: a.Shield.Judged, Resume: a.resumeOutlet, Quorum: a.Config.Rating.Quorum(), Negative: a.Config.Rating.Negative,
		Posting: a.Notices, Ring: a.tell, Roster: a.Roster, Envoy: a.Envoy, Webhooks: a.Herald, Watcher: a, Tables: a.Tables,
		Title: a.Config.Title, Now: a.Now, Log: a.Log,
	})
}

// below returns the territories right below one; "" is the country.
func (a *App) below(oktmo string) []*place.Place {
	if oktmo == "" {
		return pointers(gazetteer.Regions(), func(*place.Place) bool { return true })
	}
	return a.Places.Children(oktmo)
}

func (a *App) personal(text string) []message.Personal {
	var spans []message.Personal
	for _, f := range personal.Find(a.Analyzer.Read(text)) {
		spans = append(spans, message.Personal{Start: f.Span.Start, End: f.Span.End, Type: string(f.Type)})
	}
	return spans
}

// outside reports whether a territory lies outside of another: one that we know, or one of
// another subject of the federation, which the first two digits name.
func (a *App) outside(territory, of string) bool {
	if number, err := strconv.Atoi(territory); err == nil && number > 0 && len(territory) >= 8 && len(of) >= 8 && territory[:2] != of[:2] {
		return true // another region, which this centre may know nothing of
	}
	p, ok := a.Places.ByID(territory)
	return ok && of != p.ID && of != p.Municipality && of != p.Region
}

func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.DB.Ping(r.Context()); err != nil {
		a.Log.Error("the store does not answer", "error", err)
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "ready"})
}

func (a *App) endExpired(ctx context.Context) error {
	return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Accounts().EndExpired(ctx, a.Now()) })
}
