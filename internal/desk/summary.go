package desk

import (
	"cmp"
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/order"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A MassSummary is what pages and programs show of replies to all.
type MassSummary struct {
	Mass    *reply.Mass // nil: the incident is not mass
	Fanouts []FanoutSummary
	Resting []reply.Outlet // sources that rest or wait for a person, by name
}

// A FanoutSummary is one reply to all.
type FanoutSummary struct {
	reply.Fanout
	Progress reply.Progress
	Joined   int // messages that came since and have not got it; of the newest alone
}

// MassOf sums up the replies to all of an incident.
func MassOf(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, now time.Time) (out MassSummary, err error) {
	defer fault.Wrap(&err, "desk.MassOf(%d)", i.ID)
	if out.Mass, err = tx.Fanouts().Mass(ctx, int64(i.ID)); fault.Is(err, fault.NotFound) {
		out.Mass = nil
	} else if err != nil {
		return out, err
	}
	list, err := tx.Fanouts().FanoutsOf(ctx, sc, int64(i.ID))
	if err != nil {
		return out, err
	}
	for k, f := range list {
		sum := FanoutSummary{Fanout: f}
		if sum.Progress, err = tx.Fanouts().Progress(ctx, f.ID); err != nil {
			return out, err
		}
		if k == 0 && f.State != reply.Cancelled {
			if sum.Joined, err = joinedSince(ctx, tx, sc, i, f.ID); err != nil {
				return out, err
			}
		}
		out.Fanouts = append(out.Fanouts, sum)
	}
	resting, err := Resting(ctx, tx, sc, now)
	for _, o := range resting {
		out.Resting = append(out.Resting, o)
	}
	order.By(out.Resting, func(a, b reply.Outlet) int { return cmp.Compare(a.Source, b.Source) })
	return out, err
}

// joinedSince counts the authors in threads that have no job of the fan-out.
func joinedSince(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, id reply.FanoutID) (n int, err error) {
	covered, err := tx.Fanouts().Covered(ctx, id)
	if err != nil {
		return 0, err
	}
	messages, err := tx.Messages().OfIncident(ctx, sc, int64(i.ID))
	if err != nil {
		return 0, err
	}
	return len(uncovered(messages, covered, nil)), nil
}

// Shown returns the first of a plan's targets, those that lack a variable before
// the others.
func (p *Plan) Shown(limit int) (out []PlannedReply) {
	for _, lacks := range []bool{true, false} {
		for k := range p.Targets {
			if t := &p.Targets[k]; len(out) < limit && (len(t.Missing) > 0) == lacks {
				out = append(out, *t)
			}
		}
	}
	return out
}
