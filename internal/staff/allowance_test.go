package staff_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/source"
)

// fakeWatcher tells administrators of three tokens, and answers about links to vk.example.
type fakeWatcher struct{ none bool }

func (f *fakeWatcher) Allowance(_ context.Context, who account.Actor) (source.Allowance, error) {
	if f.none || who.Role != lifecycle.Admin {
		return source.Allowance{}, nil
	}
	purse := func(used int) []source.Quota {
		return []source.Quota{{Name: "списки записей (wall.get)", Allowed: 5000, Used: used, Per: 24 * time.Hour, Back: clock.Add(time.Hour)}, {Name: "остальные запросы", Allowed: 86400, Per: 24 * time.Hour, Ours: true}}
	}
	return source.Allowance{
		Walls: 2000, Posts: 41200, Comments: 300000,
		Tokens: []source.TokenFare{
			{Name: "первый", State: "good", Purses: purse(120), Methods: []source.MethodUse{{Method: "wall.getById", Calls: 1900}, {Method: "wall.get", Calls: 120}}},
			{Name: "второй", State: "resting", Until: clock.Add(time.Hour), Sentence: "Суточный запас исчерпан.", Purses: purse(5000)},
			{Name: "третий", State: "captcha", Until: clock.Add(time.Hour), Sentence: "ВКонтакте просит ввести код с картинки.", Purses: purse(0)},
		},
		Costs: []source.Cost{{Lag: time.Minute, Tokens: 3}, {Lag: time.Hour, Tokens: 1}},
	}, nil
}

func (f *fakeWatcher) Missed(_ context.Context, _ account.Actor, link string) (source.Missed, error) {
	switch {
	case !strings.HasPrefix(link, "https://vk.example/"):
		return source.Missed{}, fault.New(fault.Invalid, "link").At("link").Say("Это ссылка не на ВКонтакте.")
	case strings.HasSuffix(link, "found"):
		return source.Missed{Code: "found", Sentence: "Мы это видели: сообщение в инциденте 1.", Incident: 1, Number: 1}, nil
	}
	return source.Missed{Code: "waiting", Sentence: "До этого ещё не дошла очередь.", Evidence: []string{"Опубликовано <b>вчера</b>."}, Number: 1}, nil
}

func TestSourcesTellWhatALagCosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "admin").page("/desk/sources")
	got := strings.ReplaceAll(text(p, `[aria-labelledby="allowance"]`), "\u00a0", " ")
	for _, want := range []string{
		"2000 чужих стен", "41 200 записей под наблюдением", "300 000 комментариев за сутки", "Сейчас работает 1 ключ из 3.", "1 мин 3 ключа не хватает", "1 ключ хватает",
		"120 из 5000 за сутки", "исчерпано, первые вернутся", "wall.getById — 1900, wall.get — 120", "Суточный запас исчерпан.", "код с картинки", "Попробуем снова",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told: %q", want, got)
		}
	}
	w.staff.Watcher = &fakeWatcher{none: true}
	w.handler = w.site.Handler(w.staff.Routes())
	if p = w.as(t, "admin").page("/desk/sources"); text(p, "#allowance") != "" || attr(p, "#m-link", "name") != "link" {
		t.Error("a centre without a pool is told of one, or cannot ask what was missed")
	}
}

func TestWhyWasItMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	if p := v.page("/desk/sources/missed"); attr(p, "#m-link", "name") != "link" || text(p, "#answer") != "" {
		t.Errorf("the form: %q", text(p, "main"))
	}
	res, p := sent(v, "/desk/sources/missed", url.Values{"link": {"https://elsewhere.example/"}})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "[role=alert]"), "не на ВКонтакте") || attr(p, "#m-link", "value") != "https://elsewhere.example/" {
		t.Errorf("a bad link = %d %q", res.StatusCode, text(p, "main"))
	}
	res, p = sent(v, "/desk/sources/missed", url.Values{"link": {"https://vk.example/wall-1_2"}})
	if got := text(p, "main"); res.StatusCode != http.StatusOK || !strings.Contains(got, "не дошла очередь") || !strings.Contains(got, "<b>вчера</b>") || attr(p, `a[href="/desk/sources/1"]`, "href") == "" {
		t.Errorf("an answer = %d %q", res.StatusCode, got)
	}
	if _, p = sent(v, "/desk/sources/missed", url.Values{"link": {"https://vk.example/found"}}); attr(p, `a[href="/desk/incidents/1"]`, "href") == "" {
		t.Errorf("what was found leads nowhere: %q", text(p, "main"))
	}
}
