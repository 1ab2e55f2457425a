package staff_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/source"
)

// What a network lets us ask stands on the pages in words, with a bar beside them.
func TestSourcesTellWhatTheirNetworksLetThemAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	if p := v.page("/desk/sources/1"); !strings.Contains(text(p, `[aria-labelledby="quota"]`), "Пределов для этого источника нет") || len(all(p, "main meter")) != 0 {
		t.Errorf("a source without limits: %q", text(p, "main"))
	}
	w.roster.quotas = map[string][]source.Quota{"vk:-1": {
		{Name: "запросы", Whose: "бот", Allowed: 30, Per: time.Second, Used: 1, Peak: 6},
		{Name: "списки", Allowed: 5000, Per: 24 * time.Hour, Used: 4000, Back: clock.Add(time.Hour)},
		{Name: "страницы", Whose: "сайт news.example", Allowed: 30, Per: time.Minute, Ours: true, Until: clock.Add(time.Minute)},
		{Name: "заявки", Per: time.Hour, Used: 12},
		{Name: "учёба", Allowed: 3, Per: time.Second, Peak: 53, Free: true},
	}}
	p := v.page("/desk/sources/1")
	lines := all(p, `[aria-labelledby="quota"] .line-card`)
	for k, want := range []struct{ says, bar string }{
		{"запросы (бот): 6 из 30 в секунду (это больше всего за последний час)", "20"},
		{"списки: 4000 из 5000 за сутки (первые вернутся", "80"},
		{"страницы (сайт news.example): 0 из 30 в минуту (предел наш, сеть своего не называет, сеть просит подождать, продолжим", "0"},
		{"заявки: 12 в час (предела сеть не называет)", ""},
		{"учёба: 53 в секунду (это больше всего за последний час, учебная сеть, предела нет)", ""},
	} {
		if k >= len(lines) {
			t.Fatalf("%d lines", len(lines))
		}
		if got := strings.ReplaceAll(text(lines[k], ".quota"), "\u00a0", " "); !strings.HasPrefix(got, want.says) || attr(lines[k], "meter", "value") != want.bar {
			t.Errorf("%q, bar %q, want %q, %q", got, attr(lines[k], "meter", "value"), want.says, want.bar)
		}
	}
	cards := all(v.page("/desk/sources"), ".line-facts .quota[title]")
	if len(cards) != 1 || !strings.Contains(strings.ReplaceAll(text(v.page("/desk/sources"), ".line-facts .quota[title]"), "\u00a0", " "), "запас: 4000 из 5000 за сутки") || attr(cards[0], "meter", "value") != "80" {
		t.Errorf("the list shows %d quotas, the scarcest is wanted", len(cards))
	}
}

// A wall that sleeps by its plan is no wall that nobody reads.
func TestASourceThatSleepsByPlanIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for k := range w.sources {
		if st := &w.sources[k]; st.ID == "vk:-1" {
			st.Error, st.ReadAt = "", clock.Add(-5*time.Hour)
		}
	}
	v := w.as(t, "admin")
	if got := text(v.page("/desk/sources/1"), ".line-facts .tag"); got != "давно не читали" {
		t.Fatalf("without a plan: %q", got)
	}
	w.roster.rhythms = map[string]source.Rhythm{"vk:-1": {Last: clock.Add(-5 * time.Hour), Next: clock.Add(time.Hour)}}
	p := v.page("/desk/sources/1")
	if got := text(p, ".line-facts .tag"); got != "работает" || !strings.Contains(text(p, "main"), "читаем по плану") || !strings.Contains(text(p, "main"), "следующий — около") {
		t.Errorf("by its plan: %q %q", got, text(p, "main"))
	}
	w.roster.rhythms["vk:-1"] = source.Rhythm{Last: clock.Add(-5 * time.Hour), Next: clock.Add(-3 * time.Hour)}
	if p = v.page("/desk/sources/1"); text(p, ".line-facts .tag") != "давно не читали" || !strings.Contains(text(p, "main"), "как дойдёт очередь") {
		t.Errorf("late by its own plan: %q", text(p, "main"))
	}
}
