// Package audit is the vocabulary of who did what apart from incidents: who
// signed in, who read a resident's name, who changed a rule. Lines hold ids and
// codes, never the data itself; nothing is ever changed or removed.
package audit

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A Deed is what was done.
type Deed string

// Deeds.
const (
	SignedIn     Deed = "signed_in"
	SignInFailed Deed = "sign_in_failed"
	SignedOut    Deed = "signed_out"
	ReadPersonal Deed = "read_personal" // Subject is the message whose name or contact was shown
	Erased       Deed = "erased"        // Subject is the message whose words were taken away
	Exported     Deed = "exported"
	Changed      Deed = "changed" // rules, accounts, settings
)

// An Entry is one line of the audit.
type Entry struct {
	ID      int64
	At      time.Time
	Who     account.ID
	Deed    Deed
	Subject string // «message:42», «account:7»
	Place   scope.Place
}

// A Store keeps the audit.
type Store interface {
	Record(ctx context.Context, e Entry) error
	Entries(ctx context.Context, sc scope.Scope, limit int) ([]Entry, error) // newest first
}
