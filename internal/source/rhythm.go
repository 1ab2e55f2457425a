package source

import (
	"time"

	"otklik/internal/message"
)

// A Rhythm says when a source that is paced was looked at by its plan, and when it will be.
// What was looked at may have brought nothing to read.
type Rhythm struct{ Last, Next time.Time }

// A Planned puller has a rhythm of its own, by which it may sleep for long; false while the
// plan knows nothing of it.
type Planned interface {
	Puller
	Rhythm() (Rhythm, bool)
}

// overdue is how late by its own plan a source may be.
const overdue = 2 * time.Hour

// FareBy is FareOf for a source that is read by a plan, whose rhythm is the plan's.
func FareBy(kept *Source, s *message.SourceState, r Rhythm, now time.Time) Fare {
	fare := FareOf(kept, s, now)
	if fare != Stale || r.Next.IsZero() {
		return fare
	}
	last := r.Last
	if s.ReadAt.After(last) {
		last = s.ReadAt
	}
	if now.Sub(last) <= longSilence || now.Before(r.Next.Add(overdue)) {
		return Good
	}
	return Stale
}
