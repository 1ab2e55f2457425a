// Package source is the contract between the centre and the networks: how
// messages come in and how replies go out. Each connector is one small package
// below this one, with its own configuration and its own fake; sourcetest
// proves the contract for all of them.
//
// A pull source needs no log of its own, the network is the log: Poll returns
// messages and the cursor behind them, and intake commits both together. A
// source that is asked twice with the same cursor may return the same messages
// twice; intake knows them by (source, native id, revision).
package source

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"otklik/internal/message"
	"otklik/internal/reply"
)

// A Puller reads a network.
type Puller interface {
	// ID names the source for ever: «vk:-1001».
	ID() string
	// Poll returns what is new behind the cursor (nil for the first time) and the
	// next cursor. It returns within a reasonable number of calls: More asks to be
	// called again at once.
	Poll(ctx context.Context, cursor []byte) (Batch, error)
}

// A Batch is what one Poll brought.
type Batch struct {
	// Messages have Source, Channel, Form, Native, Revision, Event … filled; ID and Place are
	// not. Source is the puller's id, or that of a place which it reads too (see Found).
	Messages []message.Message
	Found    []Found // places that the account turned out to see or to have lost
	Cursor   []byte
	More     bool
	Note     string // for people, in Russian: what somebody should mend though reading goes on; "" = nothing

	Bounces []Bounce       // replies of ours that did not arrive after all
	LeftOut map[string]int // what is no message of a person, by why: counted, kept nowhere
}

// A Bounce says that a reply which had a receipt did not arrive.
type Bounce struct {
	Native   string // of the reply, as its receipt named it
	Sentence string // for people, in Russian: «Не доставлено: ящика нет.»
}

// Leave counts what is left out.
func (b *Batch) Leave(why string, n int) {
	if b.LeftOut == nil {
		b.LeftOut = map[string]int{}
	}
	b.LeftOut[why] += n
}

// A Found is a place that one account reads beside its own id: a chat into which our bot
// was taken. Replies to its messages go out by the account that found it.
type Found struct {
	ID      string // source id of its messages: «telegram:-1001234»
	Name    string
	URL     string // may be empty
	Channel message.Channel
	Lost    bool // the account sees it no more

	// Proposed says that the source only came across it: a community where a search found
	// something. One that is read already stays as it is; of another one people decide.
	Proposed bool
}

// A Publisher writes replies into a network.
type Publisher interface {
	// Publish writes the reply under job.Parent, as ourselves. The job's Key is
	// handed to the network where it knows such a thing.
	Publish(ctx context.Context, job reply.Job) (reply.Receipt, error)
	// Find reads the thread back and returns the receipt of this very reply if it
	// stands there; found is false when it surely does not.
	Find(ctx context.Context, job reply.Job) (r reply.Receipt, found bool, err error)
	// Ability says how far the network can be trusted with a try whose end is not known.
	Ability() Ability
}

// A Finder reads a thread back and returns the receipt of a reply that a person published
// there by hand; found is false when it does not stand there yet.
type Finder interface {
	Find(ctx context.Context, job reply.Job) (r reply.Receipt, found bool, err error)
}

// An Ability is what a network offers to publish each reply once, and how much of
// us it bears.
type Ability struct {
	// Key: a second Publish with the same job.Key does nothing but give the receipt
	// again, however much later.
	Key bool
	// ReadBack: Find can be trusted once Settle has passed since the try. Without Key
	// and ReadBack (Telegram's bots, SMTP) a try whose end is not known is never
	// repeated by itself.
	ReadBack bool
	Settle   time.Duration // how long a write may take to be seen; 0 = at once

	PerSecond float64 // replies; 0 = no limit
	PerDay    int     // tries in 24 hours; 0 = no limit
}

// Sure reports whether a try whose end is not known can be settled without a person.
func (a Ability) Sure() bool { return a.Key || a.ReadBack }

// A Connection is what the centre holds of one source.
type Connection struct {
	Puller    Puller    // nil where the network calls us, or another one reads for it
	Publisher Publisher // nil where replies go by hand
	Finder    Finder    // proves replies that go by hand; nil where nothing does
	Receiver  Receiver  // nil where the network does not call us
	Speaker   Speaker   // nil where there is no direct talk
	Asker     Asker     // nil where the network asks people nothing
	Sender    *Sender   // nil where no system pushes to us by the signed call
	Name      string    // on screen: «Стена Абакан.Новости»
	URL       string
	Channel   message.Channel
	Territory string        // OKTMO that the source speaks for; may be empty
	Own       bool          // an official page of ours: everything under it is ours
	Every     time.Duration // how often to poll
	FileHosts []string      // hosts that keep its pictures and documents, subdomains included
}

// A Record is one record of a file: a message or the reason why it is none.
type Record struct {
	Line    int // of the file, from 1; 0 where the format has no lines
	Index   int // record number, from 1
	Message message.Message
	Err     *RecordError // set when the record cannot be taken
	Raw     []byte       // what stood there, for the set-aside; may be nil
	Lost    []Loss       // what of a record that is taken could not be taken with it
}

// A Loss is a part of a record that could not be taken.
type Loss string

// Losses.
const (
	LostDate      Loss = "date"      // of a shape that we do not know
	LostTerritory Loss = "territory" // no OKTMO code
	LostText      Loss = "text"      // a second text beside the one taken
	LostNumber    Loss = "number"    // digits of it were lost before it came: «1,2E+11»
	LostStatus    Loss = "status"    // one that says nothing to us
	LostTopic     Loss = "topic"     // none of ours
	LostAgency    Loss = "agency"    // none of ours
)

// A RecordError says why a record of a file was not taken.
type RecordError struct {
	Reason string // code: unreadable, no_message, no_text, too_large, bad_encoding
	Text   string // for people, in Russian: what is wrong and how to mend it
	Cut    bool   // the file ends here before its end: what should follow is missing or cannot be read
}

func (e *RecordError) Error() string { return e.Reason + ": " + e.Text }

// A File reads records of one file format. A returned error ends the file (with
// the file's line and a hint); what was yielded before it is good.
type File interface {
	Records(ctx context.Context, name string, r io.Reader) iter.Seq2[Record, error]
}

// A Trouble says what a failed call to a network means for the next one.
type Trouble string

// Troubles.
const (
	Later     Trouble = "later"     // try again after After
	Unclear   Trouble = "unclear"   // it may have been done: read back first
	Permanent Trouble = "permanent" // it never will succeed; a person must act
	Person    Trouble = "person"    // the connection itself waits for a person (token, captcha)
	Shut      Trouble = "shut"      // this thread is closed until a person opens it: the reply waits, others go on
	Flood     Trouble = "flood"     // too many or too much alike: the whole source rests for After, then goes slower
)

// An Error is a network's refusal.
type Error struct {
	Trouble  Trouble
	After    time.Duration // for Later; 0 = the caller's own back-off
	Code     int           // the network's code; 0 for none
	Sentence string        // for people, in Russian, says what to do
	Told     bool          // of a permanent end that a read-back found: Sentence is about the reply itself
	Never    bool          // and the reply surely does not stand
	err      error
}

// Fail returns an Error.
func Fail(t Trouble, sentence, format string, args ...any) *Error {
	return &Error{Trouble: t, Sentence: sentence, err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string { return string(e.Trouble) + ": " + e.err.Error() }
func (e *Error) Unwrap() error { return e.err }
