package demo

import (
	"time"

	"otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// ring plans the calls that a message asked for: somebody makes them within minutes.
func (h *history) ring() error {
	waiting, err := h.tx.Calls().Waiting(h.ctx, scope.All(), 20)
	if err != nil {
		return err
	}
	for _, c := range waiting {
		if h.rung[c.ID] {
			continue
		}
		h.rung[c.ID] = true
		h.plan(h.clock.Add(2*time.Minute+h.about(6*time.Minute)), func() error {
			said := pick(h.r, "Приняли, бригада выезжает.", "Уже знают, работают на месте.", "Выехали, будут через двадцать минут.")
			_, err := h.desk.Do(h.ctx, h.actor("operator"), incident.ID(c.Incident), 0, desk.Called{Call: c.ID, Whom: "ЕДДС, 112", Said: said})
			return err
		})
	}
	return nil
}

// rung is which calls somebody is about to make.
type rung map[call.ID]bool
