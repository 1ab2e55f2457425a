package plan

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Hours are comments by hour of the day, UTC.
type Hours [24]float64

// Add counts n comments.
func (h *Hours) Add(at time.Time, n float64) { h[at.UTC().Hour()] += n }

// Share returns how busy the hour is against the mean hour, where even comments an hour are
// added that are spread as like says (nil: evenly), so that few comments prove little.
func (h *Hours) Share(hour int, like *Hours, even float64) float64 {
	var all float64
	for _, n := range h {
		all += n
	}
	other := 1.0
	if like != nil {
		other = like.Share(hour, nil, 100)
	}
	return (h[hour] + even*other) / (all/24 + even)
}

// share is how busy the hour is at the wall.
func (p *Plan) share(w *wall, now time.Time) float64 {
	return w.hours.Share(now.UTC().Hour(), &p.hours, 10)
}

// Busy returns how busy the hour is at all walls, against the mean hour.
func (p *Plan) Busy(now time.Time) float64 { return p.hours.Share(now.UTC().Hour(), nil, 100) }

// ListBusy is how busy the hour is for lists. They follow the day half as strongly, since a
// post of the night is talked of in the morning; walls that were never listed hurry it.
func (p *Plan) ListBusy(now time.Time) float64 {
	for _, w := range p.order {
		if w.listed == 0 {
			return 8
		}
	}
	return (1 + p.Busy(now)) / 2
}

// learn takes from a list how often the wall posts, and how many comments a post gets.
func (w *wall) learn(shown []Post, t float64) {
	if len(shown) == 0 {
		return
	}
	oldest, comments, ripe := t, 0.0, 0.0
	for _, s := range shown {
		born := seconds(s.Born)
		oldest = min(oldest, born)
		got := 1 - math.Exp(-max(t-born, 0)/fade) // of its comments in all
		comments, ripe = comments+float64(s.Count), ripe+got
	}
	if len(shown) > 3 { // the last posts tell how it is now
		newest := slices.SortedFunc(slices.Values(shown), func(a, b Post) int { return b.Born.Compare(a.Born) })
		n := min(len(newest), 30)
		oldest = seconds(newest[n-1].Born)
		w.born = float64(n) / max(t-oldest, 3600)
	} else {
		w.born = float64(len(shown)) / max(t-oldest, 86400)
	}
	w.each = (comments + 0.5) / (ripe + 0.5)
}

// gain says how much a list would end of the delay under posts that we do not know. Of
// activity only the root is taken: a crowd may come to a wall that slept, and the list alone
// shows its first post.
func (w *wall) gain(t, busy float64) float64 {
	if w.listed == 0 {
		return math.Inf(1)
	}
	d := t - w.listed
	born, rate := max(w.born, 1/(30*86400.0)), max(w.each/fade, slowest)
	return math.Sqrt(born*rate) * busy * d * d * d / 6
}

// neediest returns the wall whose list is due most.
func (p *Plan) neediest(t float64, now time.Time) *wall {
	var best *wall
	var most float64
	for _, w := range p.order {
		if t-w.listed < shortest {
			continue
		}
		if g := w.gain(t, p.share(w, now)); best == nil || g > most {
			best, most = w, g
		}
	}
	return best
}

// trim lets old posts go.
func (w *wall) trim(p *Plan, t float64) {
	if len(w.posts) <= keepLast {
		return
	}
	list := make([]*post, 0, len(w.posts))
	for _, q := range w.posts {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b *post) int { return cmp.Or(cmp.Compare(b.born, a.born), cmp.Compare(b.id, a.id)) })
	for k, q := range list {
		if k >= keepMost || k >= keepLast && t-q.born > keepPost {
			p.drop(q)
		}
	}
}
