package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
)

func agencyShape(g *agency.Agency) Agency {
	return Agency{g.ID, g.Name, g.Short, g.Contact, g.Approval, g.Place.Region, g.Place.Centre, g.OwnApproval, g.Disabled, g.LintBar}
}

// Bodies of what is done to agencies. Absent fields stay as they are.
type (
	AgencySettings struct {
		Name     *string `json:"name,omitempty" maxLength:"300"`
		Short    *string `json:"short,omitempty" maxLength:"60"`
		Contact  *string `json:"contact,omitempty" maxLength:"300" doc:"Public"`
		Approval *bool   `json:"approval,omitempty" doc:"Replies of its executors need an approver"`
		Own      *bool   `json:"own_approval,omitempty" doc:"Who wrote a reply may approve it"`
		LintBar  *int    `json:"lint_bar,omitempty" minimum:"-1" maximum:"100" doc:"Score below which a draft needs override_reason: 0 is the bar of the product (40), -1 asks never"`
		Disabled *bool   `json:"disabled,omitempty" doc:"Close it; refused while incidents or routing rules lead to it"`
	}
	NewAgency struct {
		AgencySettings
		Centre string `json:"centre,omitempty" doc:"OKTMO of the municipality; absent: the region"`
	}
	MoveBody struct {
		To     int64  `json:"to" minimum:"1" doc:"The agency that gets all open incidents and routing rules"`
		Reason string `json:"reason"`
	}
	// Outcome says what became of one incident of a deed for many.
	Outcome struct {
		Incident int64  `json:"incident"`
		Version  int    `json:"version,omitempty" doc:"After the deed"`
		Done     bool   `json:"done"`
		Kind     string `json:"kind,omitempty" doc:"Kind of the refusal"`
		Why      string `json:"why,omitempty" doc:"In Russian, for people"`
	}
	Moving struct {
		Rules    int       `json:"rules" doc:"Routing rules that lead elsewhere now"`
		Outcomes []Outcome `json:"outcomes"`
	}
	// DraftReply is a reply that waits for approval.
	DraftReply struct {
		Incident int64 `json:"incident"`
		Reply
	}
)

func (s *AgencySettings) into(a *agency.Agency) {
	if s.LintBar != nil {
		a.LintBar = *s.LintBar
	}
	for _, f := range []struct {
		to   *string
		from *string
	}{{&a.Name, s.Name}, {&a.Short, s.Short}, {&a.Contact, s.Contact}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	for _, f := range []struct {
		to   *bool
		from *bool
	}{{&a.Approval, s.Approval}, {&a.OwnApproval, s.Own}, {&a.Disabled, s.Disabled}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
}

// refusal is the outcome of what was not done.
func refusal(id incident.ID, err error) Outcome {
	return Outcome{Incident: int64(id), Kind: string(fault.KindOf(err)), Why: fault.Sentence(err)}
}

type agencyKey struct{}

func (a *API) ofAgency() *site.Resource {
	return &site.Resource{Name: "agency", Load: func(ctx context.Context, me *account.Account, id int64) (context.Context, error) {
		g, err := a.Cases().Agencies().Agency(ctx, id)
		if err != nil {
			return ctx, err
		}
		if me.Place.Region != "" && g.Place.Region != me.Place.Region {
			return ctx, fault.New(fault.NotFound, "agency %d is of another region", id)
		}
		return context.WithValue(ctx, agencyKey{}, g), nil
	}}
}

func (a *API) addAgencies() {
	edit := site.Access{Right: lifecycle.EditAgencies, Whole: true}
	one := site.Access{Right: lifecycle.EditAgencies, Whole: true, Of: a.ofAgency()}
	op := func(path, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodPost, Path: path, Summary: summary, Tags: []string{"reference"}}
	}
	type added struct{ Body NewAgency }
	add(a, op("/agencies", "Add an agency"), edit, func(ctx context.Context, me *Caller, in *added) (*body[Agency], error) {
		g := agency.Agency{Place: scope.Place{Region: me.Place.Region, Centre: in.Body.Centre}}
		in.Body.into(&g)
		if err := a.Desk.SaveAgency(ctx, me.Actor(), &g); err != nil {
			return nil, err
		}
		return &body[Agency]{agencyShape(&g)}, nil
	})
	type changed struct {
		ID   int64 `path:"id" minimum:"1"`
		Body AgencySettings
	}
	add(a, op("/agencies/{id}/settings", "Change an agency, close it, open it again"), one, func(ctx context.Context, me *Caller, in *changed) (*body[Agency], error) {
		g := *ctx.Value(agencyKey{}).(*agency.Agency)
		in.Body.into(&g)
		if err := a.Desk.SaveAgency(ctx, me.Actor(), &g); err != nil {
			return nil, err
		}
		return &body[Agency]{agencyShape(&g)}, nil
	})
	type moved struct {
		ID   int64 `path:"id" minimum:"1"`
		Body MoveBody
	}
	add(a, op("/agencies/{id}/move", "Hand all that an agency has to another one"), one, func(ctx context.Context, me *Caller, in *moved) (*body[Moving], error) {
		m, err := a.Desk.MoveAll(ctx, me.Actor(), in.ID, in.Body.To, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		out := Moving{Rules: m.Rules, Outcomes: []Outcome{}}
		for _, id := range m.Done {
			out.Outcomes = append(out.Outcomes, Outcome{Incident: int64(id), Done: true})
		}
		for _, f := range m.Failed {
			out.Outcomes = append(out.Outcomes, refusal(f.ID, f.Err))
		}
		return &body[Moving]{out}, nil
	})
	drafts := huma.Operation{Method: http.MethodGet, Path: "/drafts", Summary: "Replies that wait for approval, oldest first", Tags: []string{"incidents"}}
	add(a, drafts, site.Access{Right: lifecycle.SeeDrafts}, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]DraftReply], error) {
		list, err := a.Cases().Replies().Drafts(ctx, me.Scope(), 200)
		out := &body[[]DraftReply]{[]DraftReply{}}
		for k := range list {
			out.Body = append(out.Body, DraftReply{list[k].Incident, replyOf(&list[k])})
		}
		return out, err
	})
}
