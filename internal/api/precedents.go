package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A Precedent is a solved incident like the one asked about, with the reply that helped.
type Precedent struct {
	Incident int64     `json:"incident"`
	Number   string    `json:"number"`
	Reply    int64     `json:"reply"`
	Address  string    `json:"address,omitempty"`
	Asked    string    `json:"asked" doc:"The complaint; personal data stand as [скрыто]"`
	Text     string    `json:"text" doc:"The reply, covered likewise; what was covered must be taken out before it goes on"`
	Verified bool      `json:"verified"`
	Mark     float64   `json:"mean_mark,omitempty"`
	Score    float64   `json:"score"`
	At       time.Time `json:"at"`
}

func (a *API) addPrecedents() {
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	op := huma.Operation{Method: http.MethodGet, Path: "/incidents/{id}/precedents", Summary: "Solved incidents like this one with replies that helped, the best first", Tags: []string{"incidents"}}
	add(a, op, one, func(ctx context.Context, me *Caller, _ *idInput) (*body[[]Precedent], error) {
		list, err := a.Desk.Alike(ctx, a.Cases(), me.Actor(), loaded(ctx))
		out := &body[[]Precedent]{[]Precedent{}}
		for k := range list {
			l := &list[k]
			out.Body = append(out.Body, Precedent{Incident: l.Incident, Number: l.Number, Reply: l.Reply, Address: l.Address, Asked: l.Asked, Text: l.Text, Verified: l.Verified, Mark: l.Mark, Score: l.Score, At: l.At})
		}
		return out, err
	})
	type privateLinkBody struct {
		Reply int64 `json:"reply" minimum:"1"`
	}
	link := huma.Operation{Method: http.MethodPost, Path: "/incidents/{id}/private_link", Summary: "A one-use link to the part of a reply that is for its author alone, to be passed on privately; it is shown once, those before it open nothing any more", Tags: []string{"incidents"}}
	takes := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Submit, Of: one.Of}
	add(a, link, takes, func(ctx context.Context, me *Caller, in *actInput[privateLinkBody]) (*body[InviteAnswer], error) {
		url, err := a.Desk.PrivateLink(ctx, me.Actor(), loaded(ctx).ID, reply.ID(in.Body.Reply))
		return &body[InviteAnswer]{InviteAnswer{url}}, err
	})
	type machineBody struct {
		Kind    string `json:"kind" enum:"reply,summary"`
		Purpose string `json:"purpose,omitempty" enum:"final,interim" default:"final"`
	}
	ask := huma.Operation{Method: http.MethodPost, Path: "/incidents/{id}/assist", Summary: "What the configured assistant proposes: the draft of a reply, or a summary; nothing is sent", Tags: []string{"incidents"}}
	add(a, ask, takes, func(ctx context.Context, me *Caller, in *actInput[machineBody]) (*body[MachineDraft], error) {
		m, err := a.Desk.Assist(ctx, a.Cases(), me.Actor(), loaded(ctx), in.Body.Kind, reply.Purpose(in.Body.Purpose))
		return &body[MachineDraft]{MachineDraft{m.ID, m.Kind, m.Text, m.Model, true}}, err
	})
}

// A MachineDraft is what a machine wrote. A person edits it, or answers for it.
type MachineDraft struct {
	ID      int64  `json:"id"`
	Kind    string `json:"kind" enum:"reply,summary"`
	Text    string `json:"text"`
	Model   string `json:"model"`
	Machine bool   `json:"machine" doc:"Always true"`
}
