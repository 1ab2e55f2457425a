package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/calendar"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// TestEveryVersionOfTheRegimesIsKeptWithItsAuthor: an edit is in force at once, the version
// that its author saw decides, and who may not edit changes nothing.
func TestEveryVersionOfTheRegimesIsKeptWithItsAuthor(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who := c.analyst()
	changed := c.Rules().Regimes[0]
	changed.Name += " (новый)"
	edit := regime.Edit{Regime: &changed}
	if list, err := c.RulesVersions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("versions before the first edit = %v, %v", list, err)
	}
	nobody := account.Actor{ID: 9, Role: lifecycle.Executor, Scope: scope.OfRegion(khakassia)}
	if _, err := c.EditRegimes(t.Context(), nobody, 1, edit); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an executor's edit = %v, want Forbidden", err)
	}
	before := c.Rules().Version
	next, err := c.EditRegimes(t.Context(), who, before, edit)
	if err != nil || next.Version != before+1 || c.Rules().Version != next.Version || c.Rules().Regimes[0].Name != changed.Name {
		t.Fatalf("EditRegimes = %+v, %v", next, err)
	}
	if _, err := c.EditRegimes(t.Context(), who, before, edit); !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
		t.Errorf("an edit of an older version = %v, want a Conflict with a sentence", err)
	}
	if same, err := c.EditRegimes(t.Context(), who, next.Version, edit); err != nil || same.Version != next.Version {
		t.Errorf("an edit that changes nothing = version %d, %v", same.Version, err)
	}
	list, err := c.RulesVersions(t.Context())
	if err != nil || len(list) != 2 || list[0].Version != next.Version || list[0].Who != who.ID || !list[0].At.Equal(c.now()) || len(list[0].Changes) == 0 || list[1].Who != 0 {
		t.Errorf("versions = %+v, %v", list, err)
	}
	lines, err := c.DB.Reader().Audit().Entries(t.Context(), scope.OfRegion(khakassia), 10)
	if err != nil || len(lines) != 1 || lines[0].Subject != "regimes:2" || lines[0].Who != who.ID || lines[0].Deed != audit.Changed {
		t.Errorf("audit = %+v, %v", lines, err)
	}
}

// TestARuleThatBreaksTheBookLeavesNothing: the book is checked whole before anything is
// stored, and the refusal names the field.
func TestARuleThatBreaksTheBookLeavesNothing(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who := c.analyst()
	before, book := c.Rules(), c.Book()
	never, extended, alone := before.Regimes[0], before.Regimes[0], before.Regimes[0]
	never.Steps = slices.Clone(never.Steps)
	never.Steps[0].Within.N = 0
	extended.Extension = &regime.Extension{Step: regime.Accept, Most: calendar.Amount{N: 1, Unit: calendar.CalDay}, Times: 1}
	alone.Pressure = &regime.Pressure{Authors: 1}
	for name, tc := range map[string]struct {
		edit  regime.Edit
		field string
		kind  fault.Kind
	}{
		"a limit of nothing":                {regime.Edit{Regime: &never}, "steps[0].within", fault.Invalid},
		"an extension of a step not there":  {regime.Edit{Regime: &extended}, "extension", fault.Invalid},
		"a pressure of one author":          {regime.Edit{Regime: &alone}, "pressure.authors", fault.Invalid},
		"an impossible date":                {regime.Edit{Calendar: &calendar.Document{Territory: khakassia, Days: []calendar.Day{{Date: "2026-02-30", Kind: calendar.Off}}}}, "days[0]", fault.Invalid},
		"a date before all counted ones":    {regime.Edit{Calendar: &calendar.Document{Territory: khakassia, Days: []calendar.Day{{Date: "1926-02-03", Kind: calendar.Off}}}}, "days[0]", fault.Invalid},
		"a holiday on no day":               {regime.Edit{Calendar: &calendar.Document{Territory: khakassia, Holidays: []calendar.Holiday{{On: "13-01", Name: "?"}}}}, "holidays[0].on", fault.Invalid},
		"a zone that is none":               {regime.Edit{Calendar: &calendar.Document{Territory: khakassia, Zone: "Asia/Nowhere"}}, "zone", fault.Invalid},
		"a week without a working day":      {regime.Edit{Calendar: &calendar.Document{Territory: khakassia, Weekend: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}}}, "weekend", fault.Invalid},
		"a territory that nobody knows":     {regime.Edit{Calendar: &calendar.Document{Territory: "99999999", Name: "Нигде"}}, "calendar.territory", fault.Invalid},
		"the calendar of nobody taken away": {regime.Edit{Drop: "99999999"}, "", fault.NotFound},
	} {
		if _, err := c.PreviewRegimes(t.Context(), who, tc.edit); !fault.Is(err, tc.kind) {
			t.Errorf("%s: the preview = %v, want %s", name, err, tc.kind)
		}
		_, err := c.EditRegimes(t.Context(), who, before.Version, tc.edit)
		var f *fault.Error
		if !fault.Is(err, tc.kind) || fault.Sentence(err) == "" || tc.field != "" && (!errors.As(err, &f) || f.Field != tc.field && !strings.Contains(err.Error(), tc.field)) {
			t.Errorf("%s: %v (%q), want %s at %s with a sentence", name, err, fault.Sentence(err), tc.kind, tc.field)
		}
	}
	list, err := c.RulesVersions(t.Context())
	lines, _ := c.DB.Reader().Audit().Entries(t.Context(), scope.OfRegion(khakassia), 10)
	if err != nil || len(list)+len(lines) != 0 || c.Rules() != before || c.Book() != book {
		t.Errorf("refused edits left versions %+v and audit %+v, %v", list, lines, err)
	}
}

// TestOfTwoWhoEditAtOnceOneIsTold: of many edits of one version exactly one is stored.
func TestOfTwoWhoEditAtOnceOneIsTold(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who, version := c.analyst(), c.Rules().Version
	var done, told atomic.Int32
	var all sync.WaitGroup
	for k := range 8 {
		r := c.Rules().Regimes[0]
		r.Name = fmt.Sprintf("Вариант %d", k)
		all.Go(func() {
			_, err := c.EditRegimes(t.Context(), who, version, regime.Edit{Regime: &r})
			switch {
			case err == nil:
				done.Add(1)
			case fault.Is(err, fault.Conflict) && fault.Sentence(err) != "":
				told.Add(1)
			default:
				t.Errorf("EditRegimes: %v", err)
			}
		})
	}
	all.Wait()
	if list, err := c.RulesVersions(t.Context()); err != nil || done.Load() != 1 || told.Load() != 7 || len(list) != 2 {
		t.Errorf("%d stored, %d told, versions %+v, %v", done.Load(), told.Load(), list, err)
	}
}

// TestACorrectionMovesWhatItsPreviewSaid: the preview stores nothing; what it counts is what
// the edit then moves, with a line of history; a second count moves nothing more.
func TestACorrectionMovesWhatItsPreviewSaid(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	ctx, who := t.Context(), c.analyst()
	var ids []incident.ID
	for range 3 {
		i, err := c.Desk.File(ctx, c.operator(), desk.Card{Text: "В Абазе на улице Ленина яма"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, i.ID)
	}
	due := func(id incident.ID) time.Time {
		i, err := c.DB.Reader().Incidents().Incident(ctx, scope.All(), id)
		if err != nil {
			t.Fatal(err)
		}
		return i.Clock.Due
	}
	r, ok := c.Book().Regime(func() regime.Code {
		i, err := c.DB.Reader().Incidents().Incident(ctx, scope.All(), ids[0])
		if err != nil {
			t.Fatal(err)
		}
		return i.Clock.Regime
	}())
	if !ok {
		t.Fatal("the incident has no regime")
	}
	longer := *r
	longer.Steps = slices.Clone(r.Steps)
	for k := range longer.Steps {
		longer.Steps[k].Within.N *= 2
	}
	edit, was := regime.Edit{Regime: &longer}, due(ids[0])
	p, err := c.PreviewRegimes(ctx, who, edit)
	if err != nil || p.Looked != len(ids) || p.Moved != len(ids) || p.Earlier != 0 || p.More || !strings.Contains(p.Sentence(), "срок сдвинется у 3") {
		t.Fatalf("PreviewRegimes = %+v (%s), %v", p, p.Sentence(), err)
	}
	if moved, err := c.Recount(ctx); err != nil || moved != 0 || !due(ids[0]).Equal(was) {
		t.Errorf("the preview moved %d, %v", moved, err)
	}
	if _, err := c.EditRegimes(ctx, who, c.Rules().Version, edit); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if moved, err := c.Recount(ctx); err != nil || moved != p.Moved || !due(ids[0]).After(was) {
			t.Errorf("Recount = %d, %v; due %v, was %v", moved, err, due(ids[0]), was)
		}
	}
	history, err := c.DB.Reader().Incidents().History(ctx, scope.All(), ids[0])
	if err != nil || history[len(history)-1].Action != lifecycle.Recount || !strings.Contains(history[len(history)-1].Detail.Reason, "версия 2") {
		t.Errorf("the history ends with %+v, %v", history[len(history)-1], err)
	}
}
