package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// callers proves that the open incidents of a caller are found by number and by name, in
// scope, and by neither once the words are erased.
func callers(t *testing.T, s Store) {
	card := func(n int, at scope.Place, phone, name string) *incident.Incident {
		var i *incident.Incident
		change(t, s, func(tx incident.Tx) error {
			m, r := letter(n, at)
			m.Form, m.Channel, m.Contact, m.AuthorName = message.Card, message.Phone, phone, name
			_, err := tx.Messages().Keep(ctx, m, r)
			must(t, err)
			i = &incident.Incident{State: lifecycle.New, Topic: "roads.potholes", Place: at, OpenedAt: morning, First: m.ID}
			must(t, tx.Incidents().Open(ctx, i))
			return tx.Incidents().Attach(ctx, i.ID, m.ID)
		})
		return i
	}
	first := card(1, here, "8 (923) 000-11-22", "Пётр Иванов")
	second := card(2, here, "+7 923 000 11 22", "")
	named := card(3, here, "", "ИВАНОВ Петр")
	foreign := card(4, scope.Place{Region: perm, Centre: lysva}, "89230001122", "")
	done := card(5, here, "89230001122", "Пётр Иванов")
	done.State, done.ClosedAt = lifecycle.Closed, morning
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Save(ctx, done) })
	town := scope.OfCentre(khakassia, abakan)
	for name, c := range map[string]struct {
		sc          scope.Scope
		phone, name string
		limit       int
		want        []*incident.Incident
	}{
		"by number":            {town, "7 923 000 11 22", "", 0, []*incident.Incident{second, first}},
		"the name comes after": {town, "923-000-11-22", "пётр иванов", 0, []*incident.Incident{second, first, named}},
		"by name":              {town, "", "иванов  петр", 0, []*incident.Incident{named, first}},
		"at most so many":      {town, "79230001122", "Пётр Иванов", 1, []*incident.Incident{second}},
		"everywhere":           {scope.All(), "89230001122", "", 0, []*incident.Incident{foreign, second, first}},
		"another town":         {scope.OfCentre(khakassia, abaza), "89230001122", "Пётр Иванов", 0, nil},
		"a part of a number":   {town, "000-11-22", "", 0, nil},
		"nobody":               {town, "", "", 0, nil},
	} {
		var want []int64
		for _, i := range c.want {
			want = append(want, int64(i.ID))
		}
		got, err := s.Reader().Calls().OpenOf(ctx, c.sc, c.phone, c.name, c.limit)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, differs:\n%s", name, err, diff)
		}
	}
	for _, c := range []struct {
		of     *incident.Incident
		sc     scope.Scope
		ending string
		want   bool
	}{{first, scope.All(), "1122", true}, {first, town, "1122", true}, {first, scope.OfCentre(khakassia, abaza), "1122", false}, {first, scope.All(), "1123", false},
		{first, scope.All(), "", false}, {named, scope.All(), "1122", false}, {done, scope.All(), "1122", true}, {first, scope.All(), "%%%%", false}} {
		if got, err := s.Reader().Calls().Left(ctx, c.sc, int64(c.of.ID), c.ending); got != c.want || err != nil {
			t.Errorf("Left(%d, %q) = %v, %v; want %v", c.of.ID, c.ending, got, err, c.want)
		}
	}
	m, _ := letter(1, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	got, err := s.Reader().Calls().OpenOf(ctx, town, "89230001122", "Пётр Иванов", 0)
	if diff := cmp.Diff([]int64{int64(second.ID), int64(named.ID)}, got); diff != "" || err != nil {
		t.Errorf("after erasing: %v, differs:\n%s", err, diff)
	}
}
