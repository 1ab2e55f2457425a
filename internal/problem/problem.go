// Package problem is the vocabulary of durable faults: «Чертыгашева 33, задвижка»
// leaks for a year while its incidents are opened, answered and closed one after
// another. A Problem owns them over the years, so that nobody can say "handled"
// fourteen times.
//
// A problem is about one group of topics at one house or landmark. It opens by
// itself when somebody writes about the same place and group again days later, and
// opens again when that happens after it was closed.
package problem

import (
	"context"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// An ID names a problem for ever.
type ID int64

// A State says whether the fault is there.
type State string

// States.
const (
	Open   State = "open"
	Closed State = "closed" // somebody looked: it is gone
)

// A Problem is a durable fault at a place.
type Problem struct {
	ID    ID
	Group string // of topics, by name
	At    Place
	State State

	Since     time.Time // the first message about it was written
	LastAt    time.Time // the latest incident was opened
	Incidents int       // that belong to it

	ClosedAt time.Time
	ClosedBy account.ID
	How      string // how it is known: photo, author, inspector, neighbour
	Reason   string // official words
	Reopened int

	Scope scope.Place // where it stands; the agency is that of the latest incident
}

// A Place is what a problem is at: the same words as in an incident's address.
type Place struct {
	Settlement string // OKTMO
	Town       string // name
	Street     string
	House      string
	Landmark   string
}

// Exact reports whether two incidents at such a place are at the same spot.
func (p Place) Exact() bool { return p.Settlement != "" && (p.House != "" || p.Landmark != "") }

// String returns the place as on screen.
func (p Place) String() string {
	var parts []string
	for _, s := range []string{p.Town, p.Street, p.House, p.Landmark} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// Days returns for how many days the fault has been known.
func (p *Problem) Days(now time.Time) int {
	end := now
	if !p.ClosedAt.IsZero() {
		end = p.ClosedAt
	}
	return int(end.Sub(p.Since).Hours() / 24)
}

// A Filter says which problems are listed, the longest known first.
type Filter struct {
	Open    bool
	Group   string
	Centre  string // OKTMO
	After   time.Time
	AfterID ID
	Limit   int // default 50
}

// A Store keeps problems.
type Store interface {
	// Find returns the problem of a group at a place, NotFound when there is none.
	Find(ctx context.Context, region, group string, at Place) (*Problem, error)
	Save(ctx context.Context, p *Problem) error // inserts when ID is 0
	Problem(ctx context.Context, sc scope.Scope, id ID) (*Problem, error)
	List(ctx context.Context, sc scope.Scope, f Filter) ([]Problem, error)
	// Link gives an incident to a problem, and takes it from another; 0 takes it away.
	// The counts of both are kept.
	Link(ctx context.Context, id ID, incident int64, opened time.Time) error
	// Of returns the problem of an incident, 0 when it has none.
	Of(ctx context.Context, incident int64) (ID, error)
	// Incidents returns the incidents of a problem, oldest first.
	Incidents(ctx context.Context, id ID) ([]int64, error)
}
