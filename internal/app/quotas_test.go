package app_test

import (
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/source"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/ok/okfake"
	"otklik/internal/source/telegram/telegramfake"
)

// Each network with limits tells through the assembled product what went of them, and that it
// told us to wait.
func TestNetworksTellTheirQuotas(t *testing.T) {
	t.Parallel()
	n := newNetworks(t)
	post := n.vk.PostAt(0, "Доброе утро, соседи", n.now().Add(-time.Hour))
	if _, err := n.vk.CommentAt(post, 0, n.vk.Person("Анна Петрова"), "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили", n.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	n.minute(t)
	row := n.queue(t)[0]
	if _, err := n.Desk.Do(t.Context(), n.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыплют до 25 ноября."}); err != nil {
		t.Fatal(err)
	}
	n.minute(t)
	went := func(id, name string) source.Quota {
		t.Helper()
		for _, q := range n.Roster.Quotas(id) {
			if q.Name == name {
				return q
			}
		}
		t.Fatalf("%s tells %+v, nothing of %q", id, n.Roster.Quotas(id), name)
		return source.Quota{}
	}
	for _, c := range []struct {
		id, name string
		allowed  int
		per      time.Duration
		none     bool // nothing went
	}{
		{"vk:-1001", "запросы на чтение", 3, time.Second, false},
		{"vk:-1001", "запросы на запись", 20, time.Second, false},
		{"vk:-1001", "списки записей (wall.get)", 5000, 24 * time.Hour, false},
		{"ok:5300", "запросы", 3, time.Second, false},
		{"telegram:4001", "сообщения", 30, time.Second, true},
		{"telegram:4001", "сообщения в одну группу", 20, time.Minute, true},
		{"max:@otklik_bot", "запросы", 30, time.Second, false},
		{"max:@otklik_bot", "сообщения в один чат", 2, time.Second, true},
	} {
		q := went(c.id, c.name)
		if q.Allowed != c.allowed || q.Per != c.per || (max(q.Used, q.Peak) == 0) != c.none || !q.Until.IsZero() || q.Whose == "" {
			t.Errorf("%s: %+v, want %d in %s", c.id, q, c.allowed, c.per)
		}
	}
	n.ok.Fail("", okfake.Trouble{Kind: okfake.Refuse, Code: 11})
	n.max.Fail("", maxfake.Trouble{Kind: maxfake.Refuse, Code: 429, After: time.Hour})
	n.tg.Fail("", telegramfake.Refuse, 429)
	n.minute(t)
	for _, c := range []struct {
		id, name string
	}{{"ok:5300", "запросы"}, {"max:@otklik_bot", "запросы"}, {"telegram:4001", "сообщения"}} {
		if q := went(c.id, c.name); q.Until.IsZero() {
			t.Errorf("%s told us to wait: %+v", c.id, q)
		}
	}
	if got := n.Roster.Quotas("nobody"); got != nil {
		t.Errorf("a source that is not there tells %+v", got)
	}
}
