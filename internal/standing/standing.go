// Package standing is what analysts save: standing queries («правила
// наблюдения») with their owner, versions, examples and statistics.
//
// A Query is text in the language of package watch; this package neither parses
// nor evaluates it. Every change is a version, so that somebody can see what the
// centre was listening for on the day when a message was missed. Examples are
// texts that the query must and must not catch: they are tried on each save.
package standing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/scope"
)

// An ID names a saved query over all its versions.
type ID int64

// A Query is one saved query as it stands.
type Query struct {
	ID      ID
	Version int    // from 1; Save raises it and refuses to overwrite another one
	Name    string // unique among what its centre and its region see; other queries use it as @name
	Text    string // in the language of package watch
	Note    string // what it is for, in the analyst's words
	On      bool   // asked about every message; off: only where another query names it

	// Where it listens. Empty lists mean "everywhere".
	Territories []string // OKTMO: 8 digits for regions and municipalities, 11 for settlements
	Unplaced    bool     // with territories: also messages whose territory nobody knows
	Channels    []string // kinds of sources: "vk", "telegram", …

	Examples []Example

	Owner     account.ID
	ChangedBy account.ID
	ChangedAt time.Time
	Place     scope.Place

	Hits    int64     // messages that it caught, over all versions
	LastHit time.Time // zero: none yet
}

// An Example is a text that a query must catch, or must not. Analysts may paste
// what residents wrote, so examples are erasable.
type Example struct {
	Text string
	Must bool
}

// Limits of a saved query.
const (
	maxName     = 60 // letters
	maxExamples = 50
	maxExample  = 4000 // bytes
)

// Check reports what cannot be saved, apart from the query's own language.
func (q *Query) Check() error {
	name := strings.TrimSpace(q.Name)
	switch {
	case name == "":
		return fault.New(fault.Invalid, "standing query without a name").Say("Назовите правило: по имени его узнают в очереди и в других правилах.").At("name")
	case utf8.RuneCountInString(name) > maxName:
		return fault.New(fault.Invalid, "name of %d letters", utf8.RuneCountInString(name)).Say(fmt.Sprintf("Имя правила длиннее %d букв. Сократите его, а подробности напишите в примечании.", maxName)).At("name")
	case len(q.Examples) > maxExamples:
		return fault.New(fault.Invalid, "%d examples", len(q.Examples)).Say(fmt.Sprintf("Примеров больше %d. Оставьте самые показательные.", maxExamples)).At("examples")
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' && r != '-' && r != '_' {
			return fault.New(fault.Invalid, "name with %q", r).Say(fmt.Sprintf("В имени правила стоит знак «%c». Можно буквы, цифры, пробел, «-» и «_».", r)).At("name")
		}
	}
	for _, e := range q.Examples {
		if len(e.Text) > maxExample {
			return fault.New(fault.Invalid, "example of %d bytes", len(e.Text)).Say("Один из примеров слишком длинный. Оставьте то место, из-за которого он важен.").At("examples")
		}
	}
	for _, t := range q.Territories {
		if len(t) != 8 && len(t) != 11 || strings.Trim(t, "0123456789") != "" {
			return fault.New(fault.Invalid, "territory %q", t).Say(fmt.Sprintf("«%s» не похоже на код ОКТМО: нужно 8 или 11 цифр.", t)).At("territories")
		}
	}
	return nil
}

// Reaches reports whether a query that stands at p may be named in one that stands
// at user: what the region saves, by everybody in it; what a municipal centre
// saves, by that centre alone, so that no centre changes what the region catches.
func Reaches(p, user scope.Place) bool {
	return p.Region == user.Region && (p.Centre == "" || p.Centre == user.Centre)
}

// Key is the name as other queries write it behind @: small letters, ё→е, «_» for blanks.
func Key(name string) string {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "ё", "е")
	return strings.Join(strings.Fields(name), "_")
}

// Examined returns the examples of one kind.
func (q *Query) Examined(must bool) (texts []string) {
	for _, e := range q.Examples {
		if e.Must == must {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// Same reports whether nothing that a person edits differs.
func (q *Query) Same(other *Query) bool {
	return q.Name == other.Name && q.Text == other.Text && q.Note == other.Note && q.On == other.On && q.Unplaced == other.Unplaced &&
		slices.Equal(q.Territories, other.Territories) && slices.Equal(q.Channels, other.Channels) && slices.Equal(q.Examples, other.Examples)
}

// A Version is one state of a query, whole: what it said, where it listened, what
// it was tried on, who saved it and when.
type Version struct {
	Version   int
	Name      string
	Text      string
	Note      string
	On        bool
	ChangedBy account.ID
	ChangedAt time.Time

	Territories []string
	Unplaced    bool
	Channels    []string
	KnowsWhere  bool // false: saved by a program that kept no territories and channels with a version

	Examples   []Example
	KnowsWords bool // false: the same of the examples, or they were erased
}

// Of returns the query as it was at a version. What the version does not know is as now.
func (v *Version) Of(now *Query) *Query {
	q := *now
	q.Name, q.Text, q.Note, q.On = v.Name, v.Text, v.Note, v.On
	if v.KnowsWhere {
		q.Territories, q.Unplaced, q.Channels = slices.Clone(v.Territories), v.Unplaced, slices.Clone(v.Channels)
	}
	if v.KnowsWords {
		q.Examples = v.Examples
	}
	q.Examples = slices.Clone(q.Examples)
	return &q
}

// A Day counts the messages of one day (UTC) that a query caught.
type Day struct {
	Day  time.Time
	Hits int64
}

// A Store keeps saved queries. A query of the region is seen by the whole region,
// one of a municipal centre by that centre and the region.
type Store interface {
	// Queries returns all queries that the scope sees, by name.
	Queries(ctx context.Context, sc scope.Scope) ([]Query, error)
	// Query returns one; fault.NotFound outside the scope.
	Query(ctx context.Context, sc scope.Scope, id ID) (*Query, error)
	// SaveQuery stores a new query (ID 0) or a new version. It is a Conflict when the
	// stored version is not q.Version, or when another query of the same place has the name.
	SaveQuery(ctx context.Context, q *Query) error
	// DropQuery removes a query with its versions, examples and counts.
	DropQuery(ctx context.Context, id ID) error
	// Versions returns the versions of a query, newest first.
	Versions(ctx context.Context, id ID) ([]Version, error)
	// ForgetExamples erases the examples of all versions but the present one, and
	// returns how many there were.
	ForgetExamples(ctx context.Context, id ID) (int64, error)
	// CountHits adds to the counts of the day of at.
	CountHits(ctx context.Context, hits map[ID]int64, at time.Time) error
	// Days returns the counts of a query since a moment, oldest first.
	Days(ctx context.Context, id ID, since time.Time) ([]Day, error)
}
