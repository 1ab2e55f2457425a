package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// kept proves that sources and keys are kept as people wrote them, whatever their state.
func kept(t *testing.T, s Store) {
	wall := &source.Source{
		ID: "vk:-1001", Kind: source.VK, Channel: message.VK, Name: "Наш двор", URL: "https://vk.example/club1001", Territory: abakan, Own: true, Every: 90 * time.Second,
		Settings: []byte(`{"posts":30}`), Key: "сервисный", Answer: "группа", AddedAt: morning, Place: scope.Place{Region: khakassia, Centre: abakan},
	}
	far := &source.Source{ID: "feed:https://news.example", Kind: source.Feed, Channel: message.News, Name: "Новости", Place: scope.Place{Region: perm}}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Intake().SetCursor(ctx, wall.ID, []byte("c"), morning)) // it was read before it was kept
		must(t, tx.Sources().SaveSource(ctx, wall))
		return tx.Sources().SaveSource(ctx, far)
	})
	if wall.Number == 0 || wall.Number == far.Number || wall.Version != 1 {
		t.Fatalf("numbers %d and %d, version %d", wall.Number, far.Number, wall.Version)
	}
	got, err := s.Reader().Sources().Source(ctx, scope.OfCentre(khakassia, abakan), wall.Number)
	must(t, err)
	if diff := cmp.Diff(wall, got); diff != "" {
		t.Errorf("Source (-want +got):\n%s", diff)
	}
	_, err = s.Reader().Sources().Source(ctx, scope.OfCentre(khakassia, abaza), wall.Number)
	want(t, err, fault.NotFound)
	again := *wall
	again.Version = 0
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, &again) }), fault.Conflict)

	// A state takes nothing from what people keep; a failure keeps its beginning.
	note := func(n message.SourceState) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error { return tx.Intake().Note(ctx, n) })
	}
	note(message.SourceState{ID: wall.ID, Name: "Иначе", ReadAt: morning, Place: scope.Place{Region: perm}})
	note(message.SourceState{ID: wall.ID, Error: "Ключ отозван.", Since: morning.Add(time.Minute)})
	note(message.SourceState{ID: wall.ID, Error: "Ключ отозван.", Since: morning.Add(time.Hour)})
	states, err := s.Reader().Intake().Sources(ctx, scope.OfRegion(khakassia))
	must(t, err)
	stands := []message.SourceState{{
		ID: wall.ID, Channel: message.VK, Name: wall.Name, URL: wall.URL, Territory: abakan, ReadAt: morning, Error: "Ключ отозван.", Since: morning.Add(time.Minute), Place: wall.Place,
	}}
	if diff := cmp.Diff(stands, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	note(message.SourceState{ID: wall.ID, ReadAt: morning.Add(2 * time.Hour)})
	if states, _ = s.Reader().Intake().Sources(ctx, scope.OfRegion(khakassia)); len(states) != 1 || !states[0].Since.IsZero() {
		t.Errorf("after a good read: %+v", states)
	}

	stale := *wall
	wall.Paused, wall.Name = true, "Двор"
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, wall) })
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, &stale) }), fault.Conflict)

	// What an account sees beside itself.
	bot := &source.Source{ID: "telegram:bot7", Kind: source.Telegram, Channel: message.Telegram, Name: "Бот", Place: scope.Place{Region: khakassia}}
	chat := source.Found{ID: "telegram:-100", Name: "Чат двора", Channel: message.Telegram}
	discover := func(f source.Found) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error { return tx.Sources().Discover(ctx, bot.ID, f, morning, bot.Place) })
	}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, bot) })
	discover(chat)
	chat.Name = "Чат нового двора"
	discover(chat)
	discover(source.Found{ID: chat.ID, Lost: true})
	list, err := s.Reader().Sources().Sources(ctx, scope.OfRegion(khakassia))
	must(t, err)
	if len(list) != 3 || list[2].Name != chat.Name || list[2].Via != bot.ID || list[2].Kind != source.Telegram || list[2].Number == 0 {
		t.Errorf("after a discovery: %+v", list)
	}
	if states, _ = s.Reader().Intake().Sources(ctx, scope.OfRegion(khakassia)); len(states) != 3 || states[2].Error == "" || states[2].Since.IsZero() {
		t.Errorf("a chat that was lost: %+v", states)
	}

	// What a search came across: proposed, unless it is read by itself.
	discover(source.Found{ID: wall.ID, Name: "Чужое название", Channel: message.VK, Proposed: true})
	discover(source.Found{ID: "vk:-77", Name: "Соседи", Channel: message.VK, Proposed: true})
	list, err = s.Reader().Sources().Sources(ctx, scope.OfRegion(khakassia))
	must(t, err)
	for _, one := range list {
		if one.ID == wall.ID && (one.Via != "" || one.Name != wall.Name) || one.ID == "vk:-77" && (one.Via != bot.ID || one.Number == 0) {
			t.Errorf("after a proposal: %+v", one)
		}
	}
	if len(list) != 4 {
		t.Errorf("%d sources are kept, want 4", len(list))
	}

	change(t, s, func(tx incident.Tx) error { return tx.Sources().RemoveSource(ctx, wall.Number) })
	_, err = s.Reader().Sources().Source(ctx, scope.All(), wall.Number)
	want(t, err, fault.NotFound)
	cursor, err := s.Reader().Intake().Cursor(ctx, wall.ID)
	if err != nil || string(cursor) != "c" {
		t.Errorf("removing took the cursor: %q, %v", cursor, err)
	}
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().RemoveSource(ctx, wall.Number) }), fault.NotFound)
	wall.Version = 0
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, wall) }) // added again
}

// keys proves that keys are kept by their names, and not lost while something needs them.
func keys(t *testing.T, s Store) {
	k := &source.Key{Name: "группа", Kind: source.VK, Rights: "community", Of: "-1001", Sealed: []byte{1, 2, 3}, AddedAt: morning, Place: scope.Place{Region: khakassia}}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveKey(ctx, k) })
	first := k.Number
	k.Sealed, k.Was, k.Until = []byte{4}, []byte{1, 2, 3}, morning.Add(time.Hour)
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveKey(ctx, k) })
	got, err := s.Reader().Sources().Keys(ctx, scope.OfRegion(khakassia))
	must(t, err)
	if diff := cmp.Diff([]source.Key{*k}, got); diff != "" || k.Number != first {
		t.Errorf("Keys, number %d after %d (-want +got):\n%s", k.Number, first, diff)
	}
	other := *k
	other.Kind = source.Telegram
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().SaveKey(ctx, &other) }), fault.Conflict)
	if got, _ := s.Reader().Sources().Keys(ctx, scope.OfRegion(perm)); len(got) != 0 {
		t.Errorf("another region sees %v", got)
	}
	wall := &source.Source{ID: "vk:-1001", Kind: source.VK, Key: k.Name, Place: k.Place}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().SaveSource(ctx, wall) })
	remove := func() error {
		return s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().RemoveKey(ctx, first) })
	}
	want(t, remove(), fault.Conflict)
	change(t, s, func(tx incident.Tx) error { return tx.Sources().RemoveSource(ctx, wall.Number) })
	must(t, remove())
	want(t, remove(), fault.NotFound)
}

// hours proves that what sources bring is counted by hours.
func hours(t *testing.T, s Store) {
	wall := &source.Source{ID: "vk:-1001", Kind: source.VK, Place: scope.Place{Region: khakassia}}
	ten := morning.Truncate(time.Hour)
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Sources().SaveSource(ctx, wall))
		must(t, tx.Sources().Count(ctx, wall.ID, source.Hour{At: ten.Add(3 * time.Minute), Messages: 4, Kept: 1, Timed: 2, Lag: time.Minute}))
		must(t, tx.Sources().Count(ctx, wall.ID, source.Hour{At: ten.Add(9 * time.Minute), Messages: 2, Kept: 2, Timed: 2, Lag: time.Minute}))
		return tx.Sources().Count(ctx, wall.ID, source.Hour{At: ten.Add(-48 * time.Hour), Messages: 7})
	})
	got, err := s.Reader().Sources().Hours(ctx, scope.OfRegion(khakassia), "", ten.Add(-time.Hour))
	must(t, err)
	now := source.Hour{At: ten, Messages: 6, Kept: 3, Timed: 4, Lag: 2 * time.Minute}
	if diff := cmp.Diff(map[string][]source.Hour{wall.ID: {now}}, got); diff != "" {
		t.Errorf("Hours (-want +got):\n%s", diff)
	}
	if now.Mean() != 30*time.Second {
		t.Errorf("mean lag = %v", now.Mean())
	}
	if got, _ := s.Reader().Sources().Hours(ctx, scope.OfRegion(perm), wall.ID, time.Time{}); len(got) != 0 {
		t.Errorf("another region sees %v", got)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().ForgetHours(ctx, ten) })
	if got, _ := s.Reader().Sources().Hours(ctx, scope.All(), wall.ID, time.Time{}); len(got[wall.ID]) != 1 {
		t.Errorf("after forgetting: %v", got)
	}
}
