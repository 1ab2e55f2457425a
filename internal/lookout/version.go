package lookout

import (
	"context"
	"fmt"
	"slices"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/standing"
)

// Versions returns the versions of a query, newest first.
func (l *Lookout) Versions(ctx context.Context, id standing.ID) ([]standing.Version, error) {
	return l.Store.Reader().Standing().Versions(ctx, id)
}

// At returns the draft that a return to a version would save: the version whole,
// and as now what it does not know.
func (l *Lookout) At(ctx context.Context, now *standing.Query, version int) (*standing.Query, *standing.Version, error) {
	list, err := l.Versions(ctx, now.ID)
	if err != nil {
		return nil, nil, err
	}
	n := slices.IndexFunc(list, func(v standing.Version) bool { return v.Version == version })
	if n < 0 {
		return nil, nil, fault.New(fault.NotFound, "standing query %d has no version %d", now.ID, version).Say("Такой версии у правила нет.")
	}
	return list[n].Of(now), &list[n], nil
}

// Return makes an earlier version the newest one. seen is the version that its
// author looked at, as with Save. A name that somebody else uses by now, or an
// example that the query does not keep any more, refuses it as it refuses a Save.
func (l *Lookout) Return(ctx context.Context, who account.Actor, id standing.ID, seen, to int, anyway bool) (*standing.Query, error) {
	now, err := l.Store.Reader().Standing().Query(ctx, who.Scope, id)
	if err != nil {
		return nil, err
	}
	if err := l.Changeable(who, now.Place); err != nil {
		return nil, err
	}
	q, _, err := l.At(ctx, now, to)
	if err != nil {
		return nil, err
	}
	if seen != 0 {
		q.Version = seen
	}
	return q, l.Save(ctx, who, q, anyway)
}

// Forget erases the examples of all earlier versions: somebody's words are to be
// gone for good. What stands in the query now is taken out of it by a Save before.
func (l *Lookout) Forget(ctx context.Context, who account.Actor, id standing.ID) (forgotten int64, err error) {
	err = l.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		q, err := tx.Standing().Query(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		if err := l.Changeable(who, q.Place); err != nil {
			return err
		}
		if forgotten, err = tx.Standing().ForgetExamples(ctx, id); err != nil || forgotten == 0 {
			return err
		}
		return l.record(ctx, tx, who, fmt.Sprintf("standing:%d:examples_erased", id), q.Place)
	})
	if err == nil && forgotten > 0 && l.Sweep != nil {
		err = l.Sweep(ctx)
	}
	return forgotten, err
}
