package demo

import (
	"otklik/internal/app"
	"otklik/internal/desk"
	"otklik/internal/incident"
)

// judge counts what was answered in time once, at the end: counted with every change, the
// history would take a third longer to write.
func (h *history) judge(a *app.App) error {
	o := h.desk.Options
	o.Rules = a.Desk.Rules
	d := desk.New(o)
	for after := incident.ID(0); ; {
		last, err := d.Judge(h.ctx, after, 500)
		if err != nil || last == 0 {
			return err
		}
		after = last
	}
}
