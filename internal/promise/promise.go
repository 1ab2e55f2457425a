// Package promise is the vocabulary of dated obligations in replies: the words
// that hold them and what became of them.
//
// Find reads a reply and returns each date and term that it promises something
// by, with the day on which anybody can check it, and those that nobody can
// check (Vague): «в ближайшее время», «после схода снега». A Promise is one of
// them as the desk keeps it, from the publication of its reply on.
package promise

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// An ID names a promise.
type ID int64

// A State says what became of a promise.
type State string

// States.
const (
	Open    State = "open"
	Kept    State = "kept"
	Broken  State = "broken"
	Moved   State = "moved"   // to another day, with a reason; MovedTo is the promise of that day
	Dropped State = "dropped" // the machine misread the reply: it promises nothing
)

var stateWords = map[State]string{Open: "ждёт срока", Kept: "выполнено", Broken: "не выполнено", Moved: "перенесено", Dropped: "не обещание"}

// Name returns the state's Russian word.
func (s State) Name() string { return stateWords[s] }

// A Promise is one dated obligation. It holds offsets into its reply, no words of it.
type Promise struct {
	ID       ID
	Incident int64
	Reply    int64
	Span     russian.Span // the expression in the reply; of a moved one: that of the first
	Sentence russian.Span
	From     time.Time
	Until    time.Time // zero when Vague
	Vague    bool
	Why      string // how the term was counted, or why it is vague
	State    State
	Before   ID // the promise that was moved here, 0 for one of a reply
	MovedTo  ID
	Reason   string // why it was broken or moved, in official words
	By       account.ID
	MadeAt   time.Time
	Settled  time.Time
	RemindAt time.Time // zero: no reminder
	Reminded bool
	Checked  bool // its day came, and the desk was told
	Place    scope.Place
}

// Overdue reports whether the day has passed and nobody has said what became of it.
func (p *Promise) Overdue(now time.Time) bool {
	return p.State == Open && !p.Vague && p.Until.Before(now)
}

// A Filter says which promises a calendar shows. Empty fields let everything through.
type Filter struct {
	From, Until time.Time // Until of the promise lies in [From, Until)
	Agency      int64
	State       State
	Vague       bool // those without a day instead, the newest first
	Limit       int  // 0: 200
}

// A Tally is how an agency keeps its word.
type Tally struct {
	Agency                                      int64
	Made, Waiting, Overdue, Kept, Broken, Moved int
	Vague                                       int
}

// A Store keeps promises.
type Store interface {
	SavePromise(ctx context.Context, p *Promise) error // inserts when ID is 0
	Promise(ctx context.Context, sc scope.Scope, id ID) (*Promise, error)
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Promise, error) // oldest first
	// Calendar returns promises by their day, the earliest first.
	Calendar(ctx context.Context, sc scope.Scope, f Filter) ([]Promise, error)
	// Due returns open promises whose reminder or whose day has come and that nobody was
	// told of, the earliest first. Who tells saves them with Reminded, Checked in the same transaction.
	Due(ctx context.Context, now time.Time, limit int) ([]Promise, error)
	// Tally counts promises made since, by agency.
	Tally(ctx context.Context, sc scope.Scope, since, now time.Time) ([]Tally, error)
}
