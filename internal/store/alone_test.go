package store_test

import (
	"testing"

	"otklik/internal/store"
)

// TestOneProcessPublishes: of two processes on one PostgreSQL, one holds the lease.
func TestOneProcessPublishes(t *testing.T) {
	t.Parallel()
	if cluster == nil {
		t.Skip(noCluster)
	}
	url := cluster.Database(t)
	lease := func(db *store.DB) *store.Lease {
		t.Helper()
		l, err := db.Alone(t.Context(), store.Publishing)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	one, two := openAt(t, url), openAt(t, url)
	first := lease(one)
	if first == nil {
		t.Fatal("nobody holds the lease, and it is not given")
	}
	if lease(two) != nil || lease(one) != nil {
		t.Error("the lease is given twice")
	}
	if other, err := two.Alone(t.Context(), store.Notifying); other == nil || err != nil {
		t.Errorf("the lease of another work = %v, %v", other, err)
	} else {
		other.Release()
	}
	if err := first.Check(t.Context()); err != nil {
		t.Errorf("a lease that is held = %v", err)
	}
	first.Release()
	second := lease(two)
	if second == nil {
		t.Fatal("the lease was released, and is not given")
	}
	second.Release()
}
