package message

import (
	"context"
	"time"

	"otklik/internal/scope"
)

// A Kept says what became of a message that was given to the store.
type Kept struct {
	ID        ID
	Duplicate bool  // this revision was here already; nothing changed
	First     bool  // the message was not here before, in any revision
	Current   bool  // this revision is what the message now says
	Gone      bool  // the message is deleted at its network, whatever this revision says
	Incident  int64 // the incident that the message is attached to, 0 for none
}

// A Store keeps messages and readings. It is one transaction's view, or (for
// questions alone) the pool's.
type Store interface {
	// Keep stores a revision under the unique key (source, native, revision). A
	// deletion is a tombstone that wins over revisions not later than it, also over
	// those that arrive after it; a restore is a later revision. The reading may be
	// nil for a deletion. m.ID is set.
	Keep(ctx context.Context, m *Message, r *Reading) (Kept, error)
	// Has reports, in the order of asked, which revisions are stored already, so
	// that Keep would call them duplicates.
	Has(ctx context.Context, source string, asked []Ref) ([]bool, error)
	// Read replaces the reading of the current revision.
	Read(ctx context.Context, id ID, r *Reading) error
	// Message returns a message with its current text.
	Message(ctx context.Context, sc scope.Scope, id ID) (*Message, error)
	// ByNative returns the message of a source with that native id.
	ByNative(ctx context.Context, source, native string) (*Message, error)
	// Reading returns the current reading.
	Reading(ctx context.Context, id ID) (*Reading, error)
	// Personal returns the spans of personal data that the current readings of the
	// messages found. A message without a reading is not in the map.
	Personal(ctx context.Context, ids []ID) (map[ID][]Personal, error)
	// OfIncident returns the messages attached to an incident, oldest first.
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]*Message, error)
	// Incident returns the incident that the message is attached to, 0 for none.
	Incident(ctx context.Context, id ID) (int64, error)
	// InThread returns the open incident in the thread that a message of the same
	// author (or the parent message itself) is attached to, 0 for none.
	InThread(ctx context.Context, source, thread, parent, author string) (int64, error)
	// Named returns what was said before in the message's thread and by its author at
	// this source, as far as messages are kept.
	Named(ctx context.Context, m *Message) (Known, error)
	// OurThread reports whether the thread holds a message of an incident, or a reply of ours.
	OurThread(ctx context.Context, source, thread string) (bool, error)
	// Erase takes away the words of a message: text, name, contact, author, address
	// and index, in all revisions, what waits or was set aside of it, the words of
	// replies to it, and where nothing else says it the exact place of its incident.
	// It leaves a line in the ledger. A message of the ledger is taken in no more:
	// Keep and Has call every revision of it a duplicate. One that is not here gets
	// its line all the same; a second time changes nothing.
	Erase(ctx context.Context, e Erasure) error
	// Erasures returns the ledger, oldest first.
	Erasures(ctx context.Context, sc scope.Scope) ([]Erasure, error)
	// Latest gives the messages of incidents that we saw since, newest first, at most
	// limit: with id, text and times. Cards of staff and what is gone are left out.
	Latest(ctx context.Context, since time.Time, limit int, each func(*Message)) error
	// SameText returns the open incident of an equal text seen since, 0 for none.
	SameText(ctx context.Context, region, fingerprint string, since time.Time) (int64, error)
}

// A Known is what earlier messages tell a reader who cannot decide among places of
// one name: ids of the gazetteer.
type Known struct {
	Thread []string // named in the thread, the answered message first, then the latest
	Author []string // named by the author before, the latest first
}

// Empty reports whether nothing is known.
func (k Known) Empty() bool { return len(k.Thread)+len(k.Author) == 0 }

// A Ref names a revision of a message of a known source.
type Ref struct {
	Native   string
	Revision Revision
	Event    Event // "" stands for Written; a deletion may carry the time of the text that it deletes
}

// A Pushed is one message as it was pushed.
type Pushed struct {
	Ref
	Payload []byte // JSON of a Message
}

// An InboxItem is one pushed message, stored before the push was answered.
type InboxItem struct {
	ID      int64
	Source  string
	Payload []byte // JSON of a Message
	At      time.Time
	Tries   int
}

// A SetAside is a record that intake could not take: it blocks nobody and can
// be replayed.
type SetAside struct {
	ID      int64
	Source  string
	Native  string // may be empty
	Reason  string // code: unreadable, too_large, failed …
	Error   string // for engineers; never the resident's words
	Payload []byte // erasable
	Line    int    // in a file; 0 else
	At      time.Time
	Place   scope.Place
}

// Intake keeps what intake itself needs: how far each source was read, what was
// pushed, what was set aside.
type Intake interface {
	Cursor(ctx context.Context, source string) ([]byte, error) // nil for a source never read
	SetCursor(ctx context.Context, source string, cursor []byte, at time.Time) error
	// Push stores pushed messages and returns how many it took; the others were
	// here already: their revision stands in the inbox or among the messages, or
	// the whole call (key, the sender's webhook-id) was seen before.
	Push(ctx context.Context, source, key string, items []Pushed, at time.Time) (accepted int, err error)
	// Called notes a call of a source by its id at the network and reports whether it
	// was noted before. Push notes its own.
	Called(ctx context.Context, source, key string, at time.Time) (again bool, err error)
	// ForgetCalled forgets the ids of calls before, the oldest first, so many at most, and
	// returns how many.
	ForgetCalled(ctx context.Context, before time.Time, limit int) (int64, error)
	Inbox(ctx context.Context, limit int) ([]InboxItem, error)                // oldest first
	Done(ctx context.Context, ids ...int64) error                             // removes inbox items
	Retry(ctx context.Context, id int64) (tries int, err error)               // counts one more try of an inbox item
	SetAside(ctx context.Context, s *SetAside) error                          // the same (source, native, line, payload) once
	Aside(ctx context.Context, sc scope.Scope, limit int) ([]SetAside, error) // oldest first; limit 0 is all
	Replayed(ctx context.Context, id int64) error                             // removes an item that was replayed
	// Note keeps a source's state for the page of sources.
	Note(ctx context.Context, s SourceState) error
	Sources(ctx context.Context, sc scope.Scope) ([]SourceState, error)
}

// A SourceState says how a source fares.
type SourceState struct {
	ID        string
	Channel   Channel
	Name      string
	URL       string
	Territory string
	ReadAt    time.Time // last good read
	Error     string    // the last read's failure in human words; empty when it went well
	Since     time.Time // since when it fails; of a state that is noted: when it failed
	Messages  int64     // kept so far
	Place     scope.Place
}
