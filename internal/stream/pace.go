package stream

import "time"

// Intake writes a batch in one transaction, and everybody who pushes waits for it. So while
// others push a batch is as long as one takes in share of time, and after it the store is
// theirs for as long again; else it is longer, since each one costs a flush of the disk.
const (
	batch = 200 // messages of one batch at most
	share = 5 * time.Millisecond
	alone = 100 * time.Millisecond // the same while nobody pushes: who comes then waits for so long at most
	first = 3 * time.Millisecond   // what a message is thought to hold the store before one was seen
	rests = 50 * time.Millisecond  // the longest rest after a batch
)

// A pace says how many messages are taken in at once.
type pace struct {
	each time.Duration // that a message holds the store: a mean that forgets
	last time.Duration // that the last batch did
}

// next returns how many messages the next batch has at most.
func (p *pace) next(disturbed bool) int {
	of := alone
	if disturbed {
		of = share
	}
	each := p.each
	if each == 0 {
		each = first
	}
	return int(min(max(of/each, 1), batch))
}

// rest returns how long the store is left to others.
func (p *pace) rest(disturbed bool) time.Duration {
	if !disturbed {
		return 0
	}
	return min(p.last, rests)
}

// took notes how long a batch held the store.
func (p *pace) took(n int, held time.Duration) {
	one := max(held/time.Duration(n), time.Microsecond)
	if p.last = held; p.each == 0 || one > p.each { // slower is believed at once
		p.each = one
		return
	}
	p.each += (one - p.each) / 4
}
