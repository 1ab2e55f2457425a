package ingest

import (
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Recent is how old a message of a source's past may be and still open an incident. What is
// older is history: it is read and kept, found by search and by those who look for a
// thread's beginning, and opens nothing and joins nothing: its author waits no more, and
// a month of a wall would be a crowd of cases that are overdue at once.
const Recent = 3 * 24 * time.Hour

// Back takes in what a source gave of its past, together with also. A message whose id is
// here already is left alone, whatever its revision: the live reading knows better.
func (in *Intake) Back(ctx context.Context, c source.Connection, list []message.Message, also func(tx incident.Tx, kept int) error) (sum Summary, err error) {
	defer fault.Wrap(&err, "ingest.Back(%d messages)", len(list))
	in.Place(c, list)
	var fresh []message.Message
	known := int64(0)
	for k := range list {
		_, err := in.Store.Reader().Messages().ByNative(ctx, list[k].Source, list[k].Native)
		switch {
		case err == nil:
			known++
		case fault.Is(err, fault.NotFound):
			fresh = append(fresh, list[k])
		default:
			return sum, err
		}
	}
	js, err := in.judge(ctx, fresh)
	if err != nil {
		return sum, err
	}
	recent := in.Now().Add(-Recent)
	for k := range js {
		js[k].back, js[k].old = true, js[k].m.PublishedAt.Before(recent)
	}
	sum, err = in.enter(ctx, js, func(tx incident.Tx) error {
		kept := 0
		for k := range js {
			if js[k].kept {
				kept++
			}
		}
		return also(tx, kept)
	})
	sum.Read, sum.Duplicate = sum.Read+known, sum.Duplicate+known
	return sum, err
}
