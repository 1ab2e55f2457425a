package talk

import "time"

// What one person may write: beyond it we keep the words and answer no more.
const (
	burst     = 30 // messages and presses
	burstTime = 10 * time.Minute
	daily     = 10 // incidents
	dayTime   = 24 * time.Hour
	draftMost = 60 // messages of one matter; what follows begins none and is kept
)

// Patience is how long an unfinished talk waits for its resident.
const Patience = 3 * time.Hour

// loud counts what came and reports whether it is too much; first is true for the one
// message that is told so.
func (s *State) loud(at time.Time) (too, first bool) {
	if at.Sub(s.Since) >= burstTime || at.Before(s.Since) {
		s.Since, s.Count = at, 0
	}
	s.Count++
	return s.Count > burst, s.Count == burst+1
}

// full reports whether the person has sent enough for a day.
func (s *State) full(at time.Time) bool {
	if at.Sub(s.Day) >= dayTime || at.Before(s.Day) {
		s.Day, s.Sent = at, 0
	}
	return s.Sent >= daily
}
