package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/place"
	"otklik/internal/scope"
)

func accounts(t *testing.T, s Store) {
	a := account.Account{Login: "irina", Name: "Ирина Соколова", Role: lifecycle.Operator, Hash: "argon", Place: scope.Place{Region: khakassia, Centre: abakan, Agency: 7}}
	b := account.Account{Login: "boris", Name: "Борис", Role: lifecycle.Admin, Disabled: true}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().SaveAccount(ctx, &a))
		return tx.Accounts().SaveAccount(ctx, &b)
	})
	got, err := s.Reader().Accounts().ByLogin(ctx, "irina")
	must(t, err)
	if diff := cmp.Diff(&a, got); diff != "" {
		t.Errorf("ByLogin differs (-saved +got):\n%s", diff)
	}
	a.Role, a.Disabled = lifecycle.Curator, true
	change(t, s, func(tx incident.Tx) error { return tx.Accounts().SaveAccount(ctx, &a) })
	got, err = s.Reader().Accounts().Account(ctx, a.ID)
	must(t, err)
	if diff := cmp.Diff(&a, got); diff != "" {
		t.Errorf("Account differs (-saved +got):\n%s", diff)
	}
	_, err = s.Reader().Accounts().ByLogin(ctx, "nobody")
	want(t, err, fault.NotFound)
	_, err = s.Reader().Accounts().Account(ctx, 999)
	want(t, err, fault.NotFound)
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Accounts().SaveAccount(ctx, &account.Account{Login: "irina", Role: lifecycle.Operator})
	})
	want(t, err, fault.Conflict)
	for sc, n := range map[scope.Scope]int{scope.All(): 2, scope.OfRegion(khakassia): 1, scope.OfRegion(perm): 0, {}: 0} {
		list, err := s.Reader().Accounts().Accounts(ctx, sc)
		if err != nil || len(list) != n {
			t.Errorf("Accounts(%+v) = %d, %v; want %d", sc, len(list), err, n)
		}
	}

	now := time.Now()
	session := func(token string, found bool, data string) {
		t.Helper()
		got, ok, err := s.Reader().Accounts().Session(ctx, token)
		if err != nil || ok != found || string(got) != data {
			t.Errorf("Session(%s) = %q, %t, %v; want %q, %t", token, got, ok, err, data, found)
		}
	}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().SaveSession(ctx, account.Session{Token: "live", Data: []byte("one"), Expires: now.Add(time.Hour)}))
		must(t, tx.Accounts().SaveSession(ctx, account.Session{Token: "live", Data: []byte("two"), Expires: now.Add(time.Hour)}))
		must(t, tx.Accounts().SaveSession(ctx, account.Session{Token: "over", Data: []byte("old"), Expires: now.Add(-time.Hour)}))
		return tx.Accounts().SaveSession(ctx, account.Session{Token: "left", Expires: now.Add(time.Hour)})
	})
	session("live", true, "two")
	session("over", false, "")
	session("left", true, "")
	session("never", false, "")
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().EndExpired(ctx, now))
		return tx.Accounts().EndSession(ctx, "left")
	})
	session("left", false, "")
	session("live", true, "two")

	mine := account.View{Owner: a.ID, Name: "Мои", Query: "open=1"}
	his := account.View{Owner: b.ID, Name: "Его"}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().SaveView(ctx, &mine))
		return tx.Accounts().SaveView(ctx, &his)
	})
	mine.Query = "open=1&topic=roads.potholes"
	change(t, s, func(tx incident.Tx) error { return tx.Accounts().SaveView(ctx, &mine) })
	views, err := s.Reader().Accounts().Views(ctx, a.ID)
	must(t, err)
	if diff := cmp.Diff([]account.View{mine}, views); diff != "" {
		t.Errorf("Views differ (-want +got):\n%s", diff)
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Accounts().DeleteView(ctx, a.ID, his.ID) })
	want(t, err, fault.NotFound)
	change(t, s, func(tx incident.Tx) error { return tx.Accounts().DeleteView(ctx, a.ID, mine.ID) })
}

func auditing(t *testing.T, s Store) {
	entries := []audit.Entry{
		{At: morning, Who: 1, Deed: audit.SignedIn, Subject: "account:1", Place: here},
		{At: morning.Add(time.Minute), Who: 1, Deed: audit.ReadPersonal, Subject: "message:42", Place: here},
		{At: morning, Who: 2, Deed: audit.Changed, Subject: "rule:1", Place: scope.Place{Region: perm}},
	}
	change(t, s, func(tx incident.Tx) error {
		for _, e := range entries {
			must(t, tx.Audit().Record(ctx, e))
		}
		return nil
	})
	got, err := s.Reader().Audit().Entries(ctx, scope.OfRegion(khakassia), 10)
	must(t, err)
	for k := range got {
		got[k].ID = 0
	}
	if diff := cmp.Diff([]audit.Entry{entries[1], entries[0]}, got); diff != "" {
		t.Errorf("Entries differ (-want +got):\n%s", diff)
	}
	got, err = s.Reader().Audit().Entries(ctx, scope.All(), 1)
	if err != nil || len(got) != 1 || got[0].Deed != audit.Changed {
		t.Errorf("the newest entry = %+v, %v", got, err)
	}
}

func reference(t *testing.T, s Store) {
	street := place.Place{ID: "street:1", Level: place.Street, Name: "Ленина", Type: "улица", Region: khakassia, Municipality: abakan,
		Settlement: "95701000001", Lat: 53.7, Lon: 91.4, Population: 1, Zone: "Asia/Krasnoyarsk", Aliases: "Ленинка;Ленка"}
	many := []place.Place{street, {ID: "street:2", Level: place.Street, Region: perm, Name: "Мира"}}
	for n := range 5000 {
		many = append(many, place.Place{ID: "house:" + string(rune('a'+n%26)) + time.Duration(n).String(), Level: place.House, Name: "1", Region: khakassia})
	}
	must(t, s.SavePlaces(ctx, many))
	must(t, s.SavePlaces(ctx, many[:10]))
	street.Name = "Чертыгашева"
	must(t, s.SavePlaces(ctx, []place.Place{street}))
	seen := map[string]place.Place{}
	for p, err := range s.Places(ctx, khakassia) {
		must(t, err)
		if _, twice := seen[p.ID]; twice {
			t.Errorf("place %s comes twice", p.ID)
		}
		seen[p.ID] = p
	}
	if len(seen) != 5001 {
		t.Errorf("%d places of the region, want 5001", len(seen))
	}
	if diff := cmp.Diff(street, seen["street:1"]); diff != "" {
		t.Errorf("a place differs (-saved +got):\n%s", diff)
	}
	for range s.Places(ctx, khakassia) {
		break
	}

	_, err := s.Setting(ctx, khakassia, "taxonomy")
	want(t, err, fault.NotFound)
	must(t, s.SaveSetting(ctx, khakassia, "taxonomy", []byte(`{"version":1}`)))
	must(t, s.SaveSetting(ctx, khakassia, "taxonomy", []byte(`{"version":2}`)))
	must(t, s.SaveSetting(ctx, "", "taxonomy", []byte(`{}`)))
	got, err := s.Setting(ctx, khakassia, "taxonomy")
	if err != nil || !bytes.Equal(got, []byte(`{"version":2}`)) {
		t.Errorf("Setting = %s, %v", got, err)
	}
}
