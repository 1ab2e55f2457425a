package walls_test

import (
	"strings"
	"testing"

	"otklik/internal/bench/walls"
)

// small is a twentieth of the walls, comments and calls. The gain is smaller there than at
// the whole size: all posts fit into a few calls for counts, so that asking in turn costs
// little.
func small(seed uint64) walls.Options {
	return walls.Options{Seed: seed, Walls: 100, Comments: 15000, Tokens: 1, PerSecond: 0.5, Lists: 750}
}

// A seed that did not shape the plan.
func TestPlanBeatsRoundRobin(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{8} {
		c := walls.Compare(small(seed))
		t.Logf("seed %d\nplan        %s\nround robin %s\n+ counts    %s", seed, c.Plan, c.Turn, c.Ids)
		if c.Plan.Comments < 15000*9/10 {
			t.Fatalf("the day has only %d comments", c.Plan.Comments)
		}
		if c.Plan.Seen < 0.97 {
			t.Errorf("%.1f%% of the comments were seen, want 97%%", 100*c.Plan.Seen)
		}
		if got := c.Better(c.Turn); got < 100 {
			t.Errorf("median lag %.1f times below asking lists in turn, want 100", got)
		}
		if got := c.Better(c.Ids); got < 1.6 {
			t.Errorf("median lag %.2f times below asking counts in turn, want 1.6", got)
		}
		if c.Plan.P99 > c.Turn.P99 || c.Plan.P99 > c.Ids.P99*5/4 {
			t.Errorf("the last hundredth waits %s, in turn %s: want a quarter more at most", c.Plan.P99, c.Ids.P99)
		}
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	o := walls.Options{Walls: 5, Comments: 200, Tokens: 1, PerSecond: 0.05, Lists: 40}
	if err := walls.Print(t.Context(), &out, o, []uint64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 5 || !strings.HasPrefix(lines[0], "5 walls, 200 comments a day, Zipf 1.1") {
		t.Errorf("printed:\n%s", out.String())
	}
}
