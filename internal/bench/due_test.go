package bench_test

import (
	"testing"
	"time"

	"otklik/internal/bench"
	"otklik/internal/bench/rig"
)

// TestDueTimesAreToldInTime is the small version of `otklik-bench due`, with bounds that a
// busy machine keeps: the real ones are for 100,000 incidents on a quiet one.
func TestDueTimesAreToldInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the service on a filled store: not with -short")
	}
	bin, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Deadlines(t.Context(), t.Output(), bin, bench.Due{Incidents: 4000, Together: 1200, Boards: 20, Ahead: 4 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if r.Disorder > 0 {
		t.Errorf("%d escalations were told after one that is less bad", r.Disorder)
	}
	for what, c := range map[string]struct{ took, most time.Duration }{
		"one due time": {r.Alone, 10 * time.Second}, "one due time while all is counted anew": {r.Counting, 10 * time.Second},
		"1,200 due times": {r.Together, 20 * time.Second}, "the control board": {r.Board, time.Second},
	} {
		if c.took > c.most {
			t.Errorf("%s took %v, at most %v is right", what, c.took, c.most)
		}
	}
}
