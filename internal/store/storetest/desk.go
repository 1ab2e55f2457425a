package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

func disputing(t *testing.T, s Store) {
	var ids []incident.ID
	change(t, s, func(tx incident.Tx) error {
		for n, mod := range []func(*incident.Incident){
			func(*incident.Incident) {}, func(i *incident.Incident) { i.Place.Centre = abaza },
			func(i *incident.Incident) { i.State = lifecycle.Closed }, func(*incident.Incident) {},
		} {
			ids = append(ids, open(t, tx, n, here, mod).ID)
		}
		for n, id := range ids {
			if err := tx.Disputes().SaveDispute(ctx, &incident.Dispute{Incident: id, Hops: 2, State: incident.ForArbiter, Since: morning.Add(-time.Duration(n) * time.Hour)}); err != nil {
				return err
			}
		}
		return tx.Disputes().SaveDispute(ctx, &incident.Dispute{Incident: ids[3], Hops: 3, State: incident.Arbitrated, Since: morning, DecidedAt: morning, DecidedBy: 7})
	})
	of := func(sc scope.Scope, state incident.DisputeState, want ...incident.ID) {
		t.Helper()
		list, err := s.Reader().Disputes().Disputes(ctx, sc, state, 10)
		must(t, err)
		var got []incident.ID
		for _, d := range list {
			got = append(got, d.Incident)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("disputes %s differ (-want +got):\n%s", state, diff)
		}
	}
	of(scope.All(), incident.ForArbiter, ids[1], ids[0]) // the one that waits longest first; the closed one not
	of(scope.OfCentre(khakassia, here.Centre), incident.ForArbiter, ids[0])
	of(scope.OfRegion(perm), incident.ForArbiter)
	of(scope.All(), incident.Arbitrated, ids[3])
	list, err := s.Reader().Disputes().Disputes(ctx, scope.All(), incident.Arbitrated, 10)
	must(t, err)
	if diff := cmp.Diff(incident.Dispute{Incident: ids[3], Hops: 3, State: incident.Arbitrated, Since: morning, DecidedAt: morning, DecidedBy: 7}, list[0]); diff != "" {
		t.Errorf("a dispute comes back changed:\n%s", diff)
	}
}
