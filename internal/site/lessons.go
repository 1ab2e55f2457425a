package site

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/scope"
	"otklik/internal/teach"
)

// A School keeps what was learnt from people's decisions: pages and the API show
// it, and what people do to it goes through it.
type School interface {
	// MayTeach reports whether Teach, ActivateLesson and RollBackLesson would refuse
	// who for what they are.
	MayTeach(who account.Actor) bool
	// Lessons returns the versions and how it stands.
	Lessons(ctx context.Context) (Lessons, error)
	// Teach begins to learn and returns at once. It is a Conflict while it learns already.
	Teach(ctx context.Context, who account.Actor) error
	// ActivateLesson puts a version in force; see teach.Teacher.Activate.
	ActivateLesson(ctx context.Context, who account.Actor, s lesson.Subject, number int) error
	// RollBackLesson goes back to the version before and returns its number.
	RollBackLesson(ctx context.Context, who account.Actor, s lesson.Subject) (int, error)
	// Suggest returns who may be the one to answer, by past hand-overs that the
	// scope sees; nothing when they are too few.
	Suggest(ctx context.Context, sc scope.Scope, i *incident.Incident) ([]Suggestion, error)
}

// Lessons is how learning stands.
type Lessons struct {
	Versions map[lesson.Subject][]lesson.Version // newest first
	Tally    teach.Tally
	Since    time.Time // when the learning under way began; zero when none is
	Told     []string  // what the last learning of this process came to, in Russian
	Hour     int       // of the region's time at which it learns; -1 never
	ByHand   bool      // a version that is not worse waits for a person
}

// A Suggestion is an agency that answered for cases like this one.
type Suggestion struct {
	Agency int64
	Kept   int      // of the similar cases it took so many and kept them
	Of     int      // similar cases; 0 when words alone speak for it
	Where  string   // what makes them similar, in Russian: «этой темы в этом муниципалитете»
	Score  float64  // probability by the learnt model; 0 when it says nothing
	Words  []string // of the message that speak for it, without personal data
}
