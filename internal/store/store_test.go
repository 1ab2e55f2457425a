package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"otklik/internal/store"
	"otklik/internal/store/storetest"
)

// cluster is the PostgreSQL of this test run, nil when there is none.
var (
	cluster   *storetest.Cluster
	noCluster string
)

func TestMain(m *testing.M) {
	cluster, noCluster = storetest.StartPostgres()
	code := m.Run()
	if cluster != nil {
		cluster.Stop()
	} else {
		fmt.Fprintln(os.Stderr, "tests on PostgreSQL were skipped:", noCluster)
	}
	if bigDir != "" {
		os.RemoveAll(bigDir)
	}
	os.Exit(code)
}

func openAt(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openSQLite(t testing.TB) *store.DB {
	t.Helper()
	return openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "otklik.db"))
}

func openPostgres(t testing.TB) *store.DB {
	t.Helper()
	if cluster == nil {
		t.Skip(noCluster)
	}
	return openAt(t, cluster.Database(t))
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return openSQLite(t) })
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return openPostgres(t) })
}
