package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// Bodies of what is done about the result of an incident.
type (
	HearBody struct {
		Seen
		Meaning string `json:"meaning" enum:"confirmed,refuted,partly,mark" doc:"What the author told a member of staff"`
		Mark    int    `json:"mark,omitempty" minimum:"0" maximum:"5"`
	}
	WeighBody struct {
		Seen
		Voice   int64  `json:"voice" minimum:"1"`
		Meaning string `json:"meaning" enum:"confirmed,refuted,partly,mark,new_matter,thanks" doc:"refuted returns the incident for rework, confirmed verifies it, new_matter opens another one, thanks changes nothing"`
	}
	SurveyBody struct{ Seen }
	CheckBody  struct {
		Seen
		Solved bool   `json:"solved"`
		How    string `json:"how,omitempty" enum:"photo,author,inspector,neighbour" doc:"How it is known; absent: inspector"`
		Reason string `json:"reason,omitempty" doc:"What is left; required when it is not solved"`
	}
)

func (b HearBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Hear{Meaning: feedback.Meaning(b.Meaning), Mark: b.Mark}, nil
}

func (b WeighBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Weigh{Voice: feedback.ID(b.Voice), Meaning: feedback.Meaning(b.Meaning)}, nil
}

func (SurveyBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Survey{}, nil
}

func (b CheckBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Check{Solved: b.Solved, How: b.How, Reason: b.Reason}, nil
}

// A Voice is what a resident said about the result. The words themselves stand in
// the message that it names.
type Voice struct {
	ID       int64      `json:"id"`
	Incident int64      `json:"incident"`
	Message  int64      `json:"message,omitempty"`
	Reply    int64      `json:"reply,omitempty"`
	Speaker  string     `json:"speaker" enum:"author,neighbour"`
	Way      string     `json:"way" enum:"words,link,staff,buttons"`
	Meaning  string     `json:"meaning" enum:"confirmed,refuted,partly,mark,new_matter,thanks,unsure"`
	Mark     int        `json:"mark,omitempty"`
	Sure     float64    `json:"sure"`
	State    string     `json:"state" enum:"waiting,acted,decided"`
	Evidence []Evidence `json:"evidence"`
	At       time.Time  `json:"at"`
}

// A Closure is one ending of the work and what became of it.
type Closure struct {
	Outcome  string     `json:"outcome"`
	How      string     `json:"how" doc:"photo, author, inspector, neighbour; none: nobody has looked"`
	At       time.Time  `json:"at"`
	Sampled  bool       `json:"sampled" doc:"The controller is asked to look"`
	Checked  *time.Time `json:"checked_at,omitempty"`
	FalseAt  *time.Time `json:"false_at,omitempty" doc:"When it turned out that the trouble was still there"`
	FalseWhy string     `json:"false_why,omitempty" enum:"author,check,staff,repeat"`
	Repeat   int64      `json:"repeat,omitempty" doc:"The incident that showed it"`
}

// ResultAnswer is what is known about the result of an incident.
type ResultAnswer struct {
	Verified bool      `json:"verified"`
	Voices   []Voice   `json:"voices"`
	Closures []Closure `json:"closures"`
	Crowd    *Crowd    `json:"crowd,omitempty" doc:"Of a mass incident alone"`
}

// A Crowd is what people say of the result of a mass incident since it was last reopened.
type Crowd struct {
	Asked     int `json:"asked" doc:"Authors of the incident"`
	Needed    int `json:"needed" doc:"So many must confirm before words prove it solved"`
	Confirmed int `json:"confirmed"`
	Against   int `json:"against" doc:"While somebody objects, words prove nothing"`
}

// InviteAnswer holds a one-use link. It is not shown again.
type InviteAnswer struct {
	Link string `json:"link"`
}

func voiceOf(v *feedback.Voice) Voice {
	out := Voice{ID: int64(v.ID), Incident: v.Incident, Message: v.Message, Reply: v.Reply, Speaker: string(v.Speaker), Way: string(v.Way), Meaning: string(v.Meaning),
		Mark: v.Mark, Sure: v.Sure, State: string(v.State), Evidence: []Evidence{}, At: v.At}
	for _, e := range v.Evidence {
		out.Evidence = append(out.Evidence, Evidence{Start: e.Start, End: e.End, For: "result", Why: e.Why})
	}
	return out
}

func (a *API) addFeedback() {
	act[HearBody](a, "hear", lifecycle.Hear, "Note what the author told a member of staff about the result")
	act[WeighBody](a, "weigh", lifecycle.Weigh, "Say what words of a resident mean that the machine was not sure of")
	act[SurveyBody](a, "survey", lifecycle.Survey, "Ask the author, where they wrote, whether it is solved")
	act[CheckBody](a, "check", lifecycle.Check, "Say what the controller found at a closed incident")
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"incidents"}}
	}
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	add(a, op(http.MethodGet, "/incidents/{id}/result", "What residents say about the result, and how its endings are known"), one, func(ctx context.Context, me *Caller, _ *idInput) (*body[ResultAnswer], error) {
		i, tx := loaded(ctx), a.Cases()
		out := &body[ResultAnswer]{ResultAnswer{Verified: i.Verified(), Voices: []Voice{}, Closures: []Closure{}}}
		voices, err := tx.Feedback().OfIncident(ctx, me.Scope(), int64(i.ID))
		if err != nil {
			return nil, err
		}
		for k := range voices {
			out.Body.Voices = append(out.Body.Voices, voiceOf(&voices[k]))
		}
		history, err := tx.Incidents().History(ctx, me.Scope(), i.ID)
		if err != nil {
			return nil, err
		}
		crowd, err := desk.CrowdOf(ctx, tx, i, history, a.Quorum, a.Negative)
		if err != nil {
			return nil, err
		}
		out.Body.Crowd = (*Crowd)(crowd)
		closures, err := tx.Feedback().Closures(ctx, int64(i.ID))
		for k := range closures {
			c := &closures[k]
			out.Body.Closures = append(out.Body.Closures, Closure{Outcome: string(c.Outcome), How: c.How, At: c.At, Sampled: c.Sampled,
				Checked: at(c.CheckedAt), FalseAt: at(c.FalseAt), FalseWhy: string(c.FalseWhy), Repeat: c.Repeat})
		}
		return out, err
	})
	weighs := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Weigh}
	add(a, op(http.MethodGet, "/voices", "Words of residents about results that wait for a person, oldest first"), weighs, func(ctx context.Context, me *Caller, in *struct {
		After int64 `query:"after" minimum:"0" doc:"The last id of the page before"`
		Limit int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*body[[]Voice], error) {
		list, err := a.Cases().Feedback().Waiting(ctx, me.Scope(), feedback.ID(in.After), in.Limit)
		out := &body[[]Voice]{[]Voice{}}
		for k := range list {
			out.Body = append(out.Body, voiceOf(&list[k]))
		}
		return out, err
	})
	invite := op(http.MethodPost, "/incidents/{id}/invite", "Make a one-use link by which the author judges the result, once, within a month")
	add(a, invite, site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Survey, Of: a.ofIncident()}, func(ctx context.Context, me *Caller, _ *idInput) (*body[InviteAnswer], error) {
		link, err := a.Desk.Invite(ctx, me.Actor(), loaded(ctx).ID)
		return &body[InviteAnswer]{InviteAnswer{link}}, err
	})
}
