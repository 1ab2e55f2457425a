package source

import (
	"sync"
	"time"
)

// A Quota is what may be asked of a network within a time, and how much of that went.
type Quota struct {
	Name    string        // of what is counted, for people: «запросы», «сообщения в одну группу»
	Whose   string        // that the limit is for, for people: «бот», «сайт news.example»; may be empty
	Allowed int           // within Per; 0: nobody names a limit, what went is counted all the same
	Per     time.Duration // a second, a minute, an hour, 24 hours
	Used    int           // within the last Per
	Peak    int           // most within one Per in the last hour; Used where Per is longer than a minute
	Back    time.Time     // when the first of them count no more; zero: at once, or none was used
	Until   time.Time     // the network told us to wait till then; zero: it did not
	Free    bool          // nothing holds us to it here: a play network
	Ours    bool          // the network names no limit: we keep to one of our own
}

// Share returns how much of it went at the busiest time, 0 … 1.
func (q *Quota) Share() float64 {
	if q.Allowed <= 0 || q.Free {
		return 0
	}
	return min(float64(max(q.Used, q.Peak))/float64(q.Allowed), 1)
}

// A Meter tells what a connection may ask of its network. Sources that share a key or a host
// tell the same. A Puller or a Publisher may be one; where none is, nobody sets a limit.
type Meter interface{ Quotas() []Quota }

// A Gauge counts what goes within a time, always the same one. Its zero value is ready; it is
// safe for concurrent use.
type Gauge struct {
	mu    sync.Mutex
	turn  int64 // number of the time that n belongs to
	n     int
	peaks [12]struct { // of five minutes each
		turn int64
		n    int
	}
	until time.Time
}

const peakTime = 5 * time.Minute

// Spend notes a call, counted by the second, minute or hour; calls may come a little out of
// order.
func (g *Gauge) Spend(now time.Time, per time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if turn := now.UnixNano() / int64(per); turn != g.turn && (turn > g.turn || g.turn-turn > int64(peakTime/per)) { // a clock may be set back
		g.turn, g.n = turn, 0
	}
	g.n++
	slot := now.UnixNano() / int64(peakTime)
	p := &g.peaks[slot%int64(len(g.peaks))]
	if p.turn != slot {
		p.turn, p.n = slot, 0
	}
	p.n = max(p.n, g.n)
}

// Rest notes that the network told us to wait.
func (g *Gauge) Rest(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = until
}

// Quota returns what went of the allowed number.
func (g *Gauge) Quota(name string, allowed int, per time.Duration, now time.Time) Quota {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := Quota{Name: name, Allowed: allowed, Per: per}
	if g.turn == now.UnixNano()/int64(per) {
		q.Used = g.n
	}
	slot := now.UnixNano() / int64(peakTime)
	for _, p := range g.peaks {
		if p.turn <= slot && p.turn > slot-int64(len(g.peaks)) {
			q.Peak = max(q.Peak, p.n)
		}
	}
	if g.until.After(now) {
		q.Until = g.until
	}
	return q
}
