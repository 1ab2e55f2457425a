package talk

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// An ID names a talk.
type ID int64

// A Talk is the talk with one resident at one source.
type Talk struct {
	ID      ID
	Source  string
	Thread  string // as direct messages name it: where we write
	State   State
	Due     time.Time // when silence ends what is under way; zero: nothing is
	Blocked time.Time // the resident wants nothing from us since; zero = we may write
	At      time.Time // of the last change
	Place   scope.Place
}

// A LineKind says who speaks in a line.
type LineKind string

// Kinds of lines.
const (
	Said  LineKind = "said"  // the resident: the words stand in the message
	Press LineKind = "press" // the resident, by a button: Text is its label
	Spoke LineKind = "spoke" // we
	Noted LineKind = "noted" // what followed; Key says what: a DeedKind
)

// A LineState says how far what we said has come.
type LineState string

// States of a line that we speak.
const (
	Waiting LineState = "waiting"
	Sending LineState = "sending" // after a crash: unknown
	Sent    LineState = "sent"
	Unknown LineState = "unknown" // it may have come; it is never said twice
	Dead    LineState = "dead"    // it cannot be said
	Dropped LineState = "dropped" // a later question took its place
)

// A Line is one line of a talk: its transcript, and the queue of what we say.
type Line struct {
	ID       int64
	Talk     ID
	Round    int // of the matter that it belongs to
	At       time.Time
	Kind     LineKind
	Key      string     // of a text, of a deed
	Message  message.ID // of Said; 0 else
	Incident int64      // that it is about; 0 = none
	Text     string     // what we say, the label of the button; erasable
	Buttons  [][]Choice // erasable
	Point    bool
	Asks     bool
	Urgent   bool

	State  LineState
	Tries  int
	NextAt time.Time // of Waiting
	Native string    // its id at the network
	Note   string    // for people: why it did not come

	Source, Thread string // of its talk, filled when taken
}

// A Stand says how the talks of a source fare.
type Stand struct {
	Source  string
	Talks   int
	Blocked int
	Waiting int // lines
	Unknown int
}

// An Edit is one version of a text of the talk.
type Edit struct {
	Region string
	Key    Key
	Number int    // of the version of this text, from 1
	Words  string // "" = the shipped ones again
	By     account.ID
	At     time.Time
}

// A Store keeps talks.
type Store interface {
	// Talk returns the talk of a thread, made when there is none, locked until the
	// transaction ends.
	Talk(ctx context.Context, source, thread string, place scope.Place) (*Talk, error)
	ByID(ctx context.Context, id ID) (*Talk, error) // locked likewise
	SaveTalk(ctx context.Context, t *Talk) error
	// Silent returns talks whose Due has come, the longest first.
	Silent(ctx context.Context, now time.Time, limit int) ([]ID, error)

	Write(ctx context.Context, l *Line) error // sets ID
	// Supersede drops the questions of a talk that have not left.
	Supersede(ctx context.Context, id ID) error
	// Due returns sources that have something to say.
	Due(ctx context.Context, now time.Time) ([]string, error)
	// Take marks the next line of a source as Sending and returns it: the first of its talk
	// that waits. NotFound when nothing is due.
	Take(ctx context.Context, source string, now time.Time) (*Line, error)
	Settle(ctx context.Context, l *Line) error
	// Silence ends what waits of a talk: nobody hears it.
	Silence(ctx context.Context, id ID, note string) error
	// Interrupted turns lines that a crash left in Sending into Unknown.
	Interrupted(ctx context.Context) (n int, err error)

	// About notes that the talk is about an incident.
	About(ctx context.Context, id ID, incident int64, at time.Time) error
	// Incidents returns those of a talk, the latest first.
	Incidents(ctx context.Context, id ID, limit int) ([]int64, error)
	// Of returns the talks about an incident.
	Of(ctx context.Context, incident int64) ([]Talk, error)
	// Lines returns what was said in the matters of an incident, oldest first.
	Lines(ctx context.Context, sc scope.Scope, incident int64, limit int) ([]Line, error)
	// Belongs gives an incident to the lines of a matter.
	Belongs(ctx context.Context, id ID, round int, incident int64) error

	Stands(ctx context.Context, sc scope.Scope) ([]Stand, error)

	SaveEdit(ctx context.Context, e *Edit) error                       // sets Number
	Edits(ctx context.Context, region string, key Key) ([]Edit, error) // newest first
	Book(ctx context.Context, region string) (Book, error)             // the newest of each
}
