// Package notice is the vocabulary of what the desk tells its own people: that time
// runs out, that a draft waits, that an author is not satisfied. A Notice is written
// in the transaction of the event that causes it, once for each person; what leaves
// the product (Delivery) is made of it afterwards.
//
// A notice holds ids and codes. What people read of it (Line) names the number, the
// topic, the place without a flat and the due time: no resident's word, name or phone.
package notice

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// An ID names a notice.
type ID int64

// A Kind says what a notice is about; people choose channels by it.
type Kind string

// Kinds, the most pressing first.
const (
	Call     Kind = "call"     // somebody is in danger: a call cannot wait
	Deadline Kind = "deadline" // the time of a step runs out, or has
	Reopened Kind = "reopened" // the trouble is still there
	Arbiter  Kind = "arbiter"  // two agencies declined in a row
	Approval Kind = "approval" // a draft waits
	Returned Kind = "returned" // a draft came back, or did not leave
	Promise  Kind = "promise"  // its day comes, has come, or it was broken
	Given    Kind = "given"    // work was handed over
	Mention  Kind = "mention"  // a colleague names the reader in a note
	Followed Kind = "followed" // what the reader keeps an eye on came on
	System   Kind = "system"   // a channel does not work

	Digest Kind = "digest" // what is late, due today and waits; chosen apart from the others
)

// Kinds returns all kinds, the most pressing first.
func Kinds() []Kind {
	return []Kind{Call, Deadline, Reopened, Arbiter, Approval, Returned, Promise, Given, Mention, Followed, System}
}

// A Notice tells one person one thing.
type Notice struct {
	ID       ID
	Account  account.ID // who is told
	Region   string
	Kind     Kind
	What     string      // refines the kind: one of the codes of Line
	Cause    string      // «entry:42»: of one cause each person is told once
	Incident int64       // 0 for none
	Step     regime.Kind // of a deadline
	Due      time.Time   // of a deadline or a promise
	Subject  int64       // of System: whose channel; of Mention: the note
	At       time.Time
	SeenAt   time.Time // zero = not yet
}

// A Person is somebody who may be told of what stands at a place.
type Person struct {
	ID     account.ID
	Role   lifecycle.Role
	Agency int64 // 0 for the centre's own people
}

// A Filter says which notices of a person are shown.
type Filter struct {
	Unseen bool
	Kind   Kind // "" = all
	About  int64
	After  ID // page on from here; 0 = from the newest
	Limit  int
}

// A Store keeps notices.
type Store interface {
	// Roster returns enabled accounts of the roles whose sight reaches the place.
	Roster(ctx context.Context, at scope.Place, roles ...lifecycle.Role) ([]Person, error)
	// Write stores notices; one that its person had of the same cause is left out.
	Write(ctx context.Context, list []Notice) error
	// Notices returns a person's notices, the newest first.
	Notices(ctx context.Context, who account.ID, f Filter) ([]Notice, error)
	// Unseen counts what the person has not seen, up to limit.
	Unseen(ctx context.Context, who account.ID, limit int) (int, error)
	// See marks as seen: all of them when about is 0, else those about an incident. It
	// returns how many there were.
	See(ctx context.Context, who account.ID, about int64, now time.Time) (int, error)
	// Forget removes notices older than before with their deliveries.
	Forget(ctx context.Context, before time.Time) error
}

// Posts keep what leaves the product, what people chose and where they are reached.
type Posts interface {
	// Unrouted returns notices whose channels were not chosen yet, oldest first.
	Unrouted(ctx context.Context, limit int) ([]Notice, error)
	// Route marks a notice as routed and stores what leaves of it.
	Route(ctx context.Context, id ID, list []Delivery) error
	// Due returns who has something to be sent through a channel.
	Due(ctx context.Context, by Channel, now time.Time, limit int) ([]Box, error)
	// Take takes what is due for a box, at most limit, until lease: one batch. What was
	// taken and never settled comes back as the batch that it was.
	Take(ctx context.Context, b Box, now, lease time.Time, limit int) ([]Delivery, error)
	// Interrupted makes due at once what was taken and never settled, and returns how much
	// that is: the caller knows that nobody is at it.
	Interrupted(ctx context.Context) (int, error)
	// Settle stores what became of a batch.
	Settle(ctx context.Context, list []Delivery) error
	// ByIDs returns notices by id, oldest first.
	ByIDs(ctx context.Context, ids []ID) ([]Notice, error)

	Choice(ctx context.Context, who account.ID) (Choice, error) // Default when nothing was chosen
	SaveChoice(ctx context.Context, c Choice) error
	// Digests returns choices with a digest that was last made before the moment.
	Digests(ctx context.Context, before time.Time, limit int) ([]Choice, error)

	Addresses(ctx context.Context, who account.ID) ([]Address, error)
	Address(ctx context.Context, id int64) (*Address, error)
	// ByCode finds an address that waits for its code on a channel.
	ByCode(ctx context.Context, c Channel, code string, now time.Time) (*Address, error)
	// ByTarget finds addresses that lead to the same place.
	ByTarget(ctx context.Context, c Channel, to string) ([]Address, error)
	SaveAddress(ctx context.Context, a *Address) error // inserts when ID is 0
	DropAddress(ctx context.Context, id int64) error
	// Trouble says how the channels of a region fare: addresses that refuse, but for those
	// that have ended, and how much waits or was given up since.
	Trouble(ctx context.Context, sc scope.Scope, since time.Time) (Trouble, error)
}

// Trouble is what an administrator sees of the channels.
type Trouble struct {
	Broken []Address
	By     []Count
}

// A Count is how many deliveries of a channel stand in a state.
type Count struct {
	Channel Channel
	State   State
	N       int
	Error   string // of one of them
}
