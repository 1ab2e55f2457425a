package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/problem"
	"otklik/internal/scope"
)

// durable proves that a problem counts its incidents, is found by its place, listed by
// how long it is known, and forgets what was erased.
func durable(t *testing.T, s Store) {
	house := problem.Place{Settlement: "95701000001", Town: "Абакан", Street: "улица Мира", House: "5"}
	p := &problem.Problem{Group: "Дороги", At: house, State: problem.Open, Since: morning.AddDate(-1, 0, 0), Scope: here}
	far := &problem.Problem{Group: "Дороги", At: problem.Place{Settlement: "95702000001", House: "1"}, State: problem.Closed, Since: morning.AddDate(-2, 0, 0),
		ClosedAt: morning, ClosedBy: 4, How: "photo", Reason: "заменили", Reopened: 2, Scope: scope.Place{Region: khakassia, Centre: abaza}}
	var first, second *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		first, second = open(t, tx, 1, here), open(t, tx, 2, here)
		must(t, tx.Problems().Save(ctx, p))
		must(t, tx.Problems().Save(ctx, far))
		must(t, tx.Problems().Link(ctx, p.ID, int64(second.ID), second.OpenedAt))
		must(t, tx.Problems().Link(ctx, p.ID, int64(first.ID), first.OpenedAt))
		return tx.Problems().Link(ctx, p.ID, int64(first.ID), first.OpenedAt) // once more changes nothing
	})
	p.Incidents, p.LastAt = 2, second.OpenedAt
	got, err := s.Reader().Problems().Find(ctx, khakassia, "Дороги", house)
	must(t, err)
	got.At.Town = "Абакан"
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("Find differs (-want +got):\n%s", diff)
	}
	other := house
	other.House = "7"
	_, err = s.Reader().Problems().Find(ctx, khakassia, "Дороги", other)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Problems().Problem(ctx, scope.OfCentre(khakassia, abaza), p.ID)
	want(t, err, fault.NotFound)
	ids, err := s.Reader().Problems().Incidents(ctx, p.ID)
	if diff := cmp.Diff([]int64{int64(first.ID), int64(second.ID)}, ids); diff != "" || err != nil {
		t.Errorf("Incidents: %v, differ:\n%s", err, diff)
	}
	for name, c := range map[string]struct {
		sc   scope.Scope
		f    problem.Filter
		want []problem.ID
	}{
		"all, the longest known first": {scope.All(), problem.Filter{}, []problem.ID{far.ID, p.ID}},
		"open":                         {scope.All(), problem.Filter{Open: true}, []problem.ID{p.ID}},
		"of a centre":                  {scope.OfCentre(khakassia, abaza), problem.Filter{}, []problem.ID{far.ID}},
		"of another group":             {scope.All(), problem.Filter{Group: "Мусор"}, nil},
		"behind the first":             {scope.All(), problem.Filter{After: far.Since, AfterID: far.ID}, []problem.ID{p.ID}},
		"of nobody":                    {scope.Scope{}, problem.Filter{}, nil},
	} {
		list, err := s.Reader().Problems().List(ctx, c.sc, c.f)
		var got []problem.ID
		for _, p := range list {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, differ:\n%s", name, err, diff)
		}
	}
	change(t, s, func(tx incident.Tx) error { return tx.Problems().Link(ctx, far.ID, int64(first.ID), first.OpenedAt) })
	if of, err := s.Reader().Problems().Of(ctx, int64(first.ID)); of != far.ID || err != nil {
		t.Errorf("Of = %d, %v", of, err)
	}
	if p, err := s.Reader().Problems().Problem(ctx, scope.All(), p.ID); err != nil || p.Incidents != 1 {
		t.Errorf("after one went there are %+v, %v", p, err)
	}
	m, _ := letter(2, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	_, err = s.Reader().Problems().Problem(ctx, scope.All(), p.ID)
	want(t, err, fault.NotFound) // its house would tell who wrote
}

// calling proves that a message asks for one call, that it is seen within the scope, and
// that what was said is erased with the message.
func calling(t *testing.T, s Store) {
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error { i = open(t, tx, 1, here); return nil })
	c := &call.Call{Incident: int64(i.ID), Message: int64(i.First), Why: "угроза жизни", State: call.Waiting, At: morning, Scope: here}
	again := *c
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Calls().Save(ctx, c))
		return tx.Calls().Save(ctx, &again)
	})
	if again.ID != 0 {
		t.Errorf("one message asks for two calls: %d, %d", c.ID, again.ID)
	}
	for _, o := range []struct {
		sc   scope.Scope
		want int
	}{{scope.All(), 1}, {scope.OfCentre(khakassia, abakan), 1}, {scope.OfCentre(khakassia, abaza), 0}, {scope.Scope{}, 0}} {
		if list, err := s.Reader().Calls().Waiting(ctx, o.sc, 10); len(list) != o.want || err != nil {
			t.Errorf("Waiting(%v) = %d, %v; want %d", o.sc, len(list), err, o.want)
		}
	}
	c.State, c.Whom, c.Said, c.By, c.MadeAt = call.Made, "ЕДДС", "Выехали", 7, morning.Add(time.Minute)
	change(t, s, func(tx incident.Tx) error { return tx.Calls().Save(ctx, c) })
	got, err := s.Reader().Calls().Call(ctx, scope.All(), c.ID)
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("Call: %v, differs:\n%s", err, diff)
	}
	if list, err := s.Reader().Calls().Latest(ctx, scope.All(), 10); len(list) != 1 || err != nil {
		t.Errorf("Latest = %v, %v", list, err)
	}
	if list, err := s.Reader().Calls().OfIncident(ctx, scope.All(), int64(i.ID)); len(list) != 1 || err != nil {
		t.Errorf("OfIncident = %v, %v", list, err)
	}
	m, _ := letter(1, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	if got, err := s.Reader().Calls().Call(ctx, scope.All(), c.ID); err != nil || got.Said != "" || got.Whom != "ЕДДС" {
		t.Errorf("after erasing: %+v, %v", got, err)
	}
}

// ringingUp proves that whom to ring is kept by municipality, in its order.
func ringingUp(t *testing.T, s Store) {
	town := []call.Contact{{Name: "ЕДДС", Phone: "112-1", Centre: abakan}, {Name: "Газ", Phone: "04", Danger: call.Gas, Centre: abakan}}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Calls().SaveBook(ctx, khakassia, abakan, append(town, town[0])))
		must(t, tx.Calls().SaveBook(ctx, khakassia, abakan, town))
		must(t, tx.Calls().SaveBook(ctx, perm, "", []call.Contact{{Name: "Чужая", Phone: "1"}}))
		return tx.Calls().SaveBook(ctx, khakassia, "", []call.Contact{{Name: "Регион", Phone: "2"}})
	})
	got, err := s.Reader().Calls().Book(ctx, khakassia)
	if diff := cmp.Diff(append([]call.Contact{{Name: "Регион", Phone: "2"}}, town...), got); diff != "" || err != nil {
		t.Errorf("Book: %v, differs:\n%s", err, diff)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Calls().SaveBook(ctx, khakassia, abakan, nil) })
	if got, err := s.Reader().Calls().Book(ctx, khakassia); len(got) != 1 || err != nil {
		t.Errorf("after the town's went: %+v, %v", got, err)
	}
}
