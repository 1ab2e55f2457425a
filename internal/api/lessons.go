package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// Models is what was learnt from people's decisions, and how learning stands.
type Models struct {
	Learning *time.Time     `json:"learning_since,omitempty" doc:"Present while it learns"`
	Told     []string       `json:"told" doc:"What the last learning of this process came to, in Russian"`
	Hour     int            `json:"hour" doc:"Of the region's time at which it learns; -1 never"`
	ByHand   bool           `json:"by_hand" doc:"A version that is not worse waits for a person"`
	Gathered Gathered       `json:"gathered"`
	Versions []ModelVersion `json:"versions" doc:"Topics first, then executors; newest first"`
}

// Gathered counts what there is to learn from now.
type Gathered struct {
	Corrected  int `json:"corrected"`
	Confirmed  int `json:"confirmed"`
	HandedOver int `json:"handed_over" doc:"An agency took and kept them"`
	Pinned     int `json:"pinned" doc:"Never learnt from: versions are asked about them"`
}

// A ModelVersion is one version. It holds counts, codes and ids, never words.
type ModelVersion struct {
	Subject   string         `json:"subject" enum:"topics,executors"`
	Number    int            `json:"number"`
	State     string         `json:"state" enum:"candidate,active,refused,replaced,rolled_back"`
	Reason    string         `json:"reason,omitempty" doc:"Why it was refused, in Russian"`
	MadeAt    *time.Time     `json:"made_at"`
	MadeBy    int64          `json:"made_by,omitempty" doc:"Account; absent for the machine"`
	DecidedAt *time.Time     `json:"decided_at,omitempty"`
	DecidedBy int64          `json:"decided_by,omitempty"`
	Before    int            `json:"before" doc:"The version that it was compared with; 0 is what the program brought"`
	Shipped   int            `json:"shipped_examples"`
	Corrected int            `json:"corrected_examples"`
	Confirmed int            `json:"confirmed_examples"`
	Data      string         `json:"data" doc:"SHA-256 of what was learnt from"`
	Figures   lesson.Figures `json:"figures" doc:"On the pinned cases: counts of right answers, before and now"`
}

// A SubjectBody names what was learnt.
type SubjectBody struct {
	Subject string `json:"subject" enum:"topics,executors"`
}

// A VersionBody names a version.
type VersionBody struct {
	Subject string `json:"subject" enum:"topics,executors"`
	Number  int    `json:"number" minimum:"1"`
}

// A SuggestedAgency is who took and kept similar cases.
type SuggestedAgency struct {
	Agency int64    `json:"agency"`
	Kept   int      `json:"kept,omitempty" doc:"Of the similar cases it kept so many"`
	Of     int      `json:"of,omitempty" doc:"Similar cases; absent when words alone speak for it"`
	Where  string   `json:"where,omitempty" doc:"What makes them similar, in Russian"`
	Score  float64  `json:"score,omitempty" doc:"Probability by the learnt model"`
	Words  []string `json:"words" doc:"Of the message that speak for it, personal data left out"`
}

func (a *API) models(ctx context.Context) (*body[Models], error) {
	l, err := a.School.Lessons(ctx)
	if err != nil {
		return nil, err
	}
	out := Models{Learning: at(l.Since), Told: orEmpty(l.Told), Hour: l.Hour, ByHand: l.ByHand, Versions: []ModelVersion{},
		Gathered: Gathered{l.Tally.Corrected, l.Tally.Confirmed, l.Tally.HandedOver, l.Tally.Pinned}}
	for _, s := range lesson.Subjects() {
		for _, v := range l.Versions[s] {
			out.Versions = append(out.Versions, ModelVersion{string(v.Subject), v.Number, string(v.State), v.Reason, at(v.MadeAt), int64(v.MadeBy), at(v.DecidedAt), int64(v.DecidedBy),
				v.Before, v.Shipped, v.Corrected, v.Confirmed, v.Data, v.Figures})
		}
	}
	return &body[Models]{out}, nil
}

func (a *API) addLessons() {
	access := site.Access{Right: lifecycle.Teach, Whole: true}
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"learning"}}
	}
	add(a, op(http.MethodGet, "/models", "What was learnt from people's decisions, with figures"), access, func(ctx context.Context, _ *Caller, _ *nothing) (*body[Models], error) {
		return a.models(ctx)
	})
	teach := op(http.MethodPost, "/models/teach", "Begin to learn now")
	teach.Description = "Answers at once; learning_since is present until it has ended. 409 while it learns already."
	add(a, teach, access, func(ctx context.Context, me *Caller, _ *nothing) (*body[Models], error) {
		if err := a.School.Teach(ctx, me.Actor()); err != nil {
			return nil, err
		}
		return a.models(ctx)
	})
	activate := op(http.MethodPost, "/models/activate", "Put a version in force")
	activate.Description = "409 when it is worse on the pinned cases than the one in force, or was refused."
	activate.Responses = notFound(a)
	add(a, activate, access, func(ctx context.Context, me *Caller, in *body[VersionBody]) (*body[Models], error) {
		if err := a.School.ActivateLesson(ctx, me.Actor(), lesson.Subject(in.Body.Subject), in.Body.Number); err != nil {
			return nil, err
		}
		return a.models(ctx)
	})
	add(a, op(http.MethodPost, "/models/rollback", "Go back to the version before"), access, func(ctx context.Context, me *Caller, in *body[SubjectBody]) (*body[Models], error) {
		if _, err := a.School.RollBackLesson(ctx, me.Actor(), lesson.Subject(in.Body.Subject)); err != nil {
			return nil, err
		}
		return a.models(ctx)
	})
	suggest := huma.Operation{Method: http.MethodGet, Path: "/incidents/{id}/suggestions", Summary: "Who took and kept similar cases, likeliest first", Tags: []string{"incidents"},
		Description: "Counted among the hand-overs that the caller sees; nothing when they are too few. Routing rules come first: see proposed."}
	add(a, suggest, site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}, func(ctx context.Context, me *Caller, _ *idInput) (*body[[]SuggestedAgency], error) {
		list, err := a.School.Suggest(ctx, me.Scope(), loaded(ctx))
		out := &body[[]SuggestedAgency]{[]SuggestedAgency{}}
		for _, s := range list {
			out.Body = append(out.Body, SuggestedAgency{s.Agency, s.Kept, s.Of, s.Where, s.Score, orEmpty(s.Words)})
		}
		return out, err
	})
}
