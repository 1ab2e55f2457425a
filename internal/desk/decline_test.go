package desk_test

import (
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// worker makes an account of an agency.
func (b *bench) worker(t *testing.T, role lifecycle.Role, of int64) account.Actor {
	t.Helper()
	a := &account.Account{Login: string(role) + t.Name() + string(rune('a'+of)), Name: "Сотрудник", Role: role, Hash: "x", Place: scope.Place{Region: region, Agency: of}}
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Accounts().SaveAccount(t.Context(), a) }))
	return a.Actor()
}

func (b *bench) by(t *testing.T, who account.Actor, i *incident.Incident, c desk.Change) *incident.Incident {
	t.Helper()
	got, err := b.Do(t.Context(), who, i.ID, 0, c)
	if err != nil {
		t.Fatalf("%s by %s: %v (%s)", c.Action(), who.Role, err, fault.Sentence(err))
	}
	return got
}

func (b *bench) passed(t *testing.T, i *incident.Incident) incident.Passing {
	t.Helper()
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	return incident.Passed(history)
}

func (b *bench) disputes(t *testing.T, state incident.DisputeState) int {
	t.Helper()
	list, err := b.db.Reader().Disputes().Disputes(t.Context(), scope.All(), state, 10)
	must(t, err)
	return len(list)
}

// Two agencies that each name the other: the second «не наш вопрос» goes to the
// arbiter, whose word stands, and becomes a rule.
func TestPingPongEndsAtTheArbiter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	roads, pipes := b.worker(t, lifecycle.Coordinator, b.roads), b.worker(t, lifecycle.Coordinator, b.utilities)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	i = b.by(t, roads, i, desk.Decline{Reason: "Яма над теплотрассой", To: b.utilities})
	if i.State != lifecycle.Assigned || i.Place.Agency != b.utilities {
		t.Fatalf("after the first decline: %s at agency %d, want assigned at %d", i.State, i.Place.Agency, b.utilities)
	}
	if _, err := b.Do(t.Context(), roads, i.ID, 0, desk.Take{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("who declined still sees it: %v", err)
	}
	i = b.by(t, pipes, i, desk.Decline{Reason: "Дорога не наша", To: b.roads})
	if i.State != lifecycle.Triage || i.Place.Agency != 0 || b.disputes(t, incident.ForArbiter) != 1 {
		t.Fatalf("after the second: %s at agency %d, %d wait for the arbiter", i.State, i.Place.Agency, b.disputes(t, incident.ForArbiter))
	}
	if p := b.passed(t, i); !p.Waiting || len(p.Way) != 3 {
		t.Errorf("the way is %+v, want three steps and waiting", p)
	}
	for by, c := range map[lifecycle.Role]desk.Change{lifecycle.Operator: desk.HandOver{Agency: b.roads}, lifecycle.Curator: desk.HandOver{Agency: b.roads}} {
		if _, err := b.Do(t.Context(), b.people[by], i.ID, 0, c); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "арбитр") {
			t.Errorf("%s passes the arbiter by: %v", by, err)
		}
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Decide{Agency: b.roads, Reason: "так"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator decides as the arbiter: %v", err)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Decide{Agency: b.utilities, Reason: "Покрытие нарушено ремонтом сетей", Rule: &desk.Ruling{}})
	if i.State != lifecycle.Assigned || i.Place.Agency != b.utilities || b.disputes(t, incident.ForArbiter) != 0 || b.disputes(t, incident.Arbitrated) != 1 {
		t.Errorf("after the decision: %s at agency %d", i.State, i.Place.Agency)
	}
	if _, err := b.Do(t.Context(), pipes, i.ID, 0, desk.Decline{Reason: "и всё же не наш", To: b.roads}); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "арбитр") {
		t.Errorf("a decline of the arbiter's word = %v %q", err, fault.Sentence(err))
	}
	next := b.open(t, "2", "Абаза, ещё одна яма")
	if next.Proposed != b.utilities {
		t.Errorf("the next one is routed to agency %d, want %d by the new rule", next.Proposed, b.utilities)
	}
	if rules, err := b.db.Reader().Agencies().Rules(t.Context(), region); err != nil || len(rules) != 3 || rules[0].Topic != "roads.potholes" || rules[0].Territory != abaza {
		t.Errorf("rules = %+v, %v", rules, err)
	}
}

func TestADeclineNamesTheNextOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	roads := b.worker(t, lifecycle.Coordinator, b.roads)
	closed := &agency.Agency{Name: "Закрытая", Disabled: true, Place: scope.Place{Region: region}}
	foreign := &agency.Agency{Name: "Чужая", Place: scope.Place{Region: "38000000"}}
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		for _, a := range []*agency.Agency{closed, foreign} {
			if err := tx.Agencies().SaveAgency(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	}))
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	for name, c := range map[string]struct {
		change desk.Change
		who    account.Actor
		kind   fault.Kind
	}{
		"no reason":                  {desk.Decline{To: b.utilities}, roads, fault.Invalid},
		"nobody, and no word why":    {desk.Decline{Reason: "не наш"}, roads, fault.Invalid},
		"itself":                     {desk.Decline{Reason: "не наш", To: b.roads}, roads, fault.Invalid},
		"an agency that was closed":  {desk.Decline{Reason: "не наш", To: closed.ID}, roads, fault.Conflict},
		"another region":             {desk.Decline{Reason: "не наш", To: foreign.ID}, roads, fault.Forbidden},
		"an agency that is not":      {desk.Decline{Reason: "не наш", To: 99}, roads, fault.NotFound},
		"for another agency":         {desk.Decline{Reason: "не наш", To: b.utilities}, b.people[lifecycle.Operator], fault.Forbidden},
		"a ruling without a dispute": {desk.Decide{Agency: b.roads, Reason: "так"}, b.people[lifecycle.Curator], fault.Conflict},
		"handed to a closed one":     {desk.HandOver{Agency: closed.ID}, b.people[lifecycle.Operator], fault.Conflict},
	} {
		if _, err := b.Do(t.Context(), c.who, i.ID, 0, c.change); fault.KindOf(err) != c.kind || c.kind != fault.NotFound && fault.Sentence(err) == "" {
			t.Errorf("%s: %v, want %s with a sentence", name, err, c.kind)
		}
	}
	i = b.by(t, roads, i, desk.Decline{Reason: "не наш", Unknown: "Улица ни на чьём балансе"})
	if i.State != lifecycle.Triage || i.Place.Agency != 0 {
		t.Errorf("a decline that names nobody left it %s at %d", i.State, i.Place.Agency)
	}
	b.do(t, lifecycle.Operator, i, desk.HandOver{Agency: b.utilities}) // one decline alone is no dispute
}

// Who declined by mistake takes it back, though the incident is out of sight.
func TestADeclineIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	roads, pipes := b.worker(t, lifecycle.Coordinator, b.roads), b.worker(t, lifecycle.Executor, b.utilities)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	b.by(t, roads, i, desk.Decline{Reason: "не наш", To: b.utilities})
	i = b.by(t, roads, i, desk.Undo{})
	if i.Place.Agency != b.roads || i.State != lifecycle.Assigned {
		t.Errorf("after undo: %s at %d", i.State, i.Place.Agency)
	}
	if p := b.passed(t, i); p.Declines != 0 || len(p.Way) != 1 {
		t.Errorf("what was taken back counts: %+v", p)
	}
	b.by(t, roads, i, desk.Decline{Reason: "не наш", To: b.utilities})
	b.by(t, pipes, i, desk.Decline{Reason: "не наш", To: b.roads})
	if b.disputes(t, incident.ForArbiter) != 1 {
		t.Fatal("no dispute after two declines")
	}
	i = b.by(t, pipes, i, desk.Undo{})
	if i.Place.Agency != b.utilities || b.disputes(t, incident.ForArbiter) != 0 {
		t.Errorf("after undo at agency %d, %d disputes wait", i.Place.Agency, b.disputes(t, incident.ForArbiter))
	}
	b.by(t, pipes, i, desk.Take{})
	if _, err := b.Do(t.Context(), roads, i.ID, 0, desk.Undo{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a decline is taken back after others have acted: %v", err)
	}
	if _, err := b.Do(t.Context(), b.worker(t, lifecycle.Approver, b.roads), i.ID, 0, desk.Undo{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else of the agency sees it by undo: %v", err)
	}
}
