// Package lesson is the vocabulary of learning from people: what they decided
// about incidents (Decision), and the versions of the models that were learnt
// from it (Version). Package teach makes versions; the store keeps them.
//
// A version holds no words of residents: its model knows words by 32-bit hashes
// alone, its figures are counts, codes and ids of incidents.
package lesson

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Subject is what is learnt.
type Subject string

// Subjects.
const (
	Topics    Subject = "topics"    // what a message is about
	Executors Subject = "executors" // which agency answers
)

// Subjects returns all subjects.
func Subjects() []Subject { return []Subject{Topics, Executors} }

// ParseSubject returns the subject of that name.
func ParseSubject(name string) (Subject, error) {
	for _, s := range Subjects() {
		if string(s) == name {
			return s, nil
		}
	}
	return "", fault.New(fault.Invalid, "subject %q is unknown", name).At("subject").Say("Учатся только темам и исполнителям.").Mend("write topics or executors")
}

// A State says what became of a version.
type State string

// States.
const (
	Candidate  State = "candidate"   // not worse, and waits for a person
	Active     State = "active"      // reads new messages; at most one a subject
	Refused    State = "refused"     // worse on the pinned cases: Reason
	Replaced   State = "replaced"    // was active until a later one
	RolledBack State = "rolled_back" // was active until a person took it back
)

// A Version is one learnt model. Versions are never removed or learnt anew.
type Version struct {
	ID      int64
	Place   scope.Place // the region of the installation; "" for all regions
	Subject Subject
	Number  int // from 1 in its subject; 0 is what the program brought
	State   State
	Reason  string // why it was refused, in Russian, no residents' words

	MadeAt    time.Time
	MadeBy    account.ID // 0: the machine
	DecidedAt time.Time  // last change of the state
	DecidedBy account.ID
	Before    int // number of the version that it was compared with and takes the place of

	Shipped   int    // examples that the program brought
	Corrected int    // examples where a person gave another answer than the machine
	Confirmed int    // examples where people worked on with the machine's answer
	Data      string // hexadecimal SHA-256 of what was learnt from
	Figures   Figures
}

// Figures say how a version did on the pinned cases beside the one before.
type Figures struct {
	Old     Score   `json:"old"`
	New     Score   `json:"new"`
	Own     int     `json:"own"`     // of the cases those of the centre
	Shipped int     `json:"shipped"` // and those that the program brought
	Gained  int     `json:"gained"`  // right first now, and was not
	Broken  int     `json:"broken"`  // was right first, and is not now
	By      []Shift `json:"by,omitempty"`
}

// N is how many cases decided.
func (f *Figures) N() int { return f.Own + f.Shipped }

// A Score counts right answers.
type Score struct {
	First int `json:"first"` // the first guess is right
	Three int `json:"three"` // one of three is
}

// A Shift says what changed for one right answer: a topic's code, or an agency's id.
type Shift struct {
	Label    string  `json:"label"`
	Gained   int     `json:"gained"`
	Broken   int     `json:"broken"`
	GainedIn []int64 `json:"gained_in,omitempty"` // incidents of the centre among them
	BrokenIn []int64 `json:"broken_in,omitempty"`
}

// A Decision is what people made of one incident: what is learnt from. Its text is
// a resident's and lives no longer than the learning.
type Decision struct {
	Incident  int64
	Text      string // of the message that opened it, as it stands now
	Topic     topic.Code
	Corrected bool // a person gave the topic in place of the machine's, or where it gave none
	Centre    string
	Agency    int64 // that works on it or did; 0 when it was not handed over, or nobody took it yet
	Proposed  int64 // that routing proposed
}

// heldOut is which share of decisions is pinned: one of so many.
const heldOut = 5

// Pinned reports whether an incident is kept out of every training, for ever: by a
// hash of its id, so that versions of all times are asked about the same cases.
func Pinned(incident int64) bool {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("pinned"), uint64(incident)))
	return binary.BigEndian.Uint64(sum[:])%heldOut == 0
}
