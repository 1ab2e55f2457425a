package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/bench/rig"
	"otklik/internal/calendar"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// Due says how many incidents are open, and how many of them are due in one second.
type Due struct {
	Incidents, Together int
	Boards              int           // how often the control board is asked for
	Ahead               time.Duration // how long before its due time the service is started
	Database            string        // URL of an empty PostgreSQL database; "" = a SQLite file
}

// A DueResult is what Deadlines measured.
type DueResult struct {
	Counting time.Duration // from a due time until its escalation could be read, while all clocks are counted anew
	Alone    time.Duration // the same on a quiet service
	Together time.Duration // from a due time of many until the last of their escalations could be read
	Disorder int           // of these: told after one that is less bad
	Board    time.Duration // the control board, 95 of 100 times
	Busy     time.Duration // the slowest control board while the many are told
	Bare     time.Duration // as many rows changed and added without the product, in transactions of as many
}

// day is a regime of one limit: an incident of 24 hours ago is due now, whatever the
// hour of the measurement.
var day = regime.Regime{Code: "bench_day", Name: "Сутки", For: regime.For{ByHand: true}, Steps: []regime.Step{{
	Kind: regime.Final, From: regime.Seen, Within: hours(24), Ladder: []regime.Rung{{Who: regime.Coordinator, By: hours(0)}, {Who: regime.Leader, By: hours(24)}},
}}}

func hours(n int) calendar.Amount { return calendar.Amount{N: n, Unit: calendar.Hours24} }

// Deadlines runs the service on a store full of open incidents: how long after its due
// time an escalation can be read, while all is counted anew (a rule was corrected) and on
// a quiet service; how long until many that are due in one second are told, and whether
// the worst come first; how long the control board takes. It reads the store from outside.
func Deadlines(ctx context.Context, out io.Writer, bin string, d Due) (r DueResult, err error) {
	dir, err := os.MkdirTemp("", "otklik-due-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	c, err := rig.NewCentre(ctx, bin, filepath.Join(dir, "centre"), khakassia, d.Database, nil)
	if err != nil {
		return r, err
	}
	if err := c.Hire(ctx, "curator", lifecycle.Curator); err != nil {
		return r, err
	}
	if err := addRegime(ctx, c, day); err != nil {
		return r, err
	}
	from := time.Now()
	if err := fillTown(ctx, c, d.Incidents, 0, func(k int, i *incident.Incident) { underway(k, from, i) }); err != nil {
		return r, err
	}
	fmt.Fprintf(out, "deadlines: %d open incidents made in %v\n", d.Incidents, time.Since(from).Round(time.Second))
	w, err := newWitness(ctx, c)
	if err != nil {
		return r, err
	}
	defer w.close()

	n := int64(d.Incidents)
	if r.Counting, err = w.due(ctx, d.Ahead/2, n/2, n/2); err != nil {
		return r, err
	}
	counted, err := w.counted(ctx)
	if err != nil {
		return r, err
	}
	if err := w.boards(ctx, d.Boards); err != nil {
		return r, err
	}
	r.Board = w.pages.quantile(0.95)
	fmt.Fprintf(out, "the control board, %d times: %s; the queue %.1f ms (median); load %s\n", d.Boards, &w.pages, w.queue(ctx), loadAverage())
	if r.Alone, err = w.due(ctx, d.Ahead, n/3, n/3); err != nil {
		return r, err
	}
	fmt.Fprintf(out, "one due time of %d: its escalation could be read after %v, and after %v at the start after a rule was corrected (all clocks were counted anew until %v later); load %s\n",
		d.Incidents, r.Alone.Round(time.Millisecond), r.Counting.Round(time.Millisecond), counted.Round(time.Millisecond), loadAverage())
	w.asking = true
	if r.Together, err = w.due(ctx, d.Ahead, n-int64(d.Together)+1, n); err != nil {
		return r, err
	}
	r.Busy = w.pages.quantile(1)
	if r.Disorder, err = w.disorder(ctx, d.Together); err != nil {
		return r, err
	}
	bare, err := w.bare(ctx, 2*d.Together)
	if err != nil {
		return r, err
	}
	r.Bare = time.Duration(float64(2*d.Together) / bare * float64(time.Second))
	fmt.Fprintf(out, "%d due in one second: all told after %v, %d out of order; the service used %v of processor; control boards meanwhile: %s (baseline: as many bare rows changed and added take %v, ratio %.0f); load %s\n",
		d.Together, r.Together.Round(time.Millisecond), r.Disorder, w.used.Round(10*time.Millisecond), &w.pages, r.Bare.Round(time.Millisecond), r.Together.Seconds()/r.Bare.Seconds(), loadAverage())
	return r, nil
}

// underway makes an incident of the town one that is worked on, due in 4 to 23 hours.
func underway(k int, now time.Time, i *incident.Incident) {
	states := []lifecycle.State{lifecycle.New, lifecycle.Triage, lifecycle.Assigned, lifecycle.Assigned, lifecycle.Working, lifecycle.Working, lifecycle.Approval, lifecycle.Rework}
	i.State, i.Outcome, i.ClosedAt = states[k%len(states)], "", time.Time{}
	if i.State == lifecycle.New || i.State == lifecycle.Triage {
		i.Place.Agency = 0
	}
	i.OpenedAt = now.Add(-time.Duration(k%19)*time.Hour - time.Hour).Truncate(time.Millisecond)
	i.UpdatedAt = i.OpenedAt
	due := i.OpenedAt.Add(24 * time.Hour)
	i.Clock = incident.Clock{Regime: day.Code, ByHand: true, Step: regime.Final, State: regime.Running, Due: due, Alarm: due}
	if k%16 == 5 { // of some the clock stands
		i.Clock.State = regime.Paused
	}
}

// addRegime adds a regime to the rules in force, as an administrator does: open incidents
// are counted anew at the next start.
func addRegime(ctx context.Context, c *rig.Centre, r regime.Regime) error {
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Dir: c.Dir, Config: conf, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer a.Close()
	_, err = a.EditRegimes(ctx, account.Actor{Role: lifecycle.Admin, Scope: scope.All()}, a.Rules().Version, regime.Edit{Regime: &r})
	return err
}
