package site

import (
	"time"

	"otklik/internal/account"
)

// A Version says who made a version of what a centre edits whole (the taxonomy, the
// regimes), when, and what it changed.
type Version struct {
	Version int        `json:"version"`
	At      time.Time  `json:"at,omitzero"`       // zero for the one that the program brought
	Who     account.ID `json:"who,omitempty"`     // 0: the command line, or the program itself
	Changes []string   `json:"changes,omitempty"` // in words, for people
}
