package app

import (
	"context"
	"strconv"
	"time"

	"otklik/internal/fault"
)

// precedentsIndexed is the setting that says up to which incident those finished before
// precedents were kept have been looked at.
const precedentsIndexed = "precedents:indexed"

// indexPrecedents keeps, once, what was finished before precedents were kept.
func (a *App) indexPrecedents(ctx context.Context) error {
	const batch, rest = 50, 50 * time.Millisecond // people go before it
	b, err := a.DB.Setting(ctx, a.region(), precedentsIndexed)
	after, _ := strconv.ParseInt(string(b), 10, 64)
	for err == nil || fault.Is(err, fault.NotFound) {
		next, failed := a.Desk.IndexPrecedents(ctx, after, batch)
		if failed != nil || next == 0 {
			err = failed
			break
		}
		after = next
		if err = a.DB.SaveSetting(ctx, a.region(), precedentsIndexed, []byte(strconv.FormatInt(after, 10))); err != nil {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rest):
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) && ctx.Err() == nil {
		a.Log.Warn("solved incidents of earlier times are not offered yet", "error", err)
	}
	return nil
}
