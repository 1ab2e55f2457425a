package desk_test

import (
	"fmt"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/problem"
	"otklik/internal/scope"
)

func (b *bench) problemOf(t *testing.T, id incident.ID) *problem.Problem {
	t.Helper()
	of, err := b.db.Reader().Problems().Of(t.Context(), int64(id))
	must(t, err)
	if of == 0 {
		return nil
	}
	p, err := b.db.Reader().Problems().Problem(t.Context(), scope.All(), of)
	must(t, err)
	return p
}

// TestADurableProblem: the second incident about one house, days later, makes a
// problem of both; neighbours of one day do not; another house is another place.
func TestADurableProblem(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	at := func(days int) { b.Now = func() time.Time { return noon.AddDate(0, 0, days) } }
	first := b.at(t, "1", "яма у подъезда", "улица Мира", "5", noon)
	b.at(t, "2", "тут яма, сосед колесо пробил", "улица Мира", "5", noon.Add(time.Hour))
	if p := b.problemOf(t, first.ID); p != nil {
		t.Fatalf("neighbours of one day made a problem: %+v", p)
	}
	at(40)
	third := b.at(t, "3", "опять яма", "улица Мира", "5", noon.AddDate(0, 0, 40))
	other := b.at(t, "4", "яма", "улица Мира", "7", noon.AddDate(0, 0, 40))
	p := b.problemOf(t, third.ID)
	if p == nil || p.Incidents != 3 || p.Days(noon.AddDate(0, 0, 40)) != 40 || p.At.String() == "" || b.problemOf(t, first.ID).ID != p.ID {
		t.Fatalf("problem: %+v", p)
	}
	if b.problemOf(t, other.ID) != nil {
		t.Error("another house belongs to it")
	}
	curator := b.people[lifecycle.Curator]
	if err := b.EndProblem(t.Context(), curator, p.ID, "photo", "Заасфальтировали"); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended while work goes on: %v", err)
	}
	if err := b.EndProblem(t.Context(), b.people[lifecycle.Executor], p.ID, "photo", "Заасфальтировали"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("ended by an executor: %v", err)
	}
	list, err := b.db.Reader().Problems().Incidents(t.Context(), p.ID)
	must(t, err)
	for _, id := range list {
		b.do(t, lifecycle.Operator, b.now(t, incident.ID(id)), desk.Reject{Reason: "проверка"})
	}
	if err := b.EndProblem(t.Context(), curator, p.ID, "", "Заасфальтировали"); !fault.Is(err, fault.Invalid) {
		t.Errorf("ended without saying how it is known: %v", err)
	}
	must(t, b.EndProblem(t.Context(), curator, p.ID, "photo", "Заасфальтировали"))
	at(90)
	again := b.at(t, "5", "яма на том же месте", "улица Мира", "5", noon.AddDate(0, 0, 90))
	if p := b.problemOf(t, again.ID); p == nil || p.State != problem.Open || p.Reopened != 1 {
		t.Errorf("written about again: %+v", p)
	}
	again = b.do(t, lifecycle.Curator, again, desk.Link{})
	if b.problemOf(t, again.ID) != nil {
		t.Error("taken away, and still there")
	}
	if _, err := b.Do(t.Context(), curator, again.ID, 0, desk.Link{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken away twice: %v", err)
	}
	if _, err := b.Do(t.Context(), curator, again.ID, 0, desk.Link{Problem: 999}); !fault.Is(err, fault.Invalid) {
		t.Errorf("linked to nothing: %v", err)
	}
}

// TestACallIsAskedForAtOnce: a message of danger asks for a call, one of last year does not.
func TestACallIsAskedForAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		urgency message.Urgency
		age     time.Duration
		want    int
	}{"danger": {message.Danger, time.Hour, 1}, "high": {message.High, time.Hour, 0}, "danger of last year": {message.Danger, 9000 * time.Hour, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var i *incident.Incident
			must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
				m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: fmt.Sprint(name), Event: message.Written, Revision: message.HashOf(name),
					Text: "провод упал", SeenAt: noon, PublishedAt: noon.Add(-c.age)}
				r := read(m.Text)
				r.Urgency, r.Evidence = c.urgency, []message.Evidence{{For: "urgency", Why: "оголённые или упавшие провода"}}
				m.Place, _ = b.Stand(m, &r)
				if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
					return err
				}
				i, err = b.Opener(tx, account.System()).Open(t.Context(), m, &r)
				return err
			}))
			list, err := b.db.Reader().Calls().Waiting(t.Context(), scope.All(), 10)
			must(t, err)
			if len(list) != c.want {
				t.Fatalf("%d calls, want %d", len(list), c.want)
			}
			if c.want == 0 {
				return
			}
			if list[0].Why != "оголённые или упавшие провода" {
				t.Errorf("why: %q", list[0].Why)
			}
			for _, bad := range []desk.Called{{Call: list[0].ID}, {Call: list[0].ID, Needless: true}} {
				if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, bad); !fault.Is(err, fault.Invalid) {
					t.Errorf("%+v = %v", bad, err)
				}
			}
			b.do(t, lifecycle.Operator, b.now(t, i.ID), desk.Called{Call: list[0].ID, Whom: "ЕДДС, 112", Said: "Выехали"})
			done, err := b.db.Reader().Calls().Call(t.Context(), scope.All(), list[0].ID)
			if err != nil || done.State != call.Made || done.Said != "Выехали" || done.By == 0 {
				t.Errorf("%+v, %v", done, err)
			}
			if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Called{Call: list[0].ID, Whom: "112"}); !fault.Is(err, fault.Conflict) {
				t.Errorf("made twice: %v", err)
			}
		})
	}
}
