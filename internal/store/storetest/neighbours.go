package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
)

// neighbours proves that a request to another city is kept whole, is due in order, is found
// after a crash, and loses its words with those of its incident.
func neighbours(t *testing.T, s Store) {
	one := &neighbour.Request{
		Source: "open311:city", Key: "0badcafe", State: neighbour.Waiting, Service: "015", Name: "Ямы", Contact: true, Tries: 2, NextAt: morning.Add(time.Minute), TriedAt: morning, By: 7, At: morning,
		Words: neighbour.Words{Text: "Слова жителя", Address: "Садовая, 4", Lat: 53.7, Lon: 91.4, First: "Анна", Phone: "100", Asked: map[string][]string{"WHERE": {"road"}}, Error: "Город занят"},
	}
	two := &neighbour.Request{Source: "open311:other", Key: "00000002", State: neighbour.Waiting, Service: "1", NextAt: morning, At: morning}
	var i *incident.Incident
	var first *message.Message
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		one.Incident, two.Incident = int64(i.ID), int64(i.ID)
		must(t, tx.Neighbours().SaveRequest(ctx, one))
		must(t, tx.Neighbours().SaveRequest(ctx, two))
		var err error
		first, err = tx.Messages().Message(ctx, scope.All(), i.First)
		return err
	})
	one.Place, two.Place = i.Place, i.Place
	get := func(id neighbour.ID) *neighbour.Request {
		t.Helper()
		r, err := s.Reader().Neighbours().Request(ctx, scope.OfRegion(khakassia), id)
		must(t, err)
		return r
	}
	if diff := cmp.Diff(one, get(one.ID)); diff != "" {
		t.Errorf("Request (-want +got):\n%s", diff)
	}
	if _, err := s.Reader().Neighbours().Request(ctx, scope.OfRegion(perm), one.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("from another region: %v", err)
	}
	ids := func(list []neighbour.Request, err error) (out []neighbour.ID) {
		must(t, err)
		for _, r := range list {
			out = append(out, r.ID)
		}
		return out
	}
	store := s.Reader().Neighbours()
	for _, c := range []struct {
		name      string
		got, want []neighbour.ID
	}{
		{"of the incident", ids(store.OfIncident(ctx, scope.OfRegion(khakassia), int64(i.ID))), []neighbour.ID{one.ID, two.ID}},
		{"of the incident, from elsewhere", ids(store.OfIncident(ctx, scope.OfRegion(perm), int64(i.ID))), nil},
		{"of the city", ids(store.OfSource(ctx, scope.All(), "open311:city", 5)), []neighbour.ID{one.ID}},
		{"due in a minute", ids(store.Due(ctx, morning.Add(time.Minute), 5)), []neighbour.ID{two.ID, one.ID}},
		{"due now", ids(store.Due(ctx, morning, 5)), []neighbour.ID{two.ID}},
		{"due, one of them", ids(store.Due(ctx, morning.Add(time.Minute), 1)), []neighbour.ID{two.ID}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	for key, want := range map[string]bool{one.Key: true, "11111111": false, "": false} {
		if got, err := store.Known(ctx, key); got != want || err != nil {
			t.Errorf("Known(%q) = %t, %v", key, got, err)
		}
	}
	change(t, s, func(tx incident.Tx) error {
		one.State = neighbour.Sending
		must(t, tx.Neighbours().SaveRequest(ctx, one))
		two.State, two.Number, two.NextAt, two.SentAt = neighbour.Closed, "1003", time.Time{}, morning
		two.Standing = neighbour.Standing{Status: "closed", Agency: "Служба", ExpectedAt: morning, UpdatedAt: morning, SeenAt: morning}
		two.Words.Notes = "Сделано"
		return tx.Neighbours().SaveRequest(ctx, two)
	})
	if diff := cmp.Diff(two, get(two.ID)); diff != "" {
		t.Errorf("a closed one (-want +got):\n%s", diff)
	}
	change(t, s, func(tx incident.Tx) error {
		n, err := tx.Neighbours().Interrupted(ctx, morning.Add(time.Hour))
		if n != 1 {
			t.Errorf("%d were interrupted, want 1", n)
		}
		return err
	})
	if r := get(one.ID); r.State != neighbour.Seeking || !r.NextAt.Equal(morning.Add(time.Hour)) || r.Tries != 0 {
		t.Errorf("after a crash: %+v", r)
	}
	change(t, s, func(tx incident.Tx) error {
		two.State = neighbour.Waiting
		must(t, tx.Neighbours().SaveRequest(ctx, two))
		return tx.Messages().Erase(ctx, message.Erasure{Source: first.Source, Native: first.Native, At: morning, Place: first.Place})
	})
	if r := get(one.ID); !cmp.Equal(r.Words, neighbour.Words{}) || r.State != neighbour.Seeking {
		t.Errorf("after the erasure: %+v", r)
	}
	if r := get(two.ID); r.State != neighbour.Dropped || !r.NextAt.IsZero() {
		t.Errorf("what had not left goes nowhere any more: %+v", r)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Neighbours().SaveRequest(ctx, one) })
	if r := get(one.ID); r.Words.Text != "" {
		t.Error("erased words came back")
	}
}
