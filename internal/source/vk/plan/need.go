package plan

import (
	"math"
	"time"
)

// A Town is how much is said on the walls that a pool of tokens watches.
type Town struct {
	Walls    int
	Posts    int     // known posts of all walls
	Comments float64 // a day
	Lists    int     // of wall.get that a token may make in a day
	Calls    int     // of the other methods
}

// Measured is what bench/walls gives for three tokens of 86,400 calls, 2,000 walls and
// 300,000 comments a day: the share of the comments that need a call of their own, and the
// median lag where that leaves the rest for counts.
const (
	readShare    = 185000.0 / 300000 // wall.getComments a comment
	countsThen   = 57000.0           // wall.getById that were left
	commentsThen = 300000.0
	lagThen      = 25.0 // seconds
)

// Tokens estimates how many tokens a median lag costs, from what bench/walls measured: reading
// takes a call for about each second comment, and with what is left the lag falls as the
// counts come oftener. It is an estimate of the order, for the page of sources.
func Tokens(t Town, lag time.Duration) int {
	if t.Walls == 0 || t.Calls <= 0 || t.Lists <= 0 {
		return 0
	}
	seconds := max(lag.Seconds(), 1)
	size := max(t.Comments/commentsThen, float64(t.Posts)/40000)
	reads := t.Comments * readShare * min(1, math.Sqrt(lagThen/seconds)) // the longer we wait, the more one reading brings
	counts := countsThen * size * lagThen / seconds
	calls := math.Ceil((reads + counts) / float64(t.Calls))
	lists := math.Ceil(float64(t.Walls) * 2 / float64(t.Lists)) // each wall twice a day at least
	return int(max(calls, lists, 1))
}
