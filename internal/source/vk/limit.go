package vk

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Calls that VK allows per second and token; a service token's share grows with
// the application's audience, so we keep to the smallest.
const (
	readsPerSecond  = 3
	writesPerSecond = 20
)

// Limits spaces the calls of each token. Walls that share a token share one
// Limits. The zero value is ready.
//
// VK counts a call when it arrives, which is some time between our sending it and its answer.
// So a call keeps its place among those of a second until a second after its answer: however
// long each was on its way, VK never counts more than it allows. Even steps between the calls
// would not do: one that is late and one that is not may arrive in one second with all between.
type Limits struct {
	// PerSecond replaces the number of calls that a token may make in a second; a
	// negative value means no limit (a fake network). 0 keeps VK's own numbers.
	PerSecond float64
	// Reads is how many reading calls the service token may make in a second, when
	// VK allows the application more than 3.
	Reads float64

	// Pool reads the walls of others with all tokens that are known; nil: every wall is read
	// in its own rhythm with its own token.
	Pool *Pool

	// Now and After are the clock of whom runs faster than time; nil: time's.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time

	mu       sync.Mutex
	lanes    map[string]*lane
	captchas map[string]*captcha // by token
	spent    map[string]*gauges  // by token
}

// A lane is the calls of one token.
type lane struct {
	turns [2]chan struct{} // of who waits to read and to write: one of each looks for a place
	freed chan struct{}    // closed when a call has ended
	open  int              // calls that wait for their answer
	ended []time.Time      // when those of the last while were answered
}

// lane returns that of a token. The caller holds mu.
func (l *Limits) lane(token string) *lane {
	if l.lanes == nil {
		l.lanes = map[string]*lane{}
	}
	if l.lanes[token] == nil {
		l.lanes[token] = &lane{turns: [2]chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)}, freed: make(chan struct{})}
	}
	return l.lanes[token]
}

func (l *Limits) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

func (l *Limits) after(d time.Duration) <-chan time.Time {
	if l.After != nil {
		return l.After(d)
	}
	return time.After(d)
}

// wait returns when the token's next call may go; done is called when it was answered.
func (l *Limits) wait(ctx context.Context, token string, write bool) (done func(), err error) {
	rate := l.PerSecond
	switch {
	case rate < 0:
		return func() {}, ctx.Err()
	case rate == 0 && write:
		rate = writesPerSecond
	case rate == 0:
		rate = max(readsPerSecond, l.Reads)
	}
	places := max(int(rate), 1)
	span := time.Duration(float64(places) / rate * float64(time.Second))
	l.mu.Lock()
	a := l.lane(token)
	l.mu.Unlock()
	turn := a.turns[0]
	if write {
		turn = a.turns[1]
	}
	select { // who came first goes first
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-turn }()
	for ctx.Err() == nil {
		l.mu.Lock()
		free, freed := a.free(places, span, l.now())
		if free <= 0 {
			a.open++
			l.mu.Unlock()
			return func() { l.done(a, places) }, nil
		}
		l.mu.Unlock()
		var later <-chan time.Time
		if free < never {
			later = l.after(free)
		}
		select {
		case <-later:
		case <-freed:
		case <-ctx.Done():
		}
	}
	return nil, ctx.Err()
}

const never = time.Hour

// free says after what time there is a place: never where all wait for their answers. The
// caller holds the limits' mu.
func (a *lane) free(places int, span time.Duration, now time.Time) (time.Duration, <-chan struct{}) {
	if a.open >= places {
		return never, a.freed
	}
	last := a.ended
	for len(last) > 0 && !now.Before(last[0].Add(span)) {
		last = last[1:]
	}
	if over := a.open + len(last) - places; over >= 0 {
		return min(last[over].Add(span).Sub(now), never-1), a.freed
	}
	return 0, a.freed
}

func (l *Limits) done(a *lane, places int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.open--
	a.ended = append(a.ended, l.now())
	if n := len(a.ended) - max(places, writesPerSecond); n > 0 { // older ones decide nothing
		a.ended = slices.Delete(a.ended, 0, n)
	}
	close(a.freed)
	a.freed = make(chan struct{})
}
