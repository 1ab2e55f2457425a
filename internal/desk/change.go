package desk

import (
	"time"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/topic"
)

// A Change is one thing that a person does to an incident: Accept, Reject,
// HandOver, … Each knows its action; Desk.Do checks it against the lifecycle.
type Change interface {
	Action() lifecycle.Action
}

// Accept takes a new incident in. When routing proposed an agency and HandOver
// is set, it is handed over at once: a clear message in one key.
type Accept struct{ HandOver bool }

// Reject ends the work: not considered. Reason is required, in official words.
type Reject struct{ Reason string }

// Ask sends the author the question for what is missing; Text is published
// where the author wrote.
type Ask struct {
	Making
	Text     string
	Override string // why it goes out although the lint doubts it
}

// HandOver gives the incident to an agency, or inside it to an executor.
type HandOver struct {
	Agency   int64
	Executor int64 // account; 0 = nobody yet
	Reason   string
}

// Take starts the work; the incident becomes the actor's.
type Take struct{}

// Submit sends a draft reply for approval.
type Submit struct {
	Making
	Text     string
	Purpose  reply.Purpose // "" is reply.Final
	Override string        // why it goes on although the lint doubts it; required then
	Enclose  []attachment.ID
}

// Answer writes a reply that needs no approval, or approves what is written:
// its job goes to the outbox in the same transaction.
type Answer struct {
	Making
	Text     string
	Purpose  reply.Purpose // "" is reply.Final
	To       message.ID    // which message is answered; 0 = the first
	Override string        // as of Submit
	At       time.Time     // when it leaves; zero = now
	Enclose  []attachment.ID
}

// Approve approves a draft as it stands (Text empty) or as corrected.
type Approve struct {
	Making
	Reply    reply.ID
	Text     string
	Override string    // as of Submit; the author's own stands where the words do
	At       time.Time // when it leaves; zero = now
}

// Return sends a draft back with a reason.
type Return struct {
	Reply  reply.ID
	Reason string
}

// Close ends the work with an outcome. How says how it is known: photo, author,
// inspector, neighbour, or "none" (also ""): nobody has looked yet.
type Close struct {
	Outcome lifecycle.Outcome
	Reason  string
	How     string
}

// Verify says that the solution was checked, and how: photo, author, inspector, neighbour.
type Verify struct{ How string }

// Reopen returns the incident: the trouble is still there.
type Reopen struct{ Reason string }

// Correct changes what the machine proposed. Nil fields stay as they are.
type Correct struct {
	Topic   *topic.Code
	Urgency *message.Urgency
	Address *incident.Address
	Centre  *string // OKTMO of the municipality
}

// Claim says «взято: имя». Release takes it back.
type Claim struct{}

// Release gives a claim back.
type Release struct{}

// Attach adds a message to the incident.
type Attach struct{ Message message.ID }

// Detach takes a message out; it opens an incident of its own.
type Detach struct{ Message message.ID }

// Erase takes the words of a message away, at its author's request. There is no
// way back.
type Erase struct{ Message message.ID }

// Merge brings all messages of other incidents here; those close as duplicates of
// this one. Split undoes it.
type Merge struct{ Others []incident.ID }

// Split gives another incident back what Merge took: its messages, its state, its outcome.
type Split struct{ Other incident.ID }

// Dismiss says that other incidents, proposed to be the same, are not.
type Dismiss struct{ Others []incident.ID }

// Undo takes the actor's own last deed back, while nobody has acted since and
// nothing has left the house: Accept, Reject, HandOver, Decline, Take, Claim, Ask, Answer,
// Approve, Close, Correct (but for the place), Attach, Detach, Merge.
type Undo struct{}

func (Undo) Action() lifecycle.Action     { return lifecycle.Undo }
func (Merge) Action() lifecycle.Action    { return lifecycle.Merge }
func (Split) Action() lifecycle.Action    { return lifecycle.Split }
func (Dismiss) Action() lifecycle.Action  { return lifecycle.Dismiss }
func (Accept) Action() lifecycle.Action   { return lifecycle.Accept }
func (Reject) Action() lifecycle.Action   { return lifecycle.Reject }
func (Ask) Action() lifecycle.Action      { return lifecycle.Ask }
func (HandOver) Action() lifecycle.Action { return lifecycle.HandOver }
func (Take) Action() lifecycle.Action     { return lifecycle.Take }
func (Submit) Action() lifecycle.Action   { return lifecycle.Submit }
func (Answer) Action() lifecycle.Action   { return lifecycle.Approve }
func (Approve) Action() lifecycle.Action  { return lifecycle.Approve }
func (Return) Action() lifecycle.Action   { return lifecycle.Return }
func (Close) Action() lifecycle.Action    { return lifecycle.Close }
func (Verify) Action() lifecycle.Action   { return lifecycle.Verify }
func (Reopen) Action() lifecycle.Action   { return lifecycle.Reopen }
func (Correct) Action() lifecycle.Action  { return lifecycle.Correct }
func (Claim) Action() lifecycle.Action    { return lifecycle.Claim }
func (Release) Action() lifecycle.Action  { return lifecycle.Release }
func (Attach) Action() lifecycle.Action   { return lifecycle.Attach }
func (Detach) Action() lifecycle.Action   { return lifecycle.Detach }
func (Erase) Action() lifecycle.Action    { return lifecycle.Erase }

// A Card is what a member of staff takes down for a resident who phoned, came
// or wrote on paper.
type Card struct {
	Channel   message.Channel // Phone, Counter or Paper; "" = Phone
	Attach    incident.ID     // the open incident that it is about; 0 = a new one
	Text      string          // as spoken; required
	Caller    string          // name; may be empty
	Phone     string          // may be empty
	Address   string          // as typed; read for places together with the text
	Topic     topic.Code
	Territory string // OKTMO of the municipality; "" = as read
}
