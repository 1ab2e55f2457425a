package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

func proposing(t *testing.T, s Store) {
	var ids []incident.ID
	change(t, s, func(tx incident.Tx) error {
		for n, mod := range []func(*incident.Incident){
			func(*incident.Incident) {}, func(*incident.Incident) {}, func(*incident.Incident) {},
			func(i *incident.Incident) { i.State = lifecycle.Closed },
			func(i *incident.Incident) { i.Place.Centre = abaza },
		} {
			ids = append(ids, open(t, tx, n, here, mod).ID)
		}
		return nil
	})
	make := func(i, into int, score float64) incident.Proposal {
		return incident.Proposal{Incident: ids[i], Into: ids[into], Kind: incident.Same, Score: score, Reasons: []string{"то же место", "тема та же"},
			State: incident.Waiting, CreatedAt: morning, Place: here}
	}
	propose := func(list ...incident.Proposal) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			for _, p := range list {
				if err := tx.Proposals().Propose(ctx, &p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	of := func(sc scope.Scope, i int, want ...incident.Proposal) {
		t.Helper()
		got, err := s.Reader().Proposals().ProposalsOf(ctx, sc, ids[i])
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ProposalsOf(%d) differ (-want +got):\n%s", i, diff)
		}
	}
	one, two, closed, far := make(1, 0, 0.7), make(2, 0, 0.9), make(3, 0, 0.8), make(4, 0, 0.65)
	propose(one, two, closed, far)
	of(scope.All(), 0, two, one, far)
	of(scope.All(), 1, one)
	of(scope.OfCentre(khakassia, here.Centre), 0, two, one)
	of(scope.OfRegion(perm), 0)
	of(scope.All(), 3)

	waiting := func(sc scope.Scope, kind incident.ProposalKind, limit int, want ...incident.Proposal) {
		t.Helper()
		got, err := s.Reader().Proposals().Waiting(ctx, sc, kind, limit)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Waiting(%+v, %q, %d) differ (-want +got):\n%s", sc, kind, limit, diff)
		}
	}
	waiting(scope.All(), "", 10, one, two, far)
	waiting(scope.All(), "", 2, one, two)
	waiting(scope.All(), incident.Same, 10, one, two, far)
	waiting(scope.All(), incident.Burst, 10)
	waiting(scope.OfCentre(khakassia, here.Centre), "", 10, one, two)
	waiting(scope.OfRegion(perm), "", 10)

	better, worse := one, one
	better.Score, better.Reasons = 0.75, []string{"та же улица"}
	worse.Score, worse.Reasons, worse.Kind = 0.1, []string{"ничего"}, incident.Burst
	propose(better, worse)
	better.Kind = incident.Burst
	of(scope.All(), 1, better)
	back := two
	back.Incident, back.Into = two.Into, two.Incident
	propose(back) // the same pair, named the other way round
	of(scope.All(), 2, two)

	change(t, s, func(tx incident.Tx) error {
		no := back
		no.State, no.DecidedAt, no.DecidedBy = incident.Dismissed, morning.Add(time.Hour), 5
		return tx.Proposals().Decide(ctx, &no)
	})
	two.Score = 1
	propose(two)
	of(scope.All(), 2)
	change(t, s, func(tx incident.Tx) error { // decided before anybody proposed it
		return tx.Proposals().Decide(ctx, &incident.Proposal{Incident: ids[2], Into: ids[1], State: incident.Dismissed, Place: here})
	})
	propose(make(2, 1, 0.9))
	of(scope.All(), 2)
	err := s.Change(ctx, incident.Machine, func(tx incident.Tx) error { p := make(1, 1, 1); return tx.Proposals().Propose(ctx, &p) })
	want(t, err, fault.Invalid)
}
