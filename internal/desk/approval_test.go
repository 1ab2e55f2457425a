package desk_test

import (
	"strings"
	"testing"

	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// setting changes how the roads' agency works.
func (b *bench) setting(t *testing.T, change func(*agency.Agency)) {
	t.Helper()
	a, err := b.db.Reader().Agencies().Agency(t.Context(), b.roads)
	must(t, err)
	change(a)
	must(t, b.SaveAgency(t.Context(), b.people[lifecycle.Admin], a))
}

// Where the agency wants a second pair of eyes, nobody approves own words, whichever way.
func TestNobodyApprovesOwnWordsWhereForbidden(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	boss := b.people[lifecycle.Approver]
	mine := func(n string) (*incident.Incident, reply.ID) {
		i := b.do(t, lifecycle.Operator, b.open(t, n, "Абаза, яма "+n), desk.Accept{HandOver: true})
		i = b.do(t, lifecycle.Coordinator, i, desk.Submit{Text: "Засыпали."})
		return i, b.replies(t, i)[0].ID
	}
	b.setting(t, func(a *agency.Agency) { a.Approval = true })
	i, r := mine("1")
	for name, c := range map[string]desk.Change{"approve": desk.Approve{Reply: r}, "approve, corrected": desk.Approve{Reply: r, Text: "Засыпали вчера."}, "answer": desk.Answer{Text: "Засыпали."}} {
		if _, err := b.Do(t.Context(), b.people[lifecycle.Coordinator], i.ID, 0, c); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Sentence(err), "другой человек") {
			t.Errorf("%s own words = %v %q", name, err, fault.Sentence(err))
		}
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Executor], i.ID, 0, desk.Approve{Reply: r}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an executor approves somebody's draft: %v", err)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Executor], i.ID, 0, desk.Answer{Text: "Да."}); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Sentence(err), "согласование") {
		t.Errorf("an executor answers past the approver: %v %q", err, fault.Sentence(err))
	}
	b.by(t, boss, i, desk.Approve{Reply: r}) // another person

	b.setting(t, func(a *agency.Agency) { a.OwnApproval = true })
	i, r = mine("2")
	b.by(t, b.people[lifecycle.Coordinator], i, desk.Approve{Reply: r})

	b.setting(t, func(a *agency.Agency) { a.Approval, a.OwnApproval = false, false })
	i = b.do(t, lifecycle.Operator, b.open(t, "3", "Абаза, яма 3"), desk.Accept{HandOver: true})
	b.do(t, lifecycle.Executor, i, desk.Answer{Text: "Засыпали."}) // no approval asked for
}

func TestDraftsWaitOldestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var want []reply.ID
	for _, n := range []string{"1", "2"} {
		i := b.do(t, lifecycle.Operator, b.open(t, n, "Абаза, яма "+n), desk.Accept{HandOver: true})
		i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: "Засыпали " + n})
		want = append(want, b.replies(t, i)[0].ID)
	}
	drafts := func(sc scope.Scope) (ids []reply.ID) {
		list, err := b.db.Reader().Replies().Drafts(t.Context(), sc, 10)
		must(t, err)
		for _, r := range list {
			ids = append(ids, r.ID)
		}
		return ids
	}
	if got := drafts(b.people[lifecycle.Approver].Scope); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("drafts = %v, want %v", got, want)
	}
	if got := drafts(scope.OfAgency(region, b.utilities)); len(got) != 0 {
		t.Errorf("another agency sees drafts %v", got)
	}
}

// An agency that somebody still needs is not closed; one deed moves all it has.
func TestAnAgencyIsClosedOnceItHasNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var held []*incident.Incident
	for _, n := range []string{"1", "2", "3"} {
		held = append(held, b.do(t, lifecycle.Operator, b.open(t, n, "Абаза, яма "+n), desk.Accept{HandOver: true}))
	}
	draft := b.do(t, lifecycle.Executor, held[2], desk.Submit{Text: "Засыпали."})
	roads, err := b.db.Reader().Agencies().Agency(t.Context(), b.roads)
	must(t, err)
	closing := *roads
	closing.Disabled = true
	admin, curator := b.people[lifecycle.Admin], b.people[lifecycle.Curator]
	err = b.SaveAgency(t.Context(), admin, &closing)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "открытых инцидентов 3, правил маршрута 1") {
		t.Fatalf("closing an agency with work = %v %q", err, fault.Sentence(err))
	}
	for name, try := range map[string]error{
		"an operator":   second(b.MoveAll(t.Context(), b.people[lifecycle.Operator], b.roads, b.utilities, "так")),
		"an admin":      second(b.MoveAll(t.Context(), admin, b.roads, b.utilities, "так")),
		"an own people": second(b.MoveAll(t.Context(), b.people[lifecycle.Coordinator], b.roads, b.utilities, "так")),
		"a saving one":  b.SaveAgency(t.Context(), b.people[lifecycle.Operator], &closing),
	} {
		if !fault.Is(try, fault.Forbidden) || fault.Sentence(try) == "" {
			t.Errorf("%s: %v, want a refusal that people can read", name, try)
		}
	}
	for name, try := range map[string]error{
		"no reason": second(b.MoveAll(t.Context(), curator, b.roads, b.utilities, " ")),
		"to itself": second(b.MoveAll(t.Context(), curator, b.roads, b.roads, "так")),
	} {
		if !fault.Is(try, fault.Invalid) {
			t.Errorf("%s: %v", name, try)
		}
	}
	m, err := b.MoveAll(t.Context(), curator, b.roads, b.utilities, "Организация закрыта")
	if err != nil || len(m.Done) != 2 || len(m.Failed) != 1 || m.Failed[0].ID != draft.ID || m.Rules != 1 {
		t.Fatalf("moved %+v, %v: want two, one refused for its draft, one rule", m, err)
	}
	b.by(t, b.people[lifecycle.Approver], draft, desk.Return{Reply: b.replies(t, draft)[0].ID, Reason: "передаём другим"})
	if m, err = b.MoveAll(t.Context(), curator, b.roads, b.utilities, "Организация закрыта"); err != nil || len(m.Done) != 1 || len(m.Failed) != 0 {
		t.Fatalf("moved %+v, %v", m, err)
	}
	must(t, b.SaveAgency(t.Context(), admin, &closing))
	if _, err := b.Do(t.Context(), curator, draft.ID, 0, desk.HandOver{Agency: b.roads}); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "больше не отвечает") {
		t.Errorf("handing over to a closed agency = %v", err)
	}
	if err := b.SaveAgency(t.Context(), admin, &agency.Agency{Name: "сети", Place: scope.Place{Region: region}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("two agencies of one name: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
