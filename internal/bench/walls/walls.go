package walls

import (
	"fmt"
	"math"
	"slices"
	"time"

	"otklik/internal/source/vk/plan"
)

// Options of a measurement.
type Options struct {
	Seed      uint64
	Walls     int     // 0: 2,000
	Comments  int     // a day; 0: 300,000
	Tokens    int     // 0: 3
	Exponent  float64 // of Zipf's law; 0: 1.1
	PerSecond float64 // calls a token; 0: 3, what VK allows a user's token
	PerDay    int     // calls of no documented limit a token and day; 0: what PerSecond allows
	Lists     int     // calls of wall.get a token and day; 0: 5,000
}

func (o Options) full() Options {
	def := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	def(&o.Walls, 2000)
	def(&o.Comments, 300000)
	def(&o.Tokens, 3)
	def(&o.Lists, 5000)
	if o.Exponent == 0 {
		o.Exponent = 1.1
	}
	if o.PerSecond == 0 {
		o.PerSecond = 3
	}
	return o
}

// A Result is what a way of asking reached with the comments of the second day; the first
// day is for learning. A comment that was not seen when the day ended has an endless lag.
type Result struct {
	Comments    int
	Seen        float64 // share
	Median, P99 time.Duration
	Lists       int // calls of the second day
	Counts      int
	Reads       int
}

func (r Result) String() string {
	return fmt.Sprintf("%d comments, %.2f%% seen, median %s, p99 %s; %d wall.get, %d wall.getById, %d wall.getComments", r.Comments, 100*r.Seen, lag(r.Median), lag(r.P99), r.Lists, r.Counts, r.Reads)
}

func lag(d time.Duration) string {
	if d == Never {
		return "never"
	}
	return d.String()
}

// A Way decides what is asked next, and learns what came of it.
type Way interface {
	Next(now time.Time, can plan.Can) plan.Ask
	Listed(owner int64, shown []plan.Post, read func(int64) int, now time.Time)
	Counted(k plan.Known, count int, now time.Time)
	Read(k plan.Known, count int, now time.Time)
	Busy(now time.Time) float64
	ListBusy(now time.Time) float64
}

var begin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// Measure runs two days of the world. It changes the world's reading marks, so each way
// gets a world of its own, of the same seed.
func Measure(o Options, w *World, way Way) Result {
	o = o.full()
	step := 1 / (o.PerSecond * float64(o.Tokens))
	lists, calls := plan.Purse{PerDay: o.Lists * o.Tokens}, plan.Purse{PerDay: o.PerDay * o.Tokens}
	var res Result
	var lags []float64
	debt := 0 // calls that a reading of several pages still takes
	var busy, listBusy, asked float64
	for t := 0.0; t < 2*day; t += step {
		now := begin.Add(time.Duration(t * float64(time.Second)))
		if busy == 0 || t-asked > 20 { // it changes by the hour
			busy, listBusy, asked = way.Busy(now), way.ListBusy(now), t
		}
		can := plan.Can{List: lists.Ready(now, listBusy), Call: calls.Ready(now, busy)}
		if !can.List && !can.Call {
			continue
		}
		second := t >= day
		if debt > 0 {
			if can.Call {
				calls.Spend(now, 1)
				debt--
				res.count(&res.Reads, second)
			}
			continue
		}
		a := way.Next(now, can)
		switch a.Kind {
		case plan.List:
			lists.Spend(now, 1)
			res.count(&res.Lists, second)
			way.Listed(a.Wall, w.list(a.Wall, t), nil, now)
		case plan.Counts:
			calls.Spend(now, 1)
			res.count(&res.Counts, second)
			for _, k := range a.Posts {
				way.Counted(k, w.thread(k).until(t), now)
			}
		case plan.Comments:
			calls.Spend(now, 1)
			res.count(&res.Reads, second)
			k := plan.Known{Wall: a.Wall, Post: a.Post}
			th := w.thread(k)
			n := th.until(t)
			debt = max(n-th.read-1, 0) / 100
			if n > 100 && n%4 == 0 { // an answer in an old thread stands on a further page
				debt++
			}
			for ; th.read < n; th.read++ {
				if at := th.Times[th.read]; at >= day {
					lags = append(lags, t-at)
				}
			}
			way.Read(k, n, now)
		}
	}
	for _, list := range w.Walls {
		for _, th := range list {
			for _, at := range th.Times {
				if at >= day && at < 2*day {
					res.Comments++
				}
			}
		}
	}
	slices.Sort(lags)
	res.Seen = float64(len(lags)) / float64(res.Comments)
	res.Median, res.P99 = at(lags, res.Comments, 0.5), at(lags, res.Comments, 0.99)
	return res
}

func (r *Result) count(n *int, second bool) {
	if second {
		*n++
	}
}

// Never is the lag of a comment that was not seen.
const Never = time.Duration(math.MaxInt64)

func at(lags []float64, all int, share float64) time.Duration {
	k := int(float64(all) * share)
	if k >= len(lags) {
		return Never
	}
	return time.Duration(lags[k] * float64(time.Second)).Round(100 * time.Millisecond)
}

func (w *World) list(owner int64, t float64) []plan.Post {
	var out []plan.Post
	for _, th := range slices.Backward(w.Walls[-owner-1]) {
		if th.Born <= t && len(out) < 100 {
			out = append(out, plan.Post{ID: int64(th.Number), Born: begin.Add(time.Duration(th.Born * float64(time.Second))), Count: th.until(t)})
		}
	}
	return out
}

func (w *World) thread(k plan.Known) *Thread { return w.Walls[-k.Wall-1][k.Post-1] }

func (t *Thread) until(at float64) int {
	for t.shown < len(t.Times) && t.Times[t.shown] <= at {
		t.shown++
	}
	return t.shown
}
