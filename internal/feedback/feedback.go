// Package feedback is the vocabulary of what residents say about the result: a
// mark, «спасибо, убрали», «ничего не сделали». A Voice is one such saying, a
// Closure is one ending of the work with the answer to "how is it known?".
//
// Only who asked may mark; neighbours confirm or refute. Words are never kept
// here: they stand in the message, or in erasable rows beside the voice.
package feedback

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// A Meaning says what a voice means for the case.
type Meaning string

// Meanings.
const (
	Refuted   Meaning = "refuted"    // the trouble is still there, or there again
	Confirmed Meaning = "confirmed"  // it is gone
	Partly    Meaning = "partly"     // done in part or badly
	Mark      Meaning = "mark"       // a mark and nothing else
	NewMatter Meaning = "new_matter" // about another trouble or another place
	Thanks    Meaning = "thanks"     // for the answer: nothing follows
	Unsure    Meaning = "unsure"     // a person reads it
)

var meaningWords = map[Meaning]string{
	Refuted: "не решено", Confirmed: "решено", Partly: "решено не всё", Mark: "оценка",
	NewMatter: "другой вопрос", Thanks: "благодарность за ответ", Unsure: "неясно",
}

// Name returns the meaning's Russian words.
func (m Meaning) Name() string { return meaningWords[m] }

// Meanings returns all meanings.
func Meanings() []Meaning {
	return []Meaning{Confirmed, Refuted, Partly, Mark, NewMatter, Thanks, Unsure}
}

// ParseMeaning returns the meaning of that name.
func ParseMeaning(name string) (Meaning, error) {
	if m := Meaning(name); slices.Contains(Meanings(), m) {
		return m, nil
	}
	return "", fault.New(fault.Invalid, "meaning %q is unknown", name).At("meaning").Say("Выберите, что означают слова: решено, не решено, решено не всё, другой вопрос или ничего.")
}

// A Speaker is who speaks.
type Speaker string

// Speakers.
const (
	Author    Speaker = "author"    // whose message belongs to the incident
	Neighbour Speaker = "neighbour" // somebody else in the thread
)

// Name returns the speaker's Russian word.
func (s Speaker) Name() string {
	if s == Neighbour {
		return "сосед"
	}
	return "автор"
}

// A Way is how a voice reached us.
type Way string

// Ways.
const (
	Words   Way = "words"   // in the thread
	Link    Way = "link"    // by the one-use link
	Buttons Way = "buttons" // by a button of a talk
	Staff   Way = "staff"   // told to a member of staff, by phone mostly
)

// A State says what became of a voice.
type State string

// States.
const (
	Waiting State = "waiting" // a person must read it
	Acted   State = "acted"   // what follows from it was done
	Decided State = "decided" // a person said what it means
)

// Negative is the highest mark that returns an incident (DOMAIN.md §4: the default is 1 to 3).
const Negative = 3

// Bad reports whether a mark returns an incident. highest is the highest one that does,
// 0 for Negative. No mark (0) is never bad.
func Bad(mark, highest int) bool { return mark > 0 && mark <= cmp.Or(highest, Negative) }

// An ID names a voice.
type ID int64

// A Voice is one thing that a resident said about the result of an incident.
type Voice struct {
	ID       ID
	Incident int64
	Reply    int64 // the reply that it is about, 0 when none is known
	Message  int64 // where the words stand; 0 for a link or a phone call
	Speaker  Speaker
	Way      Way
	Meaning  Meaning
	Mark     int     // 1 … 5; 0 = no mark
	Sure     float64 // 0 … 1; 1 where the resident chose among answers
	Evidence []Evidence
	Text     string   // what the resident wrote on the page of the link; erasable
	Reasons  []Reason // what was wrong, as the resident chose
	State    State
	At       time.Time
	By       account.ID // who decided
	DecideAt time.Time
	Place    scope.Place
}

// An Evidence is a span of bytes of the message's text and what it says, in Russian.
type Evidence struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Why   string `json:"why"`
}

// A Closure is one ending of the work on an incident.
type Closure struct {
	ID       int64
	Incident int64
	Outcome  lifecycle.Outcome
	How      string // photo, author, inspector, neighbour; "none": nobody has looked
	By       account.ID
	At       time.Time
	Agency   int64
	Photo    int64 // attachment by which it is known; 0 = none

	Sampled   bool // the controller is asked to look
	CheckedAt time.Time
	CheckedBy account.ID

	FalseAt  time.Time // when it turned out that the trouble was still there
	FalseWhy FalseWhy
	Repeat   int64 // the incident that showed it, for Again

	Place scope.Place
}

// A FalseWhy says how a closure turned out to be false.
type FalseWhy string

// Reasons.
const (
	ByAuthor FalseWhy = "author" // the author said so, in words or by a mark
	ByCheck  FalseWhy = "check"  // the controller looked
	ByStaff  FalseWhy = "staff"  // reopened by staff for another reason
	Undone   FalseWhy = "undone" // who closed it took that back at once: it was a slip, not a false closure
	Again    FalseWhy = "repeat" // the same trouble at the same place was written about soon after
)

// Name returns the reason's Russian words.
func (w FalseWhy) Name() string {
	return map[FalseWhy]string{ByAuthor: "автор: не решено", ByCheck: "проверка контролёра", ByStaff: "возвращено сотрудником", Undone: "закрытие отменено", Again: "повторное обращение о том же месте"}[w]
}

// A Ticket lets one who has the link judge one incident, or read one reply, once.
type Ticket struct {
	Incident int64
	Reply    int64
	Reads    bool // it opens the private part of the reply instead
	Expires  time.Time
	UsedAt   time.Time // zero while it can be used
	Place    scope.Place
}

// A Followed says which finished incident words in a thread are about.
type Followed struct {
	Incident int64 // 0: none
	Reply    int64 // of ours that is answered, 0 when that is not known
	Speaker  Speaker
}

// A Store keeps voices, closures and tickets.
type Store interface {
	// Follows returns the incident, answered or closed since, that a message is about:
	// it answers our reply or one of the incident's messages, or its author is one of
	// the incident's in the same thread.
	Follows(ctx context.Context, source, thread, parent, author string, since time.Time) (Followed, error)

	Hear(ctx context.Context, v *Voice) error // inserts when ID is 0
	Voice(ctx context.Context, sc scope.Scope, id ID) (*Voice, error)
	ByMessage(ctx context.Context, message int64) (*Voice, error) // NotFound when the message is none
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Voice, error)
	// Waiting returns voices that a person must read, oldest first, after the id.
	Waiting(ctx context.Context, sc scope.Scope, after ID, limit int) ([]Voice, error)
	CountWaiting(ctx context.Context, sc scope.Scope, limit int) (int, error)

	Close(ctx context.Context, c *Closure) error                               // inserts when ID is 0
	LastClosure(ctx context.Context, incident int64) (*Closure, error)         // NotFound when it was never closed
	Closures(ctx context.Context, incident int64) ([]Closure, error)           // oldest first
	Sampled(ctx context.Context, sc scope.Scope, limit int) ([]Closure, error) // that wait for the controller, oldest first
	CountSampled(ctx context.Context, sc scope.Scope, limit int) (int, error)

	// Issue stores a ticket. One that reads takes the place of those of its reply that
	// were not used.
	Issue(ctx context.Context, secret string, t *Ticket) error
	Ticket(ctx context.Context, secret string) (*Ticket, error) // NotFound for an unknown one
	// Use marks the ticket as used and reports whether it was not before.
	Use(ctx context.Context, secret string, at time.Time) (bool, error)
}
