// Package publicface says what everybody may see of a case: on the public map and list, in
// open data, by Open311. It is the only place that knows; whoever shows cases to the public
// asks Rule.Face and shows nothing else.
//
// It leaves out rather than shows: the words of a comment are never repeated, because a
// search for them finds who wrote it; what was told to us alone keeps its house to itself;
// what nobody of the staff has looked at is not there at all. docs/publicface.md has the
// rule as a table.
package publicface

import (
	"slices"
	"strings"
	"time"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/topic"
)

// A Rule is the rule with the regimes in force.
type Rule struct {
	private []regime.Code // cases under them are between the author and the authority
}

// appeal is the regime of 59-ФЗ: article 6 forbids to make an appeal known without its
// author's consent. It is private whatever an edit of it says.
const appeal = regime.Appeal

// New returns the rule for these regimes.
func New(regimes []regime.Regime) Rule {
	r := Rule{private: []regime.Code{appeal}}
	for k := range regimes {
		if regimes[k].Private && regimes[k].Code != appeal {
			r.private = append(r.private, regimes[k].Code)
		}
	}
	return r
}

// A Reason says why everybody sees nothing of a case.
type Reason string

// Reasons.
const (
	Shown     Reason = ""
	Private   Reason = "private"   // its regime is
	Imported  Reason = "imported"  // history of another system: by which law it was written nobody knows
	Unread    Reason = "unread"    // nobody of the staff has looked at it yet
	Refused   Reason = "refused"   // not considered: advertising, insults, not ours
	Duplicate Reason = "duplicate" // it went on in another one
	NoMatter  Reason = "no_matter" // neither complaint nor question nor proposal
)

// Hidden returns why a case is not shown, Shown when it is. It looks at the incident's row
// alone, so that a database can ask the same (see Rows).
func (r Rule) Hidden(i *incident.Incident) Reason {
	w := r.Rows()
	switch {
	case slices.Contains(w.NotRegimes, i.Clock.Regime):
		return Private
	case i.Clock.Regime == w.PastRegime && i.Channel != w.Published:
		return Imported
	case i.State == w.Unread && i.Channel != w.Published:
		return Unread
	case slices.Contains(w.NotOutcomes, i.Outcome):
		if i.Outcome == lifecycle.Duplicate {
			return Duplicate
		}
		return Refused
	case !slices.Contains(w.Kinds, i.Kind):
		return NoMatter
	}
	return Shown
}

// Rows is Hidden as conditions on the columns of an incident: what must hold for its row to
// be shown. A store asks by them (incident.Filter), a test compares both.
type Rows = incident.Shown

// Rows returns the conditions.
func (r Rule) Rows() Rows {
	return Rows{
		NotRegimes: r.private, NotOutcomes: []lifecycle.Outcome{lifecycle.Refused, lifecycle.Duplicate},
		Kinds: []message.Kind{message.Complaint, message.Question, message.Proposal}, Unread: lifecycle.New, PastRegime: regime.Past, Published: message.City,
	}
}

// A Nearness says how exactly the place of a case is shown.
type Nearness int

// From the finest.
const (
	Exact  Nearness = iota // the address and the point
	Street                 // without the house; the point within half a kilometre
	Town                   // the settlement alone, no point
)

// common are groups of topics about what belongs to all: their place is where the trouble
// is, never where somebody lives.
var common = []string{"improvement", "roads", "transit", "waste", "ecology", "construction", "heritage", "culture", "sport", "trade"}

// personal are groups about a person's own life: even the street would tell too much.
var personalGroups = []string{"health", "social", "covid", "mobilisation", "burial"}

// Near returns how exactly the place of a case may be shown. alone says that its first
// message was told to us alone: a talk, a letter, a call, a record of another system.
func Near(i *incident.Incident, alone bool) Nearness {
	group, _, _ := strings.Cut(string(i.Topic), ".")
	switch {
	case slices.Contains(personalGroups, group):
		return Town
	case slices.Contains(common, group), !alone:
		return Exact
	}
	return Street
}

// Alone reports whether a message was told to us alone, so that nobody else knows that its
// author wrote. What is not surely public counts as told to us.
func Alone(m *message.Message) bool {
	switch m.Channel {
	case message.City:
		return false
	case message.Portal:
		return m.Form != message.Post // its author may say that it is private
	case message.VK, message.OK, message.Telegram, message.Max, message.News, message.Forum:
		return m.Form != message.Post && m.Form != message.Comment
	}
	return true
}

// A Query asks a store for cases, newest first.
type Query struct {
	Numbers      []string     // these alone; all other conditions but All are left out
	Topics       []topic.Code // one of them
	Since, Until time.Time    // opened: from Since on, before or at Until; zero = without a bound
	ChangedSince time.Time
	ChangedUntil time.Time
	State        string // "open", "closed"; "" = both
	All          bool   // also what Hidden hides: for Of, of known Numbers only
	Limit        int    // 1 … 1000; 0 = 1000
	Offset       int
}

// Most is how many cases one Query gives.
const Most = 1000
