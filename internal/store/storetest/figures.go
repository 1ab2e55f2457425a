package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// figures proves what leaders are shown: what is counted, what is not, and that each
// number is the number of incidents that the queue shows behind it.
func figures(t *testing.T, s Store) {
	now := morning.Add(24 * time.Hour)
	due, early, late := morning.Add(10*time.Hour), morning.Add(9*time.Hour), morning.Add(11*time.Hour)
	answer := func(due, at time.Time) func(*incident.Incident) {
		return func(i *incident.Incident) {
			i.Clock.AnswerDue, i.Clock.AnswerAt = due, at
			if !at.IsZero() {
				i.State = lifecycle.Answered
			}
		}
	}
	ended := func(o lifecycle.Outcome) func(*incident.Incident) {
		return func(i *incident.Incident) { i.State, i.Outcome = lifecycle.Closed, o }
	}
	verified := func(i *incident.Incident) { i.VerifiedAt = late }
	of := func(agency int64, group, centre string) func(*incident.Incident) {
		return func(i *incident.Incident) { i.Place.Agency, i.Group, i.Place.Centre = agency, group, centre }
	}
	one := of(1, "Дороги", abakan)
	var before, asked *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		for n, mods := range [][]func(*incident.Incident){
			{one, answer(due, early)},                                               // in time
			{one, answer(due, early), verified},                                     // in time, and solved
			{one, answer(due, late), verified},                                      // late, and solved
			{one, answer(due, late)},                                                // late
			{one, answer(due, time.Time{})},                                         // overdue
			{one, answer(now.Add(time.Hour), time.Time{})},                          // its time runs
			{one, answer(time.Time{}, time.Time{})},                                 // its time stands
			{one, answer(time.Time{}, early)},                                       // answered while nothing was due
			{one, answer(now.Add(time.Hour), time.Time{}), ended(lifecycle.Solved)}, // closed without a word
			{one, ended(lifecycle.Refused)},
			{one, ended(lifecycle.Duplicate)},
			{of(2, "Дворы", abakan), answer(due, early)},
			{of(2, "Дороги", "95715000"), answer(due, due)}, // to the second
			{of(0, "Дворы", "95715000"), answer(due, time.Time{})},
		} {
			open(t, tx, n, here, mods...)
		}
		before = open(t, tx, 100, here, one, func(i *incident.Incident) { i.OpenedAt = morning.AddDate(0, -2, 0) })
		asked = open(t, tx, 101, here, one, func(i *incident.Incident) { i.OpenedAt, i.State = morning.AddDate(0, -2, 0), lifecycle.Answered })
		return nil
	})
	q := incident.FigureQuery{By: incident.ByAgency, Since: morning.Add(-time.Hour), Until: now, Now: now}
	ask := func(sc scope.Scope, q incident.FigureQuery, want ...incident.Figures) {
		t.Helper()
		got, err := s.Reader().Clocks().Figures(ctx, sc, q)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Figures by %s differ (-want +got):\n%s", q.By, diff)
		}
	}
	ask(scope.All(), q,
		incident.Figures{Agency: 0, Came: 1, Judged: 1},
		incident.Figures{Agency: 1, Came: 10, Refused: 1, Waits: 2, Judged: 7, InTime: 3, Verified: 2},
		incident.Figures{Agency: 2, Came: 2, Judged: 2, InTime: 2})
	ask(scope.OfAgency(khakassia, 2), q, incident.Figures{Agency: 2, Came: 2, Judged: 2, InTime: 2})
	ask(scope.OfRegion(perm), q)
	ask(scope.OfRegion(khakassia), with(q, func(q *incident.FigureQuery) { q.Until = q.Since }))
	ask(scope.OfRegion(khakassia), with(q, func(q *incident.FigureQuery) { q.By, q.Agency = incident.ByGroup, 2 }),
		incident.Figures{Group: "Дворы", Came: 1, Judged: 1, InTime: 1}, incident.Figures{Group: "Дороги", Came: 1, Judged: 1, InTime: 1})
	ask(scope.OfRegion(khakassia), with(q, func(q *incident.FigureQuery) { q.By, q.Group = incident.ByCentre, "Дворы" }),
		incident.Figures{Centre: abakan, Came: 1, Judged: 1, InTime: 1}, incident.Figures{Centre: "95715000", Came: 1, Judged: 1})
	ask(scope.OfRegion(khakassia), with(q, func(q *incident.FigureQuery) { q.By, q.Centre = incident.ByCentre, "95715000" }),
		incident.Figures{Centre: "95715000", Came: 2, Judged: 2, InTime: 1})
	rang := func(n int, opened time.Time, answered, solved time.Duration) func(tx incident.Tx) error {
		return func(tx incident.Tx) error {
			open(t, tx, n, here, of(7, "Дороги", abaza), answer(due, early), func(i *incident.Incident) {
				i.Channel, i.OpenedAt = message.Paper, opened
				if answered > 0 {
					i.AnsweredAt = opened.Add(answered)
				}
				if solved > 0 {
					i.VerifiedAt = opened.Add(solved)
				}
			})
			return nil
		}
	}
	week := morning.AddDate(0, 0, -7)
	for n, c := range [][2]time.Duration{{time.Hour, 5 * time.Hour}, {2 * time.Hour, 0}, {30 * time.Hour, 9 * time.Hour}, {0, 0}} {
		change(t, s, rang(200+n, week, c[0], c[1]))
	}
	change(t, s, rang(210, week.AddDate(0, -1, 0), time.Minute, time.Minute)) // opened before
	ask(scope.OfRegion(khakassia), incident.FigureQuery{By: incident.ByChannel, Since: week.Add(-time.Hour), Until: week.Add(time.Hour), Now: now},
		incident.Figures{Channel: message.Paper, Came: 4, Judged: 4, InTime: 4, Verified: 2, FirstAnswer: 2 * time.Hour, Solved: 5 * time.Hour})
	ask(scope.OfCentre(khakassia, abakan), incident.FigureQuery{By: incident.ByChannel, Since: week.Add(-time.Hour), Until: week.Add(time.Hour), Now: now})
	ask(scope.OfRegion(khakassia), incident.FigureQuery{By: incident.ByAgency, Channel: message.Paper, Since: week.Add(-time.Hour), Until: week.Add(time.Hour), Now: now},
		incident.Figures{Agency: 7, Came: 4, Judged: 4, InTime: 4, Verified: 2})
	ask(scope.OfRegion(khakassia), incident.FigureQuery{By: incident.ByAgency, Channel: message.VK, Since: week.Add(-time.Hour), Until: week.Add(time.Hour), Now: now})
	if _, err := s.Reader().Clocks().Figures(ctx, scope.All(), incident.FigureQuery{By: "colour"}); err == nil {
		t.Error("figures by colour")
	}

	// What stands behind a number is that many incidents.
	list, err := s.Reader().Clocks().Figures(ctx, scope.All(), q)
	must(t, err)
	var sum incident.Figures
	for k := range list {
		sum.Add(&list[k])
	}
	for r, want := range map[incident.Result]int{incident.Judged: sum.Judged, incident.InTime: sum.InTime, incident.NotInTime: sum.Judged - sum.InTime,
		incident.Checked: sum.Verified, incident.NotChecked: sum.Judged - sum.Verified, incident.Waits: sum.Waits} {
		page, err := s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{Result: r, At: now, Since: q.Since, Until: q.Until})
		must(t, err)
		n, err := s.Reader().Incidents().Count(ctx, scope.All(), incident.Filter{Result: r, At: now, Since: q.Since, Until: q.Until}, 1000)
		must(t, err)
		if len(page.Rows) != want || n != want {
			t.Errorf("%s: %d in the figures, %d in the queue, %d counted", r, want, len(page.Rows), n)
		}
	}
	old, err := s.Reader().Clocks().UnjudgedAfter(ctx, 0, 10)
	must(t, err)
	if len(old) != 1 || old[0].ID != asked.ID {
		t.Errorf("%d incidents were never judged, want the one that was answered before there were clocks", len(old))
	}
	if old, err = s.Reader().Clocks().UnjudgedAfter(ctx, asked.ID, 10); err != nil || len(old) != 0 {
		t.Errorf("after it: %d, %v", len(old), err)
	}
	got, err := s.Reader().Incidents().Incident(ctx, scope.All(), before.ID)
	must(t, err)
	if !got.Clock.AnswerAt.IsZero() || !got.Clock.AnswerDue.IsZero() {
		t.Errorf("an answer that was never given: %+v", got.Clock)
	}
}

func with(q incident.FigureQuery, mod func(*incident.FigureQuery)) incident.FigureQuery {
	mod(&q)
	return q
}
