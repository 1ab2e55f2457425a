package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

func opening(t *testing.T, s Store) {
	full := incident.Incident{
		State: lifecycle.Answered, Outcome: lifecycle.Solved, OutcomeReason: "done", VerifiedBy: 3, VerifiedHow: "photo", VerifiedAt: morning.Add(time.Hour),
		Topic: "roads.potholes", Group: "Дороги", Urgency: message.Danger, Kind: message.Complaint, Missing: []string{"topic", "place"}, Channel: message.Phone,
		Place: scope.Place{Region: khakassia, Centre: abakan, Agency: 7}, Proposed: 8, Rule: 9, Settlement: "95701000001",
		Address:  incident.Address{PlaceID: "street:1", Settlement: "Абакан", Street: "улица Ленина", House: "5а", Landmark: "баня", Relation: "near", Lat: 53.72, Lon: 91.44, Radius: 50},
		Executor: 4, ClaimedBy: 5, ClaimedAt: morning.Add(time.Minute), Reopened: 2, First: 11,
		PublishedAt: morning, OpenedAt: morning.Add(1500 * time.Microsecond), AcceptedAt: morning.Add(2), AnsweredAt: morning.Add(3 * time.Second), ClosedAt: morning.Add(4 * time.Second), UpdatedAt: morning.Add(5 * time.Second),
	}
	full.AcceptedAt = morning.Add(2 * time.Microsecond)
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Open(ctx, &full) })
	if full.ID == 0 || full.Version != 1 || full.Number != incident.Number(int64(full.ID)) {
		t.Fatalf("Open gave id %d, version %d, number %s", full.ID, full.Version, full.Number)
	}
	got, err := s.Reader().Incidents().Incident(ctx, scope.All(), full.ID)
	must(t, err)
	if diff := cmp.Diff(&full, got); diff != "" {
		t.Errorf("Incident differs (-opened +got):\n%s", diff)
	}
	got, err = s.Reader().Incidents().ByNumber(ctx, scope.All(), full.Number)
	must(t, err)
	if got.ID != full.ID {
		t.Errorf("ByNumber = %d, want %d", got.ID, full.ID)
	}
	next := *got
	next.State, next.Outcome, next.Missing, next.Address = lifecycle.Rework, "", nil, incident.Address{}
	next.Place.Agency, next.UpdatedAt, next.Urgency = 0, morning.Add(time.Hour), message.Normal
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Save(ctx, &next) })
	if next.Version != 2 {
		t.Errorf("Save gave version %d, want 2", next.Version)
	}
	got, err = s.Reader().Incidents().Incident(ctx, scope.All(), full.ID)
	must(t, err)
	if diff := cmp.Diff(&next, got); diff != "" {
		t.Errorf("Incident after Save differs (-saved +got):\n%s", diff)
	}
	var other incident.Incident
	other.State = lifecycle.New
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Open(ctx, &other) })
	if other.ID == full.ID || other.Number == full.Number {
		t.Errorf("a second incident has id %d, number %s", other.ID, other.Number)
	}
}

func versions(t *testing.T, s Store) {
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error { i = open(t, tx, 1, here); return nil })
	first, second := *i, *i
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Save(ctx, &first) })
	err := s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Incidents().Save(ctx, &second) })
	want(t, err, fault.Conflict)
	if second.Version != 1 {
		t.Errorf("a refused Save raised the version to %d", second.Version)
	}
	second.ID = 999
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Incidents().Save(ctx, &second) })
	want(t, err, fault.NotFound)
}

func attaching(t *testing.T, s Store) {
	var a, b *incident.Incident
	m, r := letter(3, here)
	change(t, s, func(tx incident.Tx) error {
		a, b = open(t, tx, 1, here), open(t, tx, 2, here)
		_, err := tx.Messages().Keep(ctx, m, r)
		return err
	})
	counts := func(x, y int) {
		t.Helper()
		for id, want := range map[incident.ID]int{a.ID: x, b.ID: y} {
			got, err := s.Reader().Incidents().Incident(ctx, scope.All(), id)
			must(t, err)
			of, err := s.Reader().Messages().OfIncident(ctx, scope.All(), int64(id))
			must(t, err)
			if got.Messages != want || len(of) != want {
				t.Errorf("incident %d counts %d and holds %d messages, want %d", id, got.Messages, len(of), want)
			}
		}
	}
	try := func(fn func(incident.Store) error) error {
		return s.Change(ctx, incident.People, func(tx incident.Tx) error { return fn(tx.Incidents()) })
	}
	counts(1, 1)
	must(t, try(func(i incident.Store) error { return i.Attach(ctx, a.ID, m.ID) }))
	counts(2, 1)
	want(t, try(func(i incident.Store) error { return i.Attach(ctx, b.ID, m.ID) }), fault.Conflict)
	want(t, try(func(i incident.Store) error { return i.Attach(ctx, a.ID, m.ID) }), fault.Conflict)
	want(t, try(func(i incident.Store) error { return i.Detach(ctx, b.ID, m.ID) }), fault.Conflict)
	want(t, try(func(i incident.Store) error { return i.Attach(ctx, a.ID, 999) }), fault.NotFound)
	counts(2, 1)
	must(t, try(func(i incident.Store) error { return i.Detach(ctx, a.ID, m.ID) }))
	must(t, try(func(i incident.Store) error { return i.Attach(ctx, b.ID, m.ID) }))
	counts(1, 2)
	want(t, try(func(i incident.Store) error { return i.Attach(ctx, 999, a.First) }), fault.Conflict)
	must(t, try(func(i incident.Store) error { return i.Detach(ctx, b.ID, m.ID) }))
	want(t, try(func(i incident.Store) error { return i.Attach(ctx, 999, m.ID) }), fault.NotFound)
	of, err := s.Reader().Messages().Incident(ctx, m.ID)
	if err != nil || of != 0 {
		t.Errorf("after a failed Attach the message belongs to %d, %v; want 0", of, err)
	}
	// A later text of an attached message tells which incident it is about.
	edit, r := letter(1, here)
	edit.Revision.Time = morning.Add(time.Hour)
	if k := keep(t, s, edit, r); k.Incident != int64(a.ID) || !k.Current || k.First {
		t.Errorf("Keep of an edit = %+v, want a current text of incident %d", k, a.ID)
	}
}

func history(t *testing.T, s Store) {
	var i *incident.Incident
	clerk := &account.Account{Login: "irina", Name: "Ирина Соколова", Role: lifecycle.Operator}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Accounts().SaveAccount(ctx, clerk))
		i = open(t, tx, 1, here)
		for k, e := range []incident.Entry{
			{Action: lifecycle.File, To: lifecycle.New, Detail: incident.Detail{Message: i.First, Topic: i.Topic, Rule: 3}},
			{Action: lifecycle.Accept, From: lifecycle.New, To: lifecycle.Triage, Who: clerk.ID},
		} {
			e.Incident, e.Version, e.At = i.ID, k+1, morning
			must(t, tx.Incidents().Record(ctx, &e))
		}
		return nil
	})
	got, err := s.Reader().Incidents().History(ctx, scope.OfRegion(khakassia), i.ID)
	must(t, err)
	wanted := []incident.Entry{
		{Incident: i.ID, Version: 1, At: morning, Action: lifecycle.File, To: lifecycle.New, Detail: incident.Detail{Message: i.First, Topic: i.Topic, Rule: 3}},
		{Incident: i.ID, Version: 2, At: morning, Who: clerk.ID, Name: clerk.Name, Action: lifecycle.Accept, From: lifecycle.New, To: lifecycle.Triage},
	}
	for k := range got {
		if got[k].ID == 0 {
			t.Error("an entry has no id")
		}
		got[k].ID = 0
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("History differs (-want +got):\n%s", diff)
	}
}

func scopes(t *testing.T, s Store) {
	var i *incident.Incident
	var r reply.Reply
	loose, reading := letter(7, here)
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here, func(i *incident.Incident) { i.Place.Agency = 7 })
		must(t, tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Action: lifecycle.File, At: morning}))
		r = reply.Reply{Incident: int64(i.ID), Message: int64(i.First), Purpose: reply.Final, State: reply.Draft, Text: "Заделаем", Place: i.Place}
		must(t, tx.Replies().SaveReply(ctx, &r))
		_, err := tx.Messages().Keep(ctx, loose, reading)
		return err
	})
	for _, c := range []struct {
		name  string
		sc    scope.Scope
		sees  bool
		loose bool
	}{
		{"everything", scope.All(), true, true},
		{"its region", scope.OfRegion(khakassia), true, true},
		{"its centre", scope.OfCentre(khakassia, abakan), true, true},
		{"its agency", scope.OfAgency(khakassia, 7), true, false},
		{"another region", scope.OfRegion(perm), false, false},
		{"another centre", scope.OfCentre(khakassia, abaza), false, false},
		{"another agency", scope.OfAgency(khakassia, 8), false, false},
		{"the agency's number in another region", scope.OfAgency(perm, 7), false, false},
		{"the zero scope", scope.Scope{}, false, false},
	} {
		kind := fault.NotFound
		if c.sees {
			kind = ""
		}
		in, ms, rs := s.Reader().Incidents(), s.Reader().Messages(), s.Reader().Replies()
		_, err := in.Incident(ctx, c.sc, i.ID)
		check := func(what string, err error) {
			t.Helper()
			if fault.KindOf(err) != kind {
				t.Errorf("%s: %s = %v, want kind %q", c.name, what, err, kind)
			}
		}
		check("Incident", err)
		_, err = in.ByNumber(ctx, c.sc, i.Number)
		check("ByNumber", err)
		_, err = in.History(ctx, c.sc, i.ID)
		check("History", err)
		_, err = ms.Message(ctx, c.sc, i.First)
		check("Message", err)
		_, err = ms.OfIncident(ctx, c.sc, int64(i.ID))
		check("Messages.OfIncident", err)
		_, err = rs.Reply(ctx, c.sc, r.ID)
		check("Reply", err)
		_, err = rs.OfIncident(ctx, c.sc, int64(i.ID))
		check("Replies.OfIncident", err)
		count := func(what string, n int, err error) {
			t.Helper()
			must(t, err)
			if (n == 1) != c.sees || n > 1 {
				t.Errorf("%s: %s shows %d", c.name, what, n)
			}
		}
		page, err := in.Queue(ctx, c.sc, incident.Filter{})
		count("Queue", len(page.Rows), err)
		page, err = in.Queue(ctx, c.sc, incident.Filter{Words: [][]string{{"яма"}}})
		count("Queue with words", len(page.Rows), err)
		n, err := in.Count(ctx, c.sc, incident.Filter{}, 10)
		count("Count", n, err)
		rows, err := in.Rows(ctx, c.sc, []incident.ID{i.ID})
		count("Rows", len(rows), err)
		rows, err = in.Near(ctx, c.sc, incident.Near{Topic: i.Topic})
		count("Near", len(rows), err)
		kind = fault.NotFound
		if c.loose {
			kind = ""
		}
		_, err = ms.Message(ctx, c.sc, loose.ID)
		check("Message without an incident", err)
	}
	// The messages of an incident go where it goes.
	change(t, s, func(tx incident.Tx) error {
		i.Place.Agency = 8
		return tx.Incidents().Save(ctx, i)
	})
	if _, err := s.Reader().Messages().Message(ctx, scope.OfAgency(khakassia, 8), i.First); err != nil {
		t.Errorf("Message for the new agency = %v", err)
	}
	_, err := s.Reader().Replies().Reply(ctx, scope.OfAgency(khakassia, 7), r.ID)
	want(t, err, fault.NotFound)
}

func near(t *testing.T, s Store) {
	const settlement = "95701000001"
	at := func(street, house string) func(*incident.Incident) {
		return func(i *incident.Incident) {
			i.Settlement, i.Address.Street, i.Address.House = settlement, street, house
		}
	}
	var ids []incident.ID
	change(t, s, func(tx incident.Tx) error {
		for n, mod := range []func(*incident.Incident){
			at("улица Ленина", "5"), at("улица Ленина", "7"), at("улица Мира", "5"),
			func(i *incident.Incident) { at("улица Ленина", "5")(i); i.State = lifecycle.Closed },
			func(i *incident.Incident) { at("улица Ленина", "5")(i); i.Topic = "water.leak" },
			func(i *incident.Incident) { at("улица Ленина", "5")(i); i.Settlement = "95702000001" },
		} {
			ids = append(ids, open(t, tx, n, here, mod).ID)
		}
		return nil
	})
	for _, c := range []struct {
		name string
		near incident.Near
		want []int
	}{
		{"the settlement", incident.Near{}, []int{3, 2, 1, 0}},
		{"the street", incident.Near{Street: "улица Ленина"}, []int{3, 1, 0}},
		{"the house", incident.Near{Street: "улица Ленина", House: "5"}, []int{3, 0}},
		{"only open", incident.Near{Street: "улица Ленина", House: "5", OnlyOpen: true}, []int{0}},
		{"not itself", incident.Near{Street: "улица Ленина", House: "5", Not: ids[0]}, []int{3}},
		{"since", incident.Near{Since: morning.Add(2 * time.Minute)}, []int{3, 2}},
		{"a limit", incident.Near{Limit: 2}, []int{3, 2}},
		{"a landmark", incident.Near{Landmark: "школа"}, nil},
		{"of any topic", incident.Near{Topic: "any", Street: "улица Ленина", House: "5"}, []int{4, 3, 0}},
	} {
		switch c.near.Settlement = settlement; c.near.Topic {
		case "any":
			c.near.Topic = ""
		default:
			c.near.Topic = "roads.potholes"
		}
		rows, err := s.Reader().Incidents().Near(ctx, scope.All(), c.near)
		must(t, err)
		var got []int
		for _, r := range rows {
			got = append(got, int(r.ID-ids[0]))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Near %s differs (-want +got):\n%s", c.name, diff)
		}
	}
}

func agencies(t *testing.T, s Store) {
	road := agency.Agency{Name: "Дорожная служба", Short: "Дороги", Contact: "тел. 2-00-00", Approval: true, Place: scope.Place{Region: khakassia}}
	city := agency.Agency{Name: "Администрация Абазы", Short: "Абаза", Place: scope.Place{Region: khakassia, Centre: abaza}}
	far := agency.Agency{Name: "Водоканал", Place: scope.Place{Region: perm}}
	rules := []agency.Rule{{Topic: "roads.potholes", Territory: abakan}, {Group: "Дороги"}, {}}
	change(t, s, func(tx incident.Tx) error {
		for _, a := range []*agency.Agency{&road, &city, &far} {
			must(t, tx.Agencies().SaveAgency(ctx, a))
		}
		for k := range rules {
			rules[k].Agency = road.ID
		}
		return tx.Agencies().SaveRules(ctx, khakassia, rules)
	})
	for _, c := range []struct {
		sc   scope.Scope
		want []agency.Agency
	}{
		{scope.All(), []agency.Agency{city, far, road}},
		{scope.OfRegion(khakassia), []agency.Agency{city, road}},
		{scope.OfCentre(khakassia, abakan), []agency.Agency{road}},
		{scope.OfCentre(khakassia, abaza), []agency.Agency{city, road}},
		{scope.OfAgency(khakassia, road.ID), []agency.Agency{city, road}},
		{scope.Scope{}, nil},
	} {
		got, err := s.Reader().Agencies().Agencies(ctx, c.sc)
		must(t, err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Agencies(%+v) differ (-want +got):\n%s", c.sc, diff)
		}
	}
	got, err := s.Reader().Agencies().Rules(ctx, khakassia)
	must(t, err)
	if len(got) != 3 || got[0].ID == 0 || got[0].Topic != "roads.potholes" || got[0].Territory != abakan || got[2].Order != 3 || got[1].Agency != road.ID || got[1].Group != "Дороги" {
		t.Fatalf("Rules = %+v", got)
	}
	next := []agency.Rule{got[2], {Topic: "water.leak", Agency: city.ID}}
	change(t, s, func(tx incident.Tx) error { return tx.Agencies().SaveRules(ctx, khakassia, next) })
	again, err := s.Reader().Agencies().Rules(ctx, khakassia)
	must(t, err)
	if len(again) != 2 || again[0].ID != got[2].ID || again[0].Order != 1 {
		t.Errorf("Rules after a change = %+v; want the last rule first, under its old id", again)
	}
	for _, old := range got {
		if again[1].ID == old.ID {
			t.Errorf("a new rule has the id %d of an old one", old.ID)
		}
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Agencies().SaveRules(ctx, perm, []agency.Rule{{ID: got[0].ID}})
	})
	want(t, err, fault.Invalid)
	road.Short = "ДС"
	change(t, s, func(tx incident.Tx) error { return tx.Agencies().SaveAgency(ctx, &road) })
	a, err := s.Reader().Agencies().Agency(ctx, road.ID)
	must(t, err)
	if diff := cmp.Diff(&road, a); diff != "" {
		t.Errorf("Agency differs (-saved +got):\n%s", diff)
	}
	_, err = s.Reader().Agencies().Agency(ctx, 999)
	want(t, err, fault.NotFound)
}
