package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A Proposal says that two incidents are likely one, and waits for a person.
type Proposal struct {
	Incident  int64      `json:"incident" doc:"The younger one"`
	Into      int64      `json:"into" doc:"The older one: deciding merge brings the younger one here"`
	Kind      string     `json:"kind" enum:"same,burst" doc:"same: text, place, topic and time say so. burst: many like these came within hours, all proposed into their oldest"`
	Score     float64    `json:"score" doc:"0 to 1"`
	Reasons   []string   `json:"reasons" doc:"In Russian; never words of residents"`
	CreatedAt *time.Time `json:"created_at"`
}

// A DecisionBody decides about proposals into one incident: all of them or none.
type DecisionBody struct {
	Into      int64   `json:"into" minimum:"1" doc:"The older incident"`
	Incidents []int64 `json:"incidents" minItems:"1" maxItems:"100" doc:"The younger ones; each must be proposed into it"`
	Decision  string  `json:"decision" enum:"merge,dismiss" doc:"merge: their messages come into the older one. dismiss: they are different, and this is not proposed again"`
	Version   int     `json:"version,omitempty" minimum:"0" doc:"Of the older incident, as you read it; absent: whatever is stored"`
}

type proposalQuery struct {
	Kind  string `query:"kind" enum:"same,burst" doc:"Absent: both"`
	Into  int64  `query:"into" minimum:"1" doc:"Only those about this incident, on either side"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *API) addProposals() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"proposals"}}
	}
	list := op(http.MethodGet, "/proposals", "What waits for a decision: incidents that are likely one, the latest first")
	list.Description = "Both incidents are open and seen by the caller."
	add(a, list, site.Access{Right: lifecycle.SeeQueue}, a.proposals)
	decide := op(http.MethodPost, "/proposals/decide", "Merge what is proposed, or say that it is not the same")
	decide.Description = "One transaction. A proposal that does not wait (any more), or about an incident that the caller does not see, is 404; a version that is not the stored one 409."
	add(a, decide, site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Merge}, a.decideProposals)
}

func (a *API) proposals(ctx context.Context, me *Caller, in *proposalQuery) (*body[[]Proposal], error) {
	kind := incident.ProposalKind(in.Kind)
	out := &body[[]Proposal]{[]Proposal{}}
	var waiting []incident.Proposal
	var err error
	if in.Into != 0 {
		waiting, err = a.Cases().Proposals().ProposalsOf(ctx, me.Scope(), incident.ID(in.Into))
	} else {
		waiting, err = a.Cases().Proposals().Waiting(ctx, me.Scope(), kind, in.Limit)
	}
	for _, p := range waiting {
		if (kind == "" || p.Kind == kind) && len(out.Body) < in.Limit {
			out.Body = append(out.Body, Proposal{int64(p.Incident), int64(p.Into), string(p.Kind), p.Score, orEmpty(p.Reasons), at(p.CreatedAt)})
		}
	}
	return out, err
}

func (a *API) decideProposals(ctx context.Context, me *Caller, in *body[DecisionBody]) (*body[Incident], error) {
	b := &in.Body
	into := incident.ID(b.Into)
	waiting, err := a.Cases().Proposals().ProposalsOf(ctx, me.Scope(), into)
	if err != nil {
		return nil, err
	}
	var others []incident.ID
	for _, id := range b.Incidents {
		if !slices.ContainsFunc(waiting, func(p incident.Proposal) bool { return p.Incident == incident.ID(id) && p.Into == into }) {
			return nil, fault.New(fault.NotFound, "no proposal of incident %d into %d waits", id, b.Into).At("incidents").
				Say("Такого предложения нет: его уже решили, или инциденты закрыты.")
		}
		others = append(others, incident.ID(id))
	}
	var change desk.Change = desk.Merge{Others: others}
	if b.Decision == "dismiss" {
		change = desk.Dismiss{Others: others}
	}
	done, err := a.Desk.Do(ctx, me.Actor(), into, b.Version, change)
	if fault.Is(err, fault.Conflict) {
		return nil, a.conflict(ctx, me, into, err)
	} else if err != nil {
		return nil, err
	}
	return &body[Incident]{a.incident(me, done)}, nil
}
