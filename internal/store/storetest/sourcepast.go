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

// goneBack proves that what is read of a source's past stops where somebody stopped it.
func goneBack(t *testing.T, s Store) {
	wall := &source.Source{ID: "vk:-1001", Kind: source.VK, Channel: message.VK, Name: "Наш двор", Place: scope.Place{Region: khakassia, Centre: abakan}}
	b := &source.Backfill{Source: wall.ID, Since: morning.AddDate(0, 0, -30), State: source.BackRuns, By: 7, AskedAt: morning}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Sources().SaveSource(ctx, wall))
		return tx.Sources().AskBack(ctx, b)
	})
	b.Position, b.Reached, b.Messages, b.Kept, b.Error = []byte("p"), morning.AddDate(0, 0, -3), 120, 14, "Позже."
	change(t, s, func(tx incident.Tx) error { return tx.Sources().StepBack(ctx, b) })
	got, err := s.Reader().Sources().Backfills(ctx, scope.OfCentre(khakassia, abakan))
	must(t, err)
	if diff := cmp.Diff(map[string]*source.Backfill{wall.ID: b}, got); diff != "" {
		t.Errorf("Backfills (-want +got):\n%s", diff)
	}
	if got, err = s.Reader().Sources().Backfills(ctx, scope.OfRegion(perm)); err != nil || len(got) != 0 {
		t.Errorf("another region sees %v, %v", got, err)
	}
	stopped := *b
	stopped.State, stopped.EndedAt = source.BackStopped, morning.Add(time.Hour)
	change(t, s, func(tx incident.Tx) error { return tx.Sources().StepBack(ctx, &stopped) })
	want(t, s.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Sources().StepBack(ctx, b) }), fault.Conflict)
	again := source.Backfill{Source: wall.ID, Since: b.Since, State: source.BackRuns, AskedAt: morning.Add(2 * time.Hour)}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().AskBack(ctx, &again) })
	want(t, s.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Sources().StepBack(ctx, b) }), fault.Conflict) // a step of the earlier one
	if got, err = s.Reader().Sources().Backfills(ctx, scope.All()); err != nil || got[wall.ID].Position != nil || got[wall.ID].Messages != 0 {
		t.Errorf("asked again: %+v, %v", got[wall.ID], err)
	}
}

// mentioned proves that links are counted by place, proposed by number, and forgotten.
func mentioned(t *testing.T, s Store) {
	at := scope.Place{Region: khakassia, Centre: abakan}
	add := func(link string, n int, when time.Time, at scope.Place) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			return tx.Sources().Mention(ctx, source.Mention{Link: link, Count: n, Example: "https://vk.example/wall" + link, First: when, Last: when, Place: at})
		})
	}
	add("a", 2, morning, at)
	add("a", 3, morning.Add(time.Hour), at)
	add("b", 9, morning, scope.Place{Region: khakassia})
	add("c", 1, morning, at)
	add("a", 7, morning, scope.Place{Region: perm})
	links := func(sc scope.Scope, count, limit int) (out []string) {
		t.Helper()
		list, err := s.Reader().Sources().Mentioned(ctx, sc, count, limit)
		must(t, err)
		for _, m := range list {
			out = append(out, m.Link)
		}
		return out
	}
	if got := links(scope.OfRegion(khakassia), 2, 10); !cmp.Equal(got, []string{"b", "a"}) {
		t.Errorf("of the region: %v", got)
	}
	if got := links(scope.OfRegion(khakassia), 1, 1); !cmp.Equal(got, []string{"b"}) {
		t.Errorf("the first one: %v", got)
	}
	list, err := s.Reader().Sources().Mentioned(ctx, scope.OfCentre(khakassia, abakan), 2, 10)
	must(t, err)
	mine := []source.Mention{{Link: "a", Count: 5, Example: "https://vk.example/walla", First: morning, Last: morning.Add(time.Hour), Place: at}}
	if diff := cmp.Diff(mine, list); diff != "" {
		t.Errorf("Mentioned (-want +got):\n%s", diff)
	}
	never := func(sc scope.Scope, link string) error {
		return s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Sources().NeverMention(ctx, sc, link) })
	}
	want(t, never(scope.OfCentre(khakassia, abakan), "b"), fault.NotFound)
	must(t, never(scope.OfRegion(khakassia), "a"))
	add("a", 50, morning.Add(2*time.Hour), at)
	if got := links(scope.OfRegion(khakassia), 1, 10); !cmp.Equal(got, []string{"b", "c"}) {
		t.Errorf("never is for good: %v", got)
	}
	if got := links(scope.OfRegion(perm), 1, 10); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("what another region said: %v", got)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Sources().ForgetMentions(ctx, morning.Add(time.Minute)) })
	if got := links(scope.All(), 1, 10); len(got) != 0 {
		t.Errorf("after pruning: %v", got)
	}
	add("a", 9, morning, at)
	if got := links(scope.OfCentre(khakassia, abakan), 1, 10); len(got) != 0 {
		t.Errorf("pruning forgot a never: %v", got)
	}
}
