// Package shift is the vocabulary of shifts at the desk: who closed one with what
// note and figures, and who took it over.
package shift

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A Shift is the work between two handovers of one part of the region.
type Shift struct {
	ID         int64
	Place      scope.Place // whose: region, centre or agency
	OpenedAt   time.Time
	ClosedAt   time.Time // zero while it lasts
	ClosedBy   account.ID
	AcceptedAt time.Time // by the next one
	AcceptedBy account.ID
	Note       string // for the next one; erasable
	Figures    Figures
}

// Figures are the counts of a shift when it was closed.
type Figures struct {
	Came      int `json:"came"`     // opened during it
	Handed    int `json:"handed"`   // accepted during it
	Answered  int `json:"answered"` // first replies during it
	Verified  int `json:"verified"` // seen to be solved during it
	Closed    int `json:"closed"`   // ended during it
	Open      int `json:"open"`     // left to the next one
	Danger    int `json:"danger"`   // of those
	New       int `json:"new"`      // nobody has looked at
	Uncertain int `json:"unclear"`  // publications whose end nobody knows
}

// A Store keeps shifts.
type Store interface {
	SaveShift(ctx context.Context, s *Shift) error // inserts when ID is 0
	// Shifts returns the shifts of exactly that place, the latest first.
	Shifts(ctx context.Context, at scope.Place, limit int) ([]Shift, error)
}
