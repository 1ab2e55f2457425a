package desk

import (
	"context"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/shift"
)

// firstShift is how far back the first shift reaches, before anybody closed one.
const firstShift = 24 * time.Hour

// figureLimit is how far counts of a shift go.
const figureLimit = 9999

// ShiftStart returns when the shift that is under way began: where the last one ended.
func ShiftStart(earlier []shift.Shift, now time.Time) time.Time {
	if len(earlier) == 0 {
		return now.Add(-firstShift)
	}
	return earlier[0].ClosedAt
}

// Figures counts what a part of the region did since, and what it leaves.
func Figures(ctx context.Context, tx incident.Tx, sc scope.Scope, since time.Time) (f shift.Figures, err error) {
	for _, c := range []struct {
		to *int
		f  incident.Filter
	}{
		{&f.Came, incident.Filter{Since: since}}, {&f.Open, incident.Filter{Open: true}}, {&f.Danger, incident.Filter{Open: true, Urgency: message.Danger}},
		{&f.New, incident.Filter{States: []lifecycle.State{lifecycle.New}}},
	} {
		if *c.to, err = tx.Incidents().Count(ctx, sc, c.f, figureLimit); err != nil {
			return f, err
		}
	}
	// What was done changed an incident: the lately changed tell, until one that was changed before.
	page := incident.Filter{Order: incident.Changed, Limit: 200}
	for n := 0; n < figureLimit; {
		p, err := tx.Incidents().Queue(ctx, sc, page)
		if err != nil {
			return f, err
		}
		for k := range p.Rows {
			i := &p.Rows[k].Incident
			if i.UpdatedAt.Before(since) {
				n = figureLimit
				break
			}
			n++
			for _, c := range []struct {
				to *int
				at time.Time
			}{{&f.Handed, i.AcceptedAt}, {&f.Answered, i.AnsweredAt}, {&f.Verified, i.VerifiedAt}, {&f.Closed, i.ClosedAt}} {
				if !c.at.IsZero() && !c.at.Before(since) {
					*c.to++
				}
			}
		}
		if page.After = p.Next; page.After.Key == "" {
			break
		}
	}
	left, err := Uncertain(ctx, tx, sc)
	f.Uncertain = len(left)
	return f, err
}

const uncertainLimit = 100

// Uncertain returns incidents with a publication whose end nobody knows.
func Uncertain(ctx context.Context, tx incident.Tx, sc scope.Scope) (out []incident.ID, err error) {
	ids, err := tx.Replies().Unclear(ctx, sc, uncertainLimit)
	for _, id := range ids {
		out = append(out, incident.ID(id))
	}
	return out, err
}

// CloseShift ends the shift with a note for the next one.
func (d *Desk) CloseShift(ctx context.Context, who account.Actor, at scope.Place, note string) (err error) {
	defer fault.Wrap(&err, "desk.CloseShift")
	if note, err = words(note, "Напишите следующей смене, что важно знать, до 2000 знаков."); err != nil {
		return err
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		list, err := tx.Shifts().Shifts(ctx, at, 1)
		if err != nil {
			return err
		}
		now := d.Now()
		if len(list) > 0 && list[0].AcceptedAt.IsZero() {
			return fault.New(fault.Conflict, "shift %d is not taken over yet", list[0].ID).
				Say("Прошлую смену ещё никто не принял. Сначала её принимают, потом сдают свою.")
		}
		h := &shift.Shift{Place: at, OpenedAt: ShiftStart(list, now), ClosedAt: now, ClosedBy: who.ID, Note: note}
		if h.Figures, err = Figures(ctx, tx, who.Scope, h.OpenedAt); err != nil {
			return err
		}
		return tx.Shifts().SaveShift(ctx, h)
	})
}

// AcceptShift takes over what the shift before noted: somebody else than who closed it.
func (d *Desk) AcceptShift(ctx context.Context, who account.Actor, at scope.Place, id int64) (err error) {
	defer fault.Wrap(&err, "desk.AcceptShift(%d)", id)
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		list, err := tx.Shifts().Shifts(ctx, at, 1)
		if err != nil {
			return err
		}
		k := slices.IndexFunc(list, func(h shift.Shift) bool { return h.ID == id })
		switch {
		case k < 0:
			return fault.New(fault.Conflict, "shift %d is not the last one", id).Say("Этой смены здесь нет, или после неё сдали другую.")
		case !list[k].AcceptedAt.IsZero():
			return fault.New(fault.Conflict, "shift %d is taken over by account %d", id, list[k].AcceptedBy).Say("Эту смену уже приняли.")
		case list[k].ClosedBy == who.ID:
			return fault.New(fault.Forbidden, "account %d takes over its own shift", who.ID).Say("Свою смену принимает следующий, не вы.")
		}
		list[k].AcceptedAt, list[k].AcceptedBy = d.Now(), who.ID
		return tx.Shifts().SaveShift(ctx, &list[k])
	})
}
