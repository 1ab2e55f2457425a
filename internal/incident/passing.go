package incident

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// MaxHops is how often agencies may decline an incident before an arbiter decides:
// with the second «не наш вопрос» it goes to no third agency.
const MaxHops = 2

// A Transfer is one step of an incident's way from agency to agency.
type Transfer struct {
	At      time.Time
	Who     account.ID
	Name    string // of who did it
	Action  lifecycle.Action
	From    int64  // the agency that had it; 0 = the centre
	To      int64  // 0 = the centre
	Reason  string // official words
	Unknown string // why who declined could name nobody
}

// A Passing is an incident's way from agency to agency, read off its history.
type Passing struct {
	Way      []Transfer
	Declines int   // since the arbiter's last word
	Waiting  bool  // for an arbiter
	Bound    int64 // the agency that the arbiter named last; it may not decline
}

// Passed reads the way off a history. Only a change of agency counts: handing over
// inside one does not, and what was taken back never was.
func Passed(history []Entry) Passing {
	var way []Transfer
	var versions []int // of each step of the way
	holder, last := int64(0), 0
	for _, e := range history {
		if e.Action == lifecycle.Undo {
			if n := len(way); n > 0 && versions[n-1] == last {
				holder, way, versions = way[n-1].From, way[:n-1], versions[:n-1]
			}
			continue
		}
		if e.Who != 0 || e.Action != lifecycle.Attach && e.Action != lifecycle.Correct { // as undo counts
			last = e.Version
		}
		t := Transfer{At: e.At, Who: e.Who, Name: e.Name, Action: e.Action, From: holder, To: e.Detail.Agency, Reason: e.Detail.Reason, Unknown: e.Detail.Unknown}
		switch e.Action {
		case lifecycle.HandOver, lifecycle.Decide:
			if t.To == holder && e.Action == lifecycle.HandOver {
				continue
			}
		case lifecycle.Decline:
			if e.To == lifecycle.Triage { // nobody named, or an arbiter's
				t.To = 0
			}
		default:
			continue
		}
		holder, way, versions = t.To, append(way, t), append(versions, e.Version)
	}
	p := Passing{Way: way}
	for _, t := range way {
		switch t.Action {
		case lifecycle.Decline:
			p.Declines++
		case lifecycle.Decide:
			p.Declines, p.Bound = 0, t.To
		}
	}
	p.Waiting = p.Declines >= MaxHops
	return p
}

// A Dispute is an incident that agencies pass on to one another, and that waits
// for an arbiter or has his word.
type Dispute struct {
	Incident  ID
	Hops      int
	State     DisputeState
	Since     time.Time
	DecidedAt time.Time
	DecidedBy account.ID
}

// A DisputeState says whether the arbiter has spoken.
type DisputeState string

// States of a dispute.
const (
	ForArbiter DisputeState = "waiting"
	Arbitrated DisputeState = "decided"
)

// Disputes keeps the arbiter's queue.
type Disputes interface {
	// SaveDispute stores where an incident's dispute stands, one for each incident.
	SaveDispute(ctx context.Context, d *Dispute) error
	// Disputes returns those in the state whose incidents are open and seen by the
	// scope: waiting ones that have waited longest first, decided ones the latest first.
	Disputes(ctx context.Context, sc scope.Scope, state DisputeState, limit int) ([]Dispute, error)
}
