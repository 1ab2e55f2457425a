package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// following proves which finished incident words in a thread are about.
func following(t *testing.T, s Store) {
	finished := func(i *incident.Incident) { i.State, i.AnsweredAt = lifecycle.Answered, morning }
	var answered, working, duplicate, old *incident.Incident
	r := &reply.Reply{Purpose: reply.Final, State: reply.Published, Text: "Убрали.", Native: "5_900", Place: here}
	change(t, s, func(tx incident.Tx) error {
		answered = open(t, tx, 1, here, finished)
		working = open(t, tx, 2, here)
		duplicate = open(t, tx, 3, here, finished, func(i *incident.Incident) { i.Outcome = lifecycle.Duplicate })
		old = open(t, tx, 4, here, func(i *incident.Incident) { i.State, i.AnsweredAt = lifecycle.Answered, morning.AddDate(0, -3, 0) })
		r.Incident, r.Message = int64(answered.ID), int64(answered.First)
		return tx.Replies().SaveReply(ctx, r)
	})
	since := morning.AddDate(0, -2, 0)
	for _, c := range []struct {
		name                   string
		thread, parent, author string
		want                   feedback.Followed
	}{
		{"the author under our reply", "5", "5_900", "author1", feedback.Followed{Incident: int64(answered.ID), Reply: int64(r.ID), Speaker: feedback.Author}},
		{"somebody else under our reply", "5", "5_900", "passer", feedback.Followed{Incident: int64(answered.ID), Reply: int64(r.ID), Speaker: feedback.Neighbour}},
		{"somebody under the message", "5", "5_1", "passer", feedback.Followed{Incident: int64(answered.ID), Reply: int64(r.ID), Speaker: feedback.Neighbour}},
		{"the author in the thread", "5", "", "author1", feedback.Followed{Incident: int64(answered.ID), Reply: int64(r.ID), Speaker: feedback.Author}},
		{"the message is the root", "5_1", "", "author1", feedback.Followed{Incident: int64(answered.ID), Reply: int64(r.ID), Speaker: feedback.Author}},
		{"somebody else in the thread", "5", "", "passer", feedback.Followed{}},
		{"nobody is named", "5", "", "", feedback.Followed{}},
		{"another thread", "6", "", "author1", feedback.Followed{}},
		{"work goes on", "5", "", "author2", feedback.Followed{}},
		{"its messages went elsewhere", "5", "", "author3", feedback.Followed{}},
		{"too long ago", "5", "", "author4", feedback.Followed{}},
	} {
		got, err := s.Reader().Feedback().Follows(ctx, "vk:-1001", c.thread, c.parent, c.author, since)
		if err != nil || got != c.want {
			t.Errorf("%s: Follows = %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	_, _, _ = working, duplicate, old
}

// hearing proves that a voice is kept once a message, is seen within the scope, and
// that its words are erased with the message that its reply answered.
func hearing(t *testing.T, s Store) {
	var i, other *incident.Incident
	var heard *message.Message
	r := &reply.Reply{Purpose: reply.Final, State: reply.Published, Native: "5_901", Place: here}
	change(t, s, func(tx incident.Tx) error {
		i, other = open(t, tx, 1, here), open(t, tx, 2, scope.Place{Region: khakassia, Centre: abaza})
		r.Incident, r.Message = int64(i.ID), int64(i.First)
		must(t, tx.Replies().SaveReply(ctx, r))
		m, reading := letter(3, here)
		heard = m
		_, err := tx.Messages().Keep(ctx, m, reading)
		return err
	})
	v := &feedback.Voice{Incident: int64(i.ID), Reply: int64(r.ID), Message: int64(heard.ID), Speaker: feedback.Author, Way: feedback.Words, Meaning: feedback.Unsure,
		Mark: 2, Sure: 0.5, Evidence: []feedback.Evidence{{Start: 1, End: 4, Why: "оценка 2"}}, State: feedback.Waiting, At: morning, Place: here}
	linked := &feedback.Voice{Incident: int64(i.ID), Reply: int64(r.ID), Speaker: feedback.Author, Way: feedback.Link, Meaning: feedback.Refuted, Sure: 1,
		Text: "Яма на месте", State: feedback.Acted, At: morning, Place: here}
	far := &feedback.Voice{Incident: int64(other.ID), Speaker: feedback.Neighbour, Way: feedback.Staff, Meaning: feedback.Partly, State: feedback.Waiting, At: morning,
		Place: scope.Place{Region: khakassia, Centre: abaza}}
	change(t, s, func(tx incident.Tx) error {
		for _, v := range []*feedback.Voice{v, linked, far} {
			must(t, tx.Feedback().Hear(ctx, v))
		}
		return nil
	})
	again := *v
	again.ID = 0
	if err := s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Feedback().Hear(ctx, &again) }); err == nil {
		t.Error("one message is two voices")
	}
	same := func(name string, got []feedback.Voice, err error, list ...*feedback.Voice) {
		t.Helper()
		var want []feedback.Voice
		for _, v := range list {
			want = append(want, *v)
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, differ (-want +got):\n%s", name, err, diff)
		}
	}
	all, err := s.Reader().Feedback().OfIncident(ctx, scope.All(), int64(i.ID))
	same("of the incident", all, err, v, linked)
	_, err = s.Reader().Feedback().OfIncident(ctx, scope.OfCentre(khakassia, abaza), int64(i.ID))
	want(t, err, fault.NotFound)
	waiting, err := s.Reader().Feedback().Waiting(ctx, scope.All(), 0, 10)
	same("waiting", waiting, err, v, far)
	waiting, err = s.Reader().Feedback().Waiting(ctx, scope.OfCentre(khakassia, abakan), 0, 10)
	same("waiting in one centre", waiting, err, v)
	waiting, err = s.Reader().Feedback().Waiting(ctx, scope.All(), v.ID, 10)
	same("waiting after the first", waiting, err, far)
	if n, err := s.Reader().Feedback().CountWaiting(ctx, scope.All(), 99); n != 2 || err != nil {
		t.Errorf("CountWaiting = %d, %v; want 2", n, err)
	}
	if n, err := s.Reader().Feedback().CountWaiting(ctx, scope.All(), 1); n != 1 || err != nil {
		t.Errorf("CountWaiting up to 1 = %d, %v", n, err)
	}
	v.State, v.Meaning, v.By, v.DecideAt = feedback.Decided, feedback.Confirmed, 7, morning.Add(time.Hour)
	change(t, s, func(tx incident.Tx) error { return tx.Feedback().Hear(ctx, v) })
	got, err := s.Reader().Feedback().ByMessage(ctx, int64(heard.ID))
	if diff := cmp.Diff(v, got); diff != "" || err != nil {
		t.Errorf("ByMessage: %v, differ:\n%s", err, diff)
	}
	_, err = s.Reader().Feedback().ByMessage(ctx, 0)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Feedback().Voice(ctx, scope.OfRegion(perm), v.ID)
	want(t, err, fault.NotFound)

	first, _ := letter(1, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: first.Source, Native: first.Native, Place: here, At: morning})
	})
	linked.Text = ""
	got, err = s.Reader().Feedback().Voice(ctx, scope.All(), linked.ID)
	if diff := cmp.Diff(linked, got); diff != "" || err != nil {
		t.Errorf("after erasing: %v, differ:\n%s", err, diff)
	}
}

// closing proves closures, the controller's sample and tickets.
func closing(t *testing.T, s Store) {
	var closed, reopened *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		closed = open(t, tx, 1, here, func(i *incident.Incident) { i.State = lifecycle.Closed })
		reopened = open(t, tx, 2, here)
		return nil
	})
	make := func(i *incident.Incident, sampled bool) *feedback.Closure {
		return &feedback.Closure{Incident: int64(i.ID), Outcome: lifecycle.Solved, How: "none", By: 4, At: morning, Agency: 9, Sampled: sampled, Place: here}
	}
	first, last, other := make(closed, true), make(closed, true), make(reopened, true)
	first.FalseAt, first.FalseWhy, first.Repeat = morning.Add(time.Hour), feedback.Again, int64(reopened.ID)
	change(t, s, func(tx incident.Tx) error {
		for _, c := range []*feedback.Closure{first, last, other} {
			must(t, tx.Feedback().Close(ctx, c))
		}
		return nil
	})
	all, err := s.Reader().Feedback().Closures(ctx, int64(closed.ID))
	if diff := cmp.Diff([]feedback.Closure{*first, *last}, all); diff != "" || err != nil {
		t.Errorf("Closures: %v, differ:\n%s", err, diff)
	}
	got, err := s.Reader().Feedback().LastClosure(ctx, int64(closed.ID))
	if diff := cmp.Diff(last, got); diff != "" || err != nil {
		t.Errorf("LastClosure: %v, differ:\n%s", err, diff)
	}
	_, err = s.Reader().Feedback().LastClosure(ctx, 999999)
	want(t, err, fault.NotFound)
	for _, c := range []struct {
		sc   scope.Scope
		want int
	}{{scope.All(), 1}, {scope.OfCentre(khakassia, abakan), 1}, {scope.OfCentre(khakassia, abaza), 0}, {scope.Scope{}, 0}} {
		list, err := s.Reader().Feedback().Sampled(ctx, c.sc, 10)
		n, err2 := s.Reader().Feedback().CountSampled(ctx, c.sc, 10)
		if len(list) != c.want || n != c.want || err != nil || err2 != nil {
			t.Errorf("Sampled(%v) = %d, CountSampled = %d, %v, %v; want %d", c.sc, len(list), n, err, err2, c.want)
		}
	}
	last.CheckedAt, last.CheckedBy = morning.Add(2*time.Hour), 5
	change(t, s, func(tx incident.Tx) error { return tx.Feedback().Close(ctx, last) })
	if n, _ := s.Reader().Feedback().CountSampled(ctx, scope.All(), 10); n != 0 {
		t.Errorf("after the check %d wait, want 0", n)
	}

	ticket := &feedback.Ticket{Incident: int64(closed.ID), Reply: 3, Expires: morning.AddDate(0, 1, 0), Place: here}
	change(t, s, func(tx incident.Tx) error { return tx.Feedback().Issue(ctx, "secret", ticket) })
	found, err := s.Reader().Feedback().Ticket(ctx, "secret")
	if diff := cmp.Diff(ticket, found); diff != "" || err != nil {
		t.Errorf("Ticket: %v, differ:\n%s", err, diff)
	}
	reads := &feedback.Ticket{Incident: int64(closed.ID), Reply: 3, Reads: true, Expires: morning.AddDate(0, 1, 0), Place: here}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Feedback().Issue(ctx, "first", reads))
		return tx.Feedback().Issue(ctx, "second", reads)
	})
	_, err = s.Reader().Feedback().Ticket(ctx, "first")
	want(t, err, fault.NotFound) // the later one took its place
	found, err = s.Reader().Feedback().Ticket(ctx, "second")
	if diff := cmp.Diff(reads, found); diff != "" || err != nil {
		t.Errorf("Ticket that reads: %v, differ:\n%s", err, diff)
	}
	_, err = s.Reader().Feedback().Ticket(ctx, "Secret")
	want(t, err, fault.NotFound)
	for n, fresh := range []bool{true, false} {
		change(t, s, func(tx incident.Tx) error {
			ok, err := tx.Feedback().Use(ctx, "secret", morning)
			if ok != fresh {
				t.Errorf("use %d = %t, want %t", n+1, ok, fresh)
			}
			return err
		})
	}
}
