package desk

import (
	"context"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/problem"
	"otklik/internal/scope"
)

// Link gives the incident to a durable problem, or with 0 takes it away from its own.
type Link struct{ Problem problem.ID }

func (Link) Action() lifecycle.Action { return lifecycle.Link }

// Two incidents of a group of topics at one house are one durable problem when their
// first messages were written at least so long apart: neighbours who write on one day
// tell of one event. Older ones than durableReach are another story.
const (
	durableAfter = 72 * time.Hour
	durableReach = 3 // years
)

func placeOf(i *incident.Incident) problem.Place {
	return problem.Place{Settlement: i.Settlement, Town: i.Address.Settlement, Street: i.Address.Street, House: i.Address.House, Landmark: i.Address.Landmark}
}

// durable gives the incident just opened to the problem at its place, opens one when
// it is the second of its kind there, and opens a closed one again.
func (o *Opener) durable(ctx context.Context, i *incident.Incident) (err error) {
	defer fault.Wrap(&err, "desk.durable(%d)", i.ID)
	at := placeOf(i)
	if i.Group == "" || !at.Exact() {
		return nil
	}
	p, err := o.tx.Problems().Find(ctx, i.Place.Region, i.Group, at)
	if err == nil {
		return o.desk.join(ctx, o.tx, p, i)
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	rows, err := o.tx.Incidents().Near(ctx, scope.All(), incident.Near{Settlement: i.Settlement, Street: i.Address.Street, House: i.Address.House, Landmark: i.Address.Landmark,
		Since: i.OpenedAt.AddDate(-durableReach, 0, 0), Not: i.ID, Limit: nearLimit})
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r incident.Row) bool {
		return r.Group != i.Group || r.Place.Region != i.Place.Region || r.Outcome == lifecycle.Refused || r.Outcome == lifecycle.Duplicate || placeOf(&r.Incident) != at
	})
	first := written(i)
	for k := range rows {
		if w := written(&rows[k].Incident); w.Before(first) {
			first = w
		}
	}
	if written(i).Sub(first) < durableAfter {
		return nil
	}
	p = &problem.Problem{Group: i.Group, At: at, State: problem.Open, Since: first, LastAt: i.OpenedAt, Scope: i.Place}
	if err := o.tx.Problems().Save(ctx, p); err != nil {
		return err
	}
	for k := range rows {
		if err := o.tx.Problems().Link(ctx, p.ID, int64(rows[k].ID), rows[k].OpenedAt); err != nil {
			return err
		}
	}
	return o.desk.join(ctx, o.tx, p, i)
}

// join gives an incident to a problem; one that was closed is there again.
func (d *Desk) join(ctx context.Context, tx incident.Tx, p *problem.Problem, i *incident.Incident) error {
	if err := tx.Problems().Link(ctx, p.ID, int64(i.ID), i.OpenedAt); err != nil {
		return err
	}
	now, err := tx.Problems().Problem(ctx, scope.All(), p.ID)
	if err != nil {
		return err
	}
	if now.State == problem.Closed && i.OpenedAt.After(now.ClosedAt) {
		now.State, now.ClosedAt, now.ClosedBy, now.How, now.Reason = problem.Open, time.Time{}, 0, "", ""
		now.Reopened++
	}
	if i.Place.Agency != 0 {
		now.Scope.Agency = i.Place.Agency
	}
	if w := written(i); w.Before(now.Since) {
		now.Since = w
	}
	return tx.Problems().Save(ctx, now)
}

func (s *step) link(c Link) error {
	was, err := s.tx.Problems().Of(s.ctx, int64(s.i.ID))
	if err != nil {
		return err
	}
	if was == c.Problem {
		return fault.New(fault.Conflict, "incident %d belongs to problem %d already", s.i.ID, was).Say("Ничего не изменилось: инцидент уже там.")
	}
	if c.Problem != 0 {
		p, err := s.tx.Problems().Problem(s.ctx, scope.OfRegion(s.i.Place.Region), c.Problem)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "problem %d is not of this region", c.Problem).At("problem").Say("Такой проблемы в этом регионе нет. Номер стоит в адресе её страницы.")
		}
		if err == nil {
			err = s.desk.join(s.ctx, s.tx, p, s.i)
		}
		if err != nil {
			return err
		}
	} else if err := s.tx.Problems().Link(s.ctx, 0, int64(s.i.ID), s.i.OpenedAt); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Link, To: s.i.State, Detail: incident.Detail{Problem: int64(c.Problem)}})
	return nil
}

// EndProblem says that somebody looked and the durable fault is gone. All incidents of
// it must have ended.
func (d *Desk) EndProblem(ctx context.Context, who account.Actor, id problem.ID, how, reason string) (err error) {
	defer fault.Wrap(&err, "desk.EndProblem(%d)", id)
	if !lifecycle.May(who.Role, lifecycle.Check) {
		return fault.New(fault.Forbidden, "%s may not end a problem", who.Role).Say("Закрывает проблему куратор или контролёр: тот, кто видел, что её больше нет.")
	}
	if !slices.Contains(ways, how) {
		return fault.New(fault.Invalid, "way of verification %q is unknown", how).At("how").Say("Укажите, откуда известно, что проблемы больше нет: фото, автор, выезд или сосед.")
	}
	reason, err = required(reason, "reason", "Напишите, что сделано: через год это прочтут, если проблема вернётся.")
	if err != nil {
		return err
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		p, err := tx.Problems().Problem(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		if p.State == problem.Closed {
			return fault.New(fault.Conflict, "problem %d is closed", id).Say("Эта проблема уже закрыта.")
		}
		ids, err := tx.Problems().Incidents(ctx, id)
		if err != nil {
			return err
		}
		for _, of := range ids {
			i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(of))
			if err != nil {
				return err
			}
			if i.State.Open() {
				return fault.New(fault.Conflict, "incident %d of problem %d is open", i.ID, id).
					Say("По проблеме ещё идёт работа: № " + incident.Spoken(i.Number) + ". Сначала закончите её.")
			}
		}
		p.State, p.ClosedAt, p.ClosedBy, p.How, p.Reason = problem.Closed, d.Now(), who.ID, how, reason
		return tx.Problems().Save(ctx, p)
	})
}
