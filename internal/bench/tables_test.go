package bench_test

import (
	"testing"

	"otklik/internal/bench"
	"otklik/internal/bench/rig"
)

// TestATableGoesInAndOut is the small version of `otklik-bench tables`: what goes in comes out
// equal, twice is once, and a kill in the middle loses and doubles nothing.
func TestATableGoesInAndOut(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the binary on a table of its own: not with -short")
	}
	bin, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Tables(t.Context(), t.Output(), bin, 2500, 7)
	if err != nil {
		t.Fatal(err)
	}
	if r.Different != 0 || r.Import.Peak > 600<<20 {
		t.Errorf("%d rows came out different; the import took %d MB", r.Different, r.Import.Peak>>20)
	}
}
