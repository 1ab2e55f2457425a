package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// A shift is closed with a note, taken over by another person, and counts what it did.
func TestOneShiftHandsOverToTheNext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	here := scope.Place{Region: region}
	first, second := b.people[lifecycle.Operator], b.people[lifecycle.Curator]
	b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	b.open(t, "2", "Абаза, другая яма")
	b.Now = func() time.Time { return noon.Add(time.Hour) }
	if err := b.CloseShift(t.Context(), first, here, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("a shift without a note = %v", err)
	}
	must(t, b.CloseShift(t.Context(), first, here, "Яму засыплют завтра"))
	list, err := b.db.Reader().Shifts().Shifts(t.Context(), here, 5)
	must(t, err)
	if f := list[0].Figures; len(list) != 1 || list[0].Note != "Яму засыплют завтра" || f.Came != 2 || f.Handed != 1 || f.Open != 2 || f.New != 1 || f.Closed != 0 {
		t.Fatalf("the shift is %+v", list)
	}
	for name, c := range map[string]struct {
		try  error
		kind fault.Kind
	}{
		"closed before it was taken over": {b.CloseShift(t.Context(), second, here, "и я"), fault.Conflict},
		"taken over by who closed it":     {b.AcceptShift(t.Context(), first, here, list[0].ID), fault.Forbidden},
		"of another place":                {b.AcceptShift(t.Context(), second, scope.Place{Region: region, Centre: abaza}, list[0].ID), fault.Conflict},
	} {
		if !fault.Is(c.try, c.kind) || strings.TrimSpace(fault.Sentence(c.try)) == "" {
			t.Errorf("%s: %v, want %s with a sentence", name, c.try, c.kind)
		}
	}
	must(t, b.AcceptShift(t.Context(), second, here, list[0].ID))
	if err := b.AcceptShift(t.Context(), second, here, list[0].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken over twice = %v", err)
	}
	b.Now = func() time.Time { return noon.Add(2 * time.Hour) }
	must(t, b.CloseShift(t.Context(), second, here, "Тихо"))
	if list, err = b.db.Reader().Shifts().Shifts(t.Context(), here, 5); err != nil || list[0].Figures.Came != 0 || !list[0].OpenedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("the next shift is %+v, %v", list[0], err)
	}
}
