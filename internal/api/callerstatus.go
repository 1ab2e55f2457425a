package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/site"
)

// An CallerBody is what a caller says who asks what became of their case.
type CallerBody struct {
	Number string `json:"number" maxLength:"40" example:"932-193-22" doc:"Eight digits, as people write them"`
	Ending string `json:"ending" maxLength:"40" example:"1122" doc:"The last four digits of the telephone that they left"`
}

// An Asked is what a caller may be told. A number that nobody has, one of another part
// of the region and a wrong ending are answered alike: known is false, and nothing else.
type Asked struct {
	Known bool   `json:"known"`
	Wait  int    `json:"wait_seconds,omitempty" doc:"Too many wrong tries for this number: nothing was looked for. Ask again after so long"`
	State string `json:"state,omitempty"`
	Words string `json:"words,omitempty" doc:"The state, to be said aloud, in Russian"`
	Due   string `json:"due,omitempty" format:"date-time" doc:"The answer is due"`
	By    string `json:"agency,omitempty" doc:"Who answers"`
}

// Wrong tries are counted by number, also by one that nobody has: four digits cannot be
// guessed by five tries an hour, and a robot on the line serves many callers by one account.
const (
	askTries  = 5
	askPause  = time.Hour
	askCounts = 100_000 // numbers; beyond it the counts begin again
)

type askCount struct {
	wrong int
	since time.Time
}

// asks counts wrong tries in memory.
type asks struct {
	mu sync.Mutex
	of map[string]askCount
}

// take counts a try before it is made, so that many at once are counted too, and returns
// how long to wait, 0 to go on.
func (a *asks) take(number string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil || len(a.of) > askCounts {
		a.of = map[string]askCount{}
	}
	c := a.of[number]
	if now.Sub(c.since) >= askPause {
		c = askCount{since: now}
	}
	if c.wrong >= askTries {
		return c.since.Add(askPause).Sub(now)
	}
	c.wrong++
	a.of[number] = c
	return 0
}

// right forgets the tries of a number.
func (a *asks) right(number string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, number)
}

func (a *API) addAsked(access site.Access) {
	op := huma.Operation{Method: http.MethodPost, Path: "/cards/status", Summary: "What a caller may be told who says the number and the end of their telephone", Tags: []string{"filing"},
		Description: "For an operator and for a robot on the line. After five wrong tries a number is asked no more for an hour."}
	var tries asks
	add(a, op, access, func(ctx context.Context, me *Caller, in *body[CallerBody]) (*body[Asked], error) {
		number, err := incident.ParseNumber(in.Body.Number)
		if err != nil {
			return nil, err
		}
		ending := strings.TrimSpace(in.Body.Ending)
		if len(ending) != 4 || strings.Trim(ending, "0123456789") != "" {
			return nil, fault.New(fault.Invalid, "the ending is not four digits").At("ending").Say("Назовите последние четыре цифры телефона, который вы оставили.")
		}
		if wait := tries.take(number, a.Now()); wait > 0 {
			return &body[Asked]{Asked{Wait: int(wait/time.Second) + 1}}, nil
		}
		out, err := a.asked(ctx, me, number, ending)
		if err == nil && out.Known {
			tries.right(number)
		}
		return &body[Asked]{out}, err
	})
}

func (a *API) asked(ctx context.Context, me *Caller, number, ending string) (out Asked, err error) {
	tx := a.Cases()
	i, err := tx.Incidents().ByNumber(ctx, me.Scope(), number)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if out.Known, err = tx.Calls().Left(ctx, me.Scope(), int64(i.ID), ending); err != nil || !out.Known {
		return Asked{}, err
	}
	out.State, out.Words = string(i.State), i.Phrase()
	if i.State.Open() && !i.Clock.AnswerDue.IsZero() {
		out.Due = i.Clock.AnswerDue.UTC().Format(time.RFC3339)
	}
	if i.Place.Agency != 0 {
		one, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Asked{}, err
		}
		if err == nil {
			out.By = one.Name
		}
	}
	return out, nil
}
