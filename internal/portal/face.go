package portal

import (
	"context"
	"net/http"
	"strconv"

	"otklik/internal/agency"
	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A Face is what the pages of public cases stand on: list, map, agencies, open data. What
// of a case everybody may see is decided by package publicface alone.
type Face struct {
	Scope   scope.Scope              // what this centre shows
	Rule    func() publicface.Rule   // in force
	Mask    func(text string) string // covers personal data in official words
	Events  *live.Hub                // pages are made anew when a case has changed; nil: by time alone
	Areas   []Area                   // municipalities, by name
	Outline [][][2]float64           // rings of the border: longitude, latitude; may be empty
	Regimes func() []regime.Regime   // norms; may be nil
	Base    string                   // «https://example.org»: how others reach us; "" = not known
	Licence Licence                  // of the open data
	Open311 string                   // address of the discovery of GeoReport; "" = there is none
}

// An Area is a municipality.
type Area struct {
	Code   string // OKTMO
	Name   string
	People int // 0 = not known
}

// A Licence is under which the centre's open data are given.
type Licence struct{ Name, URL string }

// openRoute is a public page that is the same for everybody. What is not there and what is
// not public are told alike.
func openRoute(pattern string, h func(http.ResponseWriter, *http.Request) error) site.Route {
	return site.Route{Method: http.MethodGet, Pattern: pattern, Access: site.Access{Open: true}, Bare: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "nothing public is there").Say("Здесь ничего нет. Проверьте адрес или найдите сообщение в общем списке.")
		}
		return err
	}}
}

func (p *Portal) faceRoutes() []site.Route {
	if p.Face == nil {
		return nil
	}
	return []site.Route{
		openRoute("/list", p.list), openRoute(atomPath, p.feed(atomPath, atomKind, p.atom)), openRoute(rssPath, p.feed(rssPath, rssKind, p.rss)), openRoute("/list/{number}", p.publicCase),
		openRoute("/list/{number}/photo/{n}", p.casePhoto(false)), openRoute("/list/{number}/photo/{n}/small", p.casePhoto(true)),
		openRoute("/problems/{id}", p.publicProblem), openRoute("/map", p.areaMap),
		openRoute("/agencies", p.agencies), openRoute("/agencies/{id}", p.oneAgency), openRoute("/league", p.league),
		openRoute("/opendata", p.openData), openRoute("/opendata/cases.csv", p.casesCSV), openRoute("/opendata/cases.geojson", p.casesGeoJSON),
	}
}

// shown reads a page of public cases: f is narrowed to what everybody may see.
func (p *Portal) shown(ctx context.Context, tx incident.Tx, f incident.Filter) (incident.Page, error) {
	rows := p.Face.Rule().Rows()
	f.Shown = &rows
	return tx.Incidents().Queue(ctx, p.Face.Scope, f)
}

// brief returns the face of a case without its answers, as a list shows it; ok is false for
// what nobody may see.
func (p *Portal) brief(ctx context.Context, tx incident.Tx, i *incident.Incident) (f publicface.Face, ok bool, err error) {
	c := publicface.Case{Incident: *i}
	if err := p.first(ctx, tx, &c); err != nil {
		return f, false, err
	}
	f, ok = p.Face.Rule().Face(&c, p.Face.Mask)
	return f, ok, nil
}

// coarse is brief without a look at what was written: the place is as that of what was told
// to us alone. For bulk: it asks the store for nothing.
func (p *Portal) coarse(rule publicface.Rule, i *incident.Incident) (publicface.Face, bool) {
	return rule.Face(&publicface.Case{Incident: *i}, p.Face.Mask)
}

// first adds the first message with its reading.
func (p *Portal) first(ctx context.Context, tx incident.Tx, c *publicface.Case) error {
	id := c.Incident.First
	if id == 0 {
		return nil
	}
	m, err := tx.Messages().Message(ctx, scope.All(), id)
	if err != nil {
		return notMissing(err)
	}
	c.First = m
	c.Reading, err = tx.Messages().Reading(ctx, id)
	return notMissing(err)
}

// notMissing forgives what is not there: a case is shown with what is left of it.
func notMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// faceOf returns the whole face of a case. What may not be seen is not found.
func (p *Portal) faceOf(ctx context.Context, tx incident.Tx, number string) (*publicface.Face, error) {
	i, err := tx.Incidents().ByNumber(ctx, p.Face.Scope, number)
	if err != nil {
		return nil, err
	}
	c := publicface.Case{Incident: *i}
	if p.Face.Rule().Hidden(i) != publicface.Shown {
		return nil, fault.New(fault.NotFound, "incident %d is not public", i.ID)
	}
	if err := p.first(ctx, tx, &c); err != nil {
		return nil, err
	}
	if err := p.answers(ctx, tx, &c); err != nil {
		return nil, err
	}
	promises, err := tx.Promises().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	for k := range promises {
		if o := &promises[k]; o.State == promise.Open && !o.Until.IsZero() && (c.Promised.IsZero() || o.Until.Before(c.Promised)) {
			c.Promised = o.Until
		}
	}
	f, ok := p.Face.Rule().Face(&c, p.Face.Mask)
	if !ok {
		return nil, fault.New(fault.NotFound, "incident %d is not public", i.ID)
	}
	return &f, nil
}

// answers adds the published replies with what they answer and their pictures.
func (p *Portal) answers(ctx context.Context, tx incident.Tx, c *publicface.Case) error {
	id := int64(c.Incident.ID)
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), id)
	if err != nil {
		return err
	}
	enclosed := map[int64][]attachment.Attachment{}
	if len(replies) > 0 {
		if enclosed, err = tx.Attachments().Enclosed(ctx, id); err != nil {
			return err
		}
	}
	for k := range replies {
		if replies[k].State != reply.Published {
			continue
		}
		a := publicface.Answer{Reply: replies[k], Files: enclosed[int64(replies[k].ID)]}
		if to := a.Message; to != 0 {
			if a.To, err = tx.Messages().Message(ctx, scope.All(), message.ID(to)); err != nil {
				return err
			}
		}
		c.Answers = append(c.Answers, a)
	}
	return nil
}

// stateOf says in residents' words how a case stands. agency is whom it was handed to.
func stateOf(f *publicface.Face, agency string) string {
	switch {
	case f.Verified && (f.Outcome == lifecycle.Solved || f.Outcome == lifecycle.Partly):
		return solvedChecked
	case f.State == lifecycle.Closed && f.Outcome != lifecycle.NoOutcome:
		return f.Outcome.Name()
	case f.State == lifecycle.Assigned && agency != "":
		return "передано: " + agency
	}
	return f.State.Public()
}

const solvedChecked = "решено, проверено"

// names are words for codes, read once for a page.
type names struct {
	topics   *topic.Taxonomy
	agencies map[int64]*agency.Agency
	list     []agency.Agency
}

func (p *Portal) names(ctx context.Context, tx incident.Tx) (*names, error) {
	list, err := tx.Agencies().Agencies(ctx, p.Face.Scope)
	if err != nil {
		return nil, err
	}
	n := &names{topics: p.Topics(), agencies: map[int64]*agency.Agency{}, list: list}
	for k := range list {
		n.agencies[list[k].ID] = &list[k]
	}
	return n, nil
}

func (n *names) topic(f *publicface.Face) string {
	if t, ok := n.topics.ByCode(f.Topic); ok && f.Topic != topic.Undefined {
		return t.Name
	}
	return "Без темы"
}

// agency returns the short name, "" for none.
func (n *names) agency(id int64) string {
	if a := n.agencies[id]; a != nil {
		return a.Short
	}
	return ""
}

func (p *Portal) area(code string) (Area, bool) {
	for _, a := range p.Face.Areas {
		if a.Code == code {
			return a, true
		}
	}
	return Area{}, false
}

// casePhoto serves a picture that staff enclosed with a public answer.
func (p *Portal) casePhoto(small bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := p.faceOf(r.Context(), p.Cases(), r.PathValue("number"))
		if err != nil {
			return err
		}
		list := f.Pictures()
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 1 || n > len(list) || p.Files == nil {
			return fault.New(fault.NotFound, "the case has no such picture")
		}
		return site.ServeFile(w, r, p.Files, &list[n-1], small)
	}
}
