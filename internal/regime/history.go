package regime

import (
	"slices"
	"time"
)

// A What says what happened, as far as clocks care.
type What string

// What happens.
const (
	WasAccepted  What = "accepted"
	WasForwarded What = "forwarded"
	GaveInterim  What = "interim"
	GaveAnswer   What = "answered"
	Asked        What = "asked"   // the author was asked: the clocks stop where the regime says so
	Told         What = "told"    // the author answered, or nobody waits for the author any more
	Stopped      What = "stopped" // by a person, with a reason
	Went         What = "went"    // a person let the clocks go on
	Extended     What = "extended"
	Returned     What = "returned" // for rework
	Ended        What = "ended"    // not considered, closed, merged into another
	Revived      What = "revived"  // split again
	Checked      What = "checked"  // the author or a controller said what is true
	Raised       What = "raised"   // of heightened importance from now on
	Lowered      What = "lowered"
	Quickened    What = "quickened" // the topic is ★ from now on
	Slowed       What = "slowed"
	Declined     What = "declined"  // an agency gave it back to the centre, before anything was answered
	Escalated    What = "escalated" // somebody was told that time runs out
)

// Whats returns all that can happen.
func Whats() []What {
	return []What{WasAccepted, WasForwarded, GaveInterim, GaveAnswer, Asked, Told, Stopped, Went, Extended, Returned, Ended, Revived, Checked, Raised, Lowered, Quickened, Slowed, Declined, Escalated}
}

// An Event is one thing that happened.
type Event struct {
	At    time.Time
	What  What
	Step  Kind      // of Extended, Escalated
	Until time.Time // of Extended
	Who   Who       // of Escalated
	Round int       // of Escalated, see Deadline.Round
}

// A History is what happened to one incident, oldest first.
type History struct {
	Published time.Time // the author wrote; zero when unknown
	Seen      time.Time
	Events    []Event
	Authors   int // different people who have written, as far as pressure notes it
}

// begin returns when the author's words began to count.
func (h *History) begin() time.Time {
	if h.Published.IsZero() || h.Published.After(h.Seen) { // a network whose clock is wrong
		return h.Seen
	}
	return h.Published
}

// declined returns when an agency last gave the incident back to the centre, and how
// often that happened; once something was answered, nothing is to be forwarded anew.
func (h *History) declined() (at time.Time, n int) {
	for _, e := range h.Events {
		switch e.What {
		case Declined:
			at, n = e.At, n+1
		case GaveInterim, GaveAnswer:
			if n == 0 {
				return time.Time{}, 0
			}
		}
	}
	return at, n
}

func (h *History) first(what ...What) time.Time {
	for _, e := range h.Events {
		if slices.Contains(what, e.What) {
			return e.At
		}
	}
	return time.Time{}
}

func (h *History) last(what ...What) (at time.Time, index int) {
	for k := len(h.Events) - 1; k >= 0; k-- {
		if slices.Contains(what, h.Events[k].What) {
			return h.Events[k].At, k
		}
	}
	return time.Time{}, -1
}

// ended reports whether the work was ended and not revived or returned since.
func (h *History) ended() (time.Time, bool) {
	at, k := h.last(Ended)
	_, back := h.last(Revived, Returned)
	return at, k > back
}

// since returns from when a class holds that one event gives and another takes;
// ok is false when it does not hold now.
func (h *History) since(on, off What) (at time.Time, ok bool) {
	for _, e := range h.Events {
		switch e.What {
		case on:
			if !ok {
				at, ok = e.At, true
			}
		case off:
			ok = false
		}
	}
	return at, ok
}

// A span is a time in which clocks stand; to is zero while it lasts.
type span struct {
	from, to time.Time
	author   bool // for the author's answer
}

// pauses returns the times in which the clocks stood, apart and in order. Each is
// as long as it lasted, whatever the regime allows at most.
func (h *History) pauses(p Pause) (out []span) {
	var asked, stopped bool
	for _, e := range h.Events {
		was := asked || stopped
		switch e.What {
		case Asked:
			asked = p.Author
		case Told:
			asked = false
		case Stopped:
			stopped = p.ByHand
		case Went:
			stopped = false
		case Ended, GaveAnswer: // whoever comes back works
			asked, stopped = false, false
		}
		switch now := asked || stopped; {
		case now && !was:
			out = append(out, span{from: e.At, author: asked})
		case was && !now:
			out[len(out)-1].to = e.At
		}
	}
	return out
}
