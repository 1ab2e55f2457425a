package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A Taxonomy is the list of topics in force.
type Taxonomy struct {
	Name    string  `json:"name"`
	Version int     `json:"version"`
	Topics  []Topic `json:"topics"`
}

// An Agency is who answers.
type Agency struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Short    string `json:"short,omitempty"`
	Contact  string `json:"contact,omitempty" doc:"Public"`
	Approval bool   `json:"approval" doc:"Replies of its executors need an approver"`
	Region   string `json:"region,omitempty"`
	Centre   string `json:"centre,omitempty"`
	Own      bool   `json:"own_approval" doc:"Who wrote a reply may approve it"`
	Disabled bool   `json:"disabled,omitempty" doc:"Answers no longer: nothing is handed to it"`
	LintBar  int    `json:"lint_bar" doc:"Score below which a draft needs override_reason: 0 is the bar of the product (40), -1 asks never"`
}

// A Rule routes: the first rule of the list whose conditions hold wins.
type Rule struct {
	ID        int64  `json:"id"`
	Order     int    `json:"order"`
	Topic     string `json:"topic,omitempty" doc:"Code; absent: any"`
	Group     string `json:"group,omitempty"`
	Territory string `json:"territory,omitempty" doc:"OKTMO; absent: any"`
	Agency    int64  `json:"agency"`
}

// A Territory is a region, municipality or settlement.
type Territory struct {
	Code       string  `json:"code" doc:"OKTMO"`
	Level      string  `json:"level" enum:"region,municipality,settlement"`
	Name       string  `json:"name"`
	Type       string  `json:"type,omitempty" example:"город"`
	Population int     `json:"population,omitempty"`
	Lat        float64 `json:"lat,omitempty"`
	Lon        float64 `json:"lon,omitempty"`
	Zone       string  `json:"zone,omitempty" example:"Asia/Krasnoyarsk"`
}

// A Me is the account that calls.
type Me struct {
	ID       int64    `json:"id"`
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Role     string   `json:"role"`
	RoleName string   `json:"role_name"`
	Scope    Scope    `json:"scope"`
	Rights   []string `json:"rights"`
	Actions  []string `json:"actions" doc:"What the role may do to incidents in some state"`
	By       string   `json:"by" enum:"token,session" doc:"How it is signed in"`
}

type nothing struct{}

func (a *API) addReference() {
	a.addAgencies()
	get := func(path, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"reference"}}
	}
	add(a, get("/me", "Who calls, and what they may do"), site.Access{}, func(_ context.Context, me *Caller, _ *nothing) (*body[Me], error) {
		return &body[Me]{a.me(me)}, nil
	})
	add(a, get("/topics", "The classifier of topics in force"), site.Access{}, func(context.Context, *Caller, *nothing) (*body[Taxonomy], error) {
		return &body[Taxonomy]{a.taxonomy(a.Topics())}, nil
	})
	agencies := get("/agencies", "Who answers in the caller's region")
	agencies.Description = "Work may be handed to any agency of the region, whatever part of it the caller sees."
	add(a, agencies, site.Access{Right: lifecycle.SeeQueue}, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Agency], error) {
		list, err := a.Cases().Agencies().Agencies(ctx, scope.OfRegion(me.Place.Region))
		out := &body[[]Agency]{[]Agency{}}
		for _, g := range list {
			out.Body = append(out.Body, agencyShape(&g))
		}
		return out, err
	})
	add(a, get("/rules", "The routing rules of the caller's region, in order"), site.Access{Right: lifecycle.EditRules, Whole: true},
		func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Rule], error) {
			list, err := a.Cases().Agencies().Rules(ctx, me.Place.Region)
			out := &body[[]Rule]{[]Rule{}}
			for _, r := range list {
				out.Body = append(out.Body, Rule{r.ID, r.Order, string(r.Topic), r.Group, r.Territory, r.Agency})
			}
			return out, err
		})
	territories := get("/territories", "The territories right below one")
	territories.Description = "Of the caller's region unless parent says otherwise: its municipalities; of a municipality: its settlements. " +
		"For an account of all regions: the regions."
	territories.Responses = notFound(a)
	add(a, territories, site.Access{}, a.territories)
}

func (a *API) territories(_ context.Context, me *Caller, in *struct {
	Parent string `query:"parent" pattern:"^[0-9]{8}([0-9]{3})?$" doc:"OKTMO" example:"95000000"`
}) (*body[[]Territory], error) {
	parent := in.Parent
	if parent == "" {
		parent = me.Place.Region
	} else if _, ok := a.Territory(parent); !ok {
		return nil, fault.New(fault.NotFound, "territory %s is unknown", parent).At("parent").Say("Такой территории нет в справочнике.")
	}
	out := &body[[]Territory]{[]Territory{}}
	for _, p := range a.Territories(parent) {
		if p.Level == place.Region || p.Level == place.Municipality || p.Level == place.Settlement {
			out.Body = append(out.Body, Territory{p.ID, string(p.Level), p.Name, p.Type, p.Population, p.Lat, p.Lon, p.Zone})
		}
	}
	return out, nil
}

func (a *API) me(me *Caller) Me {
	out := Me{ID: int64(me.ID), Login: me.Login, Name: me.Name, Role: string(me.Role), RoleName: me.Role.Name(), Scope: scopeOf(me.Account),
		Rights: []string{}, Actions: []string{}, By: "session"}
	if me.ByToken {
		out.By = "token"
	}
	for _, r := range lifecycle.Rights() {
		if me.Role.Holds(r) {
			out.Rights = append(out.Rights, string(r))
		}
	}
	for _, r := range lifecycle.Table() {
		if lifecycle.May(me.Role, r.Action) {
			out.Actions = append(out.Actions, string(r.Action))
		}
	}
	return out
}
