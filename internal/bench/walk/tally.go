package walk

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
)

// A Tally counts what walks reached.
type Tally struct {
	Histories, Deeds, Refused int64
	Home                      int64 // incidents that were led to their end
	Splits                    int64 // merges that were taken back
	Moved, Earlier            int64 // due times: that moved, that became earlier; each for a recorded reason
	Steps                     map[Transition]int64
	Happened                  map[regime.What]int64
}

// A Transition is what one line of history did to the state.
type Transition struct {
	From   lifecycle.State
	Action lifecycle.Action
	To     lifecycle.State
}

func (t *Tally) deed(err error) {
	t.Deeds++
	if err != nil {
		t.Refused++
	}
}

func (t *Tally) entry(e *incident.Entry) {
	if t.Steps == nil {
		t.Steps = map[Transition]int64{}
	}
	t.Steps[Transition{e.From, e.Action, e.To}]++
}

func (t *Tally) happened(what regime.What) {
	if t.Happened == nil {
		t.Happened = map[regime.What]int64{}
	}
	t.Happened[what]++
}

// Add adds another tally.
func (t *Tally) Add(o *Tally) {
	t.Histories, t.Deeds, t.Refused, t.Home, t.Splits = t.Histories+o.Histories, t.Deeds+o.Deeds, t.Refused+o.Refused, t.Home+o.Home, t.Splits+o.Splits
	t.Moved, t.Earlier = t.Moved+o.Moved, t.Earlier+o.Earlier
	for k, n := range o.Steps {
		if t.Steps == nil {
			t.Steps = map[Transition]int64{}
		}
		t.Steps[k] += n
	}
	for k, n := range o.Happened {
		if t.Happened == nil {
			t.Happened = map[regime.What]int64{}
		}
		t.Happened[k] += n
	}
}

// silent are actions that walks leave out: those that write no line of history, because
// they stand beside the incident, and photos and what another city's system says, which
// move nothing (the tests of package app hand incidents to a city), and what residents do by a link of their own.
var silent = []lifecycle.Action{lifecycle.Note, lifecycle.Follow, lifecycle.Todo, lifecycle.Photo, lifecycle.Neighbour, lifecycle.Withdraw}

// Rarest returns how often the rarest of what must be reached was, and the names of what was
// reached less than least times: every transition of the lifecycle's table, every action that
// writes history, every event that clocks know.
func (t *Tally) Rarest(least int64) (rarest int64, missing []string) {
	rarest = 1 << 62
	count := func(name string, n int64) {
		rarest = min(rarest, n)
		if n < least {
			missing = append(missing, fmt.Sprintf("%s: %d", name, n))
		}
	}
	for _, r := range lifecycle.Table() {
		if slices.Contains(silent, r.Action) {
			continue
		}
		total := int64(0)
		for k, n := range t.Steps {
			if k.Action == r.Action {
				total += n
			}
		}
		count(string(r.Action), total)
		if r.To == "" {
			continue
		}
		for _, from := range r.From {
			count(fmt.Sprintf("%s: %s → %s", r.Action, from, r.To), t.Steps[Transition{from, r.Action, r.To}])
		}
	}
	for _, what := range regime.Whats() {
		count("clock: "+string(what), t.Happened[what])
	}
	return rarest, missing
}

// Print prints the figures, and with all every transition.
func (t *Tally) Print(out io.Writer, all bool) {
	fmt.Fprintf(out, "histories: %d; deeds: %d, refused with a sentence: %d; incidents led to their end: %d; merges taken back: %d; due times moved: %d, earlier: %d, each with its reason\n",
		t.Histories, t.Deeds, t.Refused, t.Home, t.Splits, t.Moved, t.Earlier)
	rarest, _ := t.Rarest(0)
	fmt.Fprintf(out, "transitions and event kinds: %d different transitions, %d events of clocks; the rarest of those that must be reached: %d times\n", len(t.Steps), len(t.Happened), rarest)
	if !all {
		return
	}
	keys := slices.SortedFunc(maps.Keys(t.Steps), func(a, b Transition) int { return cmp.Compare(t.Steps[b], t.Steps[a]) })
	for _, k := range keys {
		fmt.Fprintf(out, "%10d %s: %s → %s\n", t.Steps[k], k.Action, k.From, k.To)
	}
	for _, what := range regime.Whats() {
		fmt.Fprintf(out, "%10d clock: %s\n", t.Happened[what], what)
	}
}
