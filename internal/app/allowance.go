package app

import (
	"cmp"
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/order"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/plan"
)

// lags are those of which the page of sources says what they cost.
var lags = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// Allowance implements site.Watcher.
func (a *App) Allowance(ctx context.Context, who account.Actor) (out source.Allowance, err error) {
	if !whole(who) {
		return out, nil
	}
	state := a.pool.State()
	hours, err := a.DB.Reader().Sources().Hours(ctx, scope.All(), "", a.Now().Add(-24*time.Hour))
	if err != nil {
		return out, err
	}
	seen := 0
	for _, owner := range a.pool.Walls() {
		for _, h := range hours[vk.SourceID(owner)] {
			seen += h.Messages
		}
	}
	state.Comments = max(state.Comments, float64(seen))
	out.Walls, out.Posts, out.Comments = state.Walls, state.Posts, state.Comments
	for _, t := range state.Tokens {
		out.Tokens = append(out.Tokens, tokenFare(&t))
	}
	if out.Walls > 0 {
		for _, lag := range lags {
			out.Costs = append(out.Costs, source.Cost{Lag: lag, Tokens: plan.Tokens(state.Town(), lag)})
		}
	}
	return out, nil
}

func tokenFare(t *vk.TokenState) source.TokenFare {
	out := source.TokenFare{Name: t.Name, State: string(t.Health), Until: t.Until, Sentence: t.Sentence, Purses: t.Quotas()}
	for method, n := range t.Used {
		out.Methods = append(out.Methods, source.MethodUse{Method: method, Calls: n})
	}
	order.By(out.Methods, func(x, y source.MethodUse) int {
		return cmp.Or(y.Calls-x.Calls, cmp.Compare(x.Method, y.Method))
	})
	return out
}
