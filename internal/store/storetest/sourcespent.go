package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/source"
)

// spending proves that what tokens spent is kept by quarters, and goes when it counts no more.
func spending(t *testing.T, s Store) {
	spend := func(forget int64, list ...source.Spent) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error { return tx.Sources().Spend(ctx, list, forget) })
	}
	wants := func(list ...source.Spent) {
		t.Helper()
		got, err := s.Reader().Sources().Spent(ctx)
		must(t, err)
		if diff := cmp.Diff(list, got); diff != "" {
			t.Errorf("Spent (-want +got):\n%s", diff)
		}
	}
	wants()
	a := source.Spent{Token: "a", Method: "wall.get", Quarter: 100, Calls: 12}
	b := source.Spent{Token: "b", Method: "wall.get", Quarter: 100, Calls: 4}
	spend(3, a, b)
	wants(a, b)
	next := source.Spent{Token: "a", Method: "wall.get", Quarter: 101, Calls: 12}
	a.Calls = 7 // a reservation that was not used up
	spend(4, a, next, source.Spent{Token: "a", Method: "wall.search", Quarter: 101, Calls: 4})
	wants(a, next, source.Spent{Token: "a", Method: "wall.search", Quarter: 101, Calls: 4}, b)
	spend(101)
	wants(next, source.Spent{Token: "a", Method: "wall.search", Quarter: 101, Calls: 4})
}
