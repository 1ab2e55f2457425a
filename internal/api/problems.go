package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	urgent "otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/problem"
	"otklik/internal/site"
)

// Bodies of what is done about durable faults and calls.
type (
	LinkBody struct {
		Seen
		Problem int64 `json:"problem" minimum:"0" doc:"The problem that the incident belongs to; 0: to none"`
	}
	CalledBody struct {
		Seen
		Call     int64  `json:"call" minimum:"1"`
		Whom     string `json:"whom,omitempty" maxLength:"200" doc:"Whom one rang; required unless the call is needless"`
		Said     string `json:"said,omitempty" maxLength:"2000" doc:"What was said; erased with the message. Required when the call is needless: why"`
		Needless bool   `json:"needless,omitempty" doc:"Nobody is in danger"`
	}
	EndBody struct {
		How    string `json:"how" enum:"photo,author,inspector,neighbour"`
		Reason string `json:"reason" doc:"What was done, in official words"`
	}
)

func (b LinkBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Link{Problem: problem.ID(b.Problem)}, nil
}

func (b CalledBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Called{Call: urgent.ID(b.Call), Whom: b.Whom, Said: b.Said, Needless: b.Needless}, nil
}

// A DurableProblem is a fault at a place that outlives its incidents.
type DurableProblem struct {
	ID        int64      `json:"id"`
	Group     string     `json:"group"`
	Place     string     `json:"place"`
	State     string     `json:"state" enum:"open,closed"`
	Since     *time.Time `json:"since"`
	LastAt    *time.Time `json:"last_at"`
	Days      int        `json:"days"`
	Count     int        `json:"incidents_count"`
	Agency    int64      `json:"agency,omitempty"`
	Reopened  int        `json:"reopened"`
	ClosedAt  *time.Time `json:"closed_at,omitempty"`
	How       string     `json:"how,omitempty"`
	Incidents []int64    `json:"incidents,omitempty" doc:"Those that the caller sees, oldest first; in the answer about one problem alone"`
}

// A Call is a call that must be made at once, or was.
type Call struct {
	ID       int64      `json:"id"`
	Incident int64      `json:"incident"`
	Why      string     `json:"why"`
	State    string     `json:"state" enum:"waiting,made,needless"`
	At       *time.Time `json:"at"`
	Whom     string     `json:"whom,omitempty"`
	By       int64      `json:"by,omitempty"`
	MadeAt   *time.Time `json:"made_at,omitempty"`
}

func (a *API) faultOf(p *problem.Problem) DurableProblem {
	return DurableProblem{ID: int64(p.ID), Group: p.Group, Place: p.At.String(), State: string(p.State), Since: at(p.Since), LastAt: at(p.LastAt), Days: p.Days(a.Now()),
		Count: p.Incidents, Agency: p.Scope.Agency, Reopened: p.Reopened, ClosedAt: at(p.ClosedAt), How: p.How}
}

type problemsPage struct {
	Problems []DurableProblem `json:"problems"`
	Next     string           `json:"next,omitempty" doc:"after of the next page"`
}

func (a *API) ofProblem() *site.Resource {
	return &site.Resource{Name: "problem", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		p, err := a.Cases().Problems().Problem(ctx, who.Scope(), problem.ID(id))
		return context.WithValue(ctx, problemKey{}, p), err
	}}
}

type problemKey struct{}

func (a *API) addProblems() {
	act[LinkBody](a, "link", lifecycle.Link, "Give the incident to a durable problem, or take it away")
	act[CalledBody](a, "called", lifecycle.Called, "Say that a call that had to be made at once was made")
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"incidents"}}
	}
	see := site.Access{Right: lifecycle.SeeQueue}
	add(a, op(http.MethodGet, "/problems", "Durable faults, the longest known first"), see, func(ctx context.Context, me *Caller, in *struct {
		All    bool   `query:"all" doc:"The closed ones too"`
		Group  string `query:"group"`
		Centre string `query:"centre"`
		After  string `query:"after" maxLength:"60"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*body[problemsPage], error) {
		f := problem.Filter{Open: !in.All, Group: in.Group, Centre: in.Centre, Limit: in.Limit + 1}
		if in.After != "" {
			since, id, _ := strings.Cut(in.After, ".")
			n, err := strconv.ParseInt(since, 10, 64)
			m, err2 := strconv.ParseInt(id, 10, 64)
			if err != nil || err2 != nil {
				return nil, fault.New(fault.Invalid, "after is no cursor").At("after").Mend("send back next of the page before")
			}
			f.After, f.AfterID = time.UnixMicro(n), problem.ID(m)
		}
		list, err := a.Cases().Problems().List(ctx, me.Scope(), f)
		if err != nil {
			return nil, err
		}
		out := &body[problemsPage]{problemsPage{Problems: []DurableProblem{}}}
		for k := range list {
			if k == in.Limit {
				last := &list[k-1]
				out.Body.Next = fmt.Sprintf("%d.%d", last.Since.UnixMicro(), last.ID)
				break
			}
			out.Body.Problems = append(out.Body.Problems, a.faultOf(&list[k]))
		}
		return out, nil
	})
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofProblem()}
	add(a, op(http.MethodGet, "/problems/{id}", "One durable fault with its incidents"), one, func(ctx context.Context, me *Caller, _ *idInput) (*body[DurableProblem], error) {
		p := ctx.Value(problemKey{}).(*problem.Problem)
		out := &body[DurableProblem]{a.faultOf(p)}
		ids, err := a.Cases().Problems().Incidents(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		want := make([]incident.ID, len(ids))
		for k, id := range ids {
			want[k] = incident.ID(id)
		}
		rows, err := a.Cases().Incidents().Rows(ctx, me.Scope(), want)
		for k := range rows {
			out.Body.Incidents = append(out.Body.Incidents, int64(rows[k].ID))
		}
		return out, err
	})
	ends := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Check, Of: one.Of}
	add(a, op(http.MethodPost, "/problems/{id}/end", "Say that a durable fault is gone, and how that is known"), ends, func(ctx context.Context, me *Caller, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body EndBody
	}) (*body[DurableProblem], error) {
		if err := a.Desk.EndProblem(ctx, me.Actor(), problem.ID(in.ID), in.Body.How, in.Body.Reason); err != nil {
			return nil, err
		}
		p, err := a.Cases().Problems().Problem(ctx, me.Scope(), problem.ID(in.ID))
		if err != nil {
			return nil, err
		}
		return &body[DurableProblem]{a.faultOf(p)}, nil
	})
	add(a, op(http.MethodGet, "/calls", "Calls that must be made at once, oldest first"), see, func(ctx context.Context, me *Caller, _ *struct{}) (*body[[]Call], error) {
		list, err := a.Cases().Calls().Waiting(ctx, me.Scope(), 200)
		out := &body[[]Call]{[]Call{}}
		for k := range list {
			c := &list[k]
			out.Body = append(out.Body, Call{ID: int64(c.ID), Incident: c.Incident, Why: c.Why, State: string(c.State), At: at(c.At), Whom: c.Whom, By: int64(c.By), MadeAt: at(c.MadeAt)})
		}
		return out, err
	})
}
