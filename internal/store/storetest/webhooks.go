package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

func hook(name string, at scope.Place, events ...webhook.Event) *webhook.Webhook {
	return &webhook.Webhook{Name: name, URL: "https://example.org/" + name, Events: events, Place: at, State: webhook.On, Tag: "t" + name, Sealed: []byte{1, 2, 3}, AddedAt: morning}
}

// owing proves that each line of history is owed to the webhooks that asked for it, in the
// transaction of the line.
func owing(t *testing.T, s Store) {
	region := scope.Place{Region: khakassia}
	all := hook("все", region, webhook.Events()...)
	all.Was, all.WasUntil, all.Personal, all.Why = []byte{4}, morning.Add(time.Hour), true, "Причина."
	town := hook("город", here, webhook.Opened)
	elsewhere := hook("другой город", scope.Place{Region: khakassia, Centre: abaza}, webhook.Opened)
	away := hook("другой край", scope.Place{Region: perm}, webhook.Opened)
	wall := hook("стена", region, webhook.Opened)
	wall.Source = "vk:-1001"
	other := hook("чужая стена", region, webhook.Opened)
	other.Source = "vk:-2002"
	off := hook("выключен", region, webhook.Opened)
	off.State = webhook.Off
	paused := hook("на паузе", region, webhook.Opened)
	paused.State = webhook.Paused
	var i *incident.Incident
	record := func(tx incident.Tx, e incident.Entry) {
		e.Incident, e.At = i.ID, morning.Add(time.Minute)
		must(t, tx.Incidents().Record(ctx, &e))
	}
	change(t, s, func(tx incident.Tx) error {
		for _, w := range []*webhook.Webhook{all, town, elsewhere, away, wall, other, off, paused} {
			must(t, tx.Webhooks().SaveWebhook(ctx, w))
		}
		i = open(t, tx, 1, here)
		record(tx, incident.Entry{Action: lifecycle.File, To: lifecycle.New})
		return nil
	})
	got, err := s.Reader().Webhooks().Webhook(ctx, scope.OfRegion(khakassia), all.ID)
	must(t, err)
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("Webhook (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		hook *webhook.Webhook
		want int
	}{{all, 1}, {town, 1}, {elsewhere, 0}, {away, 0}, {wall, 1}, {other, 0}, {off, 0}, {paused, 1}} {
		if n, err := s.Reader().Webhooks().Waits(ctx, c.hook.ID); err != nil || n != c.want {
			t.Errorf("webhook %s is owed %d calls (%v), want %d", c.hook.Name, n, err, c.want)
		}
	}
	_, err = s.Reader().Webhooks().Webhook(ctx, scope.OfCentre(khakassia, abakan), all.ID)
	want(t, err, fault.NotFound)
	if list, err := s.Reader().Webhooks().Webhooks(ctx, scope.OfCentre(khakassia, abakan)); err != nil || len(list) != 1 || list[0].ID != town.ID {
		t.Errorf("a centre sees %v, %v", list, err)
	}

	failed := fault.New(fault.Invalid, "no")
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error {
		record(tx, incident.Entry{Action: lifecycle.Reopen, From: lifecycle.New, To: lifecycle.New})
		return failed
	}), fault.Invalid)
	due := morning.Add(30 * time.Second)
	told := incident.Detail{Told: &incident.Told{Step: regime.Kind("accept"), Due: due}}
	change(t, s, func(tx incident.Tx) error {
		record(tx, incident.Entry{Action: lifecycle.HandOver, From: lifecycle.New, To: lifecycle.Assigned})
		record(tx, incident.Entry{Action: lifecycle.Escalate, From: lifecycle.Assigned, To: lifecycle.Assigned, Detail: told})
		record(tx, incident.Entry{Action: lifecycle.Escalate, From: lifecycle.Assigned, To: lifecycle.Assigned, Detail: told}) // the next rung hears of the same
		record(tx, incident.Entry{Action: lifecycle.Hear, From: lifecycle.Assigned, To: lifecycle.Assigned, Detail: incident.Detail{Mark: 2}})
		record(tx, incident.Entry{Action: lifecycle.Note, From: lifecycle.Assigned, To: lifecycle.Assigned})
		return nil
	})
	list, err := s.Reader().Webhooks().Owed(ctx, all.ID, 0, 100)
	must(t, err)
	var events []webhook.Event
	for k := range list {
		events = append(events, list[len(list)-1-k].Event)
	}
	if diff := cmp.Diff([]webhook.Event{webhook.Opened, webhook.HandedOut, webhook.Moved, webhook.Overdue, webhook.Marked}, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if page, err := s.Reader().Webhooks().Owed(ctx, all.ID, list[1].ID, 2); err != nil || len(page) != 2 || page[0].ID != list[2].ID {
		t.Errorf("the next page = %v, %v", page, err)
	}

	// One incident's calls leave one behind the other; a second incident waits for none.
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 2, here)
		record(tx, incident.Entry{Action: lifecycle.File, To: lifecycle.New})
		return nil
	})
	heads := func(now time.Time) (ids []int64) {
		t.Helper()
		list, err := s.Reader().Webhooks().Heads(ctx, all.ID, now, 10)
		must(t, err)
		for _, d := range list {
			ids = append(ids, d.Incident)
		}
		return ids
	}
	now := morning.Add(time.Hour)
	if diff := cmp.Diff([]int64{int64(i.ID) - 1, int64(i.ID)}, heads(now)); diff != "" {
		t.Fatalf("heads (-want +got):\n%s", diff)
	}
	first := list[len(list)-1]
	first.Tries, first.NextAt, first.Status, first.Error, first.Took = 1, now.Add(time.Minute), 503, "Получатель занят.", time.Second
	change(t, s, func(tx incident.Tx) error { return tx.Webhooks().Settle(ctx, &first) })
	if diff := cmp.Diff([]int64{int64(i.ID)}, heads(now)); diff != "" {
		t.Errorf("a call passes one that waits (-want +got):\n%s", diff)
	}
	first.State, first.SentAt, first.NextAt = webhook.Sent, now, time.Time{}
	change(t, s, func(tx incident.Tx) error { return tx.Webhooks().Settle(ctx, &first) })
	if h, _ := s.Reader().Webhooks().Heads(ctx, all.ID, now, 10); len(h) != 2 || h[0].Event != webhook.HandedOut {
		t.Errorf("the next head = %+v", h)
	}
	after, _ := s.Reader().Webhooks().Owed(ctx, all.ID, first.ID+1, 1)
	if diff := cmp.Diff([]webhook.Delivery{first}, after); diff != "" {
		t.Errorf("a settled call (-want +got):\n%s", diff)
	}
	ids, err := s.Reader().Webhooks().Due(ctx, now)
	must(t, err)
	if diff := cmp.Diff([]webhook.ID{all.ID, town.ID, wall.ID}, ids); diff != "" { // neither the paused nor the one that is off
		t.Errorf("due (-want +got):\n%s", diff)
	}

	// How calls fare is noted apart from what people set; who is given up is owed nothing more.
	change(t, s, func(tx incident.Tx) error { return tx.Webhooks().Fare(ctx, wall.ID, morning, now, "") })
	if got, _ := s.Reader().Webhooks().Webhook(ctx, scope.All(), wall.ID); got.Version != 1 || !got.FailingSince.Equal(morning) || !got.LastAt.Equal(now) || got.State != webhook.On {
		t.Errorf("it fares: %+v", got)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Webhooks().Fare(ctx, wall.ID, morning, now, "Молчит.") })
	if got, _ := s.Reader().Webhooks().Webhook(ctx, scope.All(), wall.ID); got.Version != 2 || got.State != webhook.Off || got.Why != "Молчит." {
		t.Errorf("it is given up: %+v", got)
	}
	if n, _ := s.Reader().Webhooks().Waits(ctx, wall.ID); n != 0 {
		t.Errorf("%d calls wait for one that is given up", n)
	}

	stale := *all
	all.State, all.Why, all.FailingSince = webhook.Off, "Молчит.", morning
	change(t, s, func(tx incident.Tx) error { return tx.Webhooks().SaveWebhook(ctx, all) })
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Webhooks().SaveWebhook(ctx, &stale) }), fault.Conflict)
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Webhooks().ForgetCalls(ctx, now))
		return tx.Webhooks().RemoveWebhook(ctx, town.ID)
	})
	if left, _ := s.Reader().Webhooks().Owed(ctx, all.ID, first.ID+1, 1); len(left) != 0 {
		t.Errorf("an old settled call stays: %v", left)
	}
	_, err = s.Reader().Webhooks().Webhook(ctx, scope.All(), town.ID)
	want(t, err, fault.NotFound)
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Webhooks().RemoveWebhook(ctx, town.ID) }), fault.NotFound)
}

// answering proves what a receiver says of a reply that it was to publish.
func answering(t *testing.T, s Store) {
	w := hook("агрегатор", scope.Place{Region: khakassia}, webhook.Publish)
	w.Source = "hook:portal"
	job := reply.Job{Source: w.Source, Parent: "m-1", Thread: "m-1", Key: "otklik-1", State: reply.Waiting, NextAt: morning.Add(24 * time.Hour), Unclear: true, TriedAt: morning, Place: here}
	one := webhook.Delivery{Event: webhook.Publish, Key: job.Key, At: morning, NextAt: morning}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Webhooks().SaveWebhook(ctx, w))
		i := open(t, tx, 1, here)
		r := &reply.Reply{Incident: int64(i.ID), Purpose: reply.Final, State: reply.Approved, Text: "Убрали.", CreatedAt: morning, Place: here}
		must(t, tx.Replies().SaveReply(ctx, r))
		job.Reply, job.Incident = r.ID, int64(i.ID)
		must(t, tx.Replies().Enqueue(ctx, &job))
		one.Webhook, one.Incident, one.Reply = w.ID, int64(i.ID), int64(r.ID)
		must(t, tx.Webhooks().Owe(ctx, &one))
		again := one
		again.ID = 0
		return tx.Webhooks().Owe(ctx, &again)
	})
	if j, err := s.Reader().Webhooks().JobOf(ctx, job.Key); err != nil || j.Text != "Убрали." || j.Reply != job.Reply {
		t.Errorf("JobOf = %+v, %v", j, err)
	}
	if n, _ := s.Reader().Webhooks().Waits(ctx, w.ID); n != 1 {
		t.Fatalf("%d calls are owed for one key", n)
	}
	now := morning.Add(time.Hour)
	hasten := func() (n int) {
		change(t, s, func(tx incident.Tx) (err error) { n, err = tx.Webhooks().Hasten(ctx, now); return err })
		return n
	}
	if n := hasten(); n != 0 {
		t.Errorf("%d jobs are hastened though nobody answered", n)
	}
	good := webhook.Answer{At: now, Native: "77", URL: "https://portal.example/77"}
	answer := func(source, key string, a webhook.Answer) (known bool) {
		change(t, s, func(tx incident.Tx) (err error) { known, err = tx.Webhooks().Answered(ctx, source, key, a); return err })
		return known
	}
	if answer("hook:other", job.Key, good) || answer(w.Source, "", good) || answer(w.Source, "otklik-2", good) {
		t.Error("an answer of somebody else is taken")
	}
	if !answer(w.Source, job.Key, good) || !answer(w.Source, job.Key, webhook.Answer{At: now, Refusal: "нет"}) {
		t.Error("an answer is not known")
	}
	later, elsewhere, other, abroad := job, job, job, job
	later.Key, later.Fanout = "otklik-f2-1", 2 // the same message once more, by a fan-out made anew
	elsewhere.Key, elsewhere.Parent = "otklik-f2-2", "m-2"
	other.Key, other.Reply = "otklik-3", job.Reply+1
	abroad.Key, abroad.Source = "otklik-4", "hook:other"
	for _, j := range []reply.Job{job, later} {
		d, err := s.Reader().Webhooks().OfJob(ctx, &j)
		must(t, err)
		if diff := cmp.Diff(good, d.Answer); diff != "" { // the first one stands
			t.Errorf("the answer by %s (-want +got):\n%s", j.Key, diff)
		}
	}
	for _, j := range []reply.Job{elsewhere, other, abroad} {
		_, err := s.Reader().Webhooks().OfJob(ctx, &j)
		want(t, err, fault.NotFound)
	}
	if n := hasten(); n != 1 {
		t.Errorf("%d jobs are hastened, want 1", n)
	}
	if list, _ := s.Reader().Replies().Job(ctx, job.Reply); list == nil || !list.NextAt.Equal(now) {
		t.Errorf("the job is due %v", list)
	}
}
