package regime_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/regime"
)

var happenings = []regime.What{regime.WasAccepted, regime.WasForwarded, regime.GaveInterim, regime.GaveAnswer, regime.Asked, regime.Told,
	regime.Stopped, regime.Went, regime.Returned, regime.Ended, regime.Revived, regime.Checked, regime.Raised, regime.Lowered,
	regime.Quickened, regime.Slowed, regime.Escalated, regime.Extended}

// anything draws a history of any order: also of orders that the lifecycle forbids.
func anything(t *rapid.T) *regime.History {
	h := &regime.History{Seen: at("2026-02-02 08:00").Add(time.Duration(rapid.IntRange(0, 200_000).Draw(t, "seen")) * time.Minute)}
	now := h.Seen
	for range rapid.IntRange(0, 14).Draw(t, "events") {
		h.Events = append(h.Events, happening(t, &now))
	}
	return h
}

func happening(t *rapid.T, now *time.Time) regime.Event {
	*now = now.Add(time.Duration(rapid.IntRange(0, 6000).Draw(t, "later")) * time.Minute)
	e := regime.Event{At: *now, What: rapid.SampledFrom(happenings).Draw(t, "what")}
	switch e.What {
	case regime.Extended:
		e.Step, e.Until = regime.Final, now.Add(time.Duration(rapid.IntRange(1, 720).Draw(t, "until"))*time.Hour)
	case regime.Escalated:
		e.Step, e.Who = rapid.SampledFrom(regime.Kinds()).Draw(t, "step"), rapid.SampledFrom(regime.Whos()).Draw(t, "who")
	}
	return e
}

// moves says which events may move the due time of a step that is not done.
var moves = map[regime.Kind][]regime.What{
	regime.Accept:  {regime.Returned, regime.Asked, regime.Told, regime.Stopped, regime.Went, regime.Ended, regime.GaveAnswer},
	regime.Forward: {regime.WasAccepted, regime.Returned, regime.Asked, regime.Told, regime.Stopped, regime.Went, regime.Ended, regime.GaveAnswer},
	regime.First:   {regime.WasAccepted, regime.Returned, regime.Raised, regime.Lowered, regime.Asked, regime.Told, regime.Stopped, regime.Went, regime.Ended, regime.GaveAnswer},
	regime.Final: {regime.WasAccepted, regime.GaveInterim, regime.Returned, regime.Extended, regime.Asked, regime.Told, regime.Stopped, regime.Went, regime.Ended,
		regime.GaveAnswer},
	regime.Confirm: {regime.GaveAnswer, regime.Returned},
}

func TestDeadlinesHaveTheirLaws(t *testing.T) {
	t.Parallel()
	list, err := regime.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		h := anything(t)
		r := rapid.SampledFrom(list).Draw(t, "regime")
		count := func(h *regime.History) []regime.Deadline {
			out, err := regime.Deadlines(h, &r, abakan())
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		was := count(h)
		for k, d := range count(h) {
			if d.Why != was[k].Why || !d.Due.Equal(was[k].Due) || d.State != was[k].State {
				t.Fatalf("the same history gave %+v and %+v", was[k], d)
			}
			if !d.Due.IsZero() && d.Due.Before(d.Start) || d.Why == "" {
				t.Fatalf("due before its start: %+v", d)
			}
			if (d.State == regime.Met) != !d.Done.IsZero() {
				t.Fatalf("met and done differ: %+v", d)
			}
		}
		alarms, err := regime.Alarms(h, was, abakan())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range alarms {
			d := was[slices.IndexFunc(was, func(d regime.Deadline) bool { return d.Step == a.Step })]
			if !d.Ours() || d.State == regime.Met || d.State == regime.Void || d.State == regime.Waits || a.At.Before(d.Start) {
				t.Fatalf("alarm %+v of %+v", a, d)
			}
		}
		// One thing more happens: a due time moves for a recorded reason only.
		now := h.Seen
		if n := len(h.Events); n > 0 {
			now = h.Events[n-1].At
		}
		e := happening(t, &now)
		more := &regime.History{Seen: h.Seen, Events: append(slices.Clone(h.Events), e)}
		for k, d := range count(more) {
			before := was[k]
			if before.State == regime.Met && d.Step != regime.Final && d.Step != regime.Confirm && d.State != regime.Met {
				t.Fatalf("%s was done and %s took it away: %+v", d.Step, e.What, d)
			}
			if before.Due.IsZero() || before.State == regime.Met || before.State == regime.Void || d.State == regime.Met || d.Due.Equal(before.Due) {
				continue
			}
			if !slices.Contains(moves[d.Step], e.What) {
				t.Fatalf("%s moved %s from %v to %v", e.What, d.Step, before.Due, d.Due)
			}
			if d.Due.Before(before.Due) && !d.Due.IsZero() && slices.Contains([]regime.What{regime.Asked, regime.Stopped, regime.Extended}, e.What) {
				t.Fatalf("%s made %s earlier: %v, then %v", e.What, d.Step, before.Due, d.Due)
			}
		}
	})
}

// TestTellingIsDoneOnce climbs a ladder by recording what Alarms returns, in steps of
// time of any length: each rung is told once.
func TestTellingIsDoneOnce(t *testing.T) {
	t.Parallel()
	r := shipped(t, "open")
	rapid.Check(t, func(t *rapid.T) {
		h := history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 10:30", regime.WasForwarded))
		now := at("11-16 10:30")
		told := map[regime.Alarm]int{}
		for range 12 {
			now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "later")) * time.Minute)
			list, err := regime.Deadlines(h, r, abakan())
			if err != nil {
				t.Fatal(err)
			}
			alarms, err := regime.Alarms(h, list, abakan())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range alarms {
				if a.At.After(now) {
					continue
				}
				if told[a]++; told[a] > 1 {
					t.Fatalf("told twice: %+v", a)
				}
				h.Events = append(h.Events, regime.Event{At: now, What: regime.Escalated, Step: a.Step, Who: a.Who, Round: a.Round})
			}
		}
		if now.After(at("11-23 09:00")) && len(told) != 4 {
			t.Fatalf("told %d of 4", len(told))
		}
	})
}

func BenchmarkTenThousandIncidents(b *testing.B) {
	h := history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 11:00", regime.Asked), ev("11-16 13:00", regime.Told), ev("11-16 15:00", regime.GaveInterim))
	r := shipped(b, "open")
	for b.Loop() {
		for range 10_000 {
			if _, err := regime.Deadlines(h, r, abakan()); err != nil {
				b.Fatal(err)
			}
		}
	}
}
