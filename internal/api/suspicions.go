package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A Suspicion says that a message looks like spam.
type Suspicion struct {
	Message   int64      `json:"message"`
	Reasons   []string   `json:"reasons" doc:"Codes: no_task, trap, hasty, links, foreign, copies, advert, ill_famed, flood. docs/abuse.md says what each means"`
	At        time.Time  `json:"at"`
	SettledAt *time.Time `json:"settled_at" doc:"When a person looked"`
	Spam      bool       `json:"spam" doc:"What the person said"`
}

// A SettleBody says whether it is spam.
type SettleBody struct {
	Spam bool `json:"spam" doc:"true: the next report of the sender is asked for a task. It changes no state: reject the incident for that"`
}

type settleInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body SettleBody
}

func (a *API) addSuspicions(one site.Access) {
	add(a, huma.Operation{Method: http.MethodGet, Path: "/incidents/{id}/suspicions", Summary: "Which of its messages look like spam, and why", Tags: []string{"incidents"}}, one,
		func(ctx context.Context, me *Caller, _ *idInput) (*body[[]Suspicion], error) {
			return a.suspicions(ctx, me, loaded(ctx).ID)
		})
	settle := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Reject, Of: one.Of}
	add(a, huma.Operation{Method: http.MethodPost, Path: "/incidents/{id}/suspicions/settle", Summary: "Say whether what looks like spam is spam", Tags: []string{"incidents"}}, settle,
		func(ctx context.Context, me *Caller, in *settleInput) (*body[[]Suspicion], error) {
			var messages []int64
			err := a.Writer.Change(ctx, incident.People, func(tx incident.Tx) (err error) {
				messages, err = tx.Suspicions().Settle(ctx, me.Scope(), loaded(ctx).ID, me.ID, in.Body.Spam, a.Now())
				return err
			})
			if err != nil {
				return nil, err
			}
			if a.Judged != nil {
				a.Judged(in.Body.Spam, messages...)
			}
			return a.suspicions(ctx, me, loaded(ctx).ID)
		})
}

func (a *API) suspicions(ctx context.Context, me *Caller, id incident.ID) (*body[[]Suspicion], error) {
	list, err := a.Cases().Suspicions().SuspicionsOf(ctx, me.Scope(), id)
	out := &body[[]Suspicion]{[]Suspicion{}}
	for k := range list {
		s := &list[k]
		out.Body = append(out.Body, Suspicion{s.Message, orEmpty(s.Reasons), s.At, at(s.Settled), s.Spam})
	}
	return out, err
}
