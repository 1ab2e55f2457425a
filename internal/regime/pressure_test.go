package regime_test

import (
	"testing"
	"time"

	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/regime"
)

func hours(n int) calendar.Amount { return calendar.Amount{N: n, Unit: calendar.Hours24} }

var laddered = regime.Regime{Code: "x", Name: "Проба", Pressure: &regime.Pressure{Authors: 5}, Steps: []regime.Step{
	{Kind: regime.Forward, From: regime.Seen, Within: hours(1)},
	{Kind: regime.Final, From: regime.Seen, Within: hours(100), Ladder: []regime.Rung{
		{Who: regime.Executor, Before: true, By: hours(10)}, {Who: regime.Coordinator, By: calendar.Amount{Unit: calendar.Hours24}}, {Who: regime.Head, By: hours(10)}, {Who: regime.Leader, By: hours(20)}}}}}

func TestManyAuthorsClimbTheLadderSooner(t *testing.T) {
	t.Parallel()
	c := abakan()
	seen := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for authors, want := range map[int][]int{ // hours from the start, for each rung
		0: {90, 100, 110, 120}, 4: {90, 100, 110, 120}, 5: {0, 90, 100, 110}, 9: {0, 90, 100, 110}, 10: {0, 0, 90, 100}, 15: {0, 0, 0, 90}, 20: {0, 0, 0, 0}, 999: {0, 0, 0, 0},
	} {
		h := &regime.History{Seen: seen, Authors: authors}
		list, err := regime.Deadlines(h, &laddered, c)
		if err != nil {
			t.Fatal(err)
		}
		alarms, err := regime.Alarms(h, list, c)
		if err != nil || len(alarms) != 4 {
			t.Fatalf("%d authors: %v, %v", authors, alarms, err)
		}
		at := map[regime.Who]regime.Alarm{}
		for _, a := range alarms {
			at[a.Who] = a
		}
		for k, who := range regime.Whos() {
			if got := at[who].At.Sub(seen).Hours(); got != float64(want[k]) || at[who].Pressed != (authors >= 5) {
				t.Errorf("%d authors: the %s is told after %v h, pressed %v; want %d", authors, who, got, at[who].Pressed, want[k])
			}
		}
		// Who was told is not told again when the pressure rises.
		h.Events = append(h.Events, regime.Event{At: seen, What: regime.Escalated, Step: regime.Final, Who: regime.Executor})
		if list, err = regime.Deadlines(h, &laddered, c); err != nil {
			t.Fatal(err)
		}
		if alarms, err = regime.Alarms(h, list, c); err != nil || len(alarms) != 3 {
			t.Errorf("%d authors: after the executor was told %v, %v", authors, alarms, err)
		}
	}
	for _, n := range []int{-1, 0, 1, 1001} {
		r := laddered
		r.Pressure = &regime.Pressure{Authors: n}
		if err := r.Valid(); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("pressure of %d authors = %v", n, err)
		}
	}
}

func TestADeclineRestartsTheForwardStep(t *testing.T) {
	t.Parallel()
	c := abakan()
	seen := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	at := func(n int, what regime.What) regime.Event {
		return regime.Event{At: seen.Add(time.Duration(n) * time.Hour), What: what}
	}
	for name, c2 := range map[string]struct {
		events []regime.Event
		state  regime.State
		due    int // hours from the start
		round  int
	}{
		"forwarded":            {[]regime.Event{at(0, regime.WasForwarded)}, regime.Met, 1, 0},
		"given back":           {[]regime.Event{at(0, regime.WasForwarded), at(5, regime.Declined)}, regime.Running, 6, 1},
		"forwarded again":      {[]regime.Event{at(0, regime.WasForwarded), at(5, regime.Declined), at(7, regime.WasForwarded)}, regime.Met, 6, 1},
		"given back again":     {[]regime.Event{at(0, regime.WasForwarded), at(5, regime.Declined), at(7, regime.WasForwarded), at(8, regime.Declined)}, regime.Running, 9, 2},
		"given back, answered": {[]regime.Event{at(0, regime.WasForwarded), at(5, regime.Declined), at(6, regime.GaveAnswer)}, regime.Met, 6, 1},
		"answered before":      {[]regime.Event{at(0, regime.WasForwarded), at(2, regime.GaveInterim), at(5, regime.Declined)}, regime.Met, 1, 0},
	} {
		list, err := regime.Deadlines(&regime.History{Seen: seen, Events: c2.events}, &laddered, c)
		if err != nil {
			t.Fatal(err)
		}
		if d := list[0]; d.State != c2.state || !d.Due.Equal(seen.Add(time.Duration(c2.due)*time.Hour)) || d.Round != c2.round {
			t.Errorf("%s: %s due %v, round %d; want %s after %d h, round %d", name, d.State, d.Due, d.Round, c2.state, c2.due, c2.round)
		}
	}
}
