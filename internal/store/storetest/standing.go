package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

func standingQueries(t *testing.T, s Store) {
	now := time.Date(2026, 3, 5, 22, 30, 0, 0, time.UTC)
	roads := standing.Query{
		Name: "Дороги и ямы", Text: "яма | выбоина", Note: "весной часто", On: true, Territories: []string{"95701000", "95701000001"}, Unplaced: true,
		Channels: []string{"vk"}, Examples: []standing.Example{{Text: "яма на дороге", Must: true}, {Text: "яма желудка"}},
		Owner: 3, ChangedBy: 3, ChangedAt: now, Place: scope.Place{Region: khakassia},
	}
	own := standing.Query{Name: "Абаза", Text: "абаза", ChangedAt: now, Place: scope.Place{Region: khakassia, Centre: abaza}}
	neighbours := standing.Query{Name: "Абаза", Text: "мост", ChangedAt: now, Place: scope.Place{Region: khakassia, Centre: abakan}} // centres do not know of each other
	far := standing.Query{Name: "дороги и ЯМЫ", Text: "яма", ChangedAt: now, Place: scope.Place{Region: perm}}
	save := func(q *standing.Query) error {
		return s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Standing().SaveQuery(ctx, q) })
	}
	for _, q := range []*standing.Query{&roads, &own, &neighbours, &far} {
		must(t, save(q)) // the same name in another region is another query
	}
	list := func(sc scope.Scope, want ...standing.Query) {
		t.Helper()
		got, err := s.Reader().Standing().Queries(ctx, sc)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Queries(%+v) differ (-want +got):\n%s", sc, diff)
		}
	}
	list(scope.OfRegion(khakassia), own, neighbours, roads)
	list(scope.OfCentre(khakassia, abaza), own, roads)
	list(scope.OfCentre(khakassia, abakan), neighbours, roads)
	list(scope.OfRegion(perm), far)
	list(scope.Scope{})
	_, err := s.Reader().Standing().Query(ctx, scope.OfCentre(khakassia, abakan), own.ID)
	want(t, err, fault.NotFound)

	twin := standing.Query{Name: "ДОРОГИ  и ямы", Text: "люк", Place: scope.Place{Region: khakassia}}
	want(t, save(&twin), fault.Conflict)

	stale := roads
	roads.Text, roads.On, roads.Examples, roads.ChangedAt = "яма | выбоина | колея", false, nil, now.Add(time.Hour)
	must(t, save(&roads))
	want(t, save(&stale), fault.Conflict)
	got, err := s.Reader().Standing().Query(ctx, scope.OfRegion(khakassia), roads.ID)
	must(t, err)
	if diff := cmp.Diff(&roads, got); diff != "" || roads.Version != 2 {
		t.Errorf("Query after a second save differs (-want +got), version %d:\n%s", roads.Version, diff)
	}
	versions, err := s.Reader().Standing().Versions(ctx, roads.ID)
	must(t, err)
	first := standing.Version{Version: 1, Name: roads.Name, Text: "яма | выбоина", Note: roads.Note, On: true, ChangedBy: 3, ChangedAt: now,
		Territories: roads.Territories, Unplaced: true, Channels: roads.Channels, KnowsWhere: true, Examples: stale.Examples, KnowsWords: true}
	second := first
	second.Version, second.Text, second.On, second.ChangedAt, second.Examples = 2, roads.Text, false, roads.ChangedAt, nil
	if diff := cmp.Diff([]standing.Version{second, first}, versions); diff != "" {
		t.Errorf("Versions differ (-want +got):\n%s", diff)
	}
	roads.Examples = []standing.Example{{Text: "колея", Must: true}}
	must(t, save(&roads))
	change(t, s, func(tx incident.Tx) error {
		n, err := tx.Standing().ForgetExamples(ctx, roads.ID)
		if n != 2 {
			t.Errorf("ForgetExamples = %d, want the 2 of the first version", n)
		}
		return err
	})
	versions, err = s.Reader().Standing().Versions(ctx, roads.ID)
	must(t, err)
	if len(versions) != 3 || len(versions[0].Examples) != 1 || !versions[0].KnowsWords || versions[2].KnowsWords || versions[2].Examples != nil || !versions[2].KnowsWhere {
		t.Errorf("after forgetting: %+v, want the examples of the third version only", versions)
	}

	count := func(at time.Time, n int64) {
		change(t, s, func(tx incident.Tx) error {
			return tx.Standing().CountHits(ctx, map[standing.ID]int64{roads.ID: n, own.ID: 1, 999: 5}, at)
		})
	}
	count(now, 2)
	count(now.Add(time.Minute), 3)
	count(now.Add(2*time.Hour), 7)
	days, err := s.Reader().Standing().Days(ctx, roads.ID, now.Add(-24*time.Hour))
	must(t, err)
	if diff := cmp.Diff([]standing.Day{{Day: now.Truncate(24 * time.Hour), Hits: 5}, {Day: now.Truncate(24 * time.Hour).Add(24 * time.Hour), Hits: 7}}, days); diff != "" {
		t.Errorf("Days differ (-want +got):\n%s", diff)
	}
	got, err = s.Reader().Standing().Query(ctx, scope.All(), roads.ID)
	must(t, err)
	if got.Hits != 12 || !got.LastHit.Equal(now.Add(2*time.Hour)) || got.Version != 3 {
		t.Errorf("after counting: hits %d, last %v, version %d, want 12, %v, 3", got.Hits, got.LastHit, got.Version, now.Add(2*time.Hour))
	}

	change(t, s, func(tx incident.Tx) error { return tx.Standing().DropQuery(ctx, roads.ID) })
	list(scope.OfRegion(khakassia), standing.Query{ID: own.ID, Version: 1, Name: own.Name, Text: own.Text, ChangedAt: now, Place: own.Place, Hits: 3, LastHit: now.Add(2 * time.Hour)}, neighbours)
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Standing().DropQuery(ctx, roads.ID) })
	want(t, err, fault.NotFound)
	must(t, save(&standing.Query{Name: "Дороги и ямы", Text: "яма", Place: scope.Place{Region: khakassia}})) // its name is free again
}
