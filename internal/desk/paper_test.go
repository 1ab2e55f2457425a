package desk_test

import (
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// A letter holds what its reader wrote and was told, and nothing of a neighbour who wrote
// about the same.
func TestALetterHoldsNothingOfOthers(t *testing.T) {
	t.Parallel()
	b := linting(t)
	i := b.open(t, "1", "Абаза, яма, перерасчёт за воду")
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: general, Making: desk.Making{Private: telling}})
	tx, who := b.db.Reader(), b.people[lifecycle.Operator]
	if p, err := b.Paper(t.Context(), tx, who, i, 0); err != nil || len(p.Given) != 0 || p.Message.ID != i.First {
		t.Errorf("before it stands: %+v, %v", p, err)
	}
	b.publish(t, noon)
	neighbour := b.adds(t, i.ID, "2", "boris", "И у меня яма, телефон 8 913 000-00-00", message.Reading{})
	list, err := tx.Messages().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	other := list[len(list)-1]
	if neighbour.Messages != 2 || other.ID == i.First {
		t.Fatalf("the neighbour is not there: %+v", list)
	}
	first, err := b.Paper(t.Context(), tx, who, i, 0)
	must(t, err)
	if len(first.Asked) != 1 || first.Asked[0].ID != i.First || len(first.Given) != 1 || first.Given[0].Private != telling {
		t.Errorf("to the author: %+v", first)
	}
	second, err := b.Paper(t.Context(), tx, who, i, other.ID)
	must(t, err)
	if len(second.Asked) != 1 || !strings.Contains(second.Asked[0].Text, "И у меня") {
		t.Errorf("to the neighbour: %+v", second.Asked)
	}
	for _, r := range second.Given {
		if r.Private != "" {
			t.Error("the neighbour reads what was for the author alone")
		}
	}
	if _, err := b.Paper(t.Context(), tx, who, i, 9999); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a message of another incident: %v", err)
	}
}

// That a letter was printed stands in the history once, and each look at the name in the audit.
func TestAPrintedLetterIsNoted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.answered(t, "1")
	printed := func() (lines int) {
		for _, e := range b.history(t, i.ID) {
			if e.Detail.How == desk.HowPrinted {
				lines++
				if e.Action != lifecycle.Deliver || e.Detail.Message != i.First || e.Who == 0 || e.To != i.State {
					t.Errorf("the line is %+v", e)
				}
			}
		}
		return lines
	}
	looks := func() int {
		var n int
		list, err := b.db.Reader().Audit().Entries(t.Context(), scope.All(), 100)
		must(t, err)
		for _, e := range list {
			if strings.HasPrefix(e.Subject, "message:") {
				n++
			}
		}
		return n
	}
	operator, curator := b.people[lifecycle.Operator], b.people[lifecycle.Curator]
	for k, c := range []struct {
		who   lifecycle.Role
		lines int
	}{{lifecycle.Operator, 1}, {lifecycle.Operator, 1}, {lifecycle.Curator, 2}, {lifecycle.Operator, 3}} {
		must(t, b.Printed(t.Context(), b.people[c.who], i.ID, i.First))
		if got := printed(); got != c.lines || looks() != k+1 {
			t.Errorf("after %d printings: %d lines, %d looks; want %d, %d", k+1, got, looks(), c.lines, k+1)
		}
	}
	if now := b.now(t, i.ID); now.State != i.State || now.Clock != i.Clock {
		t.Errorf("printing changed the case: %+v, was %+v", now, i)
	}
	for name, c := range map[string]struct {
		id   incident.ID
		of   message.ID
		who  lifecycle.Role
		want fault.Kind
	}{
		"a leader":                      {i.ID, i.First, lifecycle.Leader, fault.Forbidden},
		"a message of nobody":           {i.ID, 9999, lifecycle.Operator, fault.NotFound},
		"an incident of nobody":         {9999, i.First, lifecycle.Operator, fault.NotFound},
		"a message of another incident": {i.ID, b.open(t, "2", "яма, письмо 2").First, lifecycle.Operator, fault.NotFound},
	} {
		if err := b.Printed(t.Context(), b.people[c.who], c.id, c.of); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	strange := operator
	strange.Scope = scope.Scope{Region: "38000000"}
	if err := b.Printed(t.Context(), strange, i.ID, i.First); fault.KindOf(err) != fault.NotFound {
		t.Errorf("from another region: %v", err)
	}
	if printed() != 3 || looks() != 4 || curator.ID == operator.ID {
		t.Errorf("what was refused is noted: %d lines, %d looks", printed(), looks())
	}
}
