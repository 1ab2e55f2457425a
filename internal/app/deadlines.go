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
	setBack      = time.Minute // a clock that goes back further is not trusted
)

// watchDeadlines tells that time runs out, within tickEvery, and counts clocks anew after
// the rules were corrected, until ctx ends.
func (a *App) watchDeadlines(ctx context.Context) error {
	var latest, rules time.Time
	warned := false
	for {
		now := a.Now()
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
			if now.Sub(rules) >= rulesEvery {
				rules = now
				if err := a.recountAll(ctx); err != nil && ctx.Err() == nil {
					a.Log.Warn("deadlines cannot be counted anew", "error", err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tickEvery):
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

// recountAll counts the clocks of all open incidents by the rules in force, a batch in a
// transaction, and goes on after a restart from where it was.
func (a *App) recountAll(ctx context.Context) error {
	if err := a.loadRules(ctx); err != nil {
		return err
	}
	version := a.Rules().Version
	c, err := a.counting(ctx)
	if err != nil || c.Done && c.Version == version {
		return err
	}
	if c.Version != version {
		c = counting{Version: version}
	}
	for ctx.Err() == nil && !c.Done {
		last, changed, err := a.Desk.Recount(ctx, c.After, recountBatch, fmt.Sprintf("Изменены регламенты или календари, версия %d", version))
		if err != nil {
			return err
		}
		c.After, c.Changed, c.Done = last, c.Changed+changed, last == 0
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if err := a.DB.SaveSetting(ctx, a.region(), rulesCounting, b); err != nil { // a batch that is counted twice changes nothing the second time
			return err
		}
	}
	if c.Done && c.Changed > 0 {
		a.Log.Info("deadlines are counted by the rules in force", "version", version, "changed", c.Changed)
	}
	return ctx.Err()
}
