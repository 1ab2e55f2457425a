package walls

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
)

// A Comparison is what the plan and both round robins reached with the same days on the
// same calls.
type Comparison struct {
	Seed uint64
	Plan Result
	Turn Result // lists in turn, comments where counts grew
	Ids  Result // the counts of all known posts in turn, too
}

// Compare measures the three ways.
func Compare(o Options) Comparison {
	o = o.full()
	world := func() *World { return NewWorld(o.Seed, o.Walls, o.Comments, 2, o.Exponent) }
	return Comparison{
		Seed: o.Seed, Plan: Measure(o, world(), Planned(o)),
		Turn: Measure(o, world(), &InTurn{Walls: o.Walls}), Ids: Measure(o, world(), &InTurn{Walls: o.Walls, Ids: true}),
	}
}

// Better is how many times the plan's median lag is below that of a round robin.
func (c *Comparison) Better(r Result) float64 {
	if c.Plan.Median <= 0 || r.Median == Never {
		return 0
	}
	return r.Median.Seconds() / c.Plan.Median.Seconds()
}

// Print measures seeds and writes a line for each, then the worst and the middle ratio.
func Print(ctx context.Context, w io.Writer, o Options, seeds []uint64) error {
	o = o.full()
	fmt.Fprintf(w, "%d walls, %d comments a day, Zipf %.1f, %d tokens, %d wall.get and %d other calls a token and day (0: %g a second)\n", o.Walls, o.Comments, o.Exponent, o.Tokens, o.Lists, o.PerDay, o.PerSecond)
	fmt.Fprintf(w, "%4s  %-34s  %-34s  %-34s  times\n", "seed", "plan: seen, median, p99", "lists in turn", "counts in turn")
	var turn, ids []float64
	for _, seed := range seeds {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.Seed = seed
		c := Compare(o)
		turn, ids = append(turn, c.Better(c.Turn)), append(ids, c.Better(c.Ids))
		fmt.Fprintf(w, "%4d  %-34s  %-34s  %-34s  %.0f and %.2f\n", seed, c.Plan.short(), c.Turn.short(), c.Ids.short(), turn[len(turn)-1], ids[len(ids)-1])
	}
	slices.SortFunc(turn, cmp.Compare)
	slices.SortFunc(ids, cmp.Compare)
	if n := len(ids); n > 0 {
		fmt.Fprintf(w, "median lag below lists in turn: %.0f times at least, %.0f in the middle; below counts in turn: %.2f at least, %.2f in the middle\n", turn[0], turn[n/2], ids[0], ids[n/2])
	}
	return nil
}

func (r Result) short() string {
	return fmt.Sprintf("%.2f%%, %s, %s", 100*r.Seen, lag(r.Median), lag(r.P99))
}
