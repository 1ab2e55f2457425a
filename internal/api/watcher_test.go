package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// watcher knows one token, and links to vk.example.
type watcher struct{}

func (watcher) Allowance(context.Context, account.Actor) (source.Allowance, error) {
	return source.Allowance{Walls: 2, Posts: 30, Comments: 99.7, Costs: []source.Cost{{Lag: 5 * time.Minute, Tokens: 1}}, Tokens: []source.TokenFare{{
		Name: "чтение", State: "captcha", Until: noon, Sentence: "Введите код.",
		Purses: []source.Quota{{Name: "списки", Allowed: 5000, Used: 12, Back: noon}}, Methods: []source.MethodUse{{Method: "wall.get", Calls: 12}},
	}}}, nil
}

func (watcher) Missed(_ context.Context, _ account.Actor, link string) (source.Missed, error) {
	if !strings.HasPrefix(link, "https://vk.example/") {
		return source.Missed{}, fault.New(fault.Invalid, "link").At("link").Say("Это ссылка не на ВКонтакте.")
	}
	return source.Missed{Code: "waiting", Sentence: "До этого ещё не дошла очередь.", Source: "vk:-1", Number: 7}, nil
}

func TestProgramsAskWhatWasMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve(func(o *api.Options) { o.Watcher = watcher{} })
	_, key := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	got := w.call(key, "GET", "/api/v1/sources/allowance", nil)
	if got.StatusCode != 200 || got.field("comments_per_day") != 99.0 || got.field("tokens.0.state") != "captcha" || got.field("tokens.0.methods") == nil ||
		got.field("tokens.0.purses.0.used") != 12.0 || got.field("tokens.0.until") != noon.Format(time.RFC3339) || got.field("costs.0.lag_seconds") != 300.0 {
		t.Errorf("the allowance = %d %s", got.StatusCode, got.raw)
	}
	got = w.call(key, "POST", "/api/v1/sources/missed", map[string]any{"link": "https://vk.example/wall-1_2"})
	if got.StatusCode != 200 || got.field("code") != "waiting" || got.field("source_id") != 7.0 || !strings.Contains(string(got.raw), `"evidence":[]`) {
		t.Errorf("an answer = %d %s", got.StatusCode, got.raw)
	}
	for body, want := range map[string]int{`{"link":"https://elsewhere.example/"}`: 422, `{}`: 422, `{"link":1}`: 422, `{"link":"` + strings.Repeat("x", 2001) + `"}`: 422, `nothing`: 400} {
		if got := w.call(key, "POST", "/api/v1/sources/missed", body); got.StatusCode != want {
			t.Errorf("%.40s = %d %s, want %d", body, got.StatusCode, got.raw, want)
		}
	}
}
