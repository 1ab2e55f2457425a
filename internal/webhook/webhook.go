// Package webhook is the vocabulary of outbound calls: which programs outside are told of
// what happens to incidents (a Webhook), and each call that is owed to one (a Delivery).
//
// Deliveries are written in the transaction of the event that causes them and hold ids
// alone; the words of a call are put together when it is made (package herald). Calls are
// signed as Standard Webhooks 1.0 has it, see Sign.
package webhook

import (
	"slices"
	"strings"
	"time"

	"otklik/internal/scope"
)

// An ID names a webhook.
type ID int64

// An Event says what a call tells.
type Event string

// Events, in the order in which a case goes on.
const (
	Opened    Event = "incident.opened"
	HandedOut Event = "incident.handed_over"
	Moved     Event = "incident.state_changed"
	Overdue   Event = "incident.overdue"
	Published Event = "reply.published"
	Publish   Event = "reply.publish" // the receiver publishes it, and confirms
	Verified  Event = "incident.verified"
	Reopened  Event = "incident.reopened"
	Marked    Event = "incident.marked"
	Test      Event = "webhook.test" // asked for by a person; goes to every webhook
)

var eventWords = map[Event]string{
	Opened: "открыт инцидент", HandedOut: "передан в службу", Moved: "сменилось состояние", Overdue: "прошёл срок",
	Published: "ответ опубликован", Publish: "опубликуйте ответ у себя", Verified: "решение подтверждено", Reopened: "вернули на доработку",
	Marked: "житель поставил оценку", Test: "проверочный вызов",
}

// Events returns the events that can be asked for.
func Events() []Event {
	return []Event{Opened, HandedOut, Moved, Overdue, Published, Publish, Verified, Reopened, Marked}
}

// Name returns the event's Russian words.
func (e Event) Name() string { return eventWords[e] }

// Known reports whether the event can be asked for.
func (e Event) Known() bool { return slices.Contains(Events(), e) }

// A State says whether a webhook is called.
type State string

// States.
const (
	On     State = "on"
	Paused State = "paused" // what happens is queued, and leaves when it goes on
	Off    State = "off"    // the receiver failed for days, or said 410: nothing is queued
)

// A Webhook is one program that is called.
type Webhook struct {
	ID      ID
	Version int
	Name    string
	URL     string
	Events  []Event
	Source  string // only incidents with a message of this source; "" = of any. Required for Publish
	// Place is what it is told of, and who may see it: a region, a municipality, an agency.
	Place    scope.Place
	Personal bool // names, contacts and texts go out as they are; else without, and masked

	State        State
	Why          string    // it is Off, in Russian
	FailingSince time.Time // zero while calls are taken
	LastAt       time.Time // the last call that was taken

	Tag      string // begins the ids of its calls
	Sealed   []byte // the secret (package seal)
	Was      []byte // the secret before it, which signs too until WasUntil
	WasUntil time.Time
	AddedAt  time.Time
}

// Wants reports whether the webhook asked for the event.
func (w *Webhook) Wants(e Event) bool { return e == Test || slices.Contains(w.Events, e) }

// Packed returns the events as one word that a database can search: « a b ».
func (w *Webhook) Packed() string {
	words := make([]string, len(w.Events))
	for k, e := range w.Events {
		words[k] = string(e)
	}
	return " " + strings.Join(words, " ") + " "
}

// Unpack reads what Packed wrote.
func (w *Webhook) Unpack(s string) {
	w.Events = nil
	for f := range strings.FieldsSeq(s) {
		w.Events = append(w.Events, Event(f))
	}
}

// A DeliveryState says how far a call has come.
type DeliveryState string

// States of a delivery.
const (
	Waiting DeliveryState = "waiting"
	Sent    DeliveryState = "sent" // the receiver answered 2xx
	Dead    DeliveryState = "dead" // given up
)

// A Delivery is one call that is owed. It holds ids, never words.
type Delivery struct {
	ID       int64 // rises within an incident: the calls of one incident leave in this order
	Webhook  ID
	Event    Event
	Incident int64     // 0 for Test
	Entry    int64     // line of the history that it tells
	Key      string    // of Publish: the job's, which the receiver confirms
	Reply    int64     // of Publish
	Due      time.Time // of Overdue
	At       time.Time // it happened

	State  DeliveryState
	Tries  int
	NextAt time.Time
	SentAt time.Time
	Status int           // of the last answer; 0 = none
	Error  string        // of the last try, in Russian
	Took   time.Duration // the last try

	Answer Answer // of Publish
}

// An Answer is what the receiver said of a reply that it was to publish.
type Answer struct {
	At      time.Time // zero = nothing yet
	Native  string    // its id in the receiver's thread
	URL     string
	Refusal string // why it was not published; "" = it was
}
