package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// An Allowance is what VK lets our tokens ask, and what watching the walls of others costs.
type Allowance struct {
	Walls    int         `json:"walls" doc:"Of others, read by the pool of tokens"`
	Posts    int         `json:"posts" doc:"That are watched"`
	Comments int         `json:"comments_per_day" doc:"Seen in the last day, or expected"`
	Tokens   []TokenFare `json:"tokens"`
	Costs    []LagCost   `json:"costs" doc:"How many tokens a wanted lag takes, by measurement"`
}

// A LagCost says how many tokens a lag takes.
type LagCost struct {
	Lag    int `json:"lag_seconds" doc:"Median from writing to seeing"`
	Tokens int `json:"tokens"`
}

// A TokenFare is how one token fares.
type TokenFare struct {
	Key      string         `json:"key" doc:"Name of the key, never the key"`
	State    string         `json:"state" enum:"good,resting,revoked,captcha"`
	Until    *time.Time     `json:"until,omitempty" doc:"When it is tried again"`
	Sentence string         `json:"sentence,omitempty" doc:"What to do, in Russian"`
	Purses   []TokenPurse   `json:"purses"`
	Methods  map[string]int `json:"methods" doc:"Calls of the last 24 hours"`
}

// A TokenPurse is what a token may ask of one sort in 24 hours.
type TokenPurse struct {
	Name    string     `json:"name"`
	Allowed int        `json:"allowed"`
	Used    int        `json:"used"`
	Back    *time.Time `json:"back_at,omitempty" doc:"When the first of them count no more"`
}

// A PastedBody is a link to a post or comment.
type PastedBody struct {
	Link string `json:"link" maxLength:"2000"`
}

// A MissedAnswer says why a message is among ours or not.
type MissedAnswer struct {
	Code     string   `json:"code" enum:"found,judged,unknown,unread,ours,paused,failing,never,deleted,waiting,older,lost"`
	Sentence string   `json:"sentence" doc:"The answer, in Russian"`
	Evidence []string `json:"evidence" doc:"What it rests on"`
	Source   string   `json:"source" doc:"Where the message stands, as messages name it"`
	SourceID int64    `json:"source_id,omitempty"`
	Incident int64    `json:"incident,omitempty"`
}

func (a *API) addWatcher() {
	see := site.Access{Right: lifecycle.SeeSources}
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"sources"}}
	}
	add(a, op(http.MethodGet, "/sources/allowance", "What VK lets our tokens ask, and how many tokens a lag takes"), see, func(ctx context.Context, me *Caller, _ *nothing) (*body[Allowance], error) {
		got, err := a.Watcher.Allowance(ctx, me.Actor())
		out := Allowance{Walls: got.Walls, Posts: got.Posts, Comments: int(got.Comments), Tokens: []TokenFare{}, Costs: []LagCost{}}
		for _, c := range got.Costs {
			out.Costs = append(out.Costs, LagCost{int(c.Lag.Seconds()), c.Tokens})
		}
		for _, t := range got.Tokens {
			one := TokenFare{Key: t.Name, State: t.State, Until: at(t.Until), Sentence: t.Sentence, Methods: map[string]int{}}
			for _, p := range t.Purses {
				one.Purses = append(one.Purses, TokenPurse{p.Name, p.Allowed, p.Used, at(p.Back)})
			}
			for _, m := range t.Methods {
				one.Methods[m.Method] = m.Calls
			}
			out.Tokens = append(out.Tokens, one)
		}
		return &body[Allowance]{out}, err
	})
	why := op(http.MethodPost, "/sources/missed", "Why a post or comment of VK is among ours or not")
	why.Description = "Nothing is kept. Where the message is not ours VK is asked for it, one call."
	why.Responses = notFound(a)
	add(a, why, see, func(ctx context.Context, me *Caller, in *body[PastedBody]) (*body[MissedAnswer], error) {
		m, err := a.Watcher.Missed(ctx, me.Actor(), in.Body.Link)
		return &body[MissedAnswer]{MissedAnswer{m.Code, m.Sentence, orEmpty(m.Evidence), m.Source, m.Number, m.Incident}}, err
	})
}
