// Package staff is what people see who work at the desk: the queue, the
// incident, the phone card, sources, what was set aside, rules and accounts.
//
// Start with New and Staff.Routes: the table names every page with the right
// that it needs. One page is one file: NAME.go makes a typed struct from the
// store, NAME.templ shows it. Pages read through incident.Tx, every change of
// an incident goes through the desk, every page works without a script.
package staff

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/problem"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/table"
	"otklik/internal/template"
	"otklik/internal/topic"
)

// A Desk changes incidents. A version of 0 means "whatever is stored"; another
// that is not the stored one is a fault.Conflict.
type Desk interface {
	Do(ctx context.Context, who account.Actor, id incident.ID, version int, c desk.Change) (*incident.Incident, error)
	File(ctx context.Context, who account.Actor, card desk.Card) (*incident.Incident, error)
	// Listen says what a card would become, and which open incidents it may be about.
	Listen(ctx context.Context, tx incident.Tx, who account.Actor, card desk.Card) (*desk.Hearing, error)
	// Invite makes a one-use link by which the author judges the result.
	Invite(ctx context.Context, who account.Actor, id incident.ID) (link string, err error)
	// EndProblem says that a durable fault is gone.
	EndProblem(ctx context.Context, who account.Actor, id problem.ID, how, reason string) error
	SaveAgency(ctx context.Context, who account.Actor, a *agency.Agency) error
	CloseShift(ctx context.Context, who account.Actor, at scope.Place, note string) error
	AcceptShift(ctx context.Context, who account.Actor, at scope.Place, id int64) error
	MoveAll(ctx context.Context, who account.Actor, from, to int64, reason string) (desk.Moved, error)
	SaveTemplate(ctx context.Context, who account.Actor, t *template.Template) error
	// Begin puts what is known of the incident into a template.
	Begin(ctx context.Context, who account.Actor, id incident.ID, of template.ID, loose bool) (desk.Beginning, error)
	// Plan says what a reply to all would do.
	Plan(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, text, due string, covered []reply.Job) (desk.Plan, error)
	// Alike returns solved incidents like one, the best first, without personal data.
	Alike(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident) ([]desk.Likeness, error)
	// Basis returns the words of a reply to another incident, without personal data.
	Basis(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, id reply.ID) (string, error)
	// Assist asks the assistant for a draft or a summary; nothing is sent.
	Assist(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, kind string, purpose reply.Purpose) (reply.MachineDraft, error)
	// Discretion says what of a draft must not stand where everybody reads it.
	Discretion(ctx context.Context, tx incident.Tx, i *incident.Incident, to message.ID, text string) (desk.Discretion, error)
	// PrivateLink makes a one-use link to the part of a reply that is for its author alone.
	PrivateLink(ctx context.Context, who account.Actor, id incident.ID, of reply.ID) (link string, err error)
	LintPrivate(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (o desk.Opinion, ok bool, err error)
	// Paper gathers what may stand on a letter to who wrote a message of the incident.
	Paper(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, of message.ID) (desk.Paper, error)
	// Printed notes that such a letter is printed.
	Printed(ctx context.Context, who account.Actor, id incident.ID, of message.ID) error
	// Lint reads a draft; ok is false where there is no lint.
	Lint(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (o desk.Opinion, ok bool, err error)
}

// Events tells pages what has changed, and who has which incident open. live.Hub is one.
type Events interface {
	Attend(v live.Visitor) (events <-chan live.Event, id string, stop func())
	Move(id string, who account.ID, at incident.ID)
	Looking(at incident.ID, but account.ID) (names []string)
	Publish(e live.Event)
}

// Options say what the pages stand on. Fields marked optional may be nil; what
// they feed is then left out of the page.
type Options struct {
	Site   *site.Site
	Cases  func() incident.Tx // a reading view of the store
	Writer site.Writer
	Desk   Desk
	Events Events
	// Clocks counts the deadlines of an incident from its history. Optional.
	Clocks func(i *incident.Incident, history []incident.Entry) (*desk.Clocks, error)
	Keeper site.RulesKeeper // of regimes and calendars
	Topics func() *topic.Taxonomy
	Names  place.Names // territories by OKTMO

	// Centres returns the municipalities of a region, by name. Optional.
	Centres func(region string) []*place.Place
	// Settlements returns the settlements of a region that a map can name. Optional.
	Settlements func(region string) []*place.Place
	// Outline returns a region's border. Optional.
	Outline func(region string) Outline
	// Lemmas returns the words of a search as alternative lemmas. Optional: without it
	// there is no full-text search.
	Lemmas func(q string) [][]string
	// Read reads a text as intake would, for an address that is typed. Optional.
	Read func(ctx context.Context, region, text string) (*message.Reading, error)
	// Resume lets the replies of a source leave again that waits for a person. Required.
	Resume func(ctx context.Context, who account.Actor, source string) error
	// Replay puts a record that was set aside through intake again. Optional.
	Replay func(ctx context.Context, who account.Actor, id int64) error
	// Editor edits the taxonomy. Optional: without it the page of topics only shows.
	Editor TopicEditor
	// Lookout keeps the saved standing queries. Optional: without it they have no page.
	Lookout *lookout.Lookout
	// School keeps what was learnt from people's decisions. Optional: without it there
	// is no page of it and no suggestion of who answers.
	School     site.School
	DeskKeeper DeskKeeper // of checklists and of whom to ring
	// Roster keeps sources. Optional: without it the page only shows how they fare.
	Roster site.SourceKeeper
	// Tables takes tables of other systems in. Optional: without it there is no page of it.
	Tables *table.Tables
	// Envoy hands incidents to other cities. Optional: without it none can be handed there.
	Envoy *envoy.Envoy
	// Watcher tells what the networks let us ask, and what became of one message. Optional.
	Watcher site.Watcher
	// Webhooks keeps the programs that are called. Optional: without it they have no page.
	Webhooks site.WebhookKeeper
	Pushers  func() []string // sources that push messages by the signed call; nil: none
	// Posting sends notices out of the product. Optional: without it they stand in it alone.
	Posting Posting
	// Files keeps pictures. Optional: without it none can be added or looked at.
	Files site.Files
	// Judged is told what a person says of what looks like spam. Optional.
	Judged     func(spam bool, messages ...int64)
	Assistant  bool            // one is configured: drafts and summaries may be asked for
	Negative   int             // the highest mark that returns an incident; 0 = feedback.Negative
	Quorum     feedback.Quorum // of authors who prove a mass incident solved
	Letterhead Letterhead      // of what is printed
	// Tiles switches on the moving map. Optional: zero is off.
	Tiles Tiles

	Closing <-chan struct{} // closed when the service stops: ends event streams. Optional.
	Now     func() time.Time
	Log     *slog.Logger
}

// An Outline is a border: rings of (longitude, latitude) in degrees.
type Outline [][][2]float64

// Tiles say where a moving map gets its background.
type Tiles struct {
	Style   string // URL of a MapLibre style
	PMTiles string // or URL of a PMTiles file, drawn plainly
	Host    string // origin that both come from, for the CSP: «https://tiles.example.org»; "" = ours
}

// On reports whether there is a moving map.
func (t Tiles) On() bool { return t.Style != "" || t.PMTiles != "" }

// Staff serves the pages.
type Staff struct {
	Options
	agencies memory[string, *agencyList]
	people   memory[string, *colleagueList]
	lists    memory[string, string] // datalists, written once
	borders  memory[string, *border]
}

// New returns the pages.
func New(o Options) *Staff {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Topics == nil {
		o.Topics = topic.Default
	}
	return &Staff{Options: o}
}

// Routes returns the table of the staff's pages.
func (s *Staff) Routes() []site.Route {
	see := site.Access{Right: lifecycle.SeeQueue}
	routes := []site.Route{
		{Method: "GET", Pattern: "/desk", Access: see, Handler: s.queue},
		{Method: "GET", Pattern: "/desk/events", Access: see, Handler: s.events},
		{Method: "GET", Pattern: "/desk/fresh", Access: see, Handler: s.fresh},
		{Method: "POST", Pattern: "/desk/views", Access: see, Handler: s.saveView},
		{Method: "POST", Pattern: "/desk/views/{id}/delete", Access: site.Access{Right: lifecycle.SeeQueue, Of: s.view()}, Handler: s.deleteView},
	}
	one := site.Access{Right: lifecycle.SeeQueue, Of: s.incidentOf()}
	routes = append(routes,
		site.Route{Method: "GET", Pattern: "/desk/incidents/{id}", Access: one, Handler: s.incident},
		site.Route{Method: "GET", Pattern: "/desk/incidents/{id}/pane", Access: one, Handler: s.pane},
		site.Route{Method: "POST", Pattern: "/desk/incidents/{id}/spam", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Reject, Of: one.Of}, Handler: s.settleSpam},
		site.Route{Method: "POST", Pattern: "/desk/messages/{id}/personal",
			Access: site.Access{Right: lifecycle.SeePersonal, Of: s.messageResource()}, Handler: s.personal})
	cards, sources := site.Access{Right: lifecycle.FileCards, Action: lifecycle.File}, site.Access{Right: lifecycle.SeeSources}
	people, rules := site.Access{Right: lifecycle.ManagePeople}, site.Access{Right: lifecycle.EditRules, Whole: true}
	lessons := site.Access{Right: lifecycle.Teach, Whole: true}
	routes = append(routes,
		site.Route{Method: "GET", Pattern: "/desk/cards/new", Access: cards, Handler: s.card},
		site.Route{Method: "POST", Pattern: "/desk/cards", Access: cards, Handler: s.file},
		site.Route{Method: "POST", Pattern: "/desk/read", Access: cards, Handler: s.read},
		site.Route{Method: "GET", Pattern: "/desk/sources", Access: sources, Handler: s.sources},
		site.Route{Method: "POST", Pattern: "/desk/sources/release", Access: sources, Handler: s.release},
		site.Route{Method: "GET", Pattern: "/desk/aside", Access: sources, Handler: s.aside},
		site.Route{Method: "POST", Pattern: "/desk/aside/{id}/replay", Access: site.Access{Right: lifecycle.SeeSources, Of: s.asideResource()}, Handler: s.replay},
		site.Route{Method: "GET", Pattern: "/desk/rules", Access: rules, Handler: s.rules},
		site.Route{Method: "POST", Pattern: "/desk/rules/{deed}", Access: rules, Handler: s.editRules},
		site.Route{Method: "GET", Pattern: "/desk/topics", Access: rules, Handler: s.topics},
		site.Route{Method: "POST", Pattern: "/desk/topics/{deed}", Access: rules, Handler: s.editTopics},
		site.Route{Method: "GET", Pattern: "/desk/models", Access: lessons, Handler: s.lessons},
		site.Route{Method: "POST", Pattern: "/desk/models/{deed}", Access: lessons, Handler: s.decideLessons},
		site.Route{Method: "GET", Pattern: "/desk/people", Access: people, Handler: s.peoplePage},
		site.Route{Method: "POST", Pattern: "/desk/people", Access: people, Handler: s.createPerson},
		site.Route{Method: "POST", Pattern: "/desk/people/{id}/{deed}", Access: site.Access{Right: lifecycle.ManagePeople, Of: s.personResource()}, Handler: s.setPerson})
	routes = append(routes, s.watchRoutes()...)
	routes = append(routes,
		site.Route{Method: "GET", Pattern: "/desk/figures", Access: site.Access{Right: lifecycle.SeeControl}, Handler: s.figures},
		site.Route{Method: "GET", Pattern: "/desk/figures.csv", Access: site.Access{Right: lifecycle.SeeControl}, Handler: s.figuresCSV},
		site.Route{Method: "GET", Pattern: "/desk/control", Access: site.Access{Right: lifecycle.SeeControl}, Handler: s.control},
		site.Route{Method: "GET", Pattern: "/desk/work", Access: site.Access{Right: lifecycle.DoWork}, Handler: s.myWork},
		site.Route{Method: "GET", Pattern: "/desk/regimes", Access: rules, Handler: s.regimes},
		site.Route{Method: "POST", Pattern: "/desk/regimes/{deed}", Access: rules, Handler: s.editRegimes})
	routes = append(routes, s.problemRoutes()...)
	routes = append(routes, s.photoRoutes()...)
	routes = append(routes, s.deskRoutes()...)
	routes = append(routes, s.replyRoutes(one)...)
	routes = append(routes, s.paperRoutes(one)...)
	routes = append(routes, s.replyAllRoutes()...)
	routes = append(routes, s.postingRoutes()...)
	routes = append(routes, s.settingUpRoutes()...)
	routes = append(routes, s.sourceRoutes()...)
	routes = append(routes, s.tableRoutes()...)
	routes = append(routes, s.cityRoutes()...)
	routes = append(routes, s.exportRoutes()...)
	routes = append(routes, s.watcherRoutes()...)
	routes = append(routes, s.webhookRoutes()...)
	routes = append(routes, s.talkRoutes()...)
	routes = append(routes,
		site.Route{Method: "GET", Pattern: "/desk/checks", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Weigh}, Handler: s.checks},
		site.Route{Method: "POST", Pattern: "/desk/incidents/{id}/invite", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Survey, Of: one.Of}, Handler: s.invite},
		site.Route{Method: "GET", Pattern: "/desk/promises", Access: see, Handler: s.promises},
		site.Route{Method: "POST", Pattern: "/desk/incidents/{id}/lint", Access: one, Handler: s.lint})
	for _, d := range slices.Concat(deeds, feedbackDeeds, promiseDeeds, teamDeeds, clockDeeds, problemDeeds, deliveryDeeds, photoDeeds, cityDeeds) {
		routes = append(routes, site.Route{Method: "POST", Pattern: "/desk/incidents/{id}/" + d.path,
			Access: site.Access{Right: lifecycle.SeeQueue, Action: d.action, Of: one.Of}, Handler: s.do(d)})
	}
	for _, b := range bulkDeeds {
		routes = append(routes, site.Route{Method: "POST", Pattern: "/desk/bulk/" + b.path,
			Access: site.Access{Right: lifecycle.SeeQueue, Action: b.action}, Handler: s.bulk(b)})
	}
	return routes
}

// who returns the signed-in account; routes of the table always have one.
func who(r *http.Request) *account.Account { return site.Who(r.Context()) }
