package staff_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// fakeStanding keeps saved queries as the store does; package store proves the real one.
type fakeStanding struct {
	standing.Store
	h *house
}

func (f fakeStanding) Queries(_ context.Context, sc scope.Scope) (out []standing.Query, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, q := range f.h.queries {
		if sc.Open() && (sc.Region == "" || sc.Region == q.Place.Region) && (sc.Centre == "" || q.Place.Centre == "" || q.Place.Centre == sc.Centre) {
			q.Examples = slices.Clone(q.Examples)
			out = append(out, q)
		}
	}
	return out, nil
}

func (f fakeStanding) Query(ctx context.Context, sc scope.Scope, id standing.ID) (*standing.Query, error) {
	list, _ := f.Queries(ctx, sc)
	for k := range list {
		if list[k].ID == id {
			return &list[k], nil
		}
	}
	return nil, fault.New(fault.NotFound, "no query %d", id)
}

func (f fakeStanding) SaveQuery(_ context.Context, q *standing.Query) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	if q.ID == 0 {
		for _, o := range f.h.queries {
			q.ID = max(q.ID, o.ID)
		}
		q.ID++
		q.Version = 1
		f.h.queries = append(f.h.queries, *q)
	} else {
		n := slices.IndexFunc(f.h.queries, func(o standing.Query) bool { return o.ID == q.ID })
		q.Version++
		f.h.queries[n] = *q
	}
	f.h.versions = append([]standing.Version{{Version: q.Version, Name: q.Name, Text: q.Text, Note: q.Note, On: q.On, ChangedBy: q.ChangedBy, ChangedAt: q.ChangedAt,
		Territories: q.Territories, Unplaced: q.Unplaced, Channels: q.Channels, KnowsWhere: true, Examples: q.Examples, KnowsWords: true}}, f.h.versions...)
	return nil
}

func (f fakeStanding) DropQuery(_ context.Context, id standing.ID) error {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	f.h.queries = slices.DeleteFunc(f.h.queries, func(q standing.Query) bool { return q.ID == id })
	return nil
}

func (f fakeStanding) Versions(_ context.Context, id standing.ID) ([]standing.Version, error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	return slices.Clone(f.h.versions), nil
}

func (f fakeStanding) ForgetExamples(context.Context, standing.ID) (n int64, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.versions {
		if k > 0 {
			n += int64(len(f.h.versions[k].Examples))
			f.h.versions[k].Examples, f.h.versions[k].KnowsWords = nil, false
		}
	}
	return n, nil
}

func (f fakeStanding) Days(_ context.Context, id standing.ID, _ time.Time) ([]standing.Day, error) {
	return f.h.days[id], nil
}

func (h *house) Reader() incident.Tx { return h }

type fakeRing struct {
	message.Ring
	h *house
}

func (f fakeRing) Seen(context.Context, scope.Scope, time.Time, int) ([]message.Seen, error) {
	return f.h.seen, nil
}

var analyzer = sync.OnceValue(func() *russian.Analyzer {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	return a
})

// watching puts a lookout before the house, with queries and messages to show.
func (w *world) watching() *lookout.Lookout {
	place := scope.Place{Region: khakassia}
	w.queries = []standing.Query{
		{ID: 1, Version: 2, Name: "Дороги и ямы", Text: "яма | выбоина", Note: "Весной пишут чаще", On: true, Owner: 8, ChangedBy: 8, ChangedAt: clock.Add(-time.Hour), Place: place, Hits: 1240, LastHit: clock.Add(-9 * time.Minute),
			Examples: []standing.Example{{Text: "на въезде выбоина во всю полосу", Must: true}, {Text: "угольная шахта ждёт гостей"}}},
		{ID: 2, Version: 1, Name: "Дворы", Text: "@дороги_и_ямы & двор", On: true, Owner: 2, ChangedBy: 2, ChangedAt: clock.Add(-48 * time.Hour), Place: place, Territories: []string{abakan}, Unplaced: true, Channels: []string{"vk"}},
		{ID: 3, Version: 1, Name: "Ярмарка", Text: "ярмарка & @праздники", On: true, Owner: 8, ChangedBy: 8, ChangedAt: clock.Add(-72 * time.Hour), Place: place},
		{ID: 4, Version: 1, Name: "Паводок", Text: "паводок | подтопление", Owner: 8, Place: place, ChangedAt: clock, Examples: []standing.Example{{Text: "вода поднялась к огородам", Must: true}}},
	}
	w.versions = []standing.Version{
		{Version: 2, Name: "Дороги и ямы", Text: "яма | выбоина", Note: "Весной пишут чаще", On: true, ChangedBy: 8, ChangedAt: clock.Add(-time.Hour), KnowsWhere: true, KnowsWords: true, Examples: w.queries[0].Examples},
		{Version: 1, Name: "Дороги и ямы", Text: "яма", Note: "Первая проба", On: true, ChangedBy: 2, ChangedAt: clock.Add(-300 * time.Hour), KnowsWhere: true, Territories: []string{abakan}, KnowsWords: true,
			Examples: []standing.Example{{Text: "во дворе яма", Must: true}, {Text: "угольная шахта ждёт гостей"}}},
	}
	today := clock.UTC().Truncate(24 * time.Hour)
	w.days = map[standing.ID][]standing.Day{}
	for k, n := range []int64{3, 5, 2, 9, 14, 11, 6, 4, 8, 12} {
		w.days[1] = append(w.days[1], standing.Day{Day: today.AddDate(0, 0, k-9), Hits: n})
	}
	for k, text := range []string{"У школы яма на дороге, звоните 8 900 000-11-22", "Во дворе огромные ямы <b>после зимы</b>", "Гуляли в парке, погода хорошая"} {
		s := message.Seen{Message: &message.Message{Source: "vk:-1", Channel: message.VK, Text: text, SeenAt: clock.Add(-time.Duration(k+1) * time.Hour), Place: place}}
		if k == 0 {
			s.Kept, s.Incident = true, 1
		}
		w.seen = append(w.seen, s)
	}
	l := lookout.New(lookout.Options{Store: w.house, Reader: analyzer(), Places: land, Region: khakassia, Now: func() time.Time { return clock },
		Of: func(m *message.Message) watch.Context {
			return watch.Context{Region: khakassia, Municipality: m.Place.Centre, Source: string(m.Channel)}
		},
		Personal: func(text string) (out []message.Personal) {
			for _, f := range personal.Find(analyzer().Read(text)) {
				out = append(out, message.Personal{Start: f.Span.Start, End: f.Span.End, Type: string(f.Type)})
			}
			return out
		},
		Use: func([]watch.Rule) {}})
	w.staff.Lookout = l
	w.handler = w.site.Handler(w.staff.Routes())
	return l
}
