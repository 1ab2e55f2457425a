package desk_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// What a deed changed is as it was, and the history says both.
func TestADeedIsTakenBackWhileNobodyHasActed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pipes, danger, town := topic.Code("housing.pipe_burst"), message.Danger, abakan
	for name, c := range map[string]struct {
		by    lifecycle.Role
		first []desk.Change // by the operator
		deed  desk.Change
	}{
		"accept":                    {lifecycle.Operator, nil, desk.Accept{}},
		"accept and hand over":      {lifecycle.Operator, nil, desk.Accept{HandOver: true}},
		"hand over what is mine":    {lifecycle.Operator, []desk.Change{desk.Accept{}, desk.Claim{}}, desk.HandOver{Agency: b.roads}},
		"hand over to another":      {lifecycle.Curator, []desk.Change{desk.HandOver{Agency: b.roads}}, desk.HandOver{Agency: b.utilities, Reason: "сети"}},
		"answer":                    {lifecycle.Operator, nil, desk.Answer{Text: "Засыпали."}},
		"answer for the time being": {lifecycle.Operator, []desk.Change{desk.Accept{}}, desk.Answer{Text: "Бригада едет.", Purpose: reply.Interim}},
		"ask":                       {lifecycle.Operator, nil, desk.Ask{Text: "Где именно?"}},
		"reject":                    {lifecycle.Operator, nil, desk.Reject{Reason: "реклама"}},
		"take":                      {lifecycle.Curator, []desk.Change{desk.HandOver{Agency: b.roads}}, desk.Take{}},
		"claim":                     {lifecycle.Operator, nil, desk.Claim{}},
		"correct":                   {lifecycle.Operator, nil, desk.Correct{Topic: &pipes, Urgency: &danger, Centre: &town}},
	} {
		i := b.open(t, name, "Абаза, яма "+name)
		for _, change := range c.first {
			i = b.do(t, lifecycle.Operator, i, change)
		}
		was := *i
		i = b.do(t, c.by, i, c.deed)
		if i.State == was.State && i.Place == was.Place && i.ClaimedBy == was.ClaimedBy && name != "answer for the time being" {
			t.Errorf("%s changed nothing", name)
		}
		i = b.do(t, c.by, i, desk.Undo{})
		got, want := *i, was
		got.Version, got.UpdatedAt, want.UpdatedAt = want.Version, time.Time{}, time.Time{}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s and undo left\n%+v, want\n%+v", name, got, want)
		}
		if due := b.due(t, noon.Add(time.Hour)); due != 0 {
			t.Errorf("%s was taken back, and %d replies leave all the same", name, due)
		}
		if _, err := b.Do(t.Context(), b.people[c.by], i.ID, 0, desk.Undo{}); !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
			t.Errorf("%s: undone twice: %v", name, err)
		}
	}
}

// due takes what is due and says how many it was.
func (b *bench) due(t *testing.T, now time.Time) (n int) {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		jobs, err := tx.Replies().Take(t.Context(), now, 10)
		n = len(jobs)
		return err
	}))
	return n
}

func TestADeedStaysOnceSomebodyHasActed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refused := func(what string, by lifecycle.Role, i *incident.Incident) {
		t.Helper()
		if _, err := b.Do(t.Context(), b.people[by], i.ID, 0, desk.Undo{}); !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
			t.Errorf("%s: undo = %v, want a conflict that people can read", what, err)
		}
	}
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.HandOver{Agency: b.roads})
	refused("somebody else's deed", lifecycle.Curator, i)
	b.do(t, lifecycle.Executor, i, desk.Take{})
	refused("the agency works on it", lifecycle.Operator, i)
	address := incident.Address{Settlement: "Абаза", Street: "улица Ленина"}
	i = b.do(t, lifecycle.Operator, b.open(t, "2", "Абаза, другая яма"), desk.Correct{Address: &address})
	refused("history holds no address to go back to", lifecycle.Operator, i)
	i = b.do(t, lifecycle.Operator, b.open(t, "3", "Абаза, третья яма"), desk.Accept{})
	b.Now = func() time.Time { return noon.Add(16 * time.Minute) }
	refused("a quarter of an hour has gone by", lifecycle.Operator, i)
}

// A draft that was approved too soon waits for approval again.
func TestAnApprovalIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Grace = 5 * time.Second
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.HandOver{Agency: b.roads})
	i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: "Засыпим в пятницу."})
	i = b.do(t, lifecycle.Approver, i, desk.Approve{Reply: 1})
	if due := b.due(t, noon.Add(4*time.Second)); due != 0 {
		t.Error("the reply left before its grace was over")
	}
	i = b.do(t, lifecycle.Approver, i, desk.Undo{})
	r, err := b.db.Reader().Replies().Reply(t.Context(), scope.All(), 1)
	if err != nil || r.State != reply.Draft || r.ApprovedBy != 0 || i.State != lifecycle.Approval {
		t.Errorf("after undo the reply is %+v, the incident %s, %v", r, i.State, err)
	}
	b.do(t, lifecycle.Approver, i, desk.Approve{Reply: 1})
	if due := b.due(t, noon.Add(5*time.Second)); due != 1 {
		t.Errorf("approved again %d replies are due, want 1", due)
	}
}

// Undo and the outbox come at once: either the reply is taken back and never
// leaves, or it leaves and undo is refused. Never both, never neither.
func TestUndoRacesWithTheOutbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Tell = func(live.Event) {}
	for n := range 20 {
		i := b.do(t, lifecycle.Operator, b.open(t, fmt.Sprint(n), fmt.Sprintf("Абаза, яма %d", n)), desk.Answer{Text: "Засыпали."})
		var both sync.WaitGroup
		left, undone := 0, false
		both.Go(func() {
			if err := b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
				jobs, err := tx.Replies().Take(t.Context(), noon, 10)
				left = len(jobs)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			_, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Undo{})
			if undone = err == nil; !undone && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
		both.Wait()
		if undone == (left == 1) {
			t.Fatalf("round %d: %d replies left, undone %t", n, left, undone)
		}
	}
}

// What moved messages is taken back to the last one: both incidents are as they were.
func TestMovedMessagesGoBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(b *bench, one, two *incident.Incident) *incident.Incident
		deed   func(one, two *incident.Incident) desk.Change
	}{
		"attach the last message of another": {nil, func(_, two *incident.Incident) desk.Change { return desk.Attach{Message: two.First} }},
		"merge":                              {nil, func(_, two *incident.Incident) desk.Change { return desk.Merge{Others: []incident.ID{two.ID}} }},
		"detach the first": {func(b *bench, one, two *incident.Incident) *incident.Incident {
			return b.do(t, lifecycle.Operator, one, desk.Merge{Others: []incident.ID{two.ID}})
		}, func(one, _ *incident.Incident) desk.Change { return desk.Detach{Message: one.First} }},
		"attach one of several": {func(b *bench, one, two *incident.Incident) *incident.Incident {
			three := b.open(t, "3", "Абаза, третья яма")
			*two = *b.do(t, lifecycle.Operator, two, desk.Merge{Others: []incident.ID{three.ID}})
			return one
		}, func(_, two *incident.Incident) desk.Change { return desk.Attach{Message: two.First} }},
	} {
		b := newBench(t)
		one, two := b.open(t, "1", "Абаза, яма"), b.open(t, "2", "Абаза, другая яма")
		if c.before != nil {
			one = c.before(b, one, two)
		}
		state := func() string {
			s := ""
			for _, id := range []incident.ID{one.ID, two.ID} {
				i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), id)
				must(t, err)
				list, err := b.db.Reader().Messages().OfIncident(t.Context(), scope.All(), int64(id))
				must(t, err)
				s += fmt.Sprintf("%s %s %q first %d, %d:", i.State, i.Outcome, i.OutcomeReason, i.First, i.Messages)
				for _, m := range list {
					s += fmt.Sprint(" ", m.ID)
				}
				s += "; "
			}
			return s
		}
		want := state()
		done := b.do(t, lifecycle.Operator, one, c.deed(one, two))
		if state() == want {
			t.Errorf("%s changed nothing", name)
		}
		b.do(t, lifecycle.Operator, done, desk.Undo{})
		if got := state(); got != want {
			t.Errorf("%s and undo left\n%s, want\n%s", name, got, want)
		}
		if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], one.ID, 0, desk.Undo{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: undone twice: %v", name, err)
		}
	}
}

// An outcome that was given by mistake goes; the answer that was published stays.
func TestAnEndIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Publishes = func(string) bool { return false } // given by hand, at once
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Answer{Text: "Засыпали."})
	i = b.do(t, lifecycle.Controller, i, desk.Close{Outcome: lifecycle.Solved, How: "photo"})
	i = b.do(t, lifecycle.Controller, i, desk.Undo{})
	if i.State != lifecycle.Answered || i.Outcome != lifecycle.NoOutcome || !i.ClosedAt.IsZero() || i.Verified() {
		t.Errorf("after undo: %s, %q, %v", i.State, i.Outcome, i.ClosedAt)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Undo{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("what has left the house is taken back: %v", err)
	}
}
