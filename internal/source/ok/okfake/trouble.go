package okfake

import "otklik/internal/source/fakenet"

// A Trouble is what goes wrong with one call.
type Trouble = fakenet.Trouble

// Kinds of trouble; Refuse is an error of the network.
const (
	Lost    = fakenet.Lost
	Late    = fakenet.Late
	Refuse  = fakenet.Refuse
	Broken  = fakenet.Status
	Garbage = fakenet.Garbage
	Huge    = fakenet.Huge
	Odd     = fakenet.Odd
)

// odd is JSON of another shape.
const odd = `{"media_topics":{"count":"много"},"comments":7,"has_more":"да","anchor":[1e400]}`

// Fail makes the next call go wrong whose method is op; "" is any call.
func (f *Fake) Fail(op string, t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles.Add(op, t)
}
