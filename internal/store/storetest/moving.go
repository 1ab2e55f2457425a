package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

func replying(t *testing.T, s Store) {
	var i *incident.Incident
	r := reply.Reply{Purpose: reply.Final, State: reply.Draft, Text: "Заделаем до 5 мая", By: 3, CreatedAt: morning}
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		r.Incident, r.Message, r.Place = int64(i.ID), int64(i.First), i.Place
		return tx.Replies().SaveReply(ctx, &r)
	})
	if r.ID == 0 {
		t.Fatal("SaveReply gave no id")
	}
	r.State, r.Text, r.ApprovedBy, r.ApprovedAt, r.Reason = reply.Published, "Заделали", 4, morning.Add(time.Minute), "уточнить дату"
	r.PublishedAt, r.URL, r.Native = morning.Add(time.Hour), "https://vk.example/wall-1_9", "5_9"
	r.Tried = []string{"Заделаем «скоро»", "Заделаем\nв мае"}
	change(t, s, func(tx incident.Tx) error { return tx.Replies().SaveReply(ctx, &r) })
	got, err := s.Reader().Replies().Reply(ctx, scope.All(), r.ID)
	must(t, err)
	if diff := cmp.Diff(&r, got); diff != "" {
		t.Errorf("Reply differs (-saved +got):\n%s", diff)
	}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Replies().Enqueue(ctx, &reply.Job{Reply: r.ID, Incident: int64(i.ID), Source: "vk:-1001", Key: "k", NextAt: morning}))
		jobs, err := tx.Replies().Take(ctx, morning, 1)
		if len(jobs) != 1 || jobs[0].Text != r.Text || !cmp.Equal(jobs[0].Tried, r.Tried) {
			t.Errorf("the job = %+v, want the words of its reply and of earlier tries", jobs)
		}
		return err
	})
	list, err := s.Reader().Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil || len(list) != 1 {
		t.Errorf("OfIncident = %d replies, %v", len(list), err)
	}
	got, err = s.Reader().Replies().ByReceipt(ctx, "vk:-1001", "5_9")
	if err != nil || got.ID != r.ID {
		t.Errorf("ByReceipt = %+v, %v", got, err)
	}
	for _, c := range [][2]string{{"vk:-1001", "5_8"}, {"vk:-1002", "5_9"}, {"vk:-1001", ""}} {
		_, err = s.Reader().Replies().ByReceipt(ctx, c[0], c[1])
		want(t, err, fault.NotFound)
	}
	r.ID = 999
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Replies().SaveReply(ctx, &r) })
	want(t, err, fault.NotFound)
}

// enqueue stores n jobs, the later ones due first.
func enqueue(t *testing.T, s Store, n int) []reply.Job {
	var jobs []reply.Job
	change(t, s, func(tx incident.Tx) error {
		i := open(t, tx, 1, here)
		for k := range n {
			r := reply.Reply{Incident: int64(i.ID), Message: int64(i.First), State: reply.Approved, Text: "Ответ"}
			must(t, tx.Replies().SaveReply(ctx, &r))
			j := reply.Job{Reply: r.ID, Incident: int64(i.ID), Source: "vk:-1001", Thread: "7", Parent: "5_1", Key: "key" + string(rune('a'+k)),
				NextAt: morning.Add(-time.Duration(k) * time.Minute), Place: here}
			must(t, tx.Replies().Enqueue(ctx, &j))
			jobs = append(jobs, j)
		}
		return nil
	})
	return jobs
}

func take(t testing.TB, s Store, now time.Time, limit int) (jobs []reply.Job) {
	t.Helper()
	change(t, s, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(ctx, now, limit)
		return err
	})
	return jobs
}

func outbox(t *testing.T, s Store) {
	jobs := enqueue(t, s, 20)
	ours, err := s.Reader().Messages().OurThread(ctx, "vk:-1001", "7")
	if err != nil || !ours {
		t.Errorf("OurThread of a thread that we answer in = %t, %v", ours, err)
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Replies().Enqueue(ctx, &reply.Job{Reply: 1, Key: jobs[0].Key, Source: "x"})
	})
	want(t, err, fault.Conflict)
	if j, err := s.Reader().Replies().Job(ctx, jobs[0].Reply); err != nil || j.ID != jobs[0].ID || j.State != reply.Waiting {
		t.Errorf("Job of a reply that waits = %+v, %v", j, err)
	}
	recall := func(id reply.ID) (taken bool) {
		change(t, s, func(tx incident.Tx) (err error) {
			taken, err = tx.Replies().Recall(ctx, id)
			return err
		})
		return taken
	}
	if recalled := jobs[0].Reply; !recall(recalled) || recall(recalled) {
		t.Error("a job that waits for its first try is recalled once")
	} else if _, err := s.Reader().Replies().Job(ctx, recalled); !fault.Is(err, fault.NotFound) {
		t.Errorf("Job of a reply that was recalled: %v", err)
	}
	if got := take(t, s, morning.Add(-time.Hour), 5); len(got) != 0 {
		t.Errorf("Take before anything is due = %d jobs", len(got))
	}
	got := take(t, s, morning, 2)
	if len(got) != 2 || got[0].ID != jobs[19].ID || got[1].ID != jobs[18].ID {
		t.Fatalf("Take = %+v, want the two that are due longest", got)
	}
	wanted := jobs[19]
	wanted.State, wanted.Text, wanted.TriedAt = reply.Sending, "Ответ", morning
	if diff := cmp.Diff(wanted, got[0]); diff != "" {
		t.Errorf("a taken job differs (-want +got):\n%s", diff)
	}
	// Many callers at once: each job goes to one of them.
	var mu sync.Mutex
	seen := map[int64]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				var mine []reply.Job
				err := s.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
					mine, err = tx.Replies().Take(ctx, morning, 3)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if len(mine) == 0 {
					return
				}
				mu.Lock()
				for _, j := range mine {
					seen[j.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 17 {
		t.Errorf("%d jobs were taken, want 17", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("job %d was given %d times", id, n)
		}
	}
	later := got[0]
	later.State, later.NextAt, later.Tries, later.Unclear, later.Error = reply.Waiting, morning.Add(time.Hour), 1, true, "later, code 6"
	done := got[1]
	done.State = reply.Sent
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Replies().Settle(ctx, &later))
		return tx.Replies().Settle(ctx, &done)
	})
	if got := take(t, s, morning, 5); len(got) != 0 {
		t.Errorf("Take gives %d settled jobs too early", len(got))
	}
	got = take(t, s, morning.Add(time.Hour), 5)
	if len(got) != 1 || got[0].Tries != 1 || !got[0].Unclear || got[0].Error != "later, code 6" {
		t.Errorf("Take of a job put off = %+v", got)
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Replies().Settle(ctx, &reply.Job{ID: 999, State: reply.Sent}) })
	want(t, err, fault.NotFound)
}

func interrupted(t *testing.T, s Store) {
	enqueue(t, s, 3)
	taken := take(t, s, morning, 2)
	var n int
	change(t, s, func(tx incident.Tx) (err error) {
		n, err = tx.Replies().Interrupted(ctx, morning.Add(time.Hour))
		return err
	})
	if n != 2 {
		t.Errorf("Interrupted = %d, want 2", n)
	}
	got := take(t, s, morning.Add(time.Hour), 10)
	for _, j := range got {
		was := slices.ContainsFunc(taken, func(o reply.Job) bool { return o.ID == j.ID })
		if j.Unclear != was {
			t.Errorf("job %d is unclear: %t, was interrupted: %t", j.ID, j.Unclear, was)
		}
	}
	if len(got) != 3 {
		t.Errorf("Take after a crash = %d jobs, want 3", len(got))
	}
}

func pushed(n int) message.Pushed {
	m, _ := letter(n, here)
	return message.Pushed{Ref: message.Ref{Native: m.Native, Revision: m.Revision}, Payload: []byte(m.Text)}
}

func pushing(t *testing.T, s Store) {
	push := func(call string, wanted int, items ...message.Pushed) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			n, err := tx.Intake().Push(ctx, "vk:-1001", call, items, morning)
			if err != nil || n != wanted {
				t.Errorf("Push(%s, %d messages) = %d, %v; want %d", call, len(items), n, err, wanted)
			}
			return err
		})
	}
	m, r := letter(1, here)
	keep(t, s, m, r)
	push("call1", 2, pushed(1), pushed(2), pushed(3)) // the first is kept already
	push("call1", 0, pushed(4))                       // the call was seen
	change(t, s, func(tx incident.Tx) error {
		for _, c := range []struct {
			source, call string
			again        bool
		}{{"vk:-1001", "call1", true}, {"vk:-1001", "call9", false}, {"vk:-1001", "call9", true}, {"vk:-1002", "call9", false}} {
			if again, err := tx.Intake().Called(ctx, c.source, c.call, morning); again != c.again || err != nil {
				t.Errorf("Called(%s, %s) = %t, %v", c.source, c.call, again, err)
			}
		}
		return nil
	})
	push("call2", 1, pushed(3), pushed(5), pushed(5))
	for _, c := range []struct {
		before time.Time
		limit  int
		want   int64
	}{{morning, 9, 0}, {morning.Add(1), 9, 0}, {morning.Add(time.Second), 2, 2}, {morning.Add(time.Second), 9, 2}, {morning.Add(time.Second), 9, 0}} {
		change(t, s, func(tx incident.Tx) error {
			n, err := tx.Intake().ForgetCalled(ctx, c.before, c.limit)
			if n != c.want || err != nil {
				t.Errorf("ForgetCalled(%s, %d) = %d, %v; want %d", c.before, c.limit, n, err, c.want)
			}
			return err
		})
	}
	push("call2", 0, pushed(5)) // its call is forgotten, the message is not
	push("", 1, pushed(6), pushed(6))
	push("", 0, pushed(6))
	deletion := pushed(6)
	deletion.Event = message.Deleted
	push("call3", 1, deletion)
	got, err := s.Reader().Intake().Inbox(ctx, 3)
	must(t, err)
	if len(got) != 3 || string(got[0].Payload) != "Яма во дворе, письмо 2" || got[0].Source != "vk:-1001" || !got[0].At.Equal(morning) || got[0].ID >= got[1].ID {
		t.Fatalf("Inbox = %+v, want the oldest first", got)
	}
	change(t, s, func(tx incident.Tx) error {
		for wanted := 1; wanted <= 2; wanted++ {
			tries, err := tx.Intake().Retry(ctx, got[0].ID)
			if err != nil || tries != wanted {
				t.Errorf("Retry = %d, %v; want %d", tries, err, wanted)
			}
		}
		return tx.Intake().Done(ctx, got[0].ID, got[1].ID, got[2].ID)
	})
	rest, err := s.Reader().Intake().Inbox(ctx, 10)
	must(t, err)
	if len(rest) != 2 || rest[0].ID <= got[2].ID {
		t.Errorf("Inbox after Done = %+v", rest)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Intake().Done(ctx, rest[0].ID, rest[1].ID) })
	push("call4", 1, pushed(9))
	last, err := s.Reader().Intake().Inbox(ctx, 10)
	must(t, err)
	if len(last) != 1 || last[0].ID <= rest[1].ID {
		t.Errorf("the inbox used an id again: %+v", last)
	}
	gone := message.Pushed{Ref: message.Ref{Native: "gone", Event: message.Deleted}, Payload: []byte("{}")}
	again := pushed(7)
	again.Native = "gone"
	push("call5", 1, gone)
	push("call6", 0, gone)
	push("call7", 2, again, gone) // written anew and deleted anew
}

func cursors(t *testing.T, s Store) {
	got, err := s.Reader().Intake().Cursor(ctx, "vk:-1001")
	if err != nil || got != nil {
		t.Errorf("Cursor of a source never read = %q, %v; want nil", got, err)
	}
	poll := func(n int, fail bool) error {
		return s.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			m, r := letter(n, here)
			if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
				return err
			}
			if err := tx.Intake().SetCursor(ctx, "vk:-1001", []byte{byte('0' + n)}, morning); err != nil {
				return err
			}
			if fail {
				return errNo
			}
			return nil
		})
	}
	must(t, poll(1, false))
	if err := poll(2, true); err == nil {
		t.Error("a failing change succeeded")
	}
	got, err = s.Reader().Intake().Cursor(ctx, "vk:-1001")
	if err != nil || string(got) != "1" {
		t.Errorf("Cursor = %q, %v; want that of the good read", got, err)
	}
	_, err = s.Reader().Messages().ByNative(ctx, "vk:-1001", "5_2")
	want(t, err, fault.NotFound)
	must(t, poll(2, false))
	if got, _ = s.Reader().Intake().Cursor(ctx, "vk:-1001"); string(got) != "2" {
		t.Errorf("Cursor = %q, want 2", got)
	}
	list, err := s.Reader().Intake().Sources(ctx, scope.All())
	if err != nil || len(list) != 0 {
		t.Errorf("a cursor alone shows as a source: %+v, %v", list, err)
	}
}

func aside(t *testing.T, s Store) {
	put := func(a message.SetAside) int64 {
		t.Helper()
		change(t, s, func(tx incident.Tx) error { return tx.Intake().SetAside(ctx, &a) })
		return a.ID
	}
	bad := message.SetAside{Source: "file:a.csv", Native: "x", Reason: "unreadable", Error: "line has 3 fields", Payload: []byte("a;b;c"), Line: 7, At: morning, Place: here}
	id := put(bad)
	if again := put(bad); again != id {
		t.Errorf("the same item is set aside twice: %d and %d", id, again)
	}
	other := bad
	other.Line, other.Place.Region, other.Payload = 8, perm, nil
	put(other)
	got, err := s.Reader().Intake().Aside(ctx, scope.OfRegion(khakassia), 10)
	must(t, err)
	bad.ID = id
	if diff := cmp.Diff([]message.SetAside{bad}, got); diff != "" {
		t.Errorf("Aside differs (-want +got):\n%s", diff)
	}
	all, err := s.Reader().Intake().Aside(ctx, scope.All(), 10)
	if err != nil || len(all) != 2 {
		t.Errorf("Aside for everybody = %d items, %v; want 2", len(all), err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Intake().Replayed(ctx, id) })
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Intake().Replayed(ctx, id) })
	want(t, err, fault.NotFound)
}

func sources(t *testing.T, s Store) {
	wall := message.SourceState{ID: "vk:-1001", Channel: message.VK, Name: "Стена", URL: "https://vk.example", Territory: abakan, ReadAt: morning, Place: here}
	note := func(n message.SourceState) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			must(t, tx.Intake().SetCursor(ctx, n.ID, []byte("c"), morning))
			return tx.Intake().Note(ctx, n)
		})
	}
	note(wall)
	broken := wall
	broken.ReadAt, broken.Error = time.Time{}, "Сеть не отвечает."
	note(broken)
	far := message.SourceState{ID: "vk:-2", Name: "Другая", Place: scope.Place{Region: perm}}
	note(far)
	m, r := letter(1, here)
	keep(t, s, m, r)
	wanted := wall
	wanted.Error, wanted.Messages = broken.Error, 1
	got, err := s.Reader().Intake().Sources(ctx, scope.OfCentre(khakassia, abakan))
	must(t, err)
	if diff := cmp.Diff([]message.SourceState{wanted}, got); diff != "" {
		t.Errorf("Sources differ (-want +got):\n%s", diff)
	}
	cursor, err := s.Reader().Intake().Cursor(ctx, wall.ID)
	if err != nil || string(cursor) != "c" {
		t.Errorf("Note took the cursor: %q, %v", cursor, err)
	}
}
