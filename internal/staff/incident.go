package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/clarify"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// IncidentPage is one incident, as a page of its own or beside the queue.
type IncidentPage struct {
	Suspect *SuspectView // nil: nothing looks like spam, or a person has said so
	Chrome
	Full    bool // a page of its own
	ID      incident.ID
	Version int
	Number  string // «123-456-78»
	Topic   string
	Group   string
	Fast    bool
	State   lifecycle.State
	Phrase  string
	Reason  string // why it was refused or closed
	Urgency message.Urgency
	Missing string
	Claimer string
	Mine    bool
	Opened  string
	Lag     string // how long after the author wrote we saw it
	Address string
	Centre  string
	Looking string // «Смотрит: Ирина Соколова»
	Zone    string // «Время местное, UTC+7.»

	Messages  []MessageView
	Legend    []Choice // class → word
	Guesses   []Guess
	TopicWas  string // «исправлено человеком» or which model
	Places    []PlaceView
	Agency    string // that has it
	Contact   string
	Executor  string   // inside it
	Executors []Choice // whom it can be handed to inside the agency
	Inside    bool     // the account hands over inside its own agency only
	Proposed  string   // that routing proposes
	RuleWhy   string
	RuleTop   string // what other rules say
	Suggested []SuggestedRow

	Map      *Map
	History  []Line
	Similar  []SimilarRow
	Twins    []TwinRow
	Crowd    *CrowdView
	Merged   []Choice // incidents whose messages came here: id → number
	Passing  *PassingView
	Team     *TeamView
	Clock    *ClockView
	Replies  []ReplyView
	Proof    *feedback.Crowd // of a mass incident: how many confirm; nil for another
	Voices   []VoiceView     // what residents say about the result
	Closures []ClosureView   // endings of the work
	Talk     []TalkLine      // that it came by
	Photos   *PhotosView     // pictures and documents
	Cities   *CitiesView     // other cities that it was or can be handed to
	Durable  *DurableView    // the durable problem that it belongs to
	Calls    []CallView      // that had to be made at once
	Unclear  []DeliveryView  // publications whose end nobody knows
	Fanouts  []FanoutView    // replies to all
	Mass     bool            // many people write about it
	Later    []laterOne      // replies that wait for their hour
	Sending  bool            // a reply is on its way: no second one meanwhile
	Recalled string          // text of the account's own reply whose sending was undone just now
	Promises []PromiseView
	Offer    string    // what to write about a promise that was broken or moved
	Lint     *LintView // of the draft that was typed

	Templates, AskTemplates []Choice // what a reply and a question may begin with
	ReasonTemplates         []Choice // what the reason of a refusal may begin with
	MustAccept              bool     // the text holds a machine's draft unchanged: it goes on when somebody answers for it
	Loose                   bool     // a template may be put in with blanks
	Alike                   []AlikeRow
	Privacy                 *PrivacyView // of the draft that was refused
	RecalledPrivate         string
	Assistant               bool   // one may be asked
	Summary                 string // what it says the incident is about
	Begun                   string // what is to be done about a text that was put in

	Can     map[lifecycle.Action]bool
	Answers bool // writes to the author without another's approval
	Act     Act
	Back    string // URL of the queue
	Problem string // why what was sent was not done
	Changed []Line // what others did meanwhile
	Kept    url.Values
	KeptFor string // deed whose form keeps what was typed
	Form    CorrectForm
	Lists   string
	AskText string
	Options []clarify.Option // settlements that the words fit, when the machine cannot decide
	found   []message.PlaceFound
	Shown   message.ID // message whose author is shown
	SeesWho bool       // the role may ask for names
}

// An Act holds what the buttons need to know.
type Act struct {
	Accept string // words of the main button
	Hand   bool   // accepting hands over as well
}

// CorrectForm is what the correction offers, as it stands.
type CorrectForm struct {
	Topic, Settlement, Street, House, Landmark string
	Urgency                                    message.Urgency
	Centre                                     string
	Centres                                    []Choice
}

type incidentKey struct{}

// incidentOf is the resource of an incident: loaded through the account's scope.
func (s *Staff) incidentOf() *site.Resource {
	return &site.Resource{Name: "incident", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		i, err := s.Cases().Incidents().Incident(ctx, a.Scope(), incident.ID(id))
		if err != nil {
			return ctx, err
		}
		return context.WithValue(ctx, incidentKey{}, i), nil
	}}
}

func loaded(r *http.Request) *incident.Incident {
	i, _ := r.Context().Value(incidentKey{}).(*incident.Incident)
	return i
}

func (s *Staff) incident(w http.ResponseWriter, r *http.Request) error {
	if err := s.seenAbout(r, loaded(r).ID); err != nil {
		return err
	}
	p, err := s.incidentPage(r.Context(), who(r), loaded(r))
	if err != nil {
		return err
	}
	p.Back = queueOf(r.URL.Query().Get("back"))
	return s.showIncident(w, r, http.StatusOK, p)
}

// lagWorthSaying is how late we must have seen a message for the page to tell: seconds help nobody.
const lagWorthSaying = 5 * time.Minute

// queueOf returns the queue that a form's way back leads to: its own page leads
// there by its own way back.
func queueOf(back string) string {
	if u, err := url.Parse(back); err == nil && strings.HasPrefix(u.Path, "/desk/incidents/") {
		return site.Local(u.Query().Get("back"), "/desk")
	}
	return site.Local(back, "/desk")
}

// pageURL returns the incident's own page, which knows the queue that it was opened from.
func (p *IncidentPage) pageURL() string {
	if p.Back == "" || p.Back == "/desk" {
		return incidentURL(p.ID)
	}
	return incidentURL(p.ID) + "?" + url.Values{"back": {p.Back}}.Encode()
}

// showIncident answers with the incident's own page.
func (s *Staff) showIncident(w http.ResponseWriter, r *http.Request, status int, p *IncidentPage) error {
	p.Full = true
	if p.Back == "" {
		p.Back = "/desk"
	}
	p.Chrome = s.chrome(w, r, "queue")
	p.Stream = "" // the incident listens itself
	p.Here = p.pageURL()
	if s.Tiles.On() && p.Map != nil {
		p.Map.Lib = MapAssets{site.Asset("maplibre.mjs"), site.Asset("maplibre-worker.mjs"), site.Asset("pmtiles.js"), site.Asset("maplibre.css")}
		w.Header().Set("Content-Security-Policy", site.MapCSP(s.Tiles.Host))
	}
	doc := frame(p.Topic + " №" + site.NBSP + p.Number)
	if p.Map != nil && p.Map.Lib.Lib != "" {
		doc.Modules = []string{"map.js"}
	}
	return s.Site.Page(w, r, status, doc, IncidentFull(p))
}

// pane answers with the incident as it stands beside the queue.
func (s *Staff) pane(w http.ResponseWriter, r *http.Request) error {
	if s.Events != nil {
		s.Events.Move(r.URL.Query().Get("stream"), who(r).ID, loaded(r).ID)
	}
	if err := s.seenAbout(r, loaded(r).ID); err != nil {
		return err
	}
	p, err := s.incidentPage(r.Context(), who(r), loaded(r))
	if err != nil {
		return err
	}
	p.Back = site.Local(r.URL.Query().Get("back"), "/desk")
	return site.Write(w, r, http.StatusOK, IncidentBody(p))
}

// incidentPage gathers all that is known about an incident.
func (s *Staff) incidentPage(ctx context.Context, me *account.Account, i *incident.Incident) (*IncidentPage, error) {
	tx, now := s.Cases(), s.Now()
	zone := s.zone(i.Place.Centre, i.Place.Region)
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return nil, err
	}
	p := &IncidentPage{ID: i.ID, Version: i.Version, Number: incident.Spoken(i.Number), Group: i.Group, State: i.State, Phrase: i.Phrase(), Reason: i.OutcomeReason,
		Urgency: i.Urgency, Missing: missingWords(i.Missing), Mine: i.ClaimedBy != 0 && i.ClaimedBy == me.ID, Address: i.Address.String(),
		Opened: site.DateTime(i.OpenedAt, now, zone), Agency: agencies.name(i.Place.Agency), Can: map[lifecycle.Action]bool{}, SeesWho: me.Role.Holds(lifecycle.SeePersonal)}
	if s.Events != nil {
		p.Looking = lookingWords(s.Events.Looking(i.ID, me.ID))
	}
	p.Topic = s.topicTitle(i.Topic)
	if tp, ok := s.Topics().ByCode(i.Topic); ok {
		p.Fast = tp.Fast
	}
	if i.Place.Centre != "" {
		p.Centre = s.placeName(i.Place.Centre)
	}
	p.Zone = "Время местное, " + offset(now.In(zone)) + "."
	if i.ClaimedBy != 0 {
		p.Claimer = people.names[i.ClaimedBy]
	}
	if !i.PublishedAt.IsZero() && i.OpenedAt.Sub(i.PublishedAt) >= lagWorthSaying {
		p.Lag = "через " + site.Duration(i.OpenedAt.Sub(i.PublishedAt)) + " после публикации"
	}
	p.Executor, p.Executors = people.names[i.Executor], people.executors(i.Place.Agency)
	p.Inside = me.Place.Agency != 0
	for _, a := range lifecycle.Actions(i.State, me.Role) {
		p.Can[a] = true
	}
	if i.Verified() { // once is enough: a doubt is told by sending it back
		delete(p.Can, lifecycle.Verify)
	}
	if a := agencies.byID[i.Place.Agency]; a != nil {
		p.Contact = a.Contact
	}
	if err := s.addMessages(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addRouting(ctx, tx, me, i, p, agencies); err != nil {
		return nil, err
	}
	if err := s.addSuggested(ctx, me, i, p, agencies); err != nil {
		return nil, err
	}
	if err := s.addSimilar(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addTwins(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	history, err := tx.Incidents().History(ctx, me.Scope(), i.ID)
	if err != nil {
		return nil, err
	}
	p.Merged = merged(history)
	s.addPassing(history, me, i, p, agencies)
	if err := s.addTeam(ctx, tx, me, i, p, agencies, people, now, zone); err != nil {
		return nil, err
	}
	if err := s.addClocks(history, i, p, now, zone); err != nil {
		return nil, err
	}
	p.History = s.lines(history, agencies, people.names, now, zone)
	p.Answers = mayAnswer(me, agencies, i.Place.Agency)
	replies, err := tx.Replies().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	ways, err := s.onTheWay(ctx, tx, me, replies, p, now, zone)
	if err != nil {
		return nil, err
	}
	for k := range replies {
		p.Replies = append(p.Replies, replyView(&replies[k], people.names, p.Can, now, zone))
		p.Replies[k].Where = ways[replies[k].ID]
		if own := replies[k].By == me.ID; own && !p.Answers || !own && me.Role == lifecycle.Executor {
			p.Replies[k].Approve = false
		}
	}
	if p.Proof, err = desk.CrowdOf(ctx, tx, i, history, s.Quorum, s.Negative); err != nil {
		return nil, err
	}
	if err := s.addVoices(ctx, tx, me, i, p, people.names, now, zone); err != nil {
		return nil, err
	}
	if err := s.addTalk(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addCities(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addSuspicion(ctx, tx, me, i, p); err != nil {
		return nil, err
	}
	if err := s.addPhotos(ctx, tx, me, i, p, people.names, now, zone); err != nil {
		return nil, err
	}
	if err := s.addPromises(ctx, tx, me, i, replies, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addDeliveries(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	if err := s.addDurable(ctx, tx, i, p, now); err != nil {
		return nil, err
	}
	if err := s.addCalls(ctx, tx, me, i, p, people.names, zone); err != nil {
		return nil, err
	}
	if err := s.addTemplates(ctx, tx, i, p); err != nil {
		return nil, err
	}
	if err := s.addAlike(ctx, tx, me, i, p, now, zone); err != nil {
		return nil, err
	}
	p.Assistant = s.Assistant
	p.Map = s.mapOf(i)
	p.Form = CorrectForm{Topic: topicName(s.Topics(), i.Topic), Settlement: i.Address.Settlement, Street: i.Address.Street, House: i.Address.House,
		Landmark: i.Address.Landmark, Urgency: i.Urgency, Centre: i.Place.Centre, Centres: s.centres(me.Place.Region)}
	var known clarify.Known
	if s.Names != nil {
		known = s.Names.ByID
	}
	q := clarify.Ask(clarify.Case{Missing: i.Missing, Address: i.Address, Places: p.found}, known)
	p.AskText, p.Options = q.Text, q.Options
	list, err := s.agencyOptions(ctx, me)
	if err != nil {
		return nil, err
	}
	p.Lists = list + s.topicOptions() + s.settlementOptions(me.Place.Region) + reasonOptions
	return p, nil
}

// topicTitle returns the topic's name as a heading.
func (s *Staff) topicTitle(c topic.Code) string {
	if name := topicName(s.Topics(), c); name != "" {
		return sentenceCase(name)
	}
	return "Тема не определена"
}

// offset returns «UTC+7».
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds%3600 != 0 {
		return "UTC" + t.Format("-07:00")
	}
	return fmt.Sprintf("UTC%+d", seconds/3600)
}

func topicName(t *topic.Taxonomy, c topic.Code) string {
	if c == topic.Undefined || c == "" {
		return ""
	}
	tp, _ := t.ByCode(c)
	return tp.Name
}

// similarWindow is how far back a similar incident may lie.
const similarWindow = 180 * 24 * time.Hour

// personal shows the author's name and contact of one message; that it was
// looked at stands in the audit before it is shown.
func (s *Staff) personal(w http.ResponseWriter, r *http.Request) error {
	m := messageOf(r)
	if err := s.noteReading(r.Context(), who(r), m); err != nil {
		return err
	}
	if r.Header.Get("HX-Request") != "" {
		return site.Write(w, r, http.StatusOK, Author(m.AuthorName, m.Contact))
	}
	id, err := s.Cases().Messages().Incident(r.Context(), m.ID)
	if err != nil {
		return err
	}
	i, err := s.Cases().Incidents().Incident(r.Context(), who(r).Scope(), incident.ID(id))
	if err != nil {
		return err
	}
	p, err := s.incidentPage(r.Context(), who(r), i)
	if err != nil {
		return err
	}
	for n := range p.Messages {
		if p.Messages[n].ID == m.ID {
			p.Messages[n].Author, p.Messages[n].Contact, p.Shown = m.AuthorName, m.Contact, m.ID
		}
	}
	return s.showIncident(w, r, http.StatusOK, p)
}
