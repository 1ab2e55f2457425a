package walls

import (
	"time"

	"otklik/internal/source/vk/plan"
)

// Planned is the product's way.
func Planned(o Options) Way {
	p := plan.New()
	for k := range o.full().Walls {
		p.Add(-int64(k + 1))
	}
	return p
}

// InTurn asks every wall for its list in turn and reads what grew: what is usual. With Ids it
// also asks the counts of all known posts in turn, 100 in a call, with the calls that
// are left.
type InTurn struct {
	Walls int
	Ids   bool

	next   int
	counts map[plan.Known]int
	read   map[plan.Known]int
	known  []plan.Known
	place  int
	queue  []plan.Known // whose comments are to be read
	queued map[plan.Known]bool
}

// Next implements Way.
func (w *InTurn) Next(_ time.Time, can plan.Can) plan.Ask {
	switch {
	case can.Call && len(w.queue) > 0:
		k := w.queue[0]
		w.queue = w.queue[1:]
		delete(w.queued, k)
		return plan.Ask{Kind: plan.Comments, Wall: k.Wall, Post: k.Post}
	case can.List:
		w.next = w.next%w.Walls + 1
		return plan.Ask{Kind: plan.List, Wall: -int64(w.next)}
	case can.Call && w.Ids && len(w.known) > 0:
		a := plan.Ask{Kind: plan.Counts}
		for range min(plan.Batch, len(w.known)) {
			a.Posts = append(a.Posts, w.known[w.place%len(w.known)])
			w.place++
		}
		return a
	}
	return plan.Ask{}
}

// Listed implements Way.
func (w *InTurn) Listed(owner int64, shown []plan.Post, _ func(int64) int, now time.Time) {
	for _, s := range shown {
		w.Counted(plan.Known{Wall: owner, Post: s.ID}, s.Count, now)
	}
}

// Counted implements Way.
func (w *InTurn) Counted(k plan.Known, count int, _ time.Time) {
	if w.counts == nil {
		w.counts, w.read, w.queued = map[plan.Known]int{}, map[plan.Known]int{}, map[plan.Known]bool{}
	}
	if _, old := w.counts[k]; !old {
		w.known = append(w.known, k)
	}
	w.counts[k] = count
	if count > w.read[k] && !w.queued[k] {
		w.queue, w.queued[k] = append(w.queue, k), true
	}
}

// Read implements Way.
func (w *InTurn) Read(k plan.Known, count int, _ time.Time) { w.read[k] = count }

// Busy implements Way.
func (w *InTurn) Busy(time.Time) float64 { return 1 }

// ListBusy implements Way.
func (w *InTurn) ListBusy(time.Time) float64 { return 1 }
