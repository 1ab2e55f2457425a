package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
)

// A ledger names what a centre edits whole. Its settings are the version in force, every
// version under its number, and who made which when.
type ledger string

// Ledgers.
const (
	taxonomies ledger = "taxonomy"
	regimes    ledger = "regimes"
)

func (l ledger) version(n int) string { return fmt.Sprintf("%s:%d", l, n) }
func (l ledger) history() string      { return string(l) + ":history" }

// versions returns the versions, oldest first; none before the first edit. b and err are
// the setting of the history.
func (l ledger) versions(b []byte, err error) (list []site.Version, _ error) {
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("history of %s: %w", l, err)
	}
	return list, nil
}

// An edition is a version as it is stored.
type edition struct {
	number int
	value  any // as JSON
}

// keep stores the next version with its line of history and of audit. It is a Conflict
// when somebody has made a version of that number.
func (a *App) keep(ctx context.Context, tx incident.Tx, l ledger, who account.Actor, was, next edition, changes []string) error {
	set, region, now := store.SettingsOf(tx), a.region(), a.Now()
	history, err := l.versions(set.Value(ctx, region, l.history()))
	if err != nil {
		return err
	}
	b, err := json.Marshal(next.value)
	if err != nil {
		return err
	}
	if len(history) == 0 { // the version that the program brought is kept too
		old, err := json.Marshal(was.value)
		if err != nil {
			return err
		}
		if err := set.Save(ctx, region, l.version(was.number), old); err != nil {
			return err
		}
		history = append(history, site.Version{Version: was.number})
	}
	if err := set.Add(ctx, region, l.version(next.number), b); err != nil {
		return err
	}
	if err := set.Save(ctx, region, string(l), b); err != nil {
		return err
	}
	h, err := json.Marshal(append(history, site.Version{Version: next.number, At: now.UTC(), Who: who.ID, Changes: changes}))
	if err != nil {
		return err
	}
	if err := set.Save(ctx, region, l.history(), h); err != nil {
		return err
	}
	return tx.Audit().Record(ctx, audit.Entry{At: now, Who: who.ID, Deed: audit.Changed, Subject: l.version(next.number), Place: scope.Place{Region: region}})
}

// kept returns the versions, newest first.
func (a *App) kept(ctx context.Context, l ledger) ([]site.Version, error) {
	list, err := l.versions(a.DB.Setting(ctx, a.region(), l.history()))
	slices.Reverse(list)
	return list, err
}
