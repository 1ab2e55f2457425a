package incident

import (
	"time"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
)

// A Result says how an incident stands in the figures of leaders. Duplicates and what was
// not considered stand in none.
type Result string

// Results.
const (
	Judged     Result = "judged"     // an answer was given, or was due by now
	InTime     Result = "in_time"    // of the judged: the answer that holds was given in time
	NotInTime  Result = "late"       // given late, or not given
	Checked    Result = "verified"   // of the judged: somebody saw that it is solved
	NotChecked Result = "unverified" // nobody has
	Waits      Result = "waits"      // not judged yet: its time runs or stands
)

// Results returns all results.
func Results() []Result { return []Result{Judged, InTime, NotInTime, Checked, NotChecked, Waits} }

// A Split is by what figures are told apart.
type Split string

// Splits.
const (
	ByAgency Split = "agency"
	ByGroup  Split = "group"  // of topics
	ByCentre Split = "centre" // municipality

	ByChannel Split = "channel" // by which people came: with how long they waited
)

// ParseSplit returns the split of that name.
func ParseSplit(name string) (Split, error) {
	switch s := Split(name); s {
	case ByAgency, ByGroup, ByCentre, ByChannel:
		return s, nil
	}
	return "", fault.New(fault.Invalid, "figures cannot be split by %q", name).At("by").Say("Итоги можно смотреть по организациям, группам тем, муниципалитетам или каналам.")
}

// A FigureQuery asks for the figures of incidents opened in [Since, Until), as they stand at Now.
type FigureQuery struct {
	By                Split
	Since, Until, Now time.Time
	Agency            int64 // 0, "" let everything through
	Group, Centre     string
	Channel           message.Channel
}

// Figures are the counts of one agency, group, municipality or channel. Both shares have one
// denominator, so that "answered in time" can be held against "solved": Judged.
type Figures struct {
	Agency        int64
	Group, Centre string
	Channel       message.Channel
	Came          int // opened, without duplicates
	Refused       int // not considered
	Waits         int // not judged yet
	Judged        int
	InTime        int
	Verified      int

	// Of a channel alone: the time in the middle, half of the people waited no longer.
	FirstAnswer time.Duration // from opening to the first reply; 0 = nobody has one
	Solved      time.Duration // from opening to where somebody saw that it is solved; 0 = nobody did
}

// A Mark says in one number how an incident stands in the figures, so that a database
// counts it without reading it: see Incident.Mark. From 3 on the even ones are verified.
type Mark int

// Marks.
const (
	MarkOut     Mark = iota // a duplicate, or done in another system
	MarkRefused             // not considered
	MarkRuns                // no answer that holds: judged when its time is over
	MarkInTime
	MarkInTimeVerified
	MarkLate
	MarkLateVerified
	MarkSilent // ended without an answer
	MarkSilentVerified
)

// Mark returns how the incident stands in the figures.
func (i *Incident) Mark() Mark {
	var m Mark
	switch c := &i.Clock; {
	case i.Outcome == lifecycle.Duplicate, c.Regime == regime.Past:
		return MarkOut
	case i.Outcome == lifecycle.Refused:
		return MarkRefused
	case !c.AnswerAt.IsZero() && (c.AnswerDue.IsZero() || !c.AnswerAt.After(c.AnswerDue)):
		m = MarkInTime
	case !c.AnswerAt.IsZero():
		m = MarkLate
	case i.State == lifecycle.Closed && !c.AnswerDue.IsZero():
		m = MarkSilent
	default:
		return MarkRuns
	}
	if i.Verified() {
		m++
	}
	return m
}

// Count adds n incidents of a mark, of which the time of overdue ones is over.
func (f *Figures) Count(m Mark, n, overdue int) {
	if m == MarkOut {
		return
	}
	f.Came += n
	switch m {
	case MarkRefused:
		f.Refused += n
	case MarkRuns:
		f.Waits += n - overdue
		f.Judged += overdue
	default:
		f.Judged += n
	}
	if m == MarkInTime || m == MarkInTimeVerified {
		f.InTime += n
	}
	if m == MarkInTimeVerified || m == MarkLateVerified || m == MarkSilentVerified {
		f.Verified += n
	}
}

// Add adds other counts.
func (f *Figures) Add(o *Figures) {
	f.Came, f.Refused, f.Waits, f.Judged, f.InTime, f.Verified = f.Came+o.Came, f.Refused+o.Refused, f.Waits+o.Waits, f.Judged+o.Judged, f.InTime+o.InTime, f.Verified+o.Verified
}
