package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// How the clocks are kept: one loop for all incidents, no timer for each.
const (
	tickEvery    = time.Second
	rulesEvery   = 10 * time.Second // another process may have edited them
	escalations  = 500              // in one transaction: people wait no longer for it
	recountBatch = 500
	recountTurn  = tickEvery / 2 // a correction counts no longer before due times are looked at again
	setBack      = time.Minute   // a clock that goes back further is not trusted
)

// watchDeadlines tells that time runs out, within tickEvery, and counts clocks anew after
// the rules were corrected, until ctx ends.
func (a *App) watchDeadlines(ctx context.Context) error {
	var latest, rules time.Time
	warned, counted := false, true
	if err := a.judge(ctx); err != nil && ctx.Err() == nil {
		a.Log.Warn("what was answered earlier cannot be counted into the figures", "error", err)
	}
	for {
		now, pause := a.Now(), tickEvery
		switch {
		case now.Before(latest.Add(-setBack)): // nobody is told twice or late: the loop waits for the time to come again
			if !warned {
				a.Log.Error("the clock was set back: nobody is told about deadlines until it is right again", "behind", latest.Sub(now))
			}
			warned = true
		default:
			latest, warned = now, false
			if err := a.escalateAll(ctx); err != nil && ctx.Err() == nil {
				a.Log.Warn("deadlines cannot be told", "error", err)
			}
			if now.Sub(rules) >= rulesEvery || !counted {
				rules = now
				var err error
				if counted, err = a.recount(ctx, recountTurn); err != nil && ctx.Err() == nil {
					a.Log.Warn("deadlines cannot be counted anew", "error", err)
					counted = true // look again in rulesEvery
				}
				if !counted {
					pause = 0
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (a *App) escalateAll(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := a.Desk.Escalate(ctx, escalations)
		if err != nil || n < escalations {
			return err
		}
	}
	return nil
}

// A counting says by which version open incidents are counted, and how far that came.
type counting struct {
	Version int         `json:"version"`
	After   incident.ID `json:"after"`
	Done    bool        `json:"done"`
	Changed int         `json:"changed"`
}

func (a *App) counting(ctx context.Context) (c counting, err error) {
	b, err := a.DB.Setting(ctx, a.region(), rulesCounting)
	switch {
	case fault.Is(err, fault.NotFound):
		return c, nil
	case err != nil:
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

// Recount counts the clocks of all open incidents by the rules in force and returns how
// many moved since these rules are: what a service does by itself within seconds. Both may
// do it at once; what was cut off goes on with the next start.
func (a *App) Recount(ctx context.Context) (moved int, err error) {
	for done := false; !done; {
		if done, err = a.recount(ctx, time.Minute); err != nil {
			return 0, err
		}
	}
	c, err := a.counting(ctx)
	return c.Changed, err
}

// recount counts the clocks of open incidents by the rules in force, a batch in a
// transaction, for about as long as turn, and goes on the next time, after a restart too,
// from where it was. done reports whether all are counted.
func (a *App) recount(ctx context.Context, turn time.Duration) (done bool, err error) {
	if err := a.loadRules(ctx); err != nil {
		return false, err
	}
	version := a.Rules().Version
	c, err := a.counting(ctx)
	if err != nil || c.Done && c.Version == version {
		return true, err
	}
	if c.Version != version {
		c = counting{Version: version}
	}
	for end := time.Now().Add(turn); ctx.Err() == nil && !c.Done && time.Now().Before(end); {
		last, changed, err := a.Desk.Recount(ctx, c.After, recountBatch, fmt.Sprintf("Изменены регламенты или календари, версия %d", version))
		if err != nil {
			return false, err
		}
		c.After, c.Changed, c.Done = last, c.Changed+changed, last == 0
		b, err := json.Marshal(c)
		if err != nil {
			return false, err
		}
		if err := a.DB.SaveSetting(ctx, a.region(), rulesCounting, b); err != nil { // a batch that is counted twice changes nothing the second time
			return false, err
		}
	}
	if c.Done && c.Changed > 0 {
		a.Log.Info("deadlines are counted by the rules in force", "version", version, "changed", c.Changed)
	}
	return c.Done, ctx.Err()
}
