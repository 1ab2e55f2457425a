package app

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// judgedOnce is the setting that says that what was answered before there were clocks has
// been counted.
const judgedOnce = "figures:judged"

// judge counts, once in the life of a store, whether what an earlier program answered was
// answered in time. A batch that is counted twice changes nothing the second time.
func (a *App) judge(ctx context.Context) error {
	if _, err := a.DB.Setting(ctx, a.region(), judgedOnce); err == nil || !fault.Is(err, fault.NotFound) {
		return err
	}
	for after := incident.ID(0); ctx.Err() == nil; {
		last, err := a.Desk.Judge(ctx, after, recountBatch)
		if err != nil {
			return err
		}
		if last == 0 {
			return a.DB.SaveSetting(ctx, a.region(), judgedOnce, []byte("1"))
		}
		after = last
	}
	return nil
}
