package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

func tokens(t *testing.T, s Store) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	a := account.Account{Login: "irina", Role: lifecycle.Operator, Place: scope.Place{Region: khakassia, Centre: abakan}}
	b := account.Account{Login: "lysva", Role: lifecycle.Operator, Place: scope.Place{Region: perm, Centre: lysva}}
	live := account.Token{Name: "выгрузка", Created: now, Expires: now.Add(time.Hour)}
	over := account.Token{Name: "старый", Created: now.Add(-2 * time.Hour), Expires: now.Add(-time.Hour)}
	his := account.Token{Name: "Лысьва", Created: now, Expires: now.Add(time.Hour)}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().SaveAccount(ctx, &a))
		must(t, tx.Accounts().SaveAccount(ctx, &b))
		live.Owner, over.Owner, his.Owner = a.ID, a.ID, b.ID
		must(t, tx.Accounts().SaveToken(ctx, &live, "secret of live"))
		must(t, tx.Accounts().SaveToken(ctx, &over, "secret of over"))
		return tx.Accounts().SaveToken(ctx, &his, "secret of his")
	})
	got, err := s.Reader().Accounts().Token(ctx, "secret of live")
	must(t, err)
	if diff := cmp.Diff(&live, got); diff != "" {
		t.Errorf("Token differs (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"secret of over", "secret of nobody", ""} {
		_, err := s.Reader().Accounts().Token(ctx, secret)
		want(t, err, fault.NotFound)
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Accounts().SaveToken(ctx, &account.Token{Owner: b.ID, Expires: now.Add(time.Hour)}, "secret of live")
	})
	want(t, err, fault.Conflict)
	list := func(sc scope.Scope, owner account.ID, want ...account.Token) {
		t.Helper()
		got, err := s.Reader().Accounts().Tokens(ctx, sc, owner)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Tokens(%+v, %d) differ (-want +got):\n%s", sc, owner, diff)
		}
	}
	list(scope.All(), 0, his, over, live)
	list(scope.OfRegion(khakassia), 0, over, live)
	list(scope.OfRegion(khakassia), b.ID)
	list(scope.OfCentre(khakassia, abaza), 0)
	list(scope.Scope{}, 0)
	list(scope.All(), b.ID, his)
	change(t, s, func(tx incident.Tx) error { return tx.Accounts().EndExpired(ctx, now) })
	list(scope.All(), a.ID, live)
	change(t, s, func(tx incident.Tx) error { return tx.Accounts().EndToken(ctx, live.ID) })
	_, err = s.Reader().Accounts().Token(ctx, "secret of live")
	want(t, err, fault.NotFound)
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Accounts().EndToken(ctx, live.ID) })
	want(t, err, fault.NotFound)
}
