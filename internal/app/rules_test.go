package app_test

import (
	"testing"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
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
