package walk_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/bench/walk"
	"otklik/internal/incident"
	"otklik/internal/store"
	"otklik/internal/store/storetest"
)

// TestRandomHistoriesKeepTheLaws leads random histories through the desk. OTKLIK_HISTORIES
// says how many (make soak: ten million), OTKLIK_SEED where to begin.
func TestRandomHistoriesKeepTheLaws(t *testing.T) {
	n := number("OTKLIK_HISTORIES", 20_000)
	if testing.Short() {
		n = 2000
	}
	got, err := walk.Many(t.Context(), t.Output(), onAFile(t).Reader(), number("OTKLIK_SEED", 2026), n)
	got.Print(t.Output(), testing.Verbose())
	if err != nil {
		t.Fatal(err)
	}
	least := int64(n / 1000) // ten million reach each 10,000 times
	if n < 1_000_000 {
		least /= 4 // few histories differ by chance
	}
	if _, missing := got.Rarest(least); len(missing) > 0 && !testing.Short() {
		t.Errorf("reached less than %d times:\n%s", least, strings.Join(missing, "\n"))
	}
}

func number(name string, def uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil && n > 0 {
		return n
	}
	return def
}

// TestRandomHistoriesOnADatabase leads some of the same histories on a real store: there the
// laws hold too, and the same happens as in memory, or the memory would prove nothing.
func TestRandomHistoriesOnADatabase(t *testing.T) {
	onADatabase(t, 1000, onAFile)
}

// TestRandomHistoriesOnPostgreSQL does the same on PostgreSQL, whose every commit is flushed:
// that takes a second a history.
func TestRandomHistoriesOnPostgreSQL(t *testing.T) {
	c, reason := storetest.StartPostgres()
	if c == nil {
		t.Skip(reason)
	}
	t.Cleanup(c.Stop)
	onADatabase(t, 200, func(t *testing.T) *store.DB { return openAt(t, c.Database(t)) })
}

func onADatabase(t *testing.T, most uint64, empty func(*testing.T) *store.DB) {
	t.Helper()
	n := number("OTKLIK_HISTORIES", 20_000) / 1000
	if testing.Short() {
		n = 4
	}
	w, err := walk.New(t.Context(), func() (walk.Store, error) {
		return database{empty(t)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	quick, err := walk.New(t.Context(), walk.InMemory(onAFile(t).Reader()))
	if err != nil {
		t.Fatal(err)
	}
	for k := range min(n, most) {
		seed := number("OTKLIK_SEED", 2026) + k
		for _, w := range []*walk.Walker{w, quick} {
			if err := w.Walk(seed, walk.Length); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(w.Tally, quick.Tally); diff != "" {
			t.Fatalf("seed %d: in memory another thing happened than in the database (-database +memory):\n%s\n%s", seed, diff, cmp.Diff(w.Deeds(), quick.Deeds()))
		}
	}
	w.Tally.Print(t.Output(), false)
}

// A database is a store of the product.
type database struct{ *store.DB }

func (d database) View(fn func(incident.Tx) error) error { return fn(d.Reader()) }

func onAFile(t *testing.T) *store.DB { return openAt(t, filepath.Join(t.TempDir(), "otklik.db")) }

func openAt(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
