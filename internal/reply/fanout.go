package reply

import (
	"context"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// A FanoutID names a fan-out.
type FanoutID int64

// A FanoutState says how far a fan-out is.
type FanoutState string

// States of a fan-out.
const (
	Running   FanoutState = "running"
	Paused    FanoutState = "paused"    // what has not left waits for a person
	Cancelled FanoutState = "cancelled" // what has not left never will
	Ended     FanoutState = "done"      // nothing of it is under way; what a person must see to is left
)

var fanoutWords = map[FanoutState]string{Running: "рассылается", Paused: "приостановлена", Cancelled: "отменена", Ended: "завершена"}

// Name returns the state's Russian word.
func (s FanoutState) Name() string { return fanoutWords[s] }

// A Fanout is one reply on its way to every thread of a mass incident. Each
// thread has a Job with words of its own.
type Fanout struct {
	ID       FanoutID
	Incident int64
	Reply    ID
	State    FanoutState
	Auto     bool   // who joins the incident later gets it without asking
	Due      string // «до 25 ноября»: what {{срок}} stands for
	MadeAt   time.Time
	MadeBy   account.ID
	StoodAt  time.Time // the first of it stood; zero before: from then on what it promises is promised
	EndedAt  time.Time
	Place    scope.Place
}

// A Progress counts the jobs of a fan-out.
type Progress struct {
	All       int
	Waiting   int // due, or later
	Held      int // by a pause
	Sending   int
	Sent      int // stand in their thread
	Proven    int // of these: the network gave a receipt, or the thread was read back
	Unknown   int // may stand; a person must look
	Failed    int
	Hand      int // a person answers: phone, paper, a channel without a publisher
	Cancelled int
	Next      time.Time // when the next one leaves; zero when none waits
}

// Open reports whether something of it is still to leave.
func (p Progress) Open() bool { return p.Waiting+p.Held+p.Sending > 0 }

// A Mass says that many people write about one incident.
type Mass struct {
	Incident int64
	At       time.Time
	Who      account.ID // 0 for the machine
	Why      string     // person, burst, merge
	Place    scope.Place
}

// An Outlet is what a source asked of us: to rest, to go slower, to send a
// person. It outlives the program.
type Outlet struct {
	Source    string
	Waits     bool   // for a person: nothing is sent until somebody resumes it
	Sentence  string // for people: what to do, or why it rests
	Code      int    // of the network
	Since     time.Time
	RestUntil time.Time
	Floods    int           // refusals by flood control in a row
	Spacing   time.Duration // between two sends, at least
	Place     scope.Place
}

// ShutID names the outlet of one thread of a source that is closed until a person opens it.
func ShutID(source, thread string) string { return source + " " + thread }

// Shut reports whether the job waits because its thread was closed when it was last tried.
func (j *Job) Shut() bool { return j.State == Waiting && strings.HasPrefix(j.Error, "shut,") }

// Of takes the outlet's name apart; thread is "" for that of a whole source.
func (o *Outlet) Of() (source, thread string) {
	source, thread, _ = strings.Cut(o.Source, " ")
	return source, thread
}

// A JobFilter says which jobs of an incident are wanted.
type JobFilter struct {
	Incident int64
	Fanout   FanoutID // 0: of any fan-out or of none
	State    JobState // "": all
	After    int64    // id of the last one before
	Limit    int
}

// A Fanouts store keeps fan-outs, mass incidents and outlets.
type Fanouts interface {
	// SaveFanout inserts when ID is 0.
	SaveFanout(ctx context.Context, f *Fanout) error
	// Fanout returns a fan-out; inside a change it is locked until its end, so that
	// of two who settle its last jobs one sees that nothing is left.
	Fanout(ctx context.Context, sc scope.Scope, id FanoutID) (*Fanout, error)
	OfReply(ctx context.Context, id ID) (*Fanout, error)                             // NotFound for a reply to one message
	FanoutsOf(ctx context.Context, sc scope.Scope, incident int64) ([]Fanout, error) // newest first
	// FanoutsTo returns those that are running or paused and have something for the message.
	FanoutsTo(ctx context.Context, message int64) ([]Fanout, error)
	// EnqueueAll stores the jobs of a fan-out with their words. A second job with the
	// same key is left out: n counts what was stored.
	EnqueueAll(ctx context.Context, jobs []Job) (n int, err error)
	Progress(ctx context.Context, id FanoutID) (Progress, error)
	// Jobs returns jobs with their words, by id. Who asks has seen the incident.
	Jobs(ctx context.Context, f JobFilter) ([]Job, error)
	// Left reports whether something of it is still to leave.
	Left(ctx context.Context, id FanoutID) (bool, error)
	// Shift moves all jobs of one state to another, due at next when it is not zero,
	// in quiet hours too when urgent.
	Shift(ctx context.Context, id FanoutID, from, to JobState, next time.Time, urgent bool) (n int, err error)
	// Drop cancels all jobs of the state; one that may stand becomes Unknown.
	Drop(ctx context.Context, id FanoutID, from JobState) (n int, err error)
	// Covered returns the messages and the threads that have a job, of whatever state
	// but Cancelled.
	Covered(ctx context.Context, id FanoutID) ([]Job, error)
	// Mass returns NotFound for an incident that is not mass.
	Mass(ctx context.Context, incident int64) (*Mass, error)
	SetMass(ctx context.Context, m Mass) error // a second time changes nothing
	ClearMass(ctx context.Context, incident int64) error
	// Outlet returns an empty one for a source that asked nothing.
	Outlet(ctx context.Context, source string) (Outlet, error)
	Outlets(ctx context.Context, sc scope.Scope) ([]Outlet, error)
	SaveOutlet(ctx context.Context, o Outlet) error
	// Reopen makes the jobs due that wait because their thread was shut.
	Reopen(ctx context.Context, source, thread string, now time.Time) (n int, err error)
}
