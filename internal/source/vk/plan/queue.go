package plan

import "math"

// Posts of about the same activity stand in one queue, oldest look first, so that the post
// that is due most is at the head of some queue and is found without sorting them all.
const (
	classes = 48
	lowest  = -42 // half powers of two, comments a second: 2^-21 is one in 24 days
)

type queue struct {
	list []place
	head int
}

type place struct {
	*post
	turn   int
	looked float64
}

func class(rate float64) int {
	return min(max(int(math.Round(2*math.Log2(rate)))-lowest, 0), classes-1)
}

func rateOf(class int) float64 { return rates[class] }

var rates = func() (r [classes]float64) {
	for k := range r {
		r[k] = math.Exp2(float64(k+lowest) / 2)
	}
	return r
}()

// push puts a post at the end of its queue, as looked at now; an earlier place is void.
func (p *Plan) push(q *post, t float64) {
	q.turn++
	c := &p.classes[class(q.rate)]
	c.list = append(c.list, place{q, q.turn, t})
}

// next returns the first valid place from index i on, and its index; nil at the end.
func (c *queue) next(i int) (*place, int) {
	for ; i < len(c.list); i++ {
		if f := &c.list[i]; f.post != nil && !f.gone && f.turn == f.post.turn {
			return f, i
		}
	}
	return nil, i
}

// tidy lets the void places before the head go.
func (c *queue) tidy() {
	_, i := c.next(c.head)
	clear(c.list[c.head:i])
	c.head = i
	if c.head > 1024 && c.head*2 > len(c.list) {
		c.list = append(c.list[:0:0], c.list[c.head:]...)
		c.head = 0
	}
}

// due returns the posts whose counts are due most, with the delay that one call for them
// all would end, and that of the last. They stay where they are.
func (p *Plan) due(t float64) (out []*post, sum, last float64) {
	var heads [classes]*place
	var at [classes]int
	var worth [classes]float64
	step := func(k, from int) {
		heads[k], at[k] = p.classes[k].next(from)
		worth[k] = 0
		if f := heads[k]; f != nil && t-f.looked >= soonest {
			worth[k] = pile(rateOf(k), t-f.looked)
		}
	}
	for k := range p.classes {
		p.classes[k].tidy()
		step(k, p.classes[k].head)
	}
	for len(out) < Batch {
		best := 0
		for k := range worth {
			if worth[k] > worth[best] {
				best = k
			}
		}
		if worth[best] == 0 {
			break
		}
		last = worth[best]
		sum += last
		out = append(out, heads[best].post)
		step(best, at[best]+1)
	}
	return out, sum, last
}

// pile is what a look is worth at a post of a rate that nobody looked at for d seconds.
func pile(rate, d float64) float64 { return rate * math.Pow(d, harm+1) * harm / (harm + 1) }

// after is the time after which a look is worth so much.
func after(rate, worth float64) float64 {
	return math.Pow(worth*(harm+1)/(harm*rate), 1/(harm+1))
}
