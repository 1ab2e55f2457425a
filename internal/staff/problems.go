package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/problem"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// ProblemsPage lists durable faults, the longest known first.
type ProblemsPage struct {
	Chrome
	Rows  []ProblemRow
	All   bool // the closed ones too
	Other string
	Next  string // URL of the next page
}

// A ProblemRow is one problem of the list.
type ProblemRow struct {
	URL, Where, Group, Facts, Agency string
	Open                             bool
}

// ProblemPage is one durable fault with everything that was done about it.
type ProblemPage struct {
	Chrome
	ID                                problem.ID
	Where, Group, Facts, Agency       string
	Open                              bool
	Ended, EndedBy, How, Reason       string
	Reopened                          int
	Incidents                         []ProblemIncident
	Replies, Visits, Solved, Verified int
	End                               bool // the account may say that it is gone
	Problem                           string
	Kept                              url.Values
}

// A ProblemIncident is one incident of a problem.
type ProblemIncident struct {
	URL, Number, When, Phrase, Excerpt, Reply string
	Verified                                  bool
	False                                     string // why its closing turned out to be false
}

const problemsShown = 50

// factsOf says «14 обращений, 412 дней».
func factsOf(p *problem.Problem, now time.Time) string {
	return site.Count(p.Incidents, "обращение", "обращения", "обращений") + ", " + site.Count(p.Days(now), "день", "дня", "дней")
}

func problemURL(id problem.ID) string { return fmt.Sprintf("/desk/problems/%d", id) }

func (s *Staff) problems(w http.ResponseWriter, r *http.Request) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	q := r.URL.Query()
	p := &ProblemsPage{All: q.Get("all") != "", Other: "/desk/problems?all=1"}
	if p.All {
		p.Other = "/desk/problems"
	}
	f := problem.Filter{Open: !p.All, Limit: problemsShown + 1}
	if since, id, ok := strings.Cut(q.Get("after"), "."); ok {
		n, err := strconv.ParseInt(since, 10, 64)
		m, err2 := strconv.ParseInt(id, 10, 64)
		if err != nil || err2 != nil {
			return fault.New(fault.Invalid, "after=%q", q.Get("after")).Say("Такой страницы списка нет. Откройте список с начала.")
		}
		f.After, f.AfterID = time.UnixMicro(n), problem.ID(m)
	}
	list, err := s.Cases().Problems().List(ctx, me.Scope(), f)
	if err != nil {
		return err
	}
	if len(list) > problemsShown {
		list = list[:problemsShown]
		last := &list[problemsShown-1]
		next := url.Values{"after": {fmt.Sprintf("%d.%d", last.Since.UnixMicro(), last.ID)}}
		if p.All {
			next.Set("all", "1")
		}
		p.Next = "/desk/problems?" + next.Encode()
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	for k := range list {
		one := &list[k]
		p.Rows = append(p.Rows, ProblemRow{URL: problemURL(one.ID), Where: one.At.String(), Group: one.Group, Facts: factsOf(one, now),
			Agency: agencies.name(one.Scope.Agency), Open: one.State == problem.Open})
	}
	p.Chrome = s.chrome(w, r, "problems")
	return s.page(w, r, http.StatusOK, "Проблемы", Problems(p))
}

func (s *Staff) problemResource() *site.Resource {
	return &site.Resource{Name: "problem", Load: func(ctx context.Context, me *account.Account, id int64) (context.Context, error) {
		p, err := s.Cases().Problems().Problem(ctx, me.Scope(), problem.ID(id))
		return context.WithValue(ctx, problemKey{}, p), err
	}}
}

type problemKey struct{}

func (s *Staff) problem(w http.ResponseWriter, r *http.Request) error {
	p, err := s.problemPage(r)
	if err != nil {
		return err
	}
	return s.showProblem(w, r, http.StatusOK, p)
}

func (s *Staff) showProblem(w http.ResponseWriter, r *http.Request, status int, p *ProblemPage) error {
	p.Chrome = s.chrome(w, r, "problems")
	return s.page(w, r, status, p.Where, OneProblem(p))
}

func (s *Staff) problemPage(r *http.Request) (*ProblemPage, error) {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	one := ctx.Value(problemKey{}).(*problem.Problem)
	zone := s.zone(one.Scope.Centre, one.Scope.Region)
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return nil, err
	}
	p := &ProblemPage{ID: one.ID, Where: one.At.String(), Group: one.Group, Facts: factsOf(one, now), Agency: agencies.name(one.Scope.Agency), Open: one.State == problem.Open,
		Reopened: one.Reopened, End: one.State == problem.Open && lifecycle.May(me.Role, lifecycle.Check)}
	if !p.Open {
		p.Ended, p.EndedBy, p.How, p.Reason = site.DateTime(one.ClosedAt, now, zone), people.names[one.ClosedBy], knownWords[one.How], one.Reason
	}
	ids, err := tx.Problems().Incidents(ctx, one.ID)
	if err != nil {
		return nil, err
	}
	want := make([]incident.ID, len(ids))
	for k, id := range ids {
		want[k] = incident.ID(id)
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), want) // an agency sees what was handed to it
	if err != nil {
		return nil, err
	}
	if err := s.mask(ctx, me, rows); err != nil {
		return nil, err
	}
	for _, row := range slices.Backward(rows) {
		v := ProblemIncident{URL: incidentURL(row.ID), Number: incident.Spoken(row.Number), When: site.DateTime(row.OpenedAt, now, zone), Phrase: row.Phrase(),
			Excerpt: row.Excerpt, Verified: row.Verified()}
		if row.Outcome == lifecycle.Solved {
			p.Solved++
		}
		if v.Verified {
			p.Verified++
		}
		if row.VerifiedHow == "inspector" || row.VerifiedHow == "photo" {
			p.Visits++
		}
		replies, err := tx.Replies().OfIncident(ctx, me.Scope(), int64(row.ID))
		if err != nil {
			return nil, err
		}
		for k := range replies {
			if one := &replies[k]; !one.PublishedAt.IsZero() && (one.Purpose == reply.Final || one.Purpose == reply.Interim) {
				p.Replies++
				v.Reply = one.Text
			}
		}
		closures, err := tx.Feedback().Closures(ctx, int64(row.ID))
		if err != nil {
			return nil, err
		}
		for k := range closures {
			if !closures[k].FalseAt.IsZero() {
				v.False = closures[k].FalseWhy.Name()
			}
		}
		p.Incidents = append(p.Incidents, v)
	}
	return p, nil
}

// endProblem says that a durable fault is gone.
func (s *Staff) endProblem(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	one := r.Context().Value(problemKey{}).(*problem.Problem)
	err := s.Desk.EndProblem(r.Context(), who(r).Actor(), one.ID, field(r, "how"), field(r, "reason"))
	switch fault.KindOf(err) {
	case "":
		say(w, Said{Good: "Проблема закрыта. Вернётся — откроется сама."})
		http.Redirect(w, r, problemURL(one.ID), http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		p, again := s.problemPage(r)
		if again != nil {
			return again
		}
		p.Problem, p.Kept = fault.Sentence(err), r.PostForm
		return s.showProblem(w, r, site.Status(err), p)
	}
	return err
}

// A DurableView is the durable problem that an incident belongs to.
type DurableView struct {
	ID         problem.ID
	URL, Words string
	Unlink     bool
}

func (s *Staff) addDurable(ctx context.Context, tx incident.Tx, i *incident.Incident, p *IncidentPage, now time.Time) error {
	id, err := tx.Problems().Of(ctx, int64(i.ID))
	if err != nil || id == 0 {
		return err
	}
	one, err := tx.Problems().Problem(ctx, scope.OfRegion(i.Place.Region), id)
	if err != nil {
		return err
	}
	p.Durable = &DurableView{ID: id, URL: problemURL(id), Words: one.At.String() + ": " + factsOf(one, now), Unlink: p.Can[lifecycle.Link]}
	return nil
}

// problemDeeds are the forms about durable faults and calls.
var problemDeeds = []deed{
	{"link", lifecycle.Link, "Записано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Link{Problem: problem.ID(number(r, "problem"))}, nil
	}},
	{"called", lifecycle.Called, "Записано", "", "", "", (*Staff).called},
}

func (s *Staff) problemRoutes() []site.Route {
	see := site.Access{Right: lifecycle.SeeQueue}
	one := site.Access{Right: lifecycle.SeeQueue, Of: s.problemResource()}
	ends := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Check, Of: one.Of}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/problems", Access: see, Handler: s.problems},
		{Method: "GET", Pattern: "/desk/problems/{id}", Access: one, Handler: s.problem},
		{Method: "POST", Pattern: "/desk/problems/{id}/end", Access: ends, Handler: s.endProblem},
		{Method: "GET", Pattern: "/desk/calls", Access: see, Handler: s.calls},
	}
}
