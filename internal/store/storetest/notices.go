package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

func person(t *testing.T, tx incident.Tx, login string, role lifecycle.Role, at scope.Place) account.ID {
	t.Helper()
	a := &account.Account{Login: login, Name: login, Role: role, Hash: "x", Place: at}
	must(t, tx.Accounts().SaveAccount(ctx, a))
	return a.ID
}

// noticing proves who is told, once for each cause, and how seen ones are counted.
func noticing(t *testing.T, s Store) {
	var i *incident.Incident
	var region, town, far, worker, other account.ID
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		region = person(t, tx, "region", lifecycle.Operator, scope.Place{Region: khakassia})
		town = person(t, tx, "town", lifecycle.Operator, here)
		far = person(t, tx, "far", lifecycle.Operator, scope.Place{Region: khakassia, Centre: abaza})
		worker = person(t, tx, "worker", lifecycle.Coordinator, scope.Place{Region: khakassia, Centre: abaza, Agency: 7})
		other = person(t, tx, "other", lifecycle.Coordinator, scope.Place{Region: khakassia, Agency: 8})
		person(t, tx, "elsewhere", lifecycle.Operator, scope.Place{Region: perm})
		gone := &account.Account{Login: "gone", Role: lifecycle.Operator, Disabled: true, Place: here}
		return tx.Accounts().SaveAccount(ctx, gone)
	})
	if n, err := s.Reader().Clocks().Authors(ctx, i.ID); n != 1 || err != nil {
		t.Errorf("Authors = %d, %v", n, err)
	}
	change(t, s, func(tx incident.Tx) error {
		for k, author := range []string{"author1", "", "", "boris", "boris"} { // who is not known may be anybody
			m, r := letter(50+k, here)
			m.Author = author
			_, err := tx.Messages().Keep(ctx, m, r)
			must(t, err)
			must(t, tx.Incidents().Attach(ctx, i.ID, m.ID))
		}
		return nil
	})
	if n, err := s.Reader().Clocks().Authors(ctx, i.ID); n != 4 || err != nil {
		t.Errorf("Authors = %d, %v; want 4", n, err)
	}
	at := here
	at.Agency = 7
	list, err := s.Reader().Notices().Roster(ctx, at, lifecycle.Operator, lifecycle.Coordinator)
	must(t, err)
	if diff := cmp.Diff([]notice.Person{{ID: region, Role: lifecycle.Operator}, {ID: town, Role: lifecycle.Operator}, {ID: worker, Role: lifecycle.Coordinator, Agency: 7}}, list); diff != "" {
		t.Errorf("Roster, without %d and %d, differs:\n%s", far, other, diff)
	}
	first := notice.Notice{Account: town, Kind: notice.Deadline, What: notice.Overdue, Cause: "entry:1", Incident: int64(i.ID), Step: regime.First, Due: morning, At: morning}
	second := notice.Notice{Account: town, Kind: notice.Mention, Cause: "note:5", Subject: 5, At: morning.Add(time.Minute)}
	change(t, s, func(tx incident.Tx) error {
		return tx.Notices().Write(ctx, []notice.Notice{first, second, first, {Account: region, Kind: notice.Deadline, Cause: "entry:1", At: morning}})
	})
	change(t, s, func(tx incident.Tx) error { return tx.Notices().Write(ctx, []notice.Notice{first}) })
	got, err := s.Reader().Notices().Notices(ctx, town, notice.Filter{Limit: 10})
	must(t, err)
	if len(got) != 2 {
		t.Fatalf("Notices = %d, want each once: %+v", len(got), got)
	}
	first.ID, first.Region, second.ID, second.Region = got[1].ID, khakassia, got[0].ID, khakassia
	if diff := cmp.Diff([]notice.Notice{second, first}, got); diff != "" {
		t.Errorf("Notices differ:\n%s", diff)
	}
	for name, c := range map[string]struct {
		f    notice.Filter
		want []notice.ID
	}{
		"of a kind":      {notice.Filter{Kind: notice.Mention, Limit: 9}, []notice.ID{second.ID}},
		"behind another": {notice.Filter{After: second.ID, Limit: 9}, []notice.ID{first.ID}},
		"one":            {notice.Filter{Limit: 1}, []notice.ID{second.ID}},
	} {
		list, err := s.Reader().Notices().Notices(ctx, town, c.f)
		var ids []notice.ID
		for _, n := range list {
			ids = append(ids, n.ID)
		}
		if diff := cmp.Diff(c.want, ids); diff != "" || err != nil {
			t.Errorf("%s: %v, differ:\n%s", name, err, diff)
		}
	}
	counted := func(who account.ID, limit, want int) {
		t.Helper()
		if n, err := s.Reader().Notices().Unseen(ctx, who, limit); n != want || err != nil {
			t.Errorf("Unseen(%d) = %d, %v; want %d", who, n, err, want)
		}
	}
	counted(town, 10, 2)
	counted(town, 1, 1)
	change(t, s, func(tx incident.Tx) error {
		n, err := tx.Notices().See(ctx, town, int64(i.ID), morning.Add(time.Hour))
		if n != 1 {
			t.Errorf("See(of the incident) = %d", n)
		}
		return err
	})
	counted(town, 10, 1)
	counted(region, 10, 1)
	if list, err := s.Reader().Notices().Notices(ctx, town, notice.Filter{Unseen: true, Limit: 9}); len(list) != 1 || list[0].ID != second.ID || err != nil {
		t.Errorf("unseen = %+v, %v", list, err)
	}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Posts().Route(ctx, first.ID, []notice.Delivery{{Account: town, Channel: notice.Mail, State: notice.Waiting, NextAt: morning}}))
		return tx.Notices().Forget(ctx, morning.Add(time.Second))
	})
	if list, err := s.Reader().Notices().Notices(ctx, town, notice.Filter{Limit: 9}); len(list) != 1 || err != nil {
		t.Errorf("after forgetting = %+v, %v", list, err)
	}
}

// posting proves that what leaves is made once, taken as a batch, and comes back as that
// batch when it was interrupted.
func posting(t *testing.T, s Store) {
	var who account.ID
	change(t, s, func(tx incident.Tx) error {
		who = person(t, tx, "town", lifecycle.Operator, here)
		for n := range 3 {
			must(t, tx.Notices().Write(ctx, []notice.Notice{{Account: who, Kind: notice.Given, Cause: string(rune('a' + n)), At: morning}}))
		}
		return nil
	})
	var list []notice.Notice
	change(t, s, func(tx incident.Tx) (err error) {
		list, err = tx.Posts().Unrouted(ctx, 10)
		must(t, err)
		for k := range list {
			way := []notice.Delivery{{Account: who, Channel: notice.Mail, State: notice.Waiting, NextAt: morning}}
			if k == 2 {
				way[0].NextAt = morning.Add(time.Hour)
			}
			must(t, tx.Posts().Route(ctx, list[k].ID, way))
		}
		must(t, tx.Posts().Route(ctx, list[0].ID, []notice.Delivery{{Account: who, Channel: notice.Mail, State: notice.Waiting, NextAt: morning}}))
		again, err := tx.Posts().Unrouted(ctx, 10)
		if len(again) != 0 {
			t.Errorf("routed twice: %+v", again)
		}
		return err
	})
	if len(list) != 3 {
		t.Fatalf("Unrouted = %+v", list)
	}
	box := notice.Box{Account: who, Channel: notice.Mail}
	if due, err := s.Reader().Posts().Due(ctx, notice.Mail, morning, 10); err != nil || len(due) != 1 || due[0] != box {
		t.Fatalf("Due = %v, %v", due, err)
	}
	if due, err := s.Reader().Posts().Due(ctx, notice.Telegram, morning, 10); err != nil || len(due) != 0 {
		t.Errorf("Due by another channel = %v, %v", due, err)
	}
	take := func(now time.Time, limit int) (out []notice.Delivery) {
		t.Helper()
		change(t, s, func(tx incident.Tx) (err error) {
			out, err = tx.Posts().Take(ctx, box, now, now.Add(2*time.Minute), limit)
			return err
		})
		return out
	}
	first := take(morning, 10)
	if len(first) != 2 || first[0].Batch != first[1].Batch || first[0].Tries != 1 {
		t.Fatalf("Take = %+v", first)
	}
	if more := take(morning.Add(time.Minute), 10); len(more) != 0 {
		t.Errorf("taken twice: %+v", more)
	}
	later := morning.Add(2 * time.Hour) // the process died; a third one is due by now, and stays out
	again := take(later, 10)
	if len(again) != 2 || again[0].Batch != first[0].Batch || again[0].Tries != 2 || !again[0].Interrupted || first[0].Interrupted || again[0].ID != first[0].ID {
		t.Fatalf("the batch that was interrupted comes back as %+v", again)
	}
	for k := range again {
		again[k].State, again[k].NextAt, again[k].Error = notice.Waiting, later.Add(time.Minute), "нет связи"
	}
	change(t, s, func(tx incident.Tx) error { return tx.Posts().Settle(ctx, again) })
	if third := take(later, 10); len(third) != 1 || third[0].Notice != list[2].ID {
		t.Errorf("what waits behind a batch that failed = %+v", third)
	}
	if back := take(later.Add(time.Minute), 1); len(back) != 2 || back[0].Batch != first[0].Batch || back[0].Tries != 3 || back[0].Interrupted || back[0].Error != "нет связи" {
		t.Errorf("a batch that failed is tried again as %+v", back)
	}
	if tr, err := s.Reader().Posts().Trouble(ctx, scope.OfRegion(khakassia), morning); err != nil || len(tr.By) != 1 || tr.By[0].N != 3 || tr.By[0].State != notice.Sending {
		t.Errorf("Trouble = %+v, %v", tr, err)
	}
	change(t, s, func(tx incident.Tx) error {
		if n, err := tx.Posts().Interrupted(ctx); n != 3 || err != nil {
			t.Errorf("Interrupted = %d, %v", n, err)
		}
		return nil
	})
	if claimed := take(later.Add(time.Minute), 10); len(claimed) != 2 || !claimed[0].Interrupted || claimed[0].Batch != first[0].Batch {
		t.Errorf("what nobody is at comes back at once as %+v", claimed)
	}
	if tr, err := s.Reader().Posts().Trouble(ctx, scope.OfRegion(perm), morning); err != nil || len(tr.By) != 0 {
		t.Errorf("Trouble of another region = %+v, %v", tr, err)
	}
	if got, err := s.Reader().Posts().ByIDs(ctx, []notice.ID{list[2].ID, list[0].ID}); err != nil || len(got) != 2 || got[0].ID != list[0].ID {
		t.Errorf("ByIDs = %+v, %v", got, err)
	}
}

// reaching proves what people choose and where they are reached.
func reaching(t *testing.T, s Store) {
	var who account.ID
	change(t, s, func(tx incident.Tx) error { who = person(t, tx, "town", lifecycle.Operator, here); return nil })
	c, err := s.Reader().Posts().Choice(ctx, who)
	if diff := cmp.Diff(notice.Default(who), c); diff != "" || err != nil {
		t.Errorf("without a choice: %v, differs:\n%s", err, diff)
	}
	c.Digest, c.DigestBy, c.Digested, c.QuietFrom = notice.Morning, notice.Telegram, morning, 23
	c.By[notice.Given] = nil
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveChoice(ctx, c) })
	c.Region = khakassia
	got, err := s.Reader().Posts().Choice(ctx, who)
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("Choice: %v, differs:\n%s", err, diff)
	}
	for before, want := range map[time.Time]int{morning: 0, morning.Add(time.Second): 1} {
		change(t, s, func(tx incident.Tx) error {
			list, err := tx.Posts().Digests(ctx, before, 10)
			if len(list) != want {
				t.Errorf("Digests = %d, want %d", len(list), want)
			}
			return err
		})
	}
	a := notice.Address{Account: who, Channel: notice.Telegram, State: notice.Unproved, Code: "ABC", CodeUntil: morning, Label: "Telegram", At: morning}
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, &a) })
	find := func(code string, now time.Time) *notice.Address {
		t.Helper()
		got, err := s.Reader().Posts().ByCode(ctx, notice.Telegram, code, now)
		if err != nil {
			return nil
		}
		return got
	}
	early := morning.Add(-time.Second)
	if find("ABD", early) != nil || find("ABC", morning) != nil {
		t.Error("a wrong or an old code leads to an address")
	}
	waits := find("ABC", early)
	if waits == nil {
		t.Fatal("the code leads nowhere")
	}
	waits.Tries = 1
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, waits) })
	if waits = find("ABC", early); waits == nil || waits.Tries != 1 {
		t.Fatal("a wrong try takes the code away")
	}
	waits.To, waits.State = "777", notice.Good
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, waits) })
	if find("ABC", early) != nil {
		t.Error("a code works twice")
	}
	if list, err := s.Reader().Posts().ByTarget(ctx, notice.Telegram, "777"); len(list) != 1 || err != nil || list[0].Account != who {
		t.Errorf("ByTarget = %+v, %v", list, err)
	}
	waits.State, waits.Why = notice.Broken, "бот остановлен"
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, waits) })
	if tr, err := s.Reader().Posts().Trouble(ctx, scope.OfRegion(khakassia), morning); err != nil || len(tr.Broken) != 1 || tr.Broken[0].Why != "бот остановлен" {
		t.Errorf("Trouble = %+v, %v", tr, err)
	}
	subscribed := notice.Browser{Endpoint: "https://push.example.net/1", P256DH: "B", Auth: "a", Key: "k"}
	ended := notice.Address{Account: who, Channel: notice.Push, To: subscribed.To(), Label: "Firefox, Windows", State: notice.Good, At: morning}
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, &ended) })
	if list, err := s.Reader().Posts().ByTarget(ctx, notice.Push, subscribed.To()); len(list) != 1 || err != nil || list[0].ID != ended.ID {
		t.Errorf("ByTarget of a browser = %+v, %v", list, err)
	}
	ended.To, ended.State, ended.Why = "", notice.Broken, "подписка снята"
	change(t, s, func(tx incident.Tx) error { return tx.Posts().SaveAddress(ctx, &ended) })
	if tr, err := s.Reader().Posts().Trouble(ctx, scope.OfRegion(khakassia), morning); err != nil || len(tr.Broken) != 1 || tr.Broken[0].ID != a.ID {
		t.Errorf("Trouble with a browser that ended = %+v, %v", tr, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Posts().DropAddress(ctx, ended.ID) })
	if got, err := s.Reader().Posts().Address(ctx, a.ID); err != nil || got.State != notice.Broken {
		t.Errorf("Address = %+v, %v", got, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Posts().DropAddress(ctx, a.ID) })
	if list, err := s.Reader().Posts().Addresses(ctx, who); len(list) != 0 || err != nil {
		t.Errorf("Addresses after dropping = %+v, %v", list, err)
	}
}
