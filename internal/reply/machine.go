package reply

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A MachineDraft is what the assistant proposed for an incident. It is no reply: a
// person edits it, or says that it stands as it is.
type MachineDraft struct {
	ID       int64
	Incident int64
	Kind     string // MachineReply, MachineSummary
	Model    string
	By       account.ID // who asked
	At       time.Time
	Text     string // erasable
	Place    scope.Place
}

// Kinds of what the assistant proposes.
const (
	MachineReply   = "reply"
	MachineSummary = "summary"
)

// What a person did with a machine's draft before it went on as a reply.
const (
	MachineEdited   = "edited"
	MachineAccepted = "accepted" // not a word was changed, and somebody answers for it
)

// Machines keeps what the assistant proposed.
type Machines interface {
	SaveMachineDraft(ctx context.Context, d *MachineDraft) error
	// MachineDrafts returns those of an incident, the newest first.
	MachineDrafts(ctx context.Context, incident int64, limit int) ([]MachineDraft, error)
}
