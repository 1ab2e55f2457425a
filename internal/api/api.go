package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/problem"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/template"
	"otklik/internal/topic"
)

// A Desk changes incidents. A version of 0 means "whatever is stored"; another
// that is not the stored one is a fault.Conflict.
type Desk interface {
	Do(ctx context.Context, who account.Actor, id incident.ID, version int, c desk.Change) (*incident.Incident, error)
	File(ctx context.Context, who account.Actor, card desk.Card) (*incident.Incident, error)
	Listen(ctx context.Context, tx incident.Tx, who account.Actor, card desk.Card) (*desk.Hearing, error)
	SaveAgency(ctx context.Context, who account.Actor, a *agency.Agency) error
	MoveAll(ctx context.Context, who account.Actor, from, to int64, reason string) (desk.Moved, error)
	Invite(ctx context.Context, who account.Actor, id incident.ID) (link string, err error)
	Lint(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (o desk.Opinion, ok bool, err error)
	// Assist asks the assistant for a draft or a summary; nothing is sent.
	Assist(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, kind string, purpose reply.Purpose) (reply.MachineDraft, error)
	// Discretion says what of a draft must not stand where everybody reads it.
	Discretion(ctx context.Context, tx incident.Tx, i *incident.Incident, to message.ID, text string) (desk.Discretion, error)
	// PrivateLink makes a one-use link to the part of a reply that is for its author alone.
	PrivateLink(ctx context.Context, who account.Actor, id incident.ID, of reply.ID) (link string, err error)
	// Alike returns solved incidents like one, the best first, without personal data.
	Alike(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident) ([]desk.Likeness, error)
	SaveTemplate(ctx context.Context, who account.Actor, t *template.Template) error
	// Begin puts what is known of the incident into a template.
	Begin(ctx context.Context, who account.Actor, id incident.ID, of template.ID, loose bool) (desk.Beginning, error)
	EndProblem(ctx context.Context, who account.Actor, id problem.ID, how, reason string) error
	CloseShift(ctx context.Context, who account.Actor, at scope.Place, note string) error
	AcceptShift(ctx context.Context, who account.Actor, at scope.Place, id int64) error
	SaveChecklist(ctx context.Context, who account.Actor, t checklist.Template) error
	SaveContacts(ctx context.Context, who account.Actor, centres []string, list []call.Contact) error
}

// Options say what the REST API stands on. All fields but Now, Log and Title are required.
type Options struct {
	Site   *site.Site
	Cases  func() incident.Tx // a reading view of the store
	Writer site.Writer
	Desk   Desk
	Topics func() *topic.Taxonomy
	Editor site.TopicEditor
	// Lookout keeps the saved standing queries.
	Lookout  *lookout.Lookout
	School   site.School
	Keeper   site.RulesKeeper // of regimes and calendars
	Quorum   feedback.Quorum  // of authors who prove a mass incident solved
	Negative int              // the highest mark that returns an incident; 0 = feedback.Negative
	// Clocks counts the deadlines of an incident from its history. Optional.
	Clocks func(i *incident.Incident, history []incident.Entry) (*desk.Clocks, error)

	// Territory returns a territory by its OKTMO code.
	Territory func(oktmo string) (*place.Place, bool)
	// Territories returns the territories right below the one with the code; ""
	// stands for the country.
	Territories func(oktmo string) []*place.Place
	// Lemmas returns the words of a search as alternative lemmas.
	Lemmas func(q string) [][]string
	// Read reads a text as intake would, in the region ("" for all).
	Read func(ctx context.Context, region, text string) (*message.Reading, error)
	// Personal finds personal data in a text.
	Personal func(text string) []message.Personal

	Files site.Files // of pictures
	// Judged is told what a person says of what looks like spam. Optional.
	Judged func(spam bool, messages ...int64)

	// Plan says what a reply to all would do. desk.Desk.Plan is one.
	Plan func(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, text, due string, covered []reply.Job) (desk.Plan, error)
	// Resume lets the replies of a source leave again.
	Resume func(ctx context.Context, who account.Actor, source string) error

	Roster   site.SourceKeeper // of sources and keys
	Webhooks site.WebhookKeeper
	Tables   Tables           // Optional: without it none are taken in or written
	Watcher  site.Watcher     // of what the networks let us ask
	Envoy    *envoy.Envoy     // hands incidents to other cities. Optional.
	Posting  Posting          // of notices, out of the product
	Ring     func(live.Event) // tells open pages. Optional.

	Title string // of the centre
	Now   func() time.Time
	Log   *slog.Logger
}

// An API serves /api/v1 and its description.
type API struct {
	Options
	huma       huma.API
	mux        *http.ServeMux
	operations []Operation
	spec       []byte
}

// Root is the path under which everything stands.
const Root = "/api/v1"

// DescriptionPath is where the OpenAPI description stands. It needs no sign-in.
const DescriptionPath = "/api/openapi.json"

// New returns the REST API.
func New(o Options) (*API, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &API{Options: o, mux: http.NewServeMux()}
	a.huma = humago.New(a.mux, a.config())
	a.addIncidents()
	a.addActions()
	a.addFeedback()
	a.addTalks()
	a.addPromises()
	a.addFanouts()
	a.addProblems()
	a.addCards()
	a.addReference()
	a.addTopics()
	a.addWatches()
	a.addLessons()
	a.addDeadlines()
	a.addNotices()
	a.addDesk()
	a.addFigures()
	a.addTokens()
	a.addTemplates()
	a.addPrecedents()
	a.addSources()
	a.addWatcher()
	a.addWebhooks()
	a.addCities()
	a.addTables()
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // answers carry a Problem in its place
	for name, s := range schemas {
		if !strings.HasSuffix(name, "Body") && name != "TypedAddress" {
			s.AdditionalProperties = nil // answers grow; a client must not refuse what it does not know
		}
	}
	var err error
	if a.spec, err = json.Marshal(a.huma.OpenAPI()); err != nil {
		return nil, err
	}
	a.mux.HandleFunc("GET "+DescriptionPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(a.spec)
	})
	return a, nil
}

// Handler returns the handler of everything below /api/, behind what guards it.
func (a *API) Handler() http.Handler {
	return a.Site.GuardAs(http.HandlerFunc(a.serve), a.fail)
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if _, pattern := a.mux.Handler(r); pattern != "" {
		a.mux.ServeHTTP(w, r)
		return
	}
	if refused := site.Refusal(a.mux, r); refused.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", refused.Allow)
		a.write(w, r, &Problem{Status: http.StatusMethodNotAllowed, Kind: string(fault.Invalid),
			Detail: "Этот адрес есть, но не для такого метода.", Hint: "allowed: " + refused.Allow})
		return
	}
	a.write(w, r, &Problem{Status: http.StatusNotFound, Kind: string(fault.NotFound),
		Detail: "Такого адреса в API нет.", Hint: "every operation is described in " + DescriptionPath})
}
