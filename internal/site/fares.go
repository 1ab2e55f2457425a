package site

import (
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// SourceFares is the part of a keeper of sources that tells what is stored nowhere: what
// their networks let us ask, and by which rhythm a plan reads them. roster.Roster is one.
type SourceFares interface {
	Quotas(id string) []source.Quota
	Rhythm(id string) (source.Rhythm, bool)
}

// SourceFare sums up how a source fares, with the rhythm of the plan that reads it.
func SourceFare(keeper SourceKeeper, kept *source.Source, s *message.SourceState, now time.Time) source.Fare {
	fare := source.FareOf(kept, s, now)
	if f, ok := keeper.(SourceFares); ok && fare == source.Stale {
		if r, planned := f.Rhythm(s.ID); planned {
			return source.FareBy(kept, s, r, now)
		}
	}
	return fare
}

// SourceQuotas returns what the network of a source lets us ask.
func SourceQuotas(keeper SourceKeeper, id string) []source.Quota {
	if f, ok := keeper.(SourceFares); ok {
		return f.Quotas(id)
	}
	return nil
}
