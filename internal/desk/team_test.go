package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// A co-executor sees the incident and tells; who answers stays one.
func TestACoExecutorHelps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pipes := b.worker(t, lifecycle.Coordinator, b.utilities)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	if _, err := b.Do(t.Context(), pipes, i.ID, 0, desk.Note{Text: "видим"}); !fault.Is(err, fault.NotFound) {
		t.Fatalf("an agency writes a note to what it does not see: %v", err)
	}
	i = b.by(t, b.people[lifecycle.Coordinator], i, desk.Join{Agency: b.utilities})
	version := i.Version
	b.by(t, pipes, i, desk.Note{Text: "Сети отключим в среду"})
	if got := b.by(t, pipes, i, desk.Todo{Text: "Отключить воду"}); got.Version != version {
		t.Errorf("a note and a point raised the version from %d to %d", version, got.Version)
	}
	list, err := b.db.Reader().Incidents().History(t.Context(), pipes.Scope, i.ID)
	must(t, err)
	for _, e := range list {
		if strings.Contains(e.Detail.Reason, "Сети") {
			t.Error("the history holds the words of a note")
		}
	}
	for name, c := range map[string]desk.Change{"take": desk.Take{}, "answer": desk.Answer{Text: "Да."}, "correct": desk.Correct{}, "join": desk.Join{Agency: b.roads},
		"throw another out": desk.Leave{Agency: b.roads}} {
		if _, err := b.Do(t.Context(), pipes, i.ID, 0, c); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Sentence(err), "соисполнитель") {
			t.Errorf("a co-executor may %s: %v", name, err)
		}
	}
	if rows, err := b.db.Reader().Incidents().Rows(t.Context(), pipes.Scope, []incident.ID{i.ID}); err != nil || len(rows) != 1 {
		t.Errorf("rows for who helps: %d, %v", len(rows), err)
	}
	if page, err := b.db.Reader().Incidents().Queue(t.Context(), pipes.Scope, incident.Filter{}); err != nil || len(page.Rows) != 0 {
		t.Errorf("the queue of who helps has %d rows: it is not theirs to answer", len(page.Rows))
	}
	for name, c := range map[string]struct {
		change desk.Change
		kind   fault.Kind
	}{
		"twice":              {desk.Join{Agency: b.utilities}, fault.Conflict},
		"who answers":        {desk.Join{Agency: b.roads}, fault.Conflict},
		"nobody":             {desk.Join{}, fault.Invalid},
		"who is not":         {desk.Join{Account: 999}, fault.NotFound},
		"leaves who is none": {desk.Leave{Agency: b.roads}, fault.Conflict},
	} {
		if _, err := b.Do(t.Context(), b.people[lifecycle.Curator], i.ID, 0, c.change); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	b.by(t, pipes, i, desk.Leave{Agency: b.utilities})
	if _, err := b.Do(t.Context(), pipes, i.ID, 0, desk.Follow{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("who left still sees it: %v", err)
	}
}

func TestWhoIsMentionedIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pipes := b.worker(t, lifecycle.Executor, b.utilities)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	me := b.people[lifecycle.Executor]
	b.by(t, b.people[lifecycle.Operator], i, desk.Note{Text: "Проверьте адрес, @Имя executor и @curator. Писать на info@example.org"})
	told := func(who account.Actor) int {
		list, err := b.db.Reader().Team().Naming(t.Context(), who.ID, 10)
		must(t, err)
		return len(list)
	}
	if told(b.people[lifecycle.Curator]) != 1 || told(b.people[lifecycle.Approver]) != 0 {
		t.Errorf("told: curator %d, approver %d", told(b.people[lifecycle.Curator]), told(b.people[lifecycle.Approver]))
	}
	for name, c := range map[string]struct {
		change desk.Note
		kind   fault.Kind
	}{
		"nobody of that name":    {desk.Note{Text: "@Петя посмотри"}, fault.Invalid},
		"who does not see it":    {desk.Note{Text: "смотрите", Mention: []int64{int64(pipes.ID)}}, fault.Conflict},
		"empty":                  {desk.Note{Text: " "}, fault.Invalid},
		"longer than a note may": {desk.Note{Text: strings.Repeat("я", 2001)}, fault.Invalid},
	} {
		if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, c.change); fault.KindOf(err) != c.kind || fault.Sentence(err) == "" {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	notes := func() []string {
		list, err := b.db.Reader().Team().Notes(t.Context(), int64(i.ID))
		must(t, err)
		var out []string
		for _, n := range list {
			out = append(out, n.Text)
		}
		return out
	}
	id := int64(1)
	if _, err := b.Do(t.Context(), me, i.ID, 0, desk.EraseNote{Note: id}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody else's note is erased: %v", err)
	}
	b.by(t, b.people[lifecycle.Curator], i, desk.EraseNote{Note: id})
	if got := notes(); len(got) != 1 || got[0] != "" || told(b.people[lifecycle.Curator]) != 0 {
		t.Errorf("after erasing: %q", got)
	}
	// What a resident asks to forget goes from colleagues' words too.
	b.by(t, me, i, desk.Note{Text: "Автор говорит, что живёт рядом"})
	b.by(t, me, i, desk.Todo{Text: "Позвонить автору"})
	b.by(t, b.people[lifecycle.Curator], i, desk.Erase{Message: i.First})
	items, err := b.db.Reader().Checklists().Items(t.Context(), int64(i.ID))
	must(t, err)
	if got := notes(); got[1] != "" || items[0].Text != "" {
		t.Errorf("after the resident was forgotten notes say %q, the list %q", got, items[0].Text)
	}
}

func TestAChecklistFromItsTemplate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	me := b.people[lifecycle.Executor]
	if _, err := b.Do(t.Context(), me, i.ID, 0, desk.Todo{}); !fault.Is(err, fault.NotFound) || fault.Sentence(err) == "" {
		t.Errorf("a list for a topic without template = %v", err)
	}
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		return tx.Checklists().SaveTemplate(t.Context(), region, checklist.Template{Group: i.Group, Items: []string{"Выехать на место", "Сфотографировать"}})
	}))
	due := noon.Add(48 * time.Hour)
	b.by(t, me, i, desk.Todo{Text: "Сфотографировать", Due: due})
	b.by(t, me, i, desk.Todo{})
	items, err := b.db.Reader().Checklists().Items(t.Context(), int64(i.ID))
	must(t, err)
	if len(items) != 2 || !items[0].Due.Equal(due) || items[1].Text != "Выехать на место" {
		t.Fatalf("the list is %+v", items)
	}
	if _, err := b.Do(t.Context(), me, i.ID, 0, desk.Todo{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the template a second time = %v", err)
	}
	b.by(t, me, i, desk.Tick{Item: items[0].ID})
	if _, err := b.Do(t.Context(), me, i.ID, 0, desk.Tick{Item: items[0].ID}); !fault.Is(err, fault.Conflict) {
		t.Errorf("ticked twice = %v", err)
	}
	other := b.open(t, "2", "Абаза, другая яма")
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], other.ID, 0, desk.Tick{Item: items[1].ID}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a point of another incident = %v", err)
	}
	items, err = b.db.Reader().Checklists().Items(t.Context(), int64(i.ID))
	must(t, err)
	if !items[0].Done() || items[0].DoneBy != me.ID || items[1].Done() {
		t.Errorf("after a tick: %+v", items)
	}
}

func TestLinkedIncidentsTellOfEachOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.open(t, "1", "Абаза, прорыв"), b.open(t, "2", "Абаза, яма")
	b.do(t, lifecycle.Operator, one, desk.Relate{Other: two.ID, Kind: incident.Cause})
	links, err := b.db.Reader().Links().LinksOf(t.Context(), two.ID)
	must(t, err)
	if len(links) != 1 || links[0].From != one.ID || links[0].Kind != incident.Cause {
		t.Errorf("links = %+v", links)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), two.ID)
	must(t, err)
	if last := history[len(history)-1]; last.Action != lifecycle.Relate || last.Detail.Other != one.ID || last.Detail.Was != "cause" {
		t.Errorf("the other's history ends with %+v", last)
	}
	for name, c := range map[string]struct {
		change desk.Change
		kind   fault.Kind
	}{
		"twice, the other way": {desk.Relate{Other: one.ID}, fault.Conflict},
		"itself":               {desk.Relate{Other: two.ID}, fault.Invalid},
		"what is not there":    {desk.Relate{Other: 99}, fault.NotFound},
		"a kind of no meaning": {desk.Relate{Other: one.ID, Kind: "friend"}, fault.Invalid},
	} {
		if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], two.ID, 0, c.change); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	b.by(t, b.people[lifecycle.Operator], two, desk.Unrelate{Other: one.ID})
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], one.ID, 0, desk.Unrelate{Other: two.ID}); !fault.Is(err, fault.Conflict) {
		t.Errorf("unlinked twice: %v", err)
	}
}
