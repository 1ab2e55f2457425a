package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/publicface"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A ListPage shows public cases, newest first.
type ListPage struct {
	Query   listQuery
	Title   string
	Count   string // «12 сообщений», «больше 1000 сообщений»
	Rows    []CaseRow
	Next    string // URL; "" on the last page
	Feed    string // URL of the same as a feed of Atom
	RSS     string // and of RSS
	Map     string // URL of the same on the map
	Areas   []Choice
	Groups  []Choice
	States  []Choice
	Agents  []Choice
	Checked bool // something is chosen
}

// A Choice is one value of a filter.
type Choice struct {
	Value, Name string
	Now         bool
}

// A CaseRow is one case of a list.
type CaseRow struct {
	URL, Topic, Where, State, Agency, Opened, Words string
	Solved, Urgent                                  bool
}

// listRows is how many cases a page shows, and counted how far the counting goes.
const (
	listRows = 30
	counted  = 1000
)

// A listQuery is what the address of a list asks for.
type listQuery struct {
	Centre, Group, State string
	Agency               int64
	After                incident.Cursor
}

// A publicState is a state of the filter, in residents' words.
type publicState struct {
	code, name string
	states     []lifecycle.State
}

var publicStates = []publicState{
	{"received", "получено", []lifecycle.State{lifecycle.New}},
	{"checking", "проверяем", []lifecycle.State{lifecycle.Triage}},
	{"asked", "уточняем", []lifecycle.State{lifecycle.Asked}},
	{"assigned", "передано", []lifecycle.State{lifecycle.Assigned}},
	{"working", "в работе", []lifecycle.State{lifecycle.Working}},
	{"preparing", "готовим ответ", []lifecycle.State{lifecycle.Approval}},
	{"answered", "ответ дан", []lifecycle.State{lifecycle.Answered}},
	{"verified", solvedChecked, nil},
	{"returned", "вернули на доработку", []lifecycle.State{lifecycle.Rework}},
	{"closed", "завершено", []lifecycle.State{lifecycle.Closed}},
}

// listed reads the query of an address. What it does not know it does not guess.
func (p *Portal) listed(v url.Values) (q listQuery, err error) {
	bad := func(field, sentence string) (listQuery, error) {
		return listQuery{}, fault.New(fault.Invalid, "the list knows no such %s", field).At(field).Say(sentence)
	}
	q = listQuery{Centre: v.Get("centre"), Group: v.Get("group"), State: v.Get("state")}
	if _, ok := p.area(q.Centre); !ok && q.Centre != "" {
		return bad("centre", "Такой территории здесь нет. Выберите её из списка.")
	}
	if q.Group != "" && !slices.ContainsFunc(p.Topics().Groups(), func(g topic.Group) bool { return g.Name == q.Group }) {
		return bad("group", "Такой группы тем нет. Выберите её из списка.")
	}
	if q.State != "" && !slices.ContainsFunc(publicStates, func(s publicState) bool { return s.code == q.State }) {
		return bad("state", "Такого состояния нет. Выберите его из списка.")
	}
	if a := v.Get("agency"); a != "" {
		if q.Agency, err = strconv.ParseInt(a, 10, 64); err != nil || q.Agency <= 0 {
			return bad("agency", "Такой организации здесь нет. Выберите её из списка.")
		}
	}
	if after := v.Get("after"); after != "" {
		key, id, _ := strings.Cut(after, "-")
		_, badKey := strconv.ParseInt(key, 10, 64)
		n, badID := strconv.ParseInt(id, 10, 64)
		if badKey != nil || badID != nil {
			return bad("after", "Эта страница списка больше не существует. Начните с первой.")
		}
		q.After = incident.Cursor{Key: key, ID: incident.ID(n)}
	}
	return q, nil
}

// Values returns the query as an address says it, always in one way.
func (q listQuery) Values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("centre", q.Centre)
	set("group", q.Group)
	set("state", q.State)
	if q.Agency != 0 {
		v.Set("agency", strconv.FormatInt(q.Agency, 10))
	}
	if q.After.Key != "" {
		v.Set("after", q.After.Key+"-"+strconv.FormatInt(int64(q.After.ID), 10))
	}
	return v
}

// URL returns the address of a page with this query.
func (q listQuery) URL(path string) string {
	if v := q.Values(); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

func (q listQuery) first() listQuery { q.After = incident.Cursor{}; return q }

// Filter returns what the store is asked for.
func (q listQuery) Filter(now time.Time) incident.Filter {
	f := incident.Filter{Centre: q.Centre, Group: q.Group, Agency: q.Agency, After: q.After, Limit: listRows}
	for _, s := range publicStates {
		if s.code == q.State {
			f.States = s.states
		}
	}
	if q.State == "verified" {
		f.Result, f.At = incident.Checked, now
	}
	return f
}

func (p *Portal) list(w http.ResponseWriter, r *http.Request) error {
	q, err := p.listed(r.URL.Query())
	if err != nil {
		return err
	}
	return p.shelfOf(q).serve(w, r, q.URL("/list"), func(ctx context.Context) (string, []byte, error) {
		v, err := p.listPage(ctx, q)
		if err != nil {
			return "", nil, err
		}
		return p.html(ctx, "/list", v.Title, listPage(v), site.Feed{Kind: atomKind, URL: v.Feed, Title: p.newsTitle()}, site.Feed{Kind: rssKind, URL: v.RSS, Title: p.newsTitle()})
	})
}

func (p *Portal) listPage(ctx context.Context, q listQuery) (*ListPage, error) {
	tx := p.Cases()
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	page, err := p.shown(ctx, tx, q.Filter(p.Now()))
	if err != nil {
		return nil, err
	}
	v := &ListPage{Query: q, Title: "Сообщения жителей", Feed: q.first().URL(atomPath), RSS: q.first().URL(rssPath), Map: listQuery{Centre: q.Centre, Group: q.Group}.URL("/map")}
	for k := range page.Rows {
		f, ok, err := p.brief(ctx, tx, &page.Rows[k].Incident)
		if err != nil {
			return nil, err
		}
		if ok {
			v.Rows = append(v.Rows, p.row(n, &f))
		}
	}
	if page.Next.Key != "" {
		next := q
		next.After = page.Next
		v.Next = next.URL("/list")
	}
	if v.Count, err = p.countOf(ctx, tx, q); err != nil {
		return nil, err
	}
	p.choices(v, n)
	return v, nil
}

func (p *Portal) countOf(ctx context.Context, tx incident.Tx, q listQuery) (string, error) {
	f := q.first().Filter(p.Now())
	rows := p.Face.Rule().Rows()
	f.Shown = &rows
	n, err := tx.Incidents().Count(ctx, p.Face.Scope, f, counted+1)
	if err != nil {
		return "", err
	}
	if n > counted {
		return "Больше " + site.Number(counted) + " сообщений", nil
	}
	return site.Count(n, "сообщение", "сообщения", "сообщений"), nil
}

func (p *Portal) row(n *names, f *publicface.Face) CaseRow {
	who := n.agency(f.Agency)
	return CaseRow{
		URL: "/list/" + f.Number, Topic: n.topic(f), Where: p.where(f), State: stateOf(f, who), Agency: who, Opened: site.Date(f.OpenedAt, p.Now(), p.zone()),
		Words: f.Words, Solved: f.Verified, Urgent: f.Urgent,
	}
}

// where says where the trouble is, as exactly as everybody may know.
func (p *Portal) where(f *publicface.Face) string {
	if s := f.Address.String(); s != "" {
		return s
	}
	a, _ := p.area(f.Centre)
	return a.Name
}

func (p *Portal) choices(v *ListPage, n *names) {
	for _, a := range p.Face.Areas {
		v.Areas = append(v.Areas, Choice{a.Code, a.Name, a.Code == v.Query.Centre})
	}
	for _, g := range p.Topics().Groups() {
		v.Groups = append(v.Groups, Choice{g.Name, g.Name, g.Name == v.Query.Group})
	}
	for _, s := range publicStates {
		v.States = append(v.States, Choice{s.code, s.name, s.code == v.Query.State})
	}
	for k := range n.list {
		if a := &n.list[k]; !a.Disabled || a.ID == v.Query.Agency {
			v.Agents = append(v.Agents, Choice{strconv.FormatInt(a.ID, 10), a.Short, a.ID == v.Query.Agency})
		}
	}
	q := v.Query
	v.Checked = q.Centre != "" || q.Group != "" || q.State != "" || q.Agency != 0
}
