// Package site is what the pages of staff, the residents' portal and the API
// share: a table of routes, sign-in and sessions, security headers, embedded
// assets, error pages, and Russian words for numbers and dates.
//
// Start with Route. A package of pages returns a []Route; Site.Handler builds
// the mux from the table, and a test walks the same table to ask each route as
// each role with a resource inside and outside of the scope. A handler returns
// an error; one adapter turns the error's kind into a status, a page that says
// what to do next, and a log line that holds ids only.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// A Writer runs one transaction: all of what do changes comes to be, or none.
type Writer interface {
	Change(ctx context.Context, lane incident.Lane, do func(incident.Tx) error) error
}

// Options say what a Site stands on.
type Options struct {
	Cases  func() incident.Tx // a reading view of the store
	Writer Writer
	Log    *slog.Logger
	Now    func() time.Time
	Secure bool          // the site is reached over HTTPS: cookies say so
	Demo   []DemoAccount // one-click sign-ins on the sign-in page
	// Home returns the first page of a role after signing in; nil stands for /desk.
	Home  func(lifecycle.Role) string
	Title string // of the centre: «Республика Хакасия»; may be empty
	// Behind says which proxies stand between the visitor and us; the zero value
	// takes the address of the connection.
	Behind Proxies
}

// A DemoAccount is a sign-in by one click. Only a demo has them.
type DemoAccount struct {
	Login, Password string
	Label           string // «Оператор»
	About           string // what to try: «разбирает очередь»
}

// A Site serves tables of routes.
type Site struct {
	opt      Options
	sessions *scs.SessionManager
	throttle *Throttle
	hashing  chan struct{} // argon2id is dear on purpose: two at a time
	once     once
	ends     ends
}

// New returns a site. Log and Now may be nil.
func New(opt Options) *Site {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	s := &Site{opt: opt, throttle: NewThrottle(), hashing: make(chan struct{}, 2),
		once: once{now: opt.Now, last: map[string]*sent{}}, ends: ends{waiting: map[string]map[chan struct{}]bool{}}}
	s.sessions = newSessions(opt, s.failed)
	return s
}

// Who returns the account that the request is signed in with, nil for nobody.
// Handlers of routes that are not Open always find one.
func Who(ctx context.Context) *account.Account {
	a, _ := ctx.Value(whoKey{}).(*account.Account)
	return a
}

type whoKey struct{}

// Handler returns the handler of the whole table behind all that guards it.
// Tables of different packages are joined by the caller; the site adds its own
// sign-in, sign-out, theme and assets. Handlers that are outside of the table
// (health, metrics, API) stand beside it on the caller's mux.
func (s *Site) Handler(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, rt := range append(s.Routes(), routes...) {
		mux.Handle(rt.Method+" "+rt.Pattern, s.serve(rt))
	}
	mux.Handle("GET "+assetRoot, Assets())
	return s.Guard(s.whole(mux))
}

// whole answers for what is in no table, where the mux alone would say a bare
// "Method Not Allowed": a form of an older page, an address typed by hand.
func (s *Site) whole(mux *http.ServeMux) http.Handler {
	none := s.serve(Route{Access: Access{Open: true}, Handler: func(w http.ResponseWriter, r *http.Request) error {
		refused := Refusal(mux, r)
		if refused.Allow == "" {
			return fault.New(fault.NotFound, "no route for the path")
		}
		w.Header().Set("Allow", refused.Allow)
		s.answer(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "no route for %s", r.Method))
		return nil
	}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			none.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Refused is what a mux says of a request for which it has no handler.
type Refused struct {
	Status int
	Allow  string // the methods that the path has; "" when it has none
}

// Refusal asks the mux, which knows whether the path is there with other
// methods; its own answer, plain text, goes nowhere.
func Refusal(mux *http.ServeMux, r *http.Request) Refused {
	var none discard
	mux.ServeHTTP(&none, r)
	return Refused{none.status, none.Header().Get("Allow")}
}

// A discard takes an answer and keeps its status and headers only.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// Guard puts before h what every answer of ours needs: a request id, security
// headers, protection against requests forged by other sites, and a page in
// place of a panic.
func (s *Site) Guard(h http.Handler) http.Handler { return s.GuardAs(h, s.failed) }

// GuardAs is Guard for what is no page: failed writes what the guard refuses.
func (s *Site) GuardAs(h http.Handler, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	forged := http.NewCrossOriginProtection()
	forged.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { failed(w, r, errForged) }))
	return s.identify(s.recovering(headers(forged.Handler(h)), failed))
}
