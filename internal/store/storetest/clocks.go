package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// ringing proves the clocks: who rings, in which order, what a saved clock leaves
// alone, how the board counts and how the queue sorts by what is due.
func ringing(t *testing.T, s Store) {
	now := morning.Add(time.Hour)
	clock := func(due, alarm time.Time) func(*incident.Incident) {
		return func(i *incident.Incident) {
			i.Clock = incident.Clock{Regime: "open", Step: regime.First, State: regime.Running, Due: due, Alarm: alarm}
		}
	}
	at := func(agency int64) func(*incident.Incident) {
		return func(i *incident.Incident) { i.Place.Agency = agency }
	}
	state := func(st lifecycle.State) func(*incident.Incident) {
		return func(i *incident.Incident) { i.State = st }
	}
	var ids []incident.ID
	var first incident.Incident
	change(t, s, func(tx incident.Tx) error {
		for n, mods := range [][]func(*incident.Incident){
			{clock(now.Add(-time.Hour), now.Add(-time.Minute)), at(1)},
			{clock(now.Add(-2*time.Hour), now), at(1), state(lifecycle.Rework)}, // due longer
			{clock(now.Add(-time.Minute), now.Add(-time.Second)), at(2), func(i *incident.Incident) { i.Urgency, i.Clock.Rung = message.Danger, 3 }},
			{clock(now.Add(time.Hour), now.Add(time.Second)), at(2), state(lifecycle.Approval)},
			{clock(time.Time{}, time.Time{}), func(i *incident.Incident) { i.Clock.State = regime.Paused }},
			{clock(now.Add(-time.Hour), time.Time{}), at(1), state(lifecycle.Closed)},
			{},
		} {
			ids = append(ids, open(t, tx, n, here, mods...).ID)
		}
		got, err := tx.Incidents().Incident(ctx, scope.All(), ids[0])
		first = *got
		return err
	})
	if want := (incident.Clock{Regime: "open", Step: regime.First, State: regime.Running, Due: now.Add(-time.Hour), Alarm: now.Add(-time.Minute)}); !cmp.Equal(first.Clock, want) {
		t.Errorf("a clock comes back changed: %s", cmp.Diff(want, first.Clock))
	}
	rings := func(limit int, want ...incident.ID) {
		t.Helper()
		list, err := s.Reader().Clocks().Ringing(ctx, now, limit)
		must(t, err)
		var got []incident.ID
		for k := range list {
			got = append(got, list[k].ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("who rings (-want +got):\n%s", diff)
		}
	}
	rings(10, ids[2], ids[1], ids[0])
	rings(1, ids[2])

	save := func(i incident.Incident, alarm time.Time, want bool) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			ok, err := tx.Clocks().SaveClock(ctx, &i, alarm)
			if ok != want {
				t.Errorf("SaveClock = %v, want %v", ok, want)
			}
			return err
		})
	}
	told := first
	told.Clock.Alarm, told.Clock.Rung = now.Add(time.Hour), 2
	save(told, first.Clock.Alarm, true)
	save(told, first.Clock.Alarm, false) // another process was first
	stale := told
	stale.Version++
	save(stale, told.Clock.Alarm, false)
	rings(10, ids[2], ids[1])
	after, err := s.Reader().Incidents().Incident(ctx, scope.All(), ids[0])
	must(t, err)
	if diff := cmp.Diff(told, *after); diff != "" {
		t.Errorf("SaveClock changed more than the clock (-want +got):\n%s", diff)
	}

	change(t, s, func(tx incident.Tx) error {
		for _, id := range []incident.ID{ids[0], ids[2], ids[0]} {
			if err := tx.Incidents().Record(ctx, &incident.Entry{Incident: id, Version: 1, At: now, Action: lifecycle.Claim, Detail: incident.Detail{Account: 5}}); err != nil {
				return err
			}
		}
		return nil
	})
	histories, err := s.Reader().Clocks().Histories(ctx, ids)
	must(t, err)
	if len(histories) != 2 || len(histories[ids[0]]) != 2 || len(histories[ids[2]]) != 1 || histories[ids[2]][0].Detail.Account != 5 {
		t.Errorf("Histories = %+v", histories)
	}
	list, err := s.Reader().Clocks().OpenAfter(ctx, ids[1], 3)
	must(t, err)
	if len(list) != 3 || list[0].ID != ids[2] || list[2].ID != ids[4] {
		t.Errorf("OpenAfter = %d incidents", len(list))
	}

	board := func(sc scope.Scope, want ...incident.BoardLine) {
		t.Helper()
		got, err := s.Reader().Clocks().Board(ctx, sc, now, now.Add(2*time.Hour))
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the board (-want +got):\n%s", diff)
		}
	}
	board(scope.All(), incident.BoardLine{Paused: 1}, incident.BoardLine{Agency: 1, Overdue: 2, Returned: 1}, incident.BoardLine{Agency: 2, Overdue: 1, Soon: 1, Approval: 1, Raised: 1})
	board(scope.OfAgency(khakassia, 1), incident.BoardLine{Agency: 1, Overdue: 2, Returned: 1})
	board(scope.OfRegion(perm))

	for _, c := range []struct {
		f    incident.Filter
		want []incident.ID
	}{
		{incident.Filter{}, []incident.ID{ids[1], ids[0], ids[2], ids[3], ids[4], ids[6]}},
		{incident.Filter{DueUntil: now}, []incident.ID{ids[1], ids[0], ids[2]}},
		{incident.Filter{DueSince: now, DueUntil: now.Add(2 * time.Hour)}, []incident.ID{ids[3]}},
		{incident.Filter{Agency: 2}, []incident.ID{ids[2], ids[3]}},
		{incident.Filter{Paused: true}, []incident.ID{ids[4]}},
	} {
		c.f.Order, c.f.Limit = incident.DueNext, 2
		var got []incident.ID
		for {
			p, err := s.Reader().Incidents().Queue(ctx, scope.All(), c.f)
			must(t, err)
			for _, r := range p.Rows {
				got = append(got, r.ID)
			}
			if c.f.After = p.Next; p.Next.Key == "" {
				break
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("queue by due time, %+v (-want +got):\n%s", c.f, diff)
		}
	}
}
