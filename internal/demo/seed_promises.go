package demo

import (
	"time"

	"otklik/internal/desk"
	"otklik/internal/promise"
	"otklik/internal/scope"
)

// promised plans what becomes of the days that a reply has just promised: most are
// kept, some are put off or broken, and of a few nobody says anything.
func (h *history) promised(c *story) error {
	list, err := h.tx.Promises().OfIncident(h.ctx, scope.All(), int64(c.id))
	if err != nil {
		return err
	}
	for k := range list {
		p := list[k]
		if p.State != promise.Open || p.Vague || h.vowed[p.ID] {
			continue
		}
		h.vowed[p.ID] = true
		at := p.Until.Add(-7 * time.Hour)
		if soon := h.clock.Add(time.Hour); at.Before(soon) {
			at = soon
		}
		h.plan(at, func() error { return h.settle(c, p) })
	}
	return nil
}

// settle does not ask the dice: the rest of the season stays as it is without promises.
func (h *history) settle(c *story, p promise.Promise) error {
	var change desk.Change
	switch p.ID % 10 {
	case 0:
		return nil
	case 1:
		change = desk.BreakPromise{Promise: p.ID, Reason: "подрядчик не вышел на объект"}
	case 2, 3:
		change = desk.MovePromise{Promise: p.ID, Until: p.Until.AddDate(0, 0, 7), Reason: "не пришла деталь"}
	default:
		change = desk.KeepPromise{Promise: p.ID}
	}
	if now, err := h.tx.Promises().Promise(h.ctx, scope.All(), p.ID); err != nil || now.State != promise.Open {
		return err
	}
	if _, err := h.desk.Do(h.ctx, h.actor("curator"), c.id, 0, change); err != nil {
		return err
	}
	return h.promised(c)
}
