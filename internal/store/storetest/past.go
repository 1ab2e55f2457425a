package storetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// past is what another system knew of an incident.
func past(t *testing.T, s Store) {
	p := message.Past{Key: "otklik:1@2", Number: "77", Status: "Решено", Topic: "Ямы", Agency: "Горсвет"}
	var first, second *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		first, second = open(t, tx, 1, here), open(t, tx, 2, here)
		kept := p
		kept.Place, kept.Answer = "Мира 5", "Починили"
		must(t, tx.Incidents().KeepPast(ctx, first.ID, &message.Past{Key: "old"}))
		must(t, tx.Incidents().KeepPast(ctx, first.ID, &kept)) // the later words hold
		return tx.Incidents().KeepPast(ctx, second.ID, &kept)
	})
	db := s.Reader().Incidents()
	got, err := db.Past(ctx, scope.OfCentre(khakassia, abakan), first.ID)
	must(t, err)
	if diff := cmp.Diff(&p, got); diff != "" {
		t.Errorf("Past differs (-want +got):\n%s", diff)
	}
	if _, err := db.Past(ctx, scope.OfCentre(khakassia, abaza), first.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre sees it: %v", err)
	}
	of := func(region string, keys ...string) (id incident.ID) {
		list, err := db.ByPast(ctx, region, keys...)
		must(t, err)
		for _, c := range list {
			id += c.ID
		}
		return id
	}
	for _, c := range []struct {
		region, key string
		want        incident.ID
	}{{khakassia, p.Key, first.ID}, {"", p.Key, first.ID}, {khakassia, "old", 0}, {perm, p.Key, 0}} {
		if id := of(c.region, c.key); id != c.want {
			t.Errorf("ByPast(%s, %s) = %d, want %d", c.region, c.key, id, c.want)
		}
	}
	change(t, s, func(tx incident.Tx) error {
		return tx.Incidents().KeepPast(ctx, first.ID, &message.Past{Key: p.Key, Status: "Закрыто"})
	})
	many := make([]string, 120) // more than one statement asks for
	for k := range many {
		many[k] = fmt.Sprint("none ", k)
	}
	list, err := db.ByPast(ctx, khakassia, append(many, p.Key)...)
	must(t, err)
	said := p
	said.Answer = "Починили"
	if len(list) != 1 || !list[0].Knows(&message.Past{Status: "Закрыто"}) || !list[0].Knows(&said) || list[0].Knows(&message.Past{Status: "В работе"}) {
		t.Errorf("what was said: %+v", list)
	}
	change(t, s, func(tx incident.Tx) error {
		m, _ := letter(1, here)
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	if _, err := db.Past(ctx, scope.All(), first.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("after the erasure: %v", err)
	}
	if id := of(khakassia, p.Key); id != second.ID {
		t.Errorf("ByPast after the erasure = %d", id)
	}
}
