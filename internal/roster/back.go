package roster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// BackDays is how far back a source may be read.
const BackDays = 90

// NoPast says why the past of a source cannot be read, in Russian; "" where it can.
func (r *Roster) NoPast(s *source.Source) string {
	switch s.Kind {
	case source.Telegram, source.Max:
		return "Сеть не отдаёт боту того, что написали до него: прошлого здесь не прочитать."
	case source.Feed:
		return "Лента хранит только последние записи, и они уже прочитаны."
	}
	e := r.entry(s.ID)
	if e != nil && e.err == nil && r.Take != nil {
		if _, ok := e.conn.Puller.(source.Historian); ok {
			return ""
		}
	}
	return "Из этого источника прошлое не прочитать: программа так умеет со стенами ВКонтакте, группами Одноклассников, открытыми каналами Telegram, форумами и ящиками почты."
}

// Back asks for what was written in a source in the last days. It is read beside the live
// reading, step by step, also after a restart.
func (r *Roster) Back(ctx context.Context, who account.Actor, number int64, days int) error {
	if days < 1 || days > BackDays {
		return fault.New(fault.Invalid, "%d days", days).At("days").Say(fmt.Sprintf("Прочитать можно от 1 до %d последних дней.", BackDays))
	}
	return r.past(ctx, who, number, func(tx incident.Tx, s *source.Source, now *source.Backfill) error {
		if why := r.NoPast(s); why != "" {
			return fault.New(fault.Conflict, "source %s gives no past", s.ID).Say(why)
		}
		if now != nil && now.State == source.BackRuns {
			return fault.New(fault.Conflict, "the past of %s is being read", s.ID).Say("Прошлое этого источника уже читают. Дождитесь конца или остановите.")
		}
		at := r.Now().UTC()
		return tx.Sources().AskBack(ctx, &source.Backfill{Source: s.ID, Since: at.AddDate(0, 0, -days), State: source.BackRuns, By: int64(who.ID), AskedAt: at})
	})
}

// StopBack ends the reading of a source's past; what came stays.
func (r *Roster) StopBack(ctx context.Context, who account.Actor, number int64) error {
	return r.past(ctx, who, number, func(tx incident.Tx, s *source.Source, now *source.Backfill) error {
		if now == nil {
			return fault.New(fault.Conflict, "the past of %s is not being read", s.ID).Say("Прошлое этого источника никто не читает.")
		}
		now.State, now.EndedAt, now.Error = source.BackStopped, r.Now(), ""
		return tx.Sources().StepBack(ctx, now)
	})
}

func (r *Roster) past(ctx context.Context, who account.Actor, number int64, do func(incident.Tx, *source.Source, *source.Backfill) error) error {
	s, err := r.Store.Reader().Sources().Source(ctx, who.Scope, number)
	if err != nil {
		return err
	}
	if err := r.allowed(who, s.Place); err != nil {
		return err
	}
	err = r.change(ctx, who, "source:"+s.ID, s.Place, func(tx incident.Tx) error {
		all, err := tx.Sources().Backfills(ctx, scope.All())
		if err != nil {
			return err
		}
		return do(tx, s, all[s.ID])
	})
	if err == nil {
		select {
		case r.asked <- struct{}{}:
		default:
		}
	}
	return err
}

// Steps of the reading of the past: between two of them the live reading has the network for
// itself, and a source that fails is left alone for longer and longer.
const (
	backStep = 3 * time.Second
	backIdle = time.Minute
	backRest = 15 * time.Minute
)

// goBack reads what was asked for of the past of all sources until ctx ends.
func (r *Roster) goBack(ctx context.Context) {
	rest := map[string]time.Duration{} // of sources whose last steps failed
	next := map[string]time.Time{}
	for {
		pause := backIdle
		all, err := r.Store.Reader().Sources().Backfills(ctx, scope.All())
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("what is to be read of the past cannot be told", "error", err)
		}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			b := all[id]
			if b.State != source.BackRuns {
				continue
			}
			if wait := next[id].Sub(r.Now()); wait > 0 {
				pause = min(pause, wait)
				continue
			}
			delete(next, id)
			wait, runs := r.stepBack(ctx, b)
			switch {
			case ctx.Err() != nil:
				return
			case wait > 0:
				rest[id] = min(max(2*rest[id], wait), backRest)
				next[id] = r.Now().Add(max(rest[id], wait))
				pause = min(pause, rest[id])
			default:
				delete(rest, id)
			}
			if runs && wait == 0 {
				pause = r.step()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-r.asked:
		case <-time.After(pause):
		}
	}
}

func (r *Roster) step() time.Duration {
	if r.Step > 0 {
		return r.Step
	}
	return backStep
}

// stepBack reads one step. wait is how long the source is to be left alone after it failed;
// runs is false when nothing follows, or cannot now.
func (r *Roster) stepBack(ctx context.Context, b *source.Backfill) (wait time.Duration, runs bool) {
	e := r.entry(b.Source)
	if e == nil || e.err != nil || e.source.Paused {
		return 0, false
	}
	h, ok := e.conn.Puller.(source.Historian)
	if !ok {
		return 0, false
	}
	past, err := h.Earlier(ctx, b.Since, b.Position)
	if err == nil {
		b.Position, b.Messages, b.Error = past.Position, b.Messages+len(past.Messages), ""
		if !past.Reached.IsZero() {
			b.Reached = past.Reached
		}
		if !past.More {
			b.State, b.EndedAt, b.Reached = source.BackDone, r.Now(), b.Since
		}
		was := b.Kept
		err = r.Take(ctx, e.conn, past.Messages, func(tx incident.Tx, kept int) error {
			b.Kept = was + kept
			return tx.Sources().StepBack(ctx, b)
		})
		if err == nil || fault.Is(err, fault.Conflict) { // somebody stopped it meanwhile
			return 0, past.More
		}
	}
	if ctx.Err() != nil {
		return 0, false
	}
	r.Log.Warn("the past of a source cannot be read", "source", b.Source, "error", err)
	return r.failedBack(ctx, b, err)
}

// failedBack notes on the page what a step met.
func (r *Roster) failedBack(ctx context.Context, b *source.Backfill, cause error) (wait time.Duration, runs bool) {
	all, err := r.Store.Reader().Sources().Backfills(ctx, scope.All()) // as the last good step left it
	if err != nil || all[b.Source] == nil {
		return backStep, true
	}
	last, wait := all[b.Source], backStep
	last.Error = fault.Sentence(source.Explained(cause))
	var e *source.Error
	if errors.As(cause, &e) {
		wait = max(wait, e.After)
		if e.Trouble == source.Permanent {
			last.State, last.EndedAt = source.BackFailed, r.Now()
		}
	}
	if err := r.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Sources().StepBack(ctx, last) }); err != nil && !fault.Is(err, fault.Conflict) {
		r.Log.Warn("the reading of the past cannot be noted", "source", b.Source, "error", err)
	}
	return wait, last.State == source.BackRuns
}
