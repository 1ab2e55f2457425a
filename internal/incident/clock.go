package incident

import (
	"context"
	"time"

	"otklik/internal/regime"
	"otklik/internal/scope"
)

// A Clock is what of the deadlines stands on the incident itself, counted anew with
// every change of it: what queues are sorted by and what alarms. All deadlines with
// their reasons are counted from the history when somebody looks.
type Clock struct {
	Regime regime.Code
	ByHand bool // a person chose the regime: the machine does not change it
	Step   regime.Kind
	State  regime.State // Running, Paused, or "" when nothing is due
	Due    time.Time    // zero when nothing is due, and while the clock stands without a limit
	Alarm  time.Time    // when somebody is to be told next; zero = nobody
	Rung   int          // how high the ladder was climbed for the step; 0 = nobody was told

	AnswerDue time.Time // of the final answer (the first one, where a regime knows no other), kept when it is met; zero while it waits
	AnswerAt  time.Time // when that was given; zero while it is not, and again after a return
}

// Overdue reports whether the due time is over.
func (c *Clock) Overdue(now time.Time) bool { return !c.Due.IsZero() && now.After(c.Due) }

// Same reports whether two clocks are stored alike: the same moments, to the microsecond, in
// whatever zone they are told.
func (c *Clock) Same(o *Clock) bool {
	a, b := *c, *o
	for _, at := range []*time.Time{&a.Due, &a.Alarm, &a.AnswerDue, &a.AnswerAt, &b.Due, &b.Alarm, &b.AnswerDue, &b.AnswerAt} {
		if !at.IsZero() {
			*at = time.UnixMicro(at.UnixMicro()).UTC()
		}
	}
	return a == b
}

// A Moved says that a due time became another one, and of which step.
type Moved struct {
	Step regime.Kind `json:"step"`
	From time.Time   `json:"from,omitzero"`
	To   time.Time   `json:"to,omitzero"`
}

// A Told says whom an escalation reached, about which due time.
type Told struct {
	Step  regime.Kind `json:"step"`
	Who   regime.Who  `json:"who"`
	Round int         `json:"round,omitempty"`
	Due   time.Time   `json:"due,omitzero"`

	Authors int `json:"authors,omitempty"` // how many people write, when that made it sooner
}

// Clocks finds incidents by time and keeps their clocks.
type Clocks interface {
	// Ringing returns incidents whose alarm has come, the worst first: danger, then what
	// is due longest.
	Ringing(ctx context.Context, now time.Time, limit int) ([]Incident, error)
	// SaveClock stores a clock apart from all else: the version stays, so that nobody's
	// open form becomes a Conflict. It reports false, and stores nothing, when the incident's
	// version or alarm is another one by now.
	SaveClock(ctx context.Context, i *Incident, alarm time.Time) (bool, error)
	// Histories returns the histories of incidents, each oldest first.
	Histories(ctx context.Context, ids []ID) (map[ID][]Entry, error)
	// Authors counts the different people whose messages are attached to an incident.
	Authors(ctx context.Context, id ID) (int, error)
	// OpenAfter returns open incidents with higher ids, lowest first.
	OpenAfter(ctx context.Context, after ID, limit int) ([]Incident, error)
	// UnjudgedAfter returns finished incidents with higher ids whose answer was never
	// counted: they were answered before there were clocks. Lowest first.
	UnjudgedAfter(ctx context.Context, after ID, limit int) ([]Incident, error)
	// Figures counts incidents opened in a time by the split, in its order.
	Figures(ctx context.Context, sc scope.Scope, q FigureQuery) ([]Figures, error)
	// Board counts open incidents by agency, in the order of their ids.
	Board(ctx context.Context, sc scope.Scope, now, soon time.Time) ([]BoardLine, error)
}

// A BoardLine is one agency's line of the control board; Agency 0 are incidents that
// no agency has.
type BoardLine struct {
	Agency   int64
	Overdue  int
	Soon     int // due before soon, not overdue
	Approval int // a reply waits for approval or publication
	Returned int // for rework
	Paused   int
	Raised   int // overdue and told to a head or to the leaders
}
