package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// spread stores a fan-out with n jobs to an incident of Abakan.
func spread(t *testing.T, s Store, n int) (f reply.Fanout, jobs []reply.Job) {
	t.Helper()
	change(t, s, func(tx incident.Tx) error {
		i := open(t, tx, 1, here)
		r := reply.Reply{Incident: int64(i.ID), Purpose: reply.Final, State: reply.Approved, Text: "По адресу {{адрес}} починим", CreatedAt: morning}
		must(t, tx.Replies().SaveReply(ctx, &r))
		f = reply.Fanout{Incident: int64(i.ID), Reply: r.ID, State: reply.Running, Auto: true, Due: "5 мая", MadeAt: morning, MadeBy: 3, StoodAt: morning.Add(time.Minute), Place: here}
		must(t, tx.Fanouts().SaveFanout(ctx, &f))
		jobs = nil
		for k := range n {
			jobs = append(jobs, reply.Job{Reply: r.ID, Fanout: f.ID, Incident: f.Incident, Message: int64(100 + k), Source: "vk:-1001", Thread: "7", Parent: fmt.Sprintf("5_%d", k),
				Key: fmt.Sprintf("f%d", k), Turn: reply.FanoutTurn, State: reply.Waiting, NextAt: morning, Text: fmt.Sprintf("По адресу %d починим", k), Place: here})
		}
		stored, err := tx.Fanouts().EnqueueAll(ctx, jobs)
		if stored != n {
			t.Errorf("EnqueueAll stored %d of %d", stored, n)
		}
		return err
	})
	return f, jobs
}

func fanouts(t *testing.T, s Store) {
	const n = 120
	f, jobs := spread(t, s, n)
	got, err := s.Reader().Fanouts().Fanout(ctx, scope.OfCentre(khakassia, abakan), f.ID)
	must(t, err)
	if diff := cmp.Diff(&f, got); diff != "" {
		t.Errorf("Fanout differs (-saved +got):\n%s", diff)
	}
	_, err = s.Reader().Fanouts().Fanout(ctx, scope.OfRegion(perm), f.ID)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Fanouts().FanoutsOf(ctx, scope.OfRegion(perm), f.Incident)
	want(t, err, fault.NotFound)
	if list, err := s.Reader().Fanouts().FanoutsOf(ctx, scope.All(), f.Incident); err != nil || len(list) != 1 {
		t.Errorf("FanoutsOf = %d, %v", len(list), err)
	}
	if to, err := s.Reader().Fanouts().FanoutsTo(ctx, jobs[0].Message); err != nil || len(to) != 1 || to[0].ID != f.ID {
		t.Errorf("FanoutsTo = %+v, %v", to, err)
	}
	if to, err := s.Reader().Fanouts().FanoutsTo(ctx, 987654); err != nil || len(to) != 0 {
		t.Errorf("FanoutsTo nobody = %+v, %v", to, err)
	}
	if of, err := s.Reader().Fanouts().OfReply(ctx, f.Reply); err != nil || of.ID != f.ID {
		t.Errorf("OfReply = %+v, %v", of, err)
	}
	change(t, s, func(tx incident.Tx) error { // the same keys again
		again := slices.Clone(jobs[:3])
		more := jobs[0]
		more.Key, more.Message, more.Parent = "new", 999, "5_999"
		stored, err := tx.Fanouts().EnqueueAll(ctx, append(again, more))
		if stored != 1 {
			t.Errorf("EnqueueAll of three that are here and a new one stored %d", stored)
		}
		return err
	})
	page, err := s.Reader().Fanouts().Jobs(ctx, reply.JobFilter{Incident: f.Incident, Fanout: f.ID, State: reply.Waiting, Limit: 50})
	must(t, err)
	rest, err := s.Reader().Fanouts().Jobs(ctx, reply.JobFilter{Incident: f.Incident, After: page[len(page)-1].ID, Limit: 500})
	must(t, err)
	texts := map[string]bool{}
	for _, j := range append(page, rest...) {
		texts[j.Text] = true
	}
	if len(page) != 50 || len(rest) != n+1-50 || len(texts) != n {
		t.Errorf("Jobs gives %d and %d, %d texts", len(page), len(rest), len(texts))
	}
	// An ordinary reply goes before a thousand of a fan-out, an urgent one before all.
	urgent := reply.Job{Reply: f.Reply, Incident: f.Incident, Source: "vk:-1001", Key: "urgent", Turn: reply.UrgentTurn, Urgent: true, NextAt: morning}
	plain := reply.Job{Reply: f.Reply, Incident: f.Incident, Source: "vk:-1001", Key: "plain", NextAt: morning}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Replies().Enqueue(ctx, &plain))
		return tx.Replies().Enqueue(ctx, &urgent)
	})
	if due, err := s.Reader().Replies().Due(ctx, morning); err != nil || !slices.Equal(due, []string{"vk:-1001"}) {
		t.Errorf("Due = %q, %v", due, err)
	}
	if due, err := s.Reader().Replies().Due(ctx, morning.Add(-time.Second)); err != nil || len(due) != 0 {
		t.Errorf("Due before anything is = %q, %v", due, err)
	}
	first := take(t, s, morning, 3)
	if len(first) != 3 || first[0].ID != urgent.ID || !first[0].Urgent || first[1].ID != plain.ID || first[2].Fanout != f.ID || first[2].Text == "" {
		t.Fatalf("Take = %+v, want the urgent one, the ordinary one, one of the fan-out", first)
	}
	if none, err := s.Reader().Replies().JobByID(ctx, scope.OfRegion(perm), first[2].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("JobByID outside of the scope = %+v, %v", none, err)
	}
	one := first[2]
	one.State, one.Tries, one.SentAt, one.Native, one.URL, one.Proof, one.Note = reply.Sent, 1, morning.Add(time.Minute), "5_700", "https://vk.example/700", reply.ByReceipt, "прочитан"
	change(t, s, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, &one) })
	back, err := s.Reader().Replies().JobByID(ctx, scope.All(), one.ID)
	must(t, err)
	if diff := cmp.Diff(&one, back); diff != "" {
		t.Errorf("a settled job differs (-want +got):\n%s", diff)
	}
	if r, err := s.Reader().Replies().ByReceipt(ctx, "vk:-1001", "5_700"); err != nil || r.ID != f.Reply {
		t.Errorf("ByReceipt of a fan-out = %+v, %v", r, err)
	}
	if spent, err := s.Reader().Replies().Spent(ctx, "vk:-1001", morning.Add(-time.Hour)); err != nil || spent != 1 {
		t.Errorf("Spent = %d, %v", spent, err)
	}
	reopening(t, s, f)
	pausing(t, s, f, n)
	erasingOne(t, s, f)
}

// reopening makes what waits for one thread due, and nothing else.
func reopening(t *testing.T, s Store, f reply.Fanout) {
	t.Helper()
	later, now := morning.Add(2*time.Hour), morning.Add(time.Hour)
	var all []reply.Job
	for k, c := range []struct{ source, thread, refused string }{{"vk:-77", "wall-77_1", "shut, code 213"}, {"vk:-77", "wall-77_2", "shut, code 213"}, {"vk:-77", "wall-77_1", "later, code 9"}, {"vk:-78", "wall-77_1", "shut, code 213"}} {
		all = append(all, reply.Job{Reply: f.Reply, Incident: f.Incident, Source: c.source, Thread: c.thread, Key: fmt.Sprint("shut", k), State: reply.Waiting, Error: c.refused, NextAt: later})
	}
	change(t, s, func(tx incident.Tx) error {
		for k := range all {
			must(t, tx.Replies().Enqueue(ctx, &all[k]))
			must(t, tx.Replies().Settle(ctx, &all[k]))
		}
		n, err := tx.Fanouts().Reopen(ctx, "vk:-77", "wall-77_1", now)
		if n != 1 {
			t.Errorf("Reopen made %d due, want one", n)
		}
		return err
	})
	for k, want := range []time.Time{now, later, later, later} {
		j, err := s.Reader().Replies().JobByID(ctx, scope.All(), all[k].ID)
		must(t, err)
		if !j.NextAt.Equal(want) || j.Shut() != (k != 2) {
			t.Errorf("job %d is due at %v, shut %v", k, j.NextAt, j.Shut())
		}
		all[k].State = reply.Dead
		change(t, s, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, &all[k]) })
	}
}

func pausing(t *testing.T, s Store, f reply.Fanout, n int) {
	shift := func(from, to reply.JobState, next time.Time, urgent bool, wanted int) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			moved, err := tx.Fanouts().Shift(ctx, f.ID, from, to, next, urgent)
			if moved != wanted {
				t.Errorf("Shift %s to %s moved %d, want %d", from, to, moved, wanted)
			}
			return err
		})
	}
	shift(reply.Waiting, reply.Held, time.Time{}, false, n)
	if got := take(t, s, morning, 5); len(got) != 0 {
		t.Errorf("Take of a paused fan-out = %d jobs", len(got))
	}
	left := func(is bool) {
		t.Helper()
		if got, err := s.Reader().Fanouts().Left(ctx, f.ID); err != nil || got != is {
			t.Errorf("Left = %t, %v", got, err)
		}
	}
	left(true)
	shift(reply.Held, reply.Waiting, morning.Add(time.Hour), true, n)
	p, err := s.Reader().Fanouts().Progress(ctx, f.ID)
	must(t, err)
	wanted := reply.Progress{All: n + 1, Waiting: n, Sent: 1, Proven: 1, Next: morning.Add(time.Hour)}
	if diff := cmp.Diff(wanted, p); diff != "" {
		t.Errorf("Progress differs (-want +got):\n%s", diff)
	}
	jobs := take(t, s, morning.Add(time.Hour), 1)
	if len(jobs) != 1 || !jobs[0].Urgent {
		t.Fatalf("Take after the pause = %+v", jobs)
	}
	jobs[0].State, jobs[0].Unclear = reply.Waiting, true
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Replies().Settle(ctx, &jobs[0]))
		dropped, err := tx.Fanouts().Drop(ctx, f.ID, reply.Waiting)
		if dropped != n {
			t.Errorf("Drop = %d, want %d", dropped, n)
		}
		return err
	})
	left(false)
	p, err = s.Reader().Fanouts().Progress(ctx, f.ID)
	if err != nil || p.Cancelled != n-1 || p.Unknown != 1 {
		t.Errorf("Progress after the end = %+v, %v: one that may stand is not cancelled", p, err)
	}
	covered, err := s.Reader().Fanouts().Covered(ctx, f.ID)
	if err != nil || len(covered) != 2 {
		t.Errorf("Covered = %d, %v; want what was sent and what may stand", len(covered), err)
	}
}

// erasingOne: the words of a reply to a message go with the message.
func erasingOne(t *testing.T, s Store, f reply.Fanout) {
	m, r := letter(50, here)
	keep(t, s, m, r)
	j := reply.Job{Reply: f.Reply, Fanout: f.ID, Incident: f.Incident, Message: int64(m.ID), Source: m.Source, Key: "erased", State: reply.Waiting, NextAt: morning, Text: "слова", Place: here}
	change(t, s, func(tx incident.Tx) error {
		if _, err := tx.Fanouts().EnqueueAll(ctx, []reply.Job{j}); err != nil {
			return err
		}
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, At: morning, Place: here})
	})
	jobs, err := s.Reader().Fanouts().Jobs(ctx, reply.JobFilter{Incident: f.Incident, State: reply.Dropped, Limit: 1000})
	must(t, err)
	for _, j := range jobs {
		if j.Message == int64(m.ID) && j.Text == "" {
			return
		}
	}
	t.Error("a job to an erased message goes on, or keeps its words")
}

// recalling: a fan-out is taken back whole, or not at all.
func recalling(t *testing.T, s Store) {
	f, jobs := spread(t, s, 5)
	change(t, s, func(tx incident.Tx) error {
		taken, err := tx.Replies().Recall(ctx, f.Reply)
		if !taken {
			t.Error("a fan-out of which nothing has left is not taken back")
		}
		return err
	})
	if p, err := s.Reader().Fanouts().Progress(ctx, f.ID); err != nil || p.All != 0 {
		t.Errorf("after it was taken back: %+v, %v", p, err)
	}
	change(t, s, func(tx incident.Tx) error {
		_, err := tx.Fanouts().EnqueueAll(ctx, jobs)
		return err
	})
	take(t, s, morning, 1)
	err := s.Change(ctx, incident.People, func(tx incident.Tx) error {
		_, err := tx.Replies().Recall(ctx, f.Reply)
		return err
	})
	want(t, err, fault.Conflict)
	if p, err := s.Reader().Fanouts().Progress(ctx, f.ID); err != nil || p.All != 5 || p.Sending != 1 {
		t.Errorf("a refused recall left %+v, %v", p, err)
	}
}

func outlets(t *testing.T, s Store) {
	{
		out := reply.Outlet{Source: reply.ShutID("vk:-1", "wall-1_2")}
		if id, thread := out.Of(); id != "vk:-1" || thread != "wall-1_2" {
			t.Errorf("an outlet of a thread is of %q, %q", id, thread)
		}
	}
	empty, err := s.Reader().Fanouts().Outlet(ctx, "vk:-1")
	if err != nil || empty != (reply.Outlet{Source: "vk:-1"}) {
		t.Errorf("Outlet of a source that asked nothing = %+v, %v", empty, err)
	}
	o := reply.Outlet{Source: "vk:-1", Waits: true, Sentence: "Введите код.", Code: 14, Since: morning, RestUntil: morning.Add(time.Hour), Floods: 2, Spacing: 1500 * time.Millisecond,
		Place: scope.Place{Region: khakassia}}
	change(t, s, func(tx incident.Tx) error { return tx.Fanouts().SaveOutlet(ctx, o) })
	o.Floods, o.Waits = 3, false
	change(t, s, func(tx incident.Tx) error { return tx.Fanouts().SaveOutlet(ctx, o) })
	got, err := s.Reader().Fanouts().Outlets(ctx, scope.OfRegion(khakassia))
	must(t, err)
	if diff := cmp.Diff([]reply.Outlet{o}, got); diff != "" {
		t.Errorf("Outlets differ (-saved +got):\n%s", diff)
	}
	if far, err := s.Reader().Fanouts().Outlets(ctx, scope.OfRegion(perm)); err != nil || len(far) != 0 {
		t.Errorf("Outlets of another region = %d, %v", len(far), err)
	}
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		m := reply.Mass{Incident: int64(i.ID), At: morning, Who: 3, Why: "person", Place: here}
		must(t, tx.Fanouts().SetMass(ctx, m))
		m.Why = "merge"
		return tx.Fanouts().SetMass(ctx, m)
	})
	if m, err := s.Reader().Fanouts().Mass(ctx, int64(i.ID)); err != nil || m.Why != "person" || m.Who != 3 {
		t.Errorf("Mass = %+v, %v", m, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Fanouts().ClearMass(ctx, int64(i.ID)) })
	_, err = s.Reader().Fanouts().Mass(ctx, int64(i.ID))
	want(t, err, fault.NotFound)
}
