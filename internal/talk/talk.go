// Package talk is the dialogue with one resident in the direct messages of a network:
// what happened, where, a picture, "is that right?"; how an incident stands, and whether
// it is solved. One machine serves all messengers.
//
// Next is that machine: a state and what came in give a state, what we say, and deeds for
// whoever runs it (package dialogue). It reads no clock, knows no network and holds no
// words: messages are named by their ids and stay where they are kept. Whatever a resident
// wrote ends in a deed: in an incident, beside one, or let go with the reason.
//
// Every question has buttons, and a press and a number of the list mean the same. Data of a
// button names the round, so that a button of a matter that is over changes nothing.
package talk

import (
	"time"

	"otklik/internal/message"
)

// A Step says what the resident was asked last.
type Step string

// Steps.
const (
	Idle    Step = "idle"    // nothing is under way
	Which   Step = "which"   // is that a new matter, or about one that we know, or neither
	What    Step = "what"    // what happened
	Where   Step = "where"   // where is it
	Choose  Step = "choose"  // which of the places that the words fit
	Near    Step = "near"    // is it what neighbours wrote about already
	Photo   Step = "photo"   // is there a picture
	Confirm Step = "confirm" // is all of it right
	Number  Step = "number"  // the number of which incident
	Why     Step = "why"     // what is wrong, after a bad mark
)

// Steps returns all steps, in the order of a complaint.
func Steps() []Step {
	return []Step{Idle, Which, What, Where, Choose, Near, Photo, Confirm, Number, Why}
}

var stepWords = map[Step]string{
	Idle: "ничего не спрошено", Which: "о чём сообщение", What: "что случилось", Where: "где это", Choose: "выбор места", Near: "не о том же ли писали соседи",
	Photo: "фото", Confirm: "проверка перед отправкой", Number: "номер обращения", Why: "что не так с ответом",
}

// Name returns the step's Russian words.
func (s Step) Name() string { return stepWords[s] }

// A State is where one talk stands. It holds no words of the resident but the places that
// were read in them.
type State struct {
	Step  Step     `json:"step"`
	Round int      `json:"round,omitempty"` // rises with each matter: buttons of an earlier one mean nothing
	Draft Draft    `json:"draft,omitzero"`
	Shown []Choice `json:"shown,omitempty"` // buttons of the last question, so that a number answers like a press
	Case  int64    `json:"case,omitempty"`  // that Why is about

	Agreed  string    `json:"agreed,omitempty"` // the consent that was given, as it is named
	Greeted bool      `json:"greeted,omitempty"`
	Since   time.Time `json:"since,omitzero"` // when Count began
	Count   int       `json:"count,omitempty"`
	Day     time.Time `json:"day,omitzero"` // when Sent began
	Sent    int       `json:"sent,omitempty"`
}

// A Draft is what the resident has told of a matter that is no incident yet.
type Draft struct {
	Messages []message.ID `json:"messages,omitempty"` // whatever was written, in order
	Words    bool         `json:"words,omitempty"`    // one of them says something
	Meant    bool         `json:"meant,omitempty"`    // it is a matter for us: it reads so, or the resident says so
	Files    int          `json:"files,omitempty"`
	Spot     *Spot        `json:"spot,omitempty"`
	Spots    []Spot       `json:"spots,omitempty"`    // among which the resident chooses
	Town     string       `json:"town,omitempty"`     // where it is as far as is known: no spot to go to
	Asked    int          `json:"asked,omitempty"`    // how often the place was asked for in vain
	NoSpot   bool         `json:"no_spot,omitempty"`  // it stays as it was written, or unsaid
	NoPhoto  bool         `json:"no_photo,omitempty"` //
	Alone    bool         `json:"alone,omitempty"`    // it is not what neighbours wrote about
	Opened   bool         `json:"opened,omitempty"`   // it could not wait: the incident is there
	Incident int64        `json:"incident,omitempty"` // that one; whoever runs the machine fills it
}

// Empty reports whether nothing was told.
func (d *Draft) Empty() bool { return len(d.Messages) == 0 && d.Spot == nil }

// A Spot is a place as it is shown to the resident, and as it was read.
type Spot struct {
	Name  string               `json:"name"`
	Found []message.PlaceFound `json:"found,omitempty"`
	Exact bool                 `json:"exact,omitempty"` // somebody could go there
}

// A Choice is a button that was shown.
type Choice struct {
	Label string `json:"label"`
	Data  string `json:"data"`
}

// An Input is what came in. Silence is that of time: nothing came for too long.
type Input struct {
	At      time.Time
	Silence bool
	Message message.ID // 0 with Silence
	Text    string     // for commands and numbers; the machine keeps none of it
	Pressed string
	Files   int // pictures and documents
	Point   *message.Point
	Contact bool

	Opens  bool   // it reads like a complaint, a question, a proposal
	Thanks bool   // it reads like thanks
	Danger bool   // to life
	Spots  []Spot // where it is by the words, or by the point; several: the words fit all of them
	About  int64  // the finished incident that the words are surely about; 0 = none
	Unread bool   // it was changed after it was sent: nothing is asked anew
}

// mute reports whether nothing in the message can be read: a voice, a sticker.
func (in *Input) mute() bool {
	return in.Text == "" && in.Pressed == "" && in.Files == 0 && in.Point == nil && !in.Contact && !in.Silence
}

// A Case is an incident as a resident may know it.
type Case struct {
	ID     int64
	Number string // «123-456-78»
	Topic  string // may be empty
	Where  string // may be empty
	Phrase string // how it stands, for residents
	Agency string // who answers; may be empty
	Due    string // «24 ноября»; may be empty
	Open   bool   // work goes on
	Marks  bool   // it waits for a mark
	Worst  int    // the highest mark that returns it; 0 = feedback.Negative
}

// Facts answer what the machine asks on its way. Of what cannot be answered they say
// nothing; whoever gives them keeps the error.
type Facts interface {
	// Alike returns open incidents at the place of the draft that are like it, at most three.
	Alike(d Draft) []Case
	// Mine returns incidents of this talk, those on which work goes on first, then the latest.
	Mine() []Case
	// Numbered returns the incident of a number; typed is false for what is no number, known
	// for one that nobody has.
	Numbered(text string) (c Case, typed, known bool)
}

// A Say is one thing that we say: a text of the Book with its values.
type Say struct {
	Key     Key
	Values  map[string]string
	Buttons [][]Choice
	Point   bool // the network's own button asks for the place
	Also    Key  // a text that follows in the same message; "" = none
	Asks    bool // it is a question: a later one takes its place before it has left
	Urgent  bool // it leaves before anything else
}

// A Deed is what follows from what came in.
type Deed struct {
	Kind     DeedKind
	Messages []message.ID
	Incident int64 // 0 of an Add that follows an Open in the same matter: the one that was opened
	Spot     *Spot // may be nil
	Mark     int
	Early    bool // of Open: it could not wait, the talk goes on
	Why      string
}

// A DeedKind says what is done.
type DeedKind string

// Deeds.
const (
	Open   DeedKind = "open"   // an incident for the messages
	Join   DeedKind = "join"   // the messages go to an open incident of neighbours
	Add    DeedKind = "add"    // the messages go to an incident of this talk
	Hear   DeedKind = "hear"   // the message is about a finished incident: its words decide
	Place  DeedKind = "place"  // the incident is there
	Judge  DeedKind = "judge"  // a mark
	LetGo  DeedKind = "let_go" // the messages are kept, and nothing follows; Why says why
	Agree  DeedKind = "agree"  // consent
	Return DeedKind = "return" // what is told goes on by itself as any message: time is over
)

// Reasons of LetGo.
const (
	Cancelled = "cancelled"
	Chatter   = "talk" // a greeting, thanks, a command
	Nothing   = "nothing"
	TooMany   = "too_many"
)

// An Out is what Next gives.
type Out struct {
	State State
	Says  []Say
	Deeds []Deed
}
