// Package reply is the vocabulary of answers: a reply from draft to delivery,
// and the outbox job that publishes it exactly once.
//
// The job is the unit that must survive a kill: it is written in the
// transaction that approves the reply, it carries a key that never changes, and
// a try whose end is not known (Unclear) is settled by reading the thread back,
// never by trying again blindly.
package reply

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// An ID names a reply.
type ID int64

// A State says how far a reply has come.
type State string

// States of a reply.
const (
	Draft     State = "draft"     // waits for approval
	Returned  State = "returned"  // not approved; the reason stands beside
	Approved  State = "approved"  // its job is in the outbox
	Published State = "published" // it stands where the resident wrote; the receipt says where
	Failed    State = "failed"    // it cannot be published; a person must act
	Doubtful  State = "unknown"   // it may stand; the network cannot be asked, a person must look
)

var stateWords = map[State]string{
	Draft: "на согласовании", Returned: "возвращён", Approved: "отправляется",
	Published: "опубликован", Failed: "не отправлен", Doubtful: "неизвестно, отправлен ли",
}

// Name returns the state's Russian word.
func (s State) Name() string { return stateWords[s] }

// A Purpose says what a reply is for.
type Purpose string

// Purposes.
const (
	Final    Purpose = "final"
	Interim  Purpose = "interim"  // work goes on
	Question Purpose = "question" // asks the author for what is missing
	Survey   Purpose = "survey"   // asks the author whether it is solved
	Notice   Purpose = "notice"   // tells the author that the time was extended
)

// A Reply is one answer to one incident.
type Reply struct {
	ID          ID
	Incident    int64
	Message     int64 // the message that it answers; 0 for all messages of the incident (see Fanout)
	Purpose     Purpose
	State       State
	Text        string // official words, yet erasable: people quote names
	By          account.ID
	ApprovedBy  account.ID
	Reason      string // why it was returned or failed, in Russian
	CreatedAt   time.Time
	ApprovedAt  time.Time
	PublishedAt time.Time
	Tried       []string // words of a failed publication that may stand all the same; erasable
	URL         string   // where it stands
	Native      string   // its id at the network
	Place       scope.Place
	Lint        Lint

	Template        int64 // template.ID that it began with; 0 = none
	TemplateVersion int

	Private string // what of it is for its author alone; erasable
	Machine string // what was done with the machine's draft that it began as (MachineEdited, MachineAccepted); "" for none
	Cleared string // why what looks like personal data in Text is none; erasable
}

// A Lint is what package lint found in the words of a reply, without them.
type Lint struct {
	Read     bool // it was asked
	Score    int  // 0 … 100
	Doubt    bool // a likely runaround
	Rules    []string
	Override string // why it goes out all the same, in official words; erasable
}

// A JobState says how far a publication has come.
type JobState string

// States of a job.
const (
	Waiting JobState = "waiting" // due at NextAt
	Sending JobState = "sending" // a try is under way; after a crash: unclear
	Sent    JobState = "sent"
	Dead    JobState = "dead"

	Unknown JobState = "unknown"   // may stand, and the network cannot be asked: never tried again by itself
	Held    JobState = "held"      // its fan-out is paused
	Dropped JobState = "cancelled" // its fan-out was cancelled before it left
	ByHand  JobState = "hand"      // a person answers: there is no publisher, or its text lacks something
)

// Proofs that a reply stands.
const (
	ByReceipt  = "receipt"   // the network answered with its id
	ByReadBack = "read_back" // it was found in the thread
	ByPerson   = "person"    // somebody looked and says so
)

// Turns: of two that are due the lower one leaves first.
const (
	UrgentTurn   = -1
	OrdinaryTurn = 0
	FanoutTurn   = 1 // a thousand of them keep nobody waiting
)

// A Job publishes one reply through one source.
type Job struct {
	ID       int64
	Reply    ID
	Incident int64
	Source   string
	Thread   string // native id of the thread's root
	Parent   string // native id of the message that is answered
	Key      string // idempotency key, the same for every try
	State    JobState
	Unclear  bool // the last try may have succeeded: read back before the next one
	Tries    int
	NextAt   time.Time
	Error    string   // of the last try; never the reply's words
	Text     string   // filled from the reply when the job is taken
	Tried    []string // other words of this reply that may stand already; filled likewise
	Place    scope.Place

	Fanout  FanoutID // 0 for a reply to one message
	Message int64    // that is answered, of a fan-out
	Turn    int
	Urgent  bool      // leaves in quiet hours too
	TriedAt time.Time // the last try to publish began; of an unclear one: had ended for us
	SentAt  time.Time
	Native  string // receipt, of a fan-out
	URL     string
	Proof   string
	Note    string // for people: why it waits or did not go
}

// A Receipt proves a publication.
type Receipt struct {
	Native string
	URL    string
	At     time.Time
}

// A Doubts is how many replies of an agency read like runarounds.
type Doubts struct {
	Agency             int64
	Published, Doubted int // of those that the lint read
}

// A Store keeps replies and the outbox.
type Store interface {
	SaveReply(ctx context.Context, r *Reply) error // inserts when ID is 0
	Reply(ctx context.Context, sc scope.Scope, id ID) (*Reply, error)
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Reply, error) // oldest first
	// Unclear returns incidents with a publication whose end nobody knows: on its way,
	// or given up so.
	Unclear(ctx context.Context, sc scope.Scope, limit int) ([]int64, error)
	// Drafts returns replies that wait for approval, oldest first.
	Drafts(ctx context.Context, sc scope.Scope, limit int) ([]Reply, error)
	ByReceipt(ctx context.Context, source, native string) (*Reply, error) // fault.NotFound when it is not ours
	// Recent returns texts that the agency published last about other incidents, newest first.
	Recent(ctx context.Context, agency, notIncident int64, limit int) ([]string, error)
	// Doubts counts, by agency, the replies published since that the lint read, and those that it doubted.
	Doubts(ctx context.Context, sc scope.Scope, since time.Time) ([]Doubts, error)
	// Enqueue stores a job; a second one with the same key is a fault.Conflict.
	Enqueue(ctx context.Context, j *Job) error
	// Recall removes the job of a reply before its first try, and reports whether
	// there was one: of two who come at once, Take and Recall, one gets it. A job
	// that is Unclear stays: an earlier try may have published. The jobs of a fan-out
	// go together, or it is a Conflict.
	Recall(ctx context.Context, id ID) (bool, error)
	// Job returns the job of a reply that is on its way (Waiting, Sending) or Unknown,
	// NotFound when none is. A fan-out has many, and none here.
	Job(ctx context.Context, id ID) (*Job, error)
	// JobByID returns a job of an incident that the scope sees, with its words.
	JobByID(ctx context.Context, sc scope.Scope, id int64) (*Job, error)
	// Due returns the sources that have something due.
	Due(ctx context.Context, now time.Time) ([]string, error)
	// Take marks due jobs as Sending and returns them: by their Turn, then the oldest
	// first. TakeOf takes those of one source.
	Take(ctx context.Context, now time.Time, limit int) ([]Job, error)
	TakeOf(ctx context.Context, source string, now time.Time, limit int) ([]Job, error)
	// Settle stores what became of a job.
	Settle(ctx context.Context, j *Job) error
	// Spent returns how many tries the source has seen since, at most: jobs tried since
	// count with all their tries.
	Spent(ctx context.Context, source string, since time.Time) (int, error)
	// ByHand returns what people published at the sources by themselves and nothing has
	// proven yet, the newest first: replies since, without an id of a job, and jobs of
	// fan-outs. It looks at the newest ones alone.
	ByHand(ctx context.Context, sources []string, since time.Time, limit int) ([]Job, error)
	// Interrupted turns jobs that a crash left in Sending into Waiting and Unclear.
	// It is called once at start by the only owner of the outbox.
	Interrupted(ctx context.Context, now time.Time) (n int, err error)
}
