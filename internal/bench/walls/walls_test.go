package walls_test

import (
	"testing"

	"otklik/internal/bench/walls"
)

// compare runs the plan and both round robins over the same days on the same calls.
func compare(o walls.Options) (planned, turn, ids walls.Result) {
	world := func() *walls.World {
		return walls.NewWorld(o.Seed, o.Walls, o.Comments, 2, 1.1)
	}
	planned = walls.Measure(o, world(), walls.Planned(o))
	turn = walls.Measure(o, world(), &walls.InTurn{Walls: o.Walls})
	ids = walls.Measure(o, world(), &walls.InTurn{Walls: o.Walls, Ids: true})
	return planned, turn, ids
}

// A twentieth of the walls, comments and calls.
func TestPlanBeatsRoundRobin(t *testing.T) {
	t.Parallel()
	o := walls.Options{Seed: 7, Walls: 100, Comments: 15000, Tokens: 1, PerSecond: 0.5, Lists: 750}
	planned, turn, ids := compare(o)
	t.Logf("seed %d\nplan        %s\nround robin %s\n+ counts    %s", o.Seed, planned, turn, ids)
	if planned.Comments < o.Comments*9/10 {
		t.Fatalf("the day has only %d comments", planned.Comments)
	}
	if planned.Seen < 0.97 {
		t.Errorf("%.1f%% of the comments were seen, want 97%%", 100*planned.Seen)
	}
	if planned.Median*3 > turn.Median {
		t.Errorf("median lag %s, round robin %s: want a third at most", planned.Median, turn.Median)
	}
	if planned.Median > ids.Median || planned.P99 > turn.P99 {
		t.Errorf("round robin is better: %s, %s", ids.Median, turn.P99)
	}
}

// BenchmarkDay is the whole size: 2,000 walls, three tokens, 300,000 comments a day.
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		for _, daily := range []int{0, 86400} {
			o := walls.Options{Seed: 7, Walls: 2000, Comments: 300000, Tokens: 3, PerDay: daily}
			planned, turn, ids := compare(o)
			b.Logf("seed %d, calls a day and token %d (0: three a second)\nplan        %s\nround robin %s\n+ counts    %s", o.Seed, daily, planned, turn, ids)
			if planned.Median*3 > turn.Median {
				b.Errorf("median lag %s, round robin %s: want a third at most", planned.Median, turn.Median)
			}
			b.ReportMetric(planned.Median.Seconds(), "median-s")
			b.ReportMetric(planned.P99.Seconds(), "p99-s")
			b.ReportMetric(turn.Median.Seconds(), "turn-median-s")
		}
	}
}
