// Package call is the vocabulary of calls that must be made at once: a message
// speaks of a threat to life or of a child in danger. A Call says whom to ring, who
// rang, when, and what was said.
package call

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// An ID names a call.
type ID int64

// A State says whether the call was made.
type State string

// States.
const (
	Waiting  State = "waiting"
	Made     State = "made"
	Needless State = "needless" // a person looked: nobody is in danger
)

// A Call is one call that must be made.
type Call struct {
	ID       ID
	Incident int64
	Message  int64  // that speaks of the danger
	Why      string // the danger as the machine names it, in Russian: «угроза жизни»; never a resident's words
	State    State
	At       time.Time // it was asked for
	Whom     string    // who was rung: «ЕДДС Абакана, 112»
	Said     string    // what was said; erasable: people name residents
	By       account.ID
	MadeAt   time.Time
	Scope    scope.Place
}

// A Store keeps calls.
type Store interface {
	Save(ctx context.Context, c *Call) error // inserts when ID is 0; a second one for a message is not stored
	Call(ctx context.Context, sc scope.Scope, id ID) (*Call, error)
	// OfIncident returns the calls about an incident, oldest first.
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Call, error)
	// Waiting returns calls that nobody has made, oldest first.
	Waiting(ctx context.Context, sc scope.Scope, limit int) ([]Call, error)
	// Latest returns the last calls that were made, newest first.
	Latest(ctx context.Context, sc scope.Scope, limit int) ([]Call, error)

	// OpenOf returns ids of the open incidents with a message whose author left that number,
	// then those of cards with that name, newest first; however both are written.
	OpenOf(ctx context.Context, sc scope.Scope, phone, name string, limit int) ([]int64, error)
	// Left reports whether somebody who wrote in the incident left a number that ends in
	// those four digits.
	Left(ctx context.Context, sc scope.Scope, incident int64, ending string) (bool, error)

	// Book returns whom to ring in a region, in the order in which it was written.
	Book(ctx context.Context, region string) ([]Contact, error)
	// SaveBook stores the contacts of one municipality, or of the region itself (centre "").
	SaveBook(ctx context.Context, region, centre string, list []Contact) error
}
