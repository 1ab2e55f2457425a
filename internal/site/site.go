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
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
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
	Title  string        // of the centre: «Республика Хакасия»; may be empty
	// Behind names the header in which a trusted proxy writes the visitor's
	// address; "" takes the address of the connection.
	Behind string
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
	throttle *throttle
	hashing  chan struct{} // argon2id is dear on purpose: two at a time
}

// New returns a site. Log and Now may be nil.
func New(opt Options) *Site {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	s := &Site{opt: opt, throttle: newThrottle(), hashing: make(chan struct{}, 2)}
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
	if !slices.ContainsFunc(routes, func(rt Route) bool { return rt.Pattern == "/" }) {
		mux.Handle("/", s.serve(Route{Access: Access{Open: true}, Handler: nothing}))
	}
	return s.Guard(mux)
}

// nothing answers for paths that are in no table.
func nothing(_ http.ResponseWriter, r *http.Request) error {
	return fault.New(fault.NotFound, "no route for the path")
}

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
