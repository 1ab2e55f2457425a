package demo

import (
	"time"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// disown is an agency that says «не наш вопрос»: now and then it is so, and
// sometimes the next one says it too, and the arbiter decides. It is counted, not drawn
// by lot, so that the rest of the history stays as it is.
func (h *history) disown(c *story, i *incident.Incident) (bool, error) {
	if c.rounds != 0 || c.declined > 1 || i.Place.Agency == 0 {
		return false, nil
	}
	if c.declined == 0 {
		if h.gotten++; h.gotten%19 != 0 {
			return false, nil
		}
	} else if h.gotten%2 == 0 { // it is theirs
		return false, nil
	}
	to := i.Place.Agency%int64(len(h.people.staff)) + 1
	if c.declined == 1 && c.holder != i.Place.Agency {
		to = c.holder
	}
	c.holder = i.Place.Agency
	why := []string{"Участок на балансе другой организации.", "Работы здесь вёл другой подрядчик, вопрос по его части."}[c.declined]
	if err := h.do(h.crew(i).executor, c, desk.Decline{Reason: why, To: to}); err != nil {
		return false, err
	}
	c.declined++
	if c.declined == 1 {
		return true, h.handed(c)
	}
	at := h.atWork(h.clock.Add(2*time.Hour), false)
	if h.now.Sub(h.clock) < 4*24*time.Hour {
		return true, nil // the latest ones wait for whoever looks
	}
	h.plan(at, func() error {
		i, ok, err := h.is(c, lifecycle.Triage)
		if !ok || err != nil {
			return err
		}
		answers := i.Proposed
		if answers == 0 {
			answers = to
		}
		if err := h.do(h.actor("curator"), c, desk.Decide{Agency: answers, Reason: "Участок закреплён за организацией по реестру, спор закрыт."}); err != nil {
			return err
		}
		return h.handed(c)
	})
	return true, nil
}
