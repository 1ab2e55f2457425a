package staff_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/attachment"
	"otklik/internal/audit"
	"otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/notice"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/standing"
	"otklik/internal/talk"
	"otklik/internal/template"
	"otklik/internal/webhook"
)

// A house is everything that pages read, in memory. It implements the parts of
// incident.Tx that pages use; a call of another part panics, and so is seen.
type house struct {
	mu         sync.Mutex
	incidents  []*incident.Incident
	excerpts   map[incident.ID]string
	history    []incident.Entry
	messages   map[incident.ID][]*message.Message
	suspicions []incident.Suspicion
	readings   map[message.ID]*message.Reading
	replies    []reply.Reply
	agencies   []agency.Agency
	rules      []agency.Rule
	accounts   []*account.Account
	sessions   map[string]account.Session
	views      []account.View
	audit      []audit.Entry
	sources    []message.SourceState
	kept       []source.Source
	hours      map[string][]source.Hour
	backfills  map[string]*source.Backfill

	sourceKeys []source.Key
	hooks      []webhook.Webhook
	owed       []webhook.Delivery
	handed     []neighbour.Request // to other cities
	aside      []message.SetAside
	proposals  []incident.Proposal
	disputes   []incident.Dispute
	around     // who works around incidents
	queries    []standing.Query
	versions   []standing.Version // of the only query whose versions a test asks for
	days       map[standing.ID][]standing.Day
	seen       []message.Seen
	jobs       map[reply.ID]*reply.Job
	voices     []feedback.Voice
	talkLines  []talk.Line
	talkEdits  []talk.Edit
	stands     []talk.Stand
	closures   []feedback.Closure
	promises   []promise.Promise

	mass       map[int64]*reply.Mass
	fanouts    []reply.Fanout
	progress   map[reply.FanoutID]reply.Progress
	deliveries []reply.Job
	outlets    []reply.Outlet
	problems   []problem.Problem
	durable    map[problem.ID][]int64
	calls      []call.Call
	templates  []template.Template

	told      []notice.Notice
	chosen    map[account.ID]notice.Choice
	addresses []notice.Address
	trouble   notice.Trouble
	files     []attachment.Attachment
	enclosed  map[int64][]attachment.Attachment
	book      []call.Contact
}

func (h *house) Incidents() incident.Store     { return fakeIncidents{h: h} }
func (h *house) Messages() message.Store       { return fakeMessages{h: h} }
func (h *house) Intake() message.Intake        { return fakeIntake{h: h} }
func (h *house) Ring() message.Ring            { return fakeRing{h: h} }
func (h *house) Replies() reply.Store          { return fakeReplies{h: h} }
func (h *house) Agencies() agency.Store        { return fakeAgencies{h} }
func (h *house) Accounts() account.Store       { return fakeAccounts{h: h} }
func (h *house) Audit() audit.Store            { return fakeAudit{h} }
func (h *house) Proposals() incident.Proposals { return fakeProposals{h} }
func (h *house) Standing() standing.Store      { return fakeStanding{h: h} }
func (h *house) Lessons() lesson.Store         { return nil }
func (h *house) Feedback() feedback.Store      { return fakeFeedback{h: h} }
func (h *house) Promises() promise.Store       { return fakePromises{h: h} }
func (h *house) Fanouts() reply.Fanouts        { return fakeFanouts{h: h} }

func (h *house) Change(ctx context.Context, _ incident.Lane, do func(incident.Tx) error) error {
	return do(h)
}

func (h *house) nameOf(id account.ID) string {
	for _, a := range h.accounts {
		if a.ID == id {
			return a.Name
		}
	}
	return ""
}

type fakeIncidents struct {
	incident.Store
	h *house
}

func (f fakeIncidents) Incident(_ context.Context, sc scope.Scope, id incident.ID) (*incident.Incident, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, i := range f.h.incidents {
		if i.ID == id && sc.Sees(i.Place) {
			c := *i
			return &c, nil
		}
	}
	return nil, fault.New(fault.NotFound, "incident %d", id)
}

func (f fakeIncidents) ByNumber(_ context.Context, sc scope.Scope, number string) (*incident.Incident, error) {
	for _, i := range f.h.incidents {
		if i.Number == number && sc.Sees(i.Place) {
			return i, nil
		}
	}
	return nil, fault.New(fault.NotFound, "number")
}

func (f fakeIncidents) History(_ context.Context, sc scope.Scope, id incident.ID) ([]incident.Entry, error) {
	var list []incident.Entry
	for _, e := range f.h.history {
		if e.Incident == id {
			e.Name = f.h.nameOf(e.Who)
			list = append(list, e)
		}
	}
	return list, nil
}

func (f fakeIncidents) matching(sc scope.Scope, q incident.Filter) []incident.Row {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	var rows []incident.Row
	for _, i := range f.h.incidents {
		switch {
		case q.Doubted && !slices.ContainsFunc(f.h.replies, func(r reply.Reply) bool { return r.Incident == int64(i.ID) && r.Lint.Doubt }):
			continue
		case !sc.Sees(i.Place), len(q.States) > 0 && !slices.Contains(q.States, i.State), q.Open && !i.State.Open(),
			q.Topic != "" && q.Topic != i.Topic, q.Group != "" && q.Group != i.Group, q.Agency != 0 && q.Agency != i.Place.Agency,
			q.NoAgency && i.Place.Agency != 0, q.Centre != "" && q.Centre != i.Place.Centre, q.Urgency != "" && q.Urgency != i.Urgency,
			q.Channel != "" && q.Channel != i.Channel, q.Missing && len(i.Missing) == 0, q.Claimed != 0 && q.Claimed != i.ClaimedBy,
			q.Crowd != 0 && q.Crowd != i.ID && !slices.ContainsFunc(f.h.proposals, func(p incident.Proposal) bool {
				return p.Kind == incident.Burst && p.Into == q.Crowd && p.Incident == i.ID
			}),
			q.Free && i.ClaimedBy != 0, !q.Since.IsZero() && i.OpenedAt.Before(q.Since), !q.Until.IsZero() && !i.OpenedAt.Before(q.Until):
			continue
		}
		ok := true
		for _, word := range q.Words {
			ok = ok && slices.ContainsFunc(word, func(l string) bool { return strings.Contains(strings.ToLower(f.h.excerpts[i.ID]), l) })
		}
		if !ok {
			continue
		}
		rows = append(rows, f.row(i))
	}
	slices.SortStableFunc(rows, func(a, b incident.Row) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return rows
}

func (f fakeIncidents) row(i *incident.Incident) incident.Row {
	r := incident.Row{Incident: *i, Excerpt: f.h.excerpts[i.ID], Claimer: f.h.nameOf(i.ClaimedBy)}
	for _, a := range f.h.agencies {
		if a.ID == i.Place.Agency {
			r.Agency = a.Short
		}
	}
	return r
}

func (f fakeIncidents) Queue(_ context.Context, sc scope.Scope, q incident.Filter) (incident.Page, error) {
	rows := f.matching(sc, q)
	if q.After.Key != "" {
		if at := slices.IndexFunc(rows, func(r incident.Row) bool { return r.ID == q.After.ID }); at >= 0 {
			rows = rows[at+1:]
		}
	}
	p := incident.Page{Rows: rows}
	if len(rows) > q.Limit {
		p.Rows = rows[:q.Limit]
		last := p.Rows[q.Limit-1]
		p.Next = incident.Cursor{Key: last.OpenedAt.Format(time.RFC3339), ID: last.ID}
	}
	return p, nil
}

func (f fakeIncidents) Count(_ context.Context, sc scope.Scope, q incident.Filter, limit int) (int, error) {
	return min(len(f.matching(sc, q)), limit), nil
}

func (f fakeIncidents) Near(_ context.Context, sc scope.Scope, n incident.Near) ([]incident.Row, error) {
	var rows []incident.Row
	for _, i := range f.h.incidents {
		if i.ID != n.Not && i.Topic == n.Topic && sc.Sees(i.Place) && i.Settlement == n.Settlement && len(rows) < n.Limit {
			rows = append(rows, f.row(i))
		}
	}
	return rows, nil
}

func (f fakeIncidents) Rows(_ context.Context, sc scope.Scope, ids []incident.ID) ([]incident.Row, error) {
	var rows []incident.Row
	for _, id := range ids {
		for _, i := range f.h.incidents {
			if i.ID == id && sc.Sees(i.Place) {
				rows = append(rows, f.row(i))
			}
		}
	}
	return rows, nil
}

type fakeMessages struct {
	message.Store
	h *house
}

func (f fakeMessages) Message(_ context.Context, sc scope.Scope, id message.ID) (*message.Message, error) {
	for _, list := range f.h.messages {
		for _, m := range list {
			if m.ID == id && sc.Sees(m.Place) {
				return m, nil
			}
		}
	}
	return nil, fault.New(fault.NotFound, "message %d", id)
}

func (f fakeMessages) Incident(_ context.Context, id message.ID) (int64, error) {
	for i, list := range f.h.messages {
		for _, m := range list {
			if m.ID == id {
				return int64(i), nil
			}
		}
	}
	return 0, nil
}

func (f fakeMessages) Reading(_ context.Context, id message.ID) (*message.Reading, error) {
	if r := f.h.readings[id]; r != nil {
		return r, nil
	}
	return nil, fault.New(fault.NotFound, "reading %d", id)
}

func (f fakeMessages) Personal(_ context.Context, ids []message.ID) (map[message.ID][]message.Personal, error) {
	out := map[message.ID][]message.Personal{}
	for _, id := range ids {
		if r := f.h.readings[id]; r != nil {
			out[id] = r.Personal
		}
	}
	return out, nil
}

func (f fakeMessages) OfIncident(_ context.Context, sc scope.Scope, id int64) ([]*message.Message, error) {
	return f.h.messages[incident.ID(id)], nil
}

type fakeIntake struct {
	message.Intake
	h *house
}

func (f fakeIntake) Sources(_ context.Context, sc scope.Scope) (list []message.SourceState, _ error) {
	for _, s := range f.h.sources {
		if sc.Sees(s.Place) {
			list = append(list, s)
		}
	}
	return list, nil
}

func (f fakeIntake) Aside(_ context.Context, sc scope.Scope, limit int) (list []message.SetAside, _ error) {
	for _, s := range f.h.aside {
		if sc.Sees(s.Place) && len(list) < limit {
			list = append(list, s)
		}
	}
	return list, nil
}

type fakeReplies struct {
	reply.Store
	h *house
}

func (f fakeReplies) Reply(_ context.Context, sc scope.Scope, id reply.ID) (*reply.Reply, error) {
	for i := range f.h.replies {
		if r := f.h.replies[i]; r.ID == id && sc.Sees(r.Place) {
			return &r, nil
		}
	}
	return nil, fault.New(fault.NotFound, "reply %d", id)
}

func (f fakeReplies) OfIncident(_ context.Context, sc scope.Scope, id int64) (list []reply.Reply, _ error) {
	for _, r := range f.h.replies {
		if r.Incident == id {
			list = append(list, r)
		}
	}
	return list, nil
}

func (f fakeReplies) Job(_ context.Context, id reply.ID) (*reply.Job, error) {
	if j := f.h.jobs[id]; j != nil {
		return j, nil
	}
	return nil, fault.New(fault.NotFound, "job of reply %d", id)
}

type fakeAgencies struct{ h *house }

func (f fakeAgencies) Agencies(_ context.Context, sc scope.Scope) (list []agency.Agency, _ error) {
	for _, a := range f.h.agencies {
		if a.Place.Region == sc.Region || sc.Region == "" {
			list = append(list, a)
		}
	}
	return list, nil
}

func (f fakeAgencies) Agency(_ context.Context, id int64) (*agency.Agency, error) {
	for i := range f.h.agencies {
		if f.h.agencies[i].ID == id {
			return &f.h.agencies[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "agency %d", id)
}

func (f fakeAgencies) SaveAgency(_ context.Context, a *agency.Agency) error {
	for i := range f.h.agencies {
		if f.h.agencies[i].ID == a.ID {
			f.h.agencies[i] = *a
		}
	}
	return nil
}

func (f fakeAgencies) Rules(_ context.Context, region string) (list []agency.Rule, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, r := range f.h.rules {
		if r.Place.Region == region {
			list = append(list, r)
		}
	}
	return list, nil
}

func (f fakeAgencies) SaveRules(_ context.Context, region string, rules []agency.Rule) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	f.h.rules = slices.DeleteFunc(f.h.rules, func(r agency.Rule) bool { return r.Place.Region == region })
	for i, r := range rules {
		if r.ID == 0 {
			r.ID = int64(100 + i)
		}
		r.Place.Region, r.Order = region, i+1
		f.h.rules = append(f.h.rules, r)
	}
	return nil
}

type fakeAccounts struct {
	account.Store
	h *house
}

func (f fakeAccounts) Accounts(_ context.Context, sc scope.Scope) (list []account.Account, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, a := range f.h.accounts {
		if sc.Sees(a.Place) {
			list = append(list, *a)
		}
	}
	return list, nil
}

func (f fakeAccounts) Account(_ context.Context, id account.ID) (*account.Account, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, a := range f.h.accounts {
		if a.ID == id {
			c := *a
			return &c, nil
		}
	}
	return nil, fault.New(fault.NotFound, "account %d", id)
}

func (f fakeAccounts) ByLogin(_ context.Context, login string) (*account.Account, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, a := range f.h.accounts {
		if a.Login == login {
			c := *a
			return &c, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no such login")
}

func (f fakeAccounts) SaveAccount(_ context.Context, a *account.Account) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for i := range f.h.accounts {
		if f.h.accounts[i].ID == a.ID {
			c := *a
			f.h.accounts[i] = &c
			return nil
		}
	}
	a.ID = account.ID(len(f.h.accounts) + 1000)
	c := *a
	f.h.accounts = append(f.h.accounts, &c)
	return nil
}

func (f fakeAccounts) Session(_ context.Context, token string) ([]byte, bool, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	s, ok := f.h.sessions[token]
	return s.Data, ok, nil
}

func (f fakeAccounts) SaveSession(_ context.Context, s account.Session) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	f.h.sessions[s.Token] = s
	return nil
}

func (f fakeAccounts) EndSession(_ context.Context, token string) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	delete(f.h.sessions, token)
	return nil
}

func (f fakeAccounts) Views(_ context.Context, owner account.ID) (list []account.View, _ error) {
	for _, v := range f.h.views {
		if v.Owner == owner {
			list = append(list, v)
		}
	}
	return list, nil
}

func (f fakeAccounts) SaveView(_ context.Context, v *account.View) error {
	v.ID = int64(len(f.h.views) + 1)
	f.h.views = append(f.h.views, *v)
	return nil
}

func (f fakeAccounts) DeleteView(_ context.Context, owner account.ID, id int64) error {
	f.h.views = slices.DeleteFunc(f.h.views, func(v account.View) bool { return v.Owner == owner && v.ID == id })
	return nil
}

type fakeAudit struct{ h *house }

func (f fakeAudit) Record(_ context.Context, e audit.Entry) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	f.h.audit = append(f.h.audit, e)
	return nil
}

func (f fakeAudit) Entries(context.Context, scope.Scope, int) ([]audit.Entry, error) {
	return f.h.audit, nil
}

// A fakeDesk notes what it was asked to do and does the plainest part of it.
type fakeDesk struct {
	h     *house
	mu    sync.Mutex
	done  []desk.Change
	cards []desk.Card
	heard []desk.Card
	hears *desk.Hearing // of any card
	fail  error
	moved [2]int64 // from which agency to which all was moved
	ended string   // how it is known that a problem is gone
	saved template.Template
	alike []desk.Likeness // solved incidents like any other

	printed []printing
}

func (d *fakeDesk) Do(ctx context.Context, who account.Actor, id incident.ID, version int, c desk.Change) (*incident.Incident, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, err := d.h.Incidents().Incident(ctx, who.Scope, id)
	if err != nil {
		return nil, err
	}
	if !lifecycle.May(who.Role, c.Action()) {
		return nil, fault.New(fault.Forbidden, "role")
	}
	if version != 0 && version != i.Version {
		return nil, fault.New(fault.Conflict, "version").Say("Пока вы работали с инцидентом, его изменил кто-то ещё.")
	}
	if d.fail != nil {
		return nil, d.fail
	}
	d.done = append(d.done, c)
	return i, nil
}

func (d *fakeDesk) File(_ context.Context, who account.Actor, card desk.Card) (*incident.Incident, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cards = append(d.cards, card)
	return &incident.Incident{ID: 77, Number: incident.Number(77), Version: 1, State: lifecycle.New, Place: scope.Place{Region: who.Scope.Region}}, nil
}

func (d *fakeDesk) Listen(_ context.Context, _ incident.Tx, _ account.Actor, card desk.Card) (*desk.Hearing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if card.Channel == message.VK {
		return nil, fault.New(fault.Invalid, "channel").At("channel").Say("Карточку заводят по звонку, на приёме или с бумаги.")
	}
	d.heard = append(d.heard, card)
	if d.hears == nil {
		return &desk.Hearing{}, nil
	}
	return d.hears, nil
}

func (d *fakeDesk) last() desk.Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.done) == 0 {
		return nil
	}
	return d.done[len(d.done)-1]
}

type fakeProposals struct{ h *house }

func (f fakeProposals) Propose(_ context.Context, p *incident.Proposal) error {
	f.h.proposals = append(f.h.proposals, *p)
	return nil
}

func (f fakeProposals) ProposalsOf(_ context.Context, _ scope.Scope, id incident.ID) (out []incident.Proposal, _ error) {
	for _, p := range f.h.proposals {
		if p.Incident == id || p.Into == id {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f fakeProposals) Waiting(_ context.Context, sc scope.Scope, kind incident.ProposalKind, limit int) (out []incident.Proposal, _ error) {
	for _, p := range f.h.proposals {
		if (kind == "" || p.Kind == kind) && sc.Sees(p.Place) && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f fakeProposals) Decide(context.Context, *incident.Proposal) error { return nil }
