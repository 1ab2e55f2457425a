// Package account is the vocabulary of the people who work here: accounts with
// a role and a scope, their sessions, the tokens of
// their programs, and saved views.
package account

import (
	"context"
	"time"

	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// An ID names an account.
type ID int64

// An Account is one person who signs in.
type Account struct {
	ID       ID
	Login    string
	Name     string // «Ирина Соколова»
	Role     lifecycle.Role
	Hash     string // argon2id
	Disabled bool
	Place    scope.Place // what the person may see: region, centre, agency; empty = all
}

// Scope returns what the account sees. Who works in an agency sees all that was
// handed to it, whichever municipal centre it comes from.
func (a *Account) Scope() scope.Scope {
	switch {
	case a.Place.Agency != 0:
		return scope.OfAgency(a.Place.Region, a.Place.Agency)
	case a.Place.Centre != "":
		return scope.OfCentre(a.Place.Region, a.Place.Centre)
	}
	return scope.OfRegion(a.Place.Region)
}

// Actor returns who acts when the account does.
func (a *Account) Actor() Actor {
	return Actor{ID: a.ID, Name: a.Name, Role: a.Role, Scope: a.Scope()}
}

// An Actor is who does something: an account, or the machine itself.
type Actor struct {
	ID    ID // 0 for the machine
	Name  string
	Role  lifecycle.Role
	Scope scope.Scope
}

// System returns the machine itself.
func System() Actor { return Actor{Name: "Отклик", Role: lifecycle.System, Scope: scope.All()} }

// A View is a saved queue: a name and the URL query of its filters.
type View struct {
	ID    int64
	Owner ID
	Name  string
	Query string
}

// A Session is a signed-in browser. The store keeps a hash of the token only.
type Session struct {
	Token   string
	Data    []byte
	Expires time.Time
}

// A Token lets a program act as its owner. The secret itself is shown once and
// never kept: the store has a hash of it.
type Token struct {
	ID      int64
	Owner   ID
	Name    string // what it is for: «выгрузка в хранилище»
	Created time.Time
	Expires time.Time
}

// A Store keeps accounts, sessions, tokens and saved views.
type Store interface {
	Accounts(ctx context.Context, sc scope.Scope) ([]Account, error)
	Account(ctx context.Context, id ID) (*Account, error)
	ByLogin(ctx context.Context, login string) (*Account, error)                    // fault.NotFound for nobody
	SaveAccount(ctx context.Context, a *Account) error                              // inserts when ID is 0
	Session(ctx context.Context, token string) (data []byte, found bool, err error) // not found when expired
	SaveSession(ctx context.Context, s Session) error
	EndSession(ctx context.Context, token string) error
	EndExpired(ctx context.Context, now time.Time) error                   // sessions and tokens
	Token(ctx context.Context, secret string) (*Token, error)              // fault.NotFound when expired
	Tokens(ctx context.Context, sc scope.Scope, owner ID) ([]Token, error) // newest first; owner 0 = of all accounts that sc sees
	SaveToken(ctx context.Context, t *Token, secret string) error          // sets ID
	EndToken(ctx context.Context, id int64) error
	Views(ctx context.Context, owner ID) ([]View, error)
	SaveView(ctx context.Context, v *View) error
	DeleteView(ctx context.Context, owner ID, id int64) error
}
