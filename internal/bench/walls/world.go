// Package walls measures how soon the comments of many walls of others are seen on the
// calls that VK allows: by the plan of source/vk/plan, and by asking in turn, on the same
// day and the same budget. Time is virtual, so that two days take seconds.
package walls

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// A World is what happens on the walls. Seconds count from its beginning; walls post for
// three days before.
type World struct {
	Walls    [][]*Thread // by wall, oldest post first
	Comments int
	Bursts   int // comments of bursts among them
}

// A Thread is a post with the times of its comments, in order.
type Thread struct {
	Wall, Number int
	Born         float64
	Times        []float64
	shown        int // comments until now
	read         int // of them seen by us
}

const (
	day   = 86400.0
	fades = 6 * 3600.0 // of talk under a post, unlike what the plan supposes
)

// curve is how busy an hour is against the mean one, Krasnoyarsk's evening being the peak.
var curve = func() (c [24]float64) {
	var sum float64
	for h := range c {
		c[h] = 1 + 0.85*math.Sin(2*math.Pi*(float64(h)-7)/24) + 0.25*math.Sin(4*math.Pi*(float64(h)-9)/24)
		c[h] = max(c[h], 0.08)
		sum += c[h]
	}
	for h := range c {
		c[h] *= 24 / sum
	}
	return c
}()

// hourly returns a time within a day by the curve.
func hourly(r *rand.Rand) float64 {
	x := r.Float64() * 24
	for h, c := range curve {
		if x < c || h == 23 {
			return (float64(h) + r.Float64()) * 3600
		}
		x -= c
	}
	return 0
}

// NewWorld makes n walls with comments a day, over days. Activity of walls goes by Zipf's
// law of the exponent; a tenth of the comments comes in bursts under posts of any wall,
// busy or asleep.
func NewWorld(seed uint64, n, comments, days int, exponent float64) *World {
	r := rand.New(rand.NewPCG(seed, 41))
	w := &World{Walls: make([][]*Thread, n)}
	share := make([]float64, n)
	var sum float64
	for k := range share {
		share[k] = math.Pow(float64(k+1), -exponent)
		sum += share[k]
	}
	r.Shuffle(n, func(a, b int) { share[a], share[b] = share[b], share[a] })
	for k := range w.Walls {
		share[k] /= sum
		daily := min(max(1.5*math.Sqrt(share[k]*float64(n)), 0.2), 30) // posts
		for d := -3; d < days; d++ {
			for range poisson(r, daily) {
				w.Walls[k] = append(w.Walls[k], &Thread{Wall: k, Born: float64(d)*day + hourly(r)})
			}
		}
		if len(w.Walls[k]) == 0 || w.Walls[k][0].Born > 0 {
			w.Walls[k] = append(w.Walls[k], &Thread{Wall: k, Born: -2 * day * r.Float64()})
		}
		slices.SortFunc(w.Walls[k], func(a, b *Thread) int { return cmp.Compare(a.Born, b.Born) })
		appeal := make([]float64, len(w.Walls[k]))
		for i := range appeal {
			appeal[i] = math.Exp(r.NormFloat64())
			w.Walls[k][i].Number = i + 1
		}
		for d := -3; d < days; d++ {
			for range poisson(r, share[k]*float64(comments)*0.9) {
				w.comment(r, w.Walls[k], appeal, float64(d)*day+hourly(r))
			}
		}
	}
	w.bursts(r, comments/10, days)
	for _, list := range w.Walls {
		for _, t := range list {
			slices.Sort(t.Times)
		}
	}
	return w
}

// comment puts a comment under one of the posts of the time.
func (w *World) comment(r *rand.Rand, list []*Thread, appeal []float64, at float64) {
	var sum float64
	last := 0
	for i, t := range list {
		if t.Born > at {
			break
		}
		sum += appeal[i] * math.Exp(-(at-t.Born)/fades)
		last = i
	}
	x := r.Float64() * sum
	chosen := list[last]
	for i := last; i >= 0; i-- {
		if x -= appeal[i] * math.Exp(-(at-list[i].Born)/fades); x <= 0 {
			chosen = list[i]
			break
		}
	}
	chosen.Times = append(chosen.Times, max(at, chosen.Born+1))
	w.Comments++
}

// bursts makes crowds come: 300 to 3,000 comments within an hour under one post.
func (w *World) bursts(r *rand.Rand, daily, days int) {
	for d := -1; d < days; d++ {
		for left := daily; left > 0; {
			size := min(left, 300+r.IntN(2700), max(daily/4, 20))
			left -= size
			list := w.Walls[r.IntN(len(w.Walls))]
			start := float64(d)*day + hourly(r)
			t := list[0]
			for _, c := range list {
				if c.Born <= start {
					t = c
				}
			}
			for range size {
				t.Times = append(t.Times, max(start, t.Born)+min(r.ExpFloat64()*1200, 3*3600))
			}
			w.Comments += size
			w.Bursts += size
		}
	}
}

func poisson(r *rand.Rand, mean float64) int {
	if mean > 50 {
		return max(int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())), 0)
	}
	n, p := 0, math.Exp(-mean)
	for x := r.Float64(); x > p; x *= r.Float64() {
		n++
	}
	return n
}
