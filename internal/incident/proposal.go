package incident

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A Proposal says that two incidents are likely one: the younger one should go
// into the older one. It is made by the machine and decided by a person.
type Proposal struct {
	Incident  ID // the younger one
	Into      ID // the older one
	Kind      ProposalKind
	Score     float64  // 0 … 1
	Reasons   []string // Russian phrases; never words of residents
	State     ProposalState
	CreatedAt time.Time
	DecidedAt time.Time
	DecidedBy account.ID
	Place     scope.Place // of the younger one
}

// A ProposalKind says why two incidents are proposed to be one.
type ProposalKind string

// Kinds of proposals.
const (
	Same  ProposalKind = "same"  // text, place, topic and time say so
	Burst ProposalKind = "burst" // many like these came within hours: one trouble of many people
)

// A ProposalState says what became of a proposal.
type ProposalState string

// States of proposals.
const (
	Waiting   ProposalState = "waiting"
	Accepted  ProposalState = "accepted"
	Dismissed ProposalState = "dismissed" // a person said no: it is not proposed again
)

// Proposals keeps proposals, one for each pair of incidents, whichever is named first.
type Proposals interface {
	// Propose stores a proposal. One that waits is made a Burst by a Burst, and keeps
	// the better score with its reasons; one that was decided stays as it is.
	Propose(ctx context.Context, p *Proposal) error
	// ProposalsOf returns what waits about an incident, the best first: both incidents are
	// open and seen by the scope.
	ProposalsOf(ctx context.Context, sc scope.Scope, id ID) ([]Proposal, error)
	// Waiting returns what waits in the scope, the latest first, at most limit: both
	// incidents are open and seen. An empty kind means every kind.
	Waiting(ctx context.Context, sc scope.Scope, kind ProposalKind, limit int) ([]Proposal, error)
	// Decide notes a person's decision about a pair, proposed or not.
	Decide(ctx context.Context, p *Proposal) error
}
