package incident

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/applicant"
	"otklik/internal/attachment"
	"otklik/internal/audit"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/feedback"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/notice"
	"otklik/internal/precedent"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/shift"
	"otklik/internal/source"
	"otklik/internal/standing"
	"otklik/internal/talk"
	"otklik/internal/team"
	"otklik/internal/template"
	"otklik/internal/topic"
	"otklik/internal/webhook"
)

// A Tx is one transaction over everything that stands around an incident. Its
// stores see each other's changes; all of them come to be, or none.
type Tx interface {
	Incidents() Store
	Messages() message.Store
	Intake() message.Intake
	Ring() message.Ring
	Replies() reply.Store
	Agencies() agency.Store
	Accounts() account.Store
	Audit() audit.Store
	Proposals() Proposals
	Disputes() Disputes
	Links() Links
	Team() team.Store
	Checklists() checklist.Store
	Shifts() shift.Store
	Standing() standing.Store
	Lessons() lesson.Store
	Feedback() feedback.Store
	Clocks() Clocks
	Promises() promise.Store
	Fanouts() reply.Fanouts
	Problems() problem.Store
	Calls() call.Store
	Templates() template.Store
	Machines() reply.Machines
	Notices() notice.Store
	Posts() notice.Posts
	Precedents() precedent.Store
	Sources() source.Store
	Attachments() attachment.Store
	Webhooks() webhook.Store
	Talks() talk.Store
	Neighbours() neighbour.Store
	Applicants() applicant.Store
	Uploads() attachment.Uploads
	Suspicions() Suspicions
}

// A Lane says who waits for a transaction: people go before machines.
type Lane int

// Lanes.
const (
	People Lane = iota
	Machine
)

// A Store keeps incidents and their history.
type Store interface {
	// Open stores a new incident and sets its ID, Number and Version 1.
	Open(ctx context.Context, i *Incident) error
	// Save stores a changed incident and raises its Version. It is a Conflict
	// when the stored version is not i.Version.
	Save(ctx context.Context, i *Incident) error
	Incident(ctx context.Context, sc scope.Scope, id ID) (*Incident, error)
	ByNumber(ctx context.Context, sc scope.Scope, number string) (*Incident, error)
	// Attach adds a message to an incident; a message belongs to one at most.
	Attach(ctx context.Context, id ID, m message.ID) error
	Detach(ctx context.Context, id ID, m message.ID) error
	// Record appends to the history.
	Record(ctx context.Context, e *Entry) error
	History(ctx context.Context, sc scope.Scope, id ID) ([]Entry, error) // oldest first
	// Queue returns a page of the queue.
	Queue(ctx context.Context, sc scope.Scope, f Filter) (Page, error)
	// Count counts what the filter lets through, up to limit (counting goes no further).
	Count(ctx context.Context, sc scope.Scope, f Filter, limit int) (int, error)
	// KeepPast notes what another system knows of an incident: key, number and the words
	// that stand there, no place and no answer; and that it said so (message.Past.Digest).
	KeepPast(ctx context.Context, id ID, p *message.Past) error
	// Past returns it, NotFound where the incident began here.
	Past(ctx context.Context, sc scope.Scope, id ID) (*message.Past, error)
	// ByPast returns the incidents of cases of another system, the first of each; of any
	// region for "".
	ByPast(ctx context.Context, region string, keys ...string) ([]PastCase, error)
	// Near returns incidents of the topic at the place, opened since, newest first.
	Near(ctx context.Context, sc scope.Scope, n Near) ([]Row, error)
	// Rows returns rows for the ids that the scope sees, in the order asked.
	Rows(ctx context.Context, sc scope.Scope, ids []ID) ([]Row, error)
}

// A Near asks for incidents about the same thing.
type Near struct {
	Topic      topic.Code // "" asks for any
	Settlement string     // OKTMO
	Street     string     // "" asks for the settlement
	House      string     // "" asks for the street
	Landmark   string     // "" asks for any
	Since      time.Time
	Not        ID
	OnlyOpen   bool
	Limit      int
}

// An Order says how the queue is sorted.
type Order string

// Orders.
const (
	Newest  Order = "newest"  // by OpenedAt, newest first (default)
	Oldest  Order = "oldest"  //
	Urgent  Order = "urgent"  // danger first, then oldest
	Changed Order = "changed" // last changed first
	DueNext Order = "due"     // by the due time, the most overdue first; open incidents only
)

// A Filter says which incidents the queue shows. Empty fields let everything through.
type Filter struct {
	States   []lifecycle.State
	Open     bool // states in which work is still to be done
	Topic    topic.Code
	Group    string
	Agency   int64
	NoAgency bool
	Centre   string // OKTMO of a municipality
	Urgency  message.Urgency
	Channel  message.Channel
	Missing  bool       // something must be asked
	Doubted  bool       // a reply of it reads like a runaround (package lint)
	Suspect  bool       // what residents sent looks like spam, and nobody has said that it is not
	Claimed  account.ID // claimed by
	Free     bool       // claimed by nobody
	Words    [][]string // full text: every word as alternative lemmas; all words must occur
	Crowd    ID         // this incident, and what is proposed to go into it as one trouble of many people
	Since    time.Time  // opened
	Until    time.Time
	DueSince time.Time // due after
	DueUntil time.Time // due at or before: until now, what is overdue
	Paused   bool      // the clock stands
	Result   Result    // how it stands in the figures of leaders, at At
	At       time.Time
	Executor account.ID // works on it
	Shown    *Shown     // everybody may see it; nil asks for no such thing
	Order    Order
	After    Cursor // page on from here
	Limit    int    // rows, default 50
}

// A Cursor is a place in an ordered queue: the last row of the page before.
type Cursor struct {
	Key string // sort key of that row; empty = from the beginning
	ID  ID
}

// A Page is a page of the queue.
type Page struct {
	Rows []Row
	Next Cursor // Key empty when this was the last page
}

// A Row is what the queue shows of an incident.
type Row struct {
	Incident
	Excerpt string // the beginning of the first message, at most 280 characters, erasable words
	Gone    bool   // the first message was deleted at its network
	Agency  string // short name
	Claimer string // name of who claimed it
}
