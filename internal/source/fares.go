package source

import (
	"time"

	"otklik/internal/message"
)

// A Fare sums up how a source fares.
type Fare string

// Fares.
const (
	Good   Fare = ""
	Halted Fare = "paused"
	Bad    Fare = "bad"   // the last reading failed, or somebody should mend something
	Stale  Fare = "stale" // nothing fails, and it was not read for long
)

// longSilence is how long a source may go unread before that is told.
const longSilence = 30 * time.Minute

// FareOf sums up the state of a source; kept is nil where people keep nothing of it (a
// file that was imported, a sender of pushes).
func FareOf(kept *Source, s *message.SourceState, now time.Time) Fare {
	polled := s.Channel == message.VK || s.Channel == message.Telegram
	silence := longSilence
	if kept != nil {
		polled, silence = kept.Via == "" && kept.Kind != Hook, max(silence, 2*kept.Every)
	}
	switch {
	case kept != nil && kept.Paused:
		return Halted
	case s.Error != "":
		return Bad
	case polled && !s.ReadAt.IsZero() && now.Sub(s.ReadAt) > silence:
		return Stale
	}
	return Good
}
