package storetest

import (
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// byHand asks for what people published by themselves and nothing has proven.
func byHand(t *testing.T, s Store) {
	var ids []reply.ID
	change(t, s, func(tx incident.Tx) error {
		i := open(t, tx, 2, here) // spread opens the first
		m, err := tx.Messages().Message(ctx, scope.All(), i.First)
		must(t, err)
		ids = nil
		for _, r := range []reply.Reply{
			{State: reply.Published, Text: "Починим", PublishedAt: morning},
			{State: reply.Published, Text: "Давно", PublishedAt: morning.Add(-48 * time.Hour)},
			{State: reply.Published, Text: "Доказан", PublishedAt: morning, Native: "5_9"},
			{State: reply.Approved, Text: "Ещё не ушёл"},
		} {
			r.Incident, r.Message, r.Purpose, r.CreatedAt, r.Place = int64(i.ID), int64(m.ID), reply.Final, morning, here
			must(t, tx.Replies().SaveReply(ctx, &r))
			ids = append(ids, r.ID)
		}
		return nil
	})
	ask := func(since time.Time, sources ...string) []reply.Job {
		t.Helper()
		got, err := s.Reader().Replies().ByHand(ctx, sources, since, 10)
		must(t, err)
		return got
	}
	got := ask(morning.Add(-time.Hour), "vk:-1001", "ok:5")
	if len(got) != 1 || got[0].Reply != ids[0] || got[0].ID != 0 || got[0].Text != "Починим" || got[0].Source != "vk:-1001" || got[0].Parent == "" || got[0].Thread == "" || got[0].Place.Region != here.Region {
		t.Errorf("ByHand = %+v, want the one that nothing has proven", got)
	}
	if got := ask(morning.Add(-72*time.Hour), "vk:-1001"); len(got) != 2 || got[0].Reply != ids[1] {
		t.Errorf("ByHand since three days = %+v, want two, the newest first", got)
	}
	if got := ask(morning.Add(-time.Hour), "ok:5"); len(got) != 0 {
		t.Errorf("ByHand of another source = %+v", got)
	}
	if got := ask(morning.Add(-time.Hour)); len(got) != 0 {
		t.Errorf("ByHand of no source = %+v", got)
	}
	_, jobs := spread(t, s, 3)
	change(t, s, func(tx incident.Tx) error {
		list, err := tx.Fanouts().Jobs(ctx, reply.JobFilter{Incident: jobs[0].Incident, Limit: 10})
		must(t, err)
		list[1].State = reply.ByHand
		return tx.Replies().Settle(ctx, &list[1])
	})
	got = ask(morning.Add(-time.Hour), "vk:-1001")
	if len(got) != 2 || got[1].ID == 0 || got[1].State != reply.ByHand || got[1].Text != jobs[1].Text || got[1].Parent != jobs[1].Parent {
		t.Errorf("ByHand with a job of a fan-out = %+v", got)
	}
}
