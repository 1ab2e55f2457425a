// Package incident is the vocabulary of the case of work: messages about one
// thing, one topic, one place, one responsible agency, one clock.
//
// State (where the work stands), outcome (how it ended) and verification (how
// that is known) are three separate things. History is append-only: an Entry
// holds ids and codes, never a resident's words.
package incident

import (
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// An ID names an incident for ever. It is not the number that people say.
type ID int64

// An Incident is one case of work.
type Incident struct {
	ID      ID
	Number  string // 8 digits, see Number
	Version int    // rises with every change; a change of an older version is a Conflict

	State         lifecycle.State
	Outcome       lifecycle.Outcome
	OutcomeReason string // code or short official words; never the resident's
	VerifiedBy    account.ID
	VerifiedHow   string // photo, author, inspector, neighbour
	VerifiedAt    time.Time

	Topic   topic.Code
	Group   string // name of the topic group, "" for topic.Undefined
	Urgency message.Urgency
	Kind    message.Kind
	Missing []string // what to ask the author for: message.MissingTopic …
	Channel message.Channel

	Place      scope.Place // region, centre, agency: who sees it; the agency is set by hand-over
	Proposed   int64       // agency that routing proposes; 0 = no rule holds
	Rule       int64       // the routing rule that proposes it
	Settlement string      // OKTMO; may be empty
	Address    Address

	Clock Clock // what is due

	Executor  account.ID // inside the agency; 0 = nobody yet
	ClaimedBy account.ID // «взято: имя»; 0 = nobody
	ClaimedAt time.Time

	Messages int        // attached
	First    message.ID // the message that opened it
	Reopened int        // times

	PublishedAt time.Time // the author wrote; zero when unknown
	OpenedAt    time.Time // we saw it
	AcceptedAt  time.Time
	AnsweredAt  time.Time // the first reply was published
	ClosedAt    time.Time
	UpdatedAt   time.Time
}

// Verified reports whether somebody checked the solution.
func (i *Incident) Verified() bool { return !i.VerifiedAt.IsZero() }

// Phrase returns the status that staff read.
func (i *Incident) Phrase() string { return lifecycle.Phrase(i.State, i.Outcome, i.Verified()) }

// An Address says where the trouble is, as far as it is known.
type Address struct {
	PlaceID    string  // gazetteer id of the finest known place
	Settlement string  // name
	Street     string  // name with type: «улица Ленина»
	House      string  //
	Landmark   string  // or intersection, stretch: the place's own name
	Relation   string  // opposite, behind, near …
	Lat, Lon   float64 // 0, 0 = no point known
	Radius     int     // metres; how exact the point is
}

// String returns the address as on screen: «Абакан, улица Чертыгашева, 33».
func (a Address) String() string {
	s := ""
	if a.Street != "" && strings.HasPrefix(a.Landmark, a.Street+" и ") { // a crossing names its street itself
		a.Street = ""
	}
	for _, part := range []string{a.Settlement, a.Street, a.House, a.Landmark} {
		if part == "" {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += part
	}
	return s
}

// Pin takes the gazetteer's id and the point of a typed address from what a
// reading of it found; the words stay as typed.
func (a *Address) Pin(places []message.PlaceFound) {
	for _, f := range places {
		finer := f.House != "" || a.PlaceID == "" || f.Street != "" && a.House == ""
		if f.ID == "" || !finer {
			continue
		}
		a.PlaceID = f.ID
		if f.Lat != 0 || f.Lon != 0 {
			a.Lat, a.Lon = f.Lat, f.Lon
		}
	}
}

// With returns the address with what it lacks taken from another one. The point
// and the gazetteer's id are those of whichever is finer.
func (a Address) With(b Address) Address {
	fine := func(a *Address) int {
		switch {
		case a.House != "" || a.Landmark != "":
			return 3
		case a.Street != "":
			return 2
		case a.Settlement != "":
			return 1
		}
		return 0
	}
	if fine(&b) > fine(&a) || fine(&b) == fine(&a) && a.PlaceID == "" {
		a.PlaceID, a.Lat, a.Lon, a.Radius = b.PlaceID, b.Lat, b.Lon, b.Radius
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&a.Settlement, b.Settlement}, {&a.Street, b.Street}, {&a.House, b.House}, {&a.Landmark, b.Landmark}, {&a.Relation, b.Relation}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	return a
}

// An Entry is one line of an incident's history.
type Entry struct {
	ID       int64
	Incident ID
	Version  int // of the incident after it
	At       time.Time
	Who      account.ID // 0 for the machine
	Name     string     // the account's name, filled when read
	Action   lifecycle.Action
	From, To lifecycle.State
	Detail   Detail
}

// A Detail says what exactly an entry did: ids and codes, never words of residents.
type Detail struct {
	Message message.ID `json:"message,omitempty"`
	Reply   int64      `json:"reply,omitempty"`
	Agency  int64      `json:"agency,omitempty"`
	Rule    int64      `json:"rule,omitempty"` // the routing rule that chose the agency
	Account account.ID `json:"account,omitempty"`
	Topic   topic.Code `json:"topic,omitempty"`
	Was     string     `json:"was,omitempty"`    // code before a correction
	Now     string     `json:"now,omitempty"`    // code after it
	Field   string     `json:"field,omitempty"`  // which field was corrected
	Reason  string     `json:"reason,omitempty"` // code, or official words
	How     string     `json:"how,omitempty"`
	Other   ID         `json:"other,omitempty"` // the other incident of a merge, a split or a dismissal
	Merged  *Merged    `json:"merged,omitempty"`
	Before  *Before    `json:"before,omitempty"`  // what a deed that can be taken back found
	Unknown string     `json:"unknown,omitempty"` // why a decline names nobody, official words
	Event   string     `json:"event,omitempty"`   // edited, deleted, restored: what the network did to a message
	Problem int64      `json:"problem,omitempty"` // durable problem (problem.ID); 0 in a Link: taken from it
	Call    int64      `json:"call,omitempty"`    // call.ID
	Voice   int64      `json:"voice,omitempty"`   // what a resident said about the result (feedback.ID)
	Mark    int        `json:"mark,omitempty"`    // 1 … 5, of a resident

	Purpose  reply.Purpose `json:"purpose,omitempty"` // of a published reply: the final one ends the clock, an interim one starts the next
	Until    time.Time     `json:"until,omitzero"`    // of an extension
	Due      *Moved        `json:"due,omitempty"`     // the due time that this moved
	Told     *Told         `json:"told,omitempty"`    // of an escalation
	Authors  int           `json:"authors,omitempty"` // different people who have written by now, where pressure rises (regime.Pressure)
	Promise  int64         `json:"promise,omitempty"`
	File     int64         `json:"file,omitempty"`     // attachment.ID
	Cleared  string        `json:"cleared,omitempty"`  // why what looks like personal data in a reply is none; official words
	Private  bool          `json:"private,omitempty"`  // a part of the reply is for its author alone
	Machine  string        `json:"machine,omitempty"`  // the reply began as a machine's draft: edited, accepted (reply.MachineEdited …)
	Override string        `json:"override,omitempty"` // why a reply goes out although the lint doubts it; official words
}

// A Before is what an incident was before a deed: all that taking it back needs.
type Before struct {
	State      lifecycle.State `json:"state"`
	Agency     int64           `json:"agency,omitempty"`
	Executor   account.ID      `json:"executor,omitempty"`
	ClaimedBy  account.ID      `json:"claimed_by,omitempty"`
	ClaimedAt  time.Time       `json:"claimed_at,omitzero"`
	AcceptedAt time.Time       `json:"accepted_at,omitzero"`
	Missing    []string        `json:"missing,omitempty"`
	First      message.ID      `json:"first,omitempty"`

	VerifiedBy  account.ID `json:"verified_by,omitempty"`
	VerifiedHow string     `json:"verified_how,omitempty"`
	VerifiedAt  time.Time  `json:"verified_at,omitzero"`
}

// A Merged is what an incident was when its messages went into another one: all
// that splitting them needs.
type Merged struct {
	State    lifecycle.State   `json:"state"`
	Outcome  lifecycle.Outcome `json:"outcome,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	ClosedAt time.Time         `json:"closed_at,omitzero"`
	First    message.ID        `json:"first"`
	Messages []message.ID      `json:"messages"` // oldest first
}
