package desk

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// Judge counts the answers of finished incidents that have no clock: they were answered by
// a program that kept none, or written as history. It looks at up to limit of those after
// the given one and returns the last, 0 when there was none left.
func (d *Desk) Judge(ctx context.Context, after incident.ID, limit int) (last incident.ID, err error) {
	defer fault.Wrap(&err, "desk.Judge(after %d)", after)
	if d.Rules == nil {
		return 0, nil
	}
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		last = 0
		list, err := tx.Clocks().UnjudgedAfter(ctx, after, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		histories, err := tx.Clocks().Histories(ctx, idsOf(list))
		if err != nil {
			return err
		}
		for k := range list {
			if _, err := d.recount(ctx, tx, &list[k], histories[list[k].ID], d.Now(), ""); err != nil {
				return err
			}
		}
		last = list[len(list)-1].ID
		return nil
	})
	return last, err
}
