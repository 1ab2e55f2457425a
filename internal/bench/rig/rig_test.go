package rig_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/store/storetest"
)

var scratch string

func TestMain(m *testing.M) {
	if at := os.Getenv(asProduct); at != "" {
		if err := product(at, os.Args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	dir, err := os.MkdirTemp("", "otklik-rig-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	code := m.Run()
	stopCluster()
	os.RemoveAll(dir)
	os.Exit(code)
}

// binary is the product, built once a run.
var binary = sync.OnceValues(func() (string, error) { return rig.Build(context.Background(), scratch) })

func newCentre(t testing.TB, region string, edit func(*config.Config)) *rig.Centre {
	t.Helper()
	return newCentreAt(t, region, "", edit)
}

// newCentreAt makes one on a database of PostgreSQL, see cluster.
func newCentreAt(t testing.TB, region, database string, edit func(*config.Config)) *rig.Centre {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c, err := rig.NewCentre(t.Context(), bin, filepath.Join(t.TempDir(), "centre"), region, database, edit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func census(t testing.TB, c *rig.Centre) rig.Census {
	t.Helper()
	got, err := rig.TakeCensus(t.Context(), c.Store())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// cluster is a PostgreSQL, started by the first test that wants one.
var (
	cluster = sync.OnceValues(func() (*storetest.Cluster, string) {
		asked.Store(true)
		return storetest.StartPostgres()
	})
	asked atomic.Bool
)

func stopCluster() {
	if !asked.Load() {
		return
	}
	if c, _ := cluster(); c != nil {
		c.Stop()
	}
}

// postgres returns the URL of an empty database of PostgreSQL. The test is skipped, with
// what is missing, where there is no server.
func postgres(t testing.TB) string {
	t.Helper()
	c, reason := cluster()
	if c == nil {
		t.Skip(reason)
	}
	return c.Database(t)
}

// soak reads how long a soak is to be: OTKLIK_SOAK=100 asks for a hundred kills
// of each kind (make soak). Without it the tests are short.
func soak(short int) (kills int, long bool) {
	if n, err := strconv.Atoi(os.Getenv("OTKLIK_SOAK")); err == nil && n > 0 {
		return n, true
	}
	return short, false
}

// seed makes a failure repeatable: OTKLIK_SEED sets it, the test logs it.
func seed(t testing.TB) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("OTKLIK_SEED"), 10, 64)
	if err != nil {
		n = 2026
	}
	t.Logf("seed %d (OTKLIK_SEED)", n)
	return n
}

func writeTexts(t testing.TB, path string, texts []rig.Text) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write := rig.WriteCSV
	if filepath.Ext(path) == ".jsonl" {
		write = rig.WriteJSONL
	}
	if err := write(f, texts); err != nil {
		t.Fatal(err)
	}
}
