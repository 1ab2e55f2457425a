package app

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// rulesCounting is the setting that says up to where open incidents were counted by the rules in force.
const rulesCounting = "regimes:counting"

// A ruling is the rules in force with their book.
type ruling struct {
	rules *regime.Rules
	book  *regime.Book
}

// Book returns the regimes and calendars in force.
func (a *App) Book() *regime.Book { return a.ruling.Load().book }

// Rules returns the rules in force, as they are edited.
func (a *App) Rules() *regime.Rules { return a.ruling.Load().rules }

func (a *App) storedRules(ctx context.Context) (*regime.Rules, error) {
	b, err := a.DB.Setting(ctx, a.region(), string(regimes))
	switch {
	case fault.Is(err, fault.NotFound):
		return regime.ShippedRules()
	case err != nil:
		return nil, err
	}
	return regime.ParseRules(b)
}

// loadRules puts the stored rules in force, when they are others than those that are.
func (a *App) loadRules(ctx context.Context) error {
	rules, err := a.storedRules(ctx)
	if err != nil {
		return err
	}
	if now := a.ruling.Load(); now != nil && now.rules.Version == rules.Version {
		return nil
	}
	return a.adoptRules(rules)
}

func (a *App) adoptRules(rules *regime.Rules) error {
	book, err := rules.Book(a.Places)
	if err != nil {
		return err
	}
	a.ruling.Store(&ruling{rules, book})
	return nil
}

// MayEditRegimes reports whether somebody may edit regimes and calendars: the right to
// edit rules, and sight of all that this centre works on.
func (a *App) MayEditRegimes(who account.Actor) bool { return a.MayEditTopics(who) }

// EditRegimes applies an edit to the version that its author saw, stores the next version
// with a line of audit and puts it in force; open incidents are counted anew soon after.
// It is a Conflict when another version is in force by now, Forbidden for who may not.
func (a *App) EditRegimes(ctx context.Context, who account.Actor, version int, e regime.Edit) (*regime.Rules, error) {
	if !a.MayEditRegimes(who) {
		return nil, fault.New(fault.Forbidden, "account %d may not edit the regimes", who.ID).
			Say("Регламенты и календари одни на весь центр. Менять их может аналитик, куратор или администратор, который видит центр целиком.")
	}
	a.editing.Lock()
	defer a.editing.Unlock()
	was, err := a.storedRules(ctx)
	if err != nil {
		return nil, err
	}
	if was.Version != version {
		return nil, ruled(was.Version, version)
	}
	next, err := was.With(e, a.Places)
	if err != nil || next == was {
		return next, err
	}
	err = a.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
		return a.keep(ctx, tx, regimes, who, edition{was.Version, was}, edition{next.Version, next}, next.Changes(was))
	})
	if fault.Is(err, fault.Conflict) { // another process was first
		return nil, ruled(next.Version, version)
	}
	if err != nil {
		return nil, err
	}
	return next, a.adoptRules(next)
}

func ruled(now, seen int) error {
	return fault.New(fault.Conflict, "version %d of the rules is there, the edit is of version %d", now, seen).
		Say("Регламенты только что изменил кто-то ещё. Посмотрите, какими они стали, и повторите.")
}

// RulesVersions returns the versions of the rules, newest first; none before the first edit.
func (a *App) RulesVersions(ctx context.Context) ([]site.Version, error) { return a.kept(ctx, regimes) }

// PreviewRegimes counts what an edit would change: of up to previewed open incidents,
// how many get another due time, how many an earlier one, and how many would be overdue
// by it at once. Nothing is stored.
func (a *App) PreviewRegimes(ctx context.Context, who account.Actor, e regime.Edit) (site.RulesPreview, error) {
	var p site.RulesPreview
	if !a.MayEditRegimes(who) {
		return p, fault.New(fault.Forbidden, "account %d may not edit the regimes", who.ID).Say("Менять регламенты вы не можете.")
	}
	was := a.Rules()
	next, err := was.With(e, a.Places)
	if err != nil {
		return p, err
	}
	p.Changes = next.Changes(was)
	book, err := next.Book(a.Places)
	if err != nil {
		return p, err
	}
	tried := *a.Desk
	tried.Rules = func() *regime.Book { return book }
	now := a.Now()
	const previewed, batch = 5000, 500
	var after incident.ID
	for p.Looked < previewed {
		list, err := a.DB.Reader().Clocks().OpenAfter(ctx, after, batch)
		if err != nil || len(list) == 0 {
			return p, err
		}
		ids := make([]incident.ID, len(list))
		for k := range list {
			ids[k] = list[k].ID
		}
		histories, err := a.DB.Reader().Clocks().Histories(ctx, ids)
		if err != nil {
			return p, err
		}
		for k := range list {
			i := &list[k]
			p.Looked++
			c, err := tried.Count(i, histories[i.ID])
			if err != nil {
				continue
			}
			d, ok := regime.Next(c.List)
			if !ok || d.Due.Equal(i.Clock.Due) {
				continue
			}
			p.Moved++
			if d.Due.Before(i.Clock.Due) {
				p.Earlier++
			}
			if !d.Due.IsZero() && now.After(d.Due) && !i.Clock.Overdue(now) {
				p.Overdue++
			}
		}
		after = ids[len(ids)-1]
	}
	p.More = true
	return p, nil
}
