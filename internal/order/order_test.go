package order_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"otklik/internal/order"
)

type pair struct{ key, at int }

func TestByIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []pair
		for at, key := range rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "keys") {
			list = append(list, pair{key, at})
		}
		want := slices.Clone(list)
		byKey := func(a, b pair) int { return a.key - b.key }
		slices.SortStableFunc(want, byKey)
		order.By(list, byKey)
		if !slices.Equal(list, want) {
			t.Errorf("%v, want %v", list, want)
		}
	})
}
