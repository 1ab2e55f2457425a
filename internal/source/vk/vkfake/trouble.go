package vkfake

import "otklik/internal/source/fakenet"

// A Trouble is a way in which a call can go wrong.
type Trouble = fakenet.Kind

// Troubles; Refuse is an error of the network with its number.
const (
	Lost    = fakenet.Lost
	Late    = fakenet.Late
	Status  = fakenet.Status
	Refuse  = fakenet.Refuse
	Garbage = fakenet.Garbage
	Huge    = fakenet.Huge
	Odd     = fakenet.Odd
)

// odd is JSON of another shape.
const odd = `{"response":[[],{"items":{"count":"много"}},null,1e400]}`

// Fail makes the next call of the method (any method when empty) go wrong. Each
// Fail spoils one call; code is the HTTP status or the network's error code.
func (f *Fake) Fail(method string, t Trouble, code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles.Add(method, fakenet.Trouble{Kind: t, Code: code})
}
