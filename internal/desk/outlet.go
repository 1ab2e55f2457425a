package desk

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// ResumeOutlet lets the replies of a source leave again: somebody has seen to what
// the network asked for, a captcha or a token. Who works in the region may do it.
func (d *Desk) ResumeOutlet(ctx context.Context, who account.Actor, source string) (err error) {
	defer fault.Wrap(&err, "desk.ResumeOutlet(%s)", source)
	if !who.Role.Holds(lifecycle.SeeSources) {
		return fault.New(fault.Forbidden, "%s may not resume a source", who.Role).Say("Возобновить источник может оператор, куратор или администратор.")
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		out, err := tx.Fanouts().Outlet(ctx, source)
		if err != nil {
			return err
		}
		if !Region(who.Scope).Sees(out.Place) {
			return fault.New(fault.NotFound, "outlet %s is of another region", source).Say("Такого источника нет.")
		}
		now := d.Now()
		if !out.Waits && !out.RestUntil.After(now) {
			return fault.New(fault.Conflict, "source %s does not rest", source).Say("Отправка через этот источник и так идёт.")
		}
		out.Waits, out.RestUntil, out.Since = false, time.Time{}, now
		if of, thread := out.Of(); thread != "" {
			if _, err := tx.Fanouts().Reopen(ctx, of, thread, now); err != nil {
				return err
			}
		}
		if err := tx.Fanouts().SaveOutlet(ctx, out); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: now, Who: who.ID, Deed: audit.Changed, Subject: "outlet:" + source, Place: out.Place})
	})
}

// Region widens a scope to its region: a source is not of one centre or agency.
func Region(sc scope.Scope) scope.Scope {
	switch {
	case !sc.Open():
		return sc
	case sc.Region == "":
		return scope.All()
	}
	return scope.OfRegion(sc.Region)
}

// Resting returns what the sources ask for now, by source: those that wait for a
// person or rest.
func Resting(ctx context.Context, tx incident.Tx, sc scope.Scope, now time.Time) (map[string]reply.Outlet, error) {
	list, err := tx.Fanouts().Outlets(ctx, Region(sc))
	out := map[string]reply.Outlet{}
	for _, o := range list {
		if o.Waits || o.RestUntil.After(now) {
			out[o.Source] = o
		}
	}
	return out, err
}
