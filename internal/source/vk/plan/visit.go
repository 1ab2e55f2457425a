package plan

import (
	"math"
	"time"
)

// A Visit says when something was last asked and, as far as can be told, when it will be
// again: at the worth at which such questions went out last. Zero times are unknown.
type Visit struct{ Last, Next time.Time }

// Visits returns the visits to the list of a wall and to the counts of a post of it; known
// is false for a post that is not watched.
func (p *Plan) Visits(k Known, now time.Time) (list, counts Visit, known bool) {
	w := p.walls[k.Wall]
	if w == nil {
		return list, counts, false
	}
	if w.listed != 0 {
		list.Last = clock(w.listed)
		if g := w.gain(w.listed+1, p.share(w, now)); p.listWorth > 0 { // it grows with the third power
			list.Next = later(now, w.listed+max(math.Cbrt(p.listWorth/g), shortest))
		}
	}
	q := w.posts[k.Post]
	if q == nil {
		return list, counts, false
	}
	counts.Last = clock(q.looked)
	if p.lookWorth > 0 {
		counts.Next = later(now, q.looked+max(after(q.rate, p.lookWorth), soonest))
	}
	return list, counts, true
}

// Posts returns how many posts are watched.
func (p *Plan) Posts() (n int) {
	for _, w := range p.order {
		n += len(w.posts)
	}
	return n
}

func clock(t float64) time.Time { return time.UnixMilli(int64(t * 1000)) }

// later is a time that is not over.
func later(now time.Time, t float64) time.Time {
	if at := clock(t); at.After(now) {
		return at
	}
	return now
}

// Rate returns how many comments a second are expected under all posts in a mean hour.
func (p *Plan) Rate() (sum float64) {
	for _, w := range p.order {
		for _, q := range w.posts {
			if !math.IsNaN(q.heat) { // a new one is not known yet
				sum += q.heat / fade
			}
		}
	}
	return sum
}

// Rhythm returns when something of a wall was last asked, its list or the counts of its posts,
// and when the next such question is due at the worth at which they went out last: a time that
// may be over where the calls do not suffice. next is zero while nothing is known.
func (p *Plan) Rhythm(owner int64, now time.Time) (last, next time.Time) {
	w := p.walls[owner]
	if w == nil || w.listed == 0 {
		return last, next
	}
	looked, due := w.listed, math.Inf(1)
	if g := w.gain(w.listed+1, p.share(w, now)); p.listWorth > 0 && g > 0 {
		due = w.listed + max(math.Cbrt(p.listWorth/g), shortest)
	}
	for _, q := range w.posts {
		looked = max(looked, q.looked)
		if p.lookWorth > 0 {
			due = min(due, q.looked+max(after(q.rate, p.lookWorth), soonest))
		}
	}
	if math.IsInf(due, 1) || math.IsNaN(due) {
		return clock(looked), next
	}
	return clock(looked), clock(due)
}
