package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

func promising(t *testing.T, s Store) {
	day := func(n int) time.Time { return morning.Add(time.Duration(n) * 24 * time.Hour) }
	elsewhere := scope.Place{Region: khakassia, Centre: abaza, Agency: 2}
	mine := scope.Place{Region: khakassia, Centre: here.Centre, Agency: 1}
	var ids []incident.ID
	var list []*promise.Promise
	change(t, s, func(tx incident.Tx) error {
		for n, p := range []scope.Place{mine, elsewhere} {
			ids = append(ids, open(t, tx, n, p).ID)
		}
		list = []*promise.Promise{
			{Incident: int64(ids[0]), Reply: 5, Span: russian.Span{Start: 10, End: 30}, Sentence: russian.Span{Start: 0, End: 40}, From: morning, Until: day(3), Why: "с этого дня",
				State: promise.Open, MadeAt: morning, RemindAt: day(1), Place: mine},
			{Incident: int64(ids[0]), Reply: 5, Vague: true, Why: "день не назван", State: promise.Open, MadeAt: morning, Place: mine},
			{Incident: int64(ids[1]), Reply: 6, From: morning, Until: day(2), State: promise.Open, MadeAt: morning, RemindAt: day(1), Place: elsewhere},
			{Incident: int64(ids[0]), Reply: 5, From: morning, Until: day(-2), State: promise.Broken, Reason: "сломалась машина", By: 7, Settled: day(-1), MadeAt: day(-9), Checked: true, Place: mine},
		}
		for _, p := range list {
			must(t, tx.Promises().SavePromise(ctx, p))
		}
		return nil
	})
	got, err := s.Reader().Promises().Promise(ctx, scope.OfCentre(khakassia, here.Centre), list[0].ID)
	must(t, err)
	if diff := cmp.Diff(list[0], got); diff != "" {
		t.Errorf("a promise comes back changed (-want +got):\n%s", diff)
	}
	_, err = s.Reader().Promises().Promise(ctx, scope.OfCentre(khakassia, abaza), list[0].ID)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Promises().OfIncident(ctx, scope.OfRegion(perm), int64(ids[0]))
	want(t, err, fault.NotFound)

	numbers := func(ps []promise.Promise, err error) (out []promise.ID) {
		t.Helper()
		must(t, err)
		for _, p := range ps {
			out = append(out, p.ID)
		}
		return out
	}
	check := func(name string, got []promise.ID, want ...int) {
		t.Helper()
		var ids []promise.ID
		for _, n := range want {
			ids = append(ids, list[n].ID)
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("%s differ (-want +got):\n%s", name, diff)
		}
	}
	r := s.Reader().Promises()
	check("of an incident", numbers(r.OfIncident(ctx, scope.All(), int64(ids[0]))), 0, 1, 3)
	check("calendar", numbers(r.Calendar(ctx, scope.OfRegion(khakassia), promise.Filter{From: morning})), 2, 0)
	check("calendar of a centre", numbers(r.Calendar(ctx, scope.OfCentre(khakassia, abaza), promise.Filter{})), 2)
	check("calendar until a day", numbers(r.Calendar(ctx, scope.All(), promise.Filter{From: morning, Until: day(3)})), 2)
	check("calendar of an agency", numbers(r.Calendar(ctx, scope.All(), promise.Filter{Agency: 1})), 3, 0)
	check("broken ones", numbers(r.Calendar(ctx, scope.All(), promise.Filter{State: promise.Broken})), 3)
	check("vague ones", numbers(r.Calendar(ctx, scope.All(), promise.Filter{Vague: true})), 1)

	check("due before all", numbers(r.Due(ctx, morning, 10)))
	check("reminders", numbers(r.Due(ctx, day(1), 10)), 2, 0)
	check("one of them", numbers(r.Due(ctx, day(1), 1)), 2)
	check("a day that has passed, and a reminder", numbers(r.Due(ctx, day(2).Add(time.Second), 10)), 2, 0)
	change(t, s, func(tx incident.Tx) error {
		list[2].Checked, list[0].Reminded = true, true
		must(t, tx.Promises().SavePromise(ctx, list[2]))
		return tx.Promises().SavePromise(ctx, list[0])
	})
	check("told once", numbers(r.Due(ctx, day(2).Add(time.Second), 10)))
	check("the day of the reminded one", numbers(r.Due(ctx, day(4), 10)), 0)

	tally, err := r.Tally(ctx, scope.OfRegion(khakassia), day(-30), day(2).Add(time.Second))
	must(t, err)
	if diff := cmp.Diff([]promise.Tally{{Agency: 1, Made: 3, Waiting: 1, Broken: 1, Vague: 1}, {Agency: 2, Made: 1, Overdue: 1}}, tally); diff != "" {
		t.Errorf("tally differs (-want +got):\n%s", diff)
	}
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Promises().SavePromise(ctx, &promise.Promise{ID: 999, Incident: int64(ids[0]), State: promise.Open, MadeAt: morning})
	}), fault.NotFound)
}

func linting(t *testing.T, s Store) {
	mine := scope.Place{Region: khakassia, Centre: here.Centre, Agency: 1}
	var a, b incident.ID
	doubted := &reply.Reply{Purpose: reply.Final, State: reply.Published, Text: "Взято на контроль.", CreatedAt: morning, PublishedAt: morning, Place: mine,
		Lint: reply.Lint{Read: true, Score: 20, Doubt: true, Rules: []string{"no_action", "empty_words"}, Override: "просил автор"}}
	plain := &reply.Reply{Purpose: reply.Final, State: reply.Published, Text: "Яму заделали.", CreatedAt: morning, PublishedAt: morning.Add(time.Hour), Place: mine, Lint: reply.Lint{Read: true, Score: 100}}
	unread := &reply.Reply{Purpose: reply.Final, State: reply.Draft, Text: "Потом.", CreatedAt: morning, Place: mine}
	change(t, s, func(tx incident.Tx) error {
		a, b = open(t, tx, 0, mine).ID, open(t, tx, 1, mine).ID
		doubted.Incident, plain.Incident, unread.Incident = int64(a), int64(b), int64(b)
		for _, r := range []*reply.Reply{doubted, plain, unread} {
			must(t, tx.Replies().SaveReply(ctx, r))
		}
		return nil
	})
	got, err := s.Reader().Replies().Reply(ctx, scope.All(), doubted.ID)
	must(t, err)
	if diff := cmp.Diff(doubted.Lint, got.Lint); diff != "" {
		t.Errorf("the lint of a reply comes back changed (-want +got):\n%s", diff)
	}
	if got, err = s.Reader().Replies().Reply(ctx, scope.All(), unread.ID); err != nil || got.Lint.Read {
		t.Errorf("a reply that was not read: %+v, %v", got, err)
	}
	page, err := s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{Doubted: true})
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].ID != a {
		t.Errorf("the queue of doubted replies has %d rows, want the one", len(page.Rows))
	}
	texts, err := s.Reader().Replies().Recent(ctx, 1, int64(a), 10)
	must(t, err)
	if diff := cmp.Diff([]string{"Яму заделали."}, texts); diff != "" {
		t.Errorf("recent replies about other incidents differ:\n%s", diff)
	}
	counts, err := s.Reader().Replies().Doubts(ctx, scope.OfCentre(khakassia, here.Centre), morning)
	must(t, err)
	if diff := cmp.Diff([]reply.Doubts{{Agency: 1, Published: 2, Doubted: 1}}, counts); diff != "" {
		t.Errorf("doubts by agency differ:\n%s", diff)
	}
	if none, err := s.Reader().Replies().Doubts(ctx, scope.OfRegion(perm), morning); err != nil || len(none) != 0 {
		t.Errorf("another region sees %v, %v", none, err)
	}
	change(t, s, func(tx incident.Tx) error {
		return tx.Agencies().SaveAgency(ctx, &agency.Agency{Name: "Без проверки", LintBar: agency.NoLint, Place: mine})
	})
	list, err := s.Reader().Agencies().Agencies(ctx, scope.All())
	must(t, err)
	if len(list) != 1 || list[0].LintBar != agency.NoLint {
		t.Errorf("agencies: %+v, want one that is not asked", list)
	}
}
