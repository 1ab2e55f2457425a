package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// Bodies of a deed for many incidents.
type (
	ManyBody struct {
		Action    string       `json:"action" enum:"accept,reject,hand_over,take,claim,release,close,correct,merge,undo" doc:"merge: all go into the oldest, or none does. undo: give the versions of the outcomes"`
		Incidents []ManyTarget `json:"incidents" minItems:"1" maxItems:"200"`
		HandOver  bool         `json:"hand_over,omitempty" doc:"accept: at once to the agency that routing proposes"`
		Agency    int64        `json:"agency,omitempty" minimum:"0" doc:"hand_over; absent: the one that has it"`
		Executor  int64        `json:"executor,omitempty" minimum:"0" doc:"hand_over: account inside the agency"`
		Reason    string       `json:"reason,omitempty" doc:"reject, hand_over, close"`
		Outcome   string       `json:"outcome,omitempty" enum:"solved,partly,explained" doc:"close"`
		Topic     string       `json:"topic,omitempty" doc:"correct: code, or undefined"`
		Urgency   string       `json:"urgency,omitempty" enum:"normal,high,danger" doc:"correct"`
	}
	ManyTarget struct {
		ID      int64 `json:"id" minimum:"1"`
		Version int   `json:"version,omitempty" minimum:"0" doc:"As you saw it; one that has changed since is refused. Absent: whatever is stored"`
	}
	ManyOutcomes struct {
		Done     int       `json:"done"`
		Outcomes []Outcome `json:"outcomes" doc:"One for each incident, in the order asked"`
	}
)

func (b *ManyBody) change() (desk.Change, error) {
	switch lifecycle.Action(b.Action) {
	case lifecycle.Accept:
		return desk.Accept{HandOver: b.HandOver}, nil
	case lifecycle.Reject:
		return desk.Reject{Reason: b.Reason}, nil
	case lifecycle.HandOver:
		return desk.HandOver{Agency: b.Agency, Executor: b.Executor, Reason: b.Reason}, nil
	case lifecycle.Take:
		return desk.Take{}, nil
	case lifecycle.Claim:
		return desk.Claim{}, nil
	case lifecycle.Release:
		return desk.Release{}, nil
	case lifecycle.Close:
		return desk.Close{Outcome: lifecycle.Outcome(b.Outcome), Reason: b.Reason}, nil
	case lifecycle.Correct:
		var c desk.Correct
		if b.Topic != "" {
			c.Topic = (*topic.Code)(&b.Topic)
		}
		if b.Urgency != "" {
			c.Urgency = (*message.Urgency)(&b.Urgency)
		}
		return c, nil
	case lifecycle.Merge:
		return desk.Merge{}, nil
	case lifecycle.Undo:
		return desk.Undo{}, nil
	}
	return nil, fault.New(fault.Invalid, "action %q is not one for many", b.Action).At("action").Say("Такого действия со многими сразу нет.")
}

func (a *API) addMany() {
	op := huma.Operation{Method: http.MethodPost, Path: "/incidents/many", Summary: "Do one deed to many incidents", Tags: []string{"actions"},
		Description: "Each incident is a transaction of its own; the answer says of each whether it was done, and why not. " +
			"To take the whole back, send action undo with the versions of the outcomes: each goes back where nobody has acted since.", MaxBodyBytes: textBody}
	add(a, op, site.Access{Right: lifecycle.SeeQueue}, func(ctx context.Context, me *Caller, in *body[ManyBody]) (*body[ManyOutcomes], error) {
		c, err := in.Body.change()
		if err != nil {
			return nil, err
		}
		var targets []desk.Target
		for _, t := range in.Body.Incidents {
			targets = append(targets, desk.Target{ID: incident.ID(t.ID), Version: t.Version})
		}
		results, err := desk.Many(ctx, a.Desk, me.Actor(), targets, c)
		if err != nil {
			return nil, err
		}
		out := ManyOutcomes{Outcomes: []Outcome{}}
		for _, r := range results {
			o := Outcome{Incident: int64(r.ID), Version: r.Version, Done: r.Err == nil}
			if r.Err != nil {
				o = refusal(r.ID, r.Err)
			} else {
				out.Done++
			}
			out.Outcomes = append(out.Outcomes, o)
		}
		return &body[ManyOutcomes]{out}, nil
	})
}
