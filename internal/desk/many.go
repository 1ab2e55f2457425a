package desk

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// manyLimit is how many incidents one deed for many may name.
const manyLimit = 200

// A Doer does one change: a Desk, or what stands before it.
type Doer interface {
	Do(ctx context.Context, who account.Actor, id incident.ID, version int, c Change) (*incident.Incident, error)
}

// A Target is an incident as the actor saw it; version 0 means whatever is stored.
type Target struct {
	ID      incident.ID
	Version int
}

// A Result says what became of one incident of a deed for many.
type Result struct {
	ID      incident.ID
	Version int   // after the deed; 0 where it was refused
	Err     error // the refusal
}

// Many does one change to many incidents, each in a transaction of its own, and
// says of each whether it was done. An error that is no refusal ends it. Merge is one
// deed: the rest goes into the oldest, or all is refused.
func Many(ctx context.Context, d Doer, who account.Actor, targets []Target, c Change) ([]Result, error) {
	if len(targets) == 0 || len(targets) > manyLimit {
		return nil, fault.New(fault.Invalid, "%d incidents, of 1 to %d", len(targets), manyLimit).At("incidents").
			Say("За один раз можно от 1 до 200 инцидентов.")
	}
	seen := map[incident.ID]bool{}
	var once []Target
	for _, t := range targets {
		if !seen[t.ID] {
			once = append(once, t)
		}
		seen[t.ID] = true
	}
	if !lifecycle.May(who.Role, c.Action()) {
		_, err := lifecycle.Next(lifecycle.New, c.Action(), who.Role)
		out := make([]Result, len(once))
		for k, t := range once {
			out[k] = Result{ID: t.ID, Err: err}
		}
		return out, nil
	}
	if c.Action() == lifecycle.Merge {
		return mergeMany(ctx, d, who, once)
	}
	out := make([]Result, 0, len(once))
	for _, t := range once {
		i, err := d.Do(ctx, who, t.ID, t.Version, c)
		r := Result{ID: t.ID, Err: err}
		if err == nil {
			r.Version = i.Version
		} else if !refused(err) {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func mergeMany(ctx context.Context, d Doer, who account.Actor, targets []Target) ([]Result, error) {
	if len(targets) < 2 {
		return nil, fault.New(fault.Invalid, "one incident alone").At("incidents").Say("Отметьте хотя бы два инцидента, чтобы объединить их.")
	}
	into := targets[0]
	for _, t := range targets {
		if t.ID < into.ID {
			into = t
		}
	}
	var rest []incident.ID
	for _, t := range targets {
		if t.ID != into.ID {
			rest = append(rest, t.ID)
		}
	}
	i, err := d.Do(ctx, who, into.ID, into.Version, Merge{Others: rest})
	if err != nil && !refused(err) {
		return nil, err
	}
	var out []Result
	for _, t := range targets {
		r := Result{ID: t.ID, Err: err}
		if err == nil && t.ID == into.ID {
			r.Version = i.Version // what takes it back is done here
		}
		out = append(out, r)
	}
	return out, nil
}

// refused reports whether the error is about this incident and this person, not about the machine.
func refused(err error) bool {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Conflict, fault.Forbidden, fault.Invalid:
		return true
	}
	return false
}
