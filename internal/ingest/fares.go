package ingest

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// A source may be read and be called by its network, too. What each of the two met is kept
// apart, so that a good call does not hide a token that was revoked, nor a good reading a
// secret that does not fit; the page of sources shows one sentence.

const (
	noteEvery = 5 * time.Second  // calls of one source change what is noted of it this often at most
	quiet     = time.Minute      // anybody can call the address: a refused call is trouble only when no good one came for so long
	forget    = 15 * time.Minute // and when others follow it
)

// fares remembers how the sources fare.
type fares struct {
	mu sync.Mutex
	of map[string]*fare
}

// A fare is how one source fares.
type fare struct {
	polled  string // sentence of the last reading, "" when it was good
	called  string // of the last refused call
	refused time.Time
	good    time.Time // the last call that was taken
	noted   time.Time // when calls were last noted
}

func (f *fares) one(id string) *fare {
	if f.of == nil {
		f.of = map[string]*fare{}
	}
	if f.of[id] == nil {
		f.of[id] = &fare{}
	}
	return f.of[id]
}

// polled is what is to be noted after a reading that ended with cause.
func (in *Intake) polled(c source.Connection, cause error) message.SourceState {
	in.fares.mu.Lock()
	defer in.fares.mu.Unlock()
	f := in.fares.one(c.Puller.ID())
	f.polled = sentence(cause)
	return in.state(c.Puller.ID(), c, f, cause == nil)
}

// Called returns what is to be noted after a call of the network that was taken, or refused
// with cause; due is false when nothing is: each call is no news.
func (in *Intake) Called(id string, c source.Connection, cause error) (s message.SourceState, due bool) {
	in.fares.mu.Lock()
	defer in.fares.mu.Unlock()
	f, now := in.fares.one(id), in.Now()
	switch {
	case cause == nil:
		f.good, f.called = now, ""
	case now.Sub(f.good) < quiet:
		return s, false
	default:
		f.called, f.refused = sentence(cause), now
	}
	if since := now.Sub(f.noted); since >= 0 && since < noteEvery {
		return s, false
	}
	f.noted = now
	return in.state(id, c, f, cause == nil), true
}

func (in *Intake) state(id string, c source.Connection, f *fare, good bool) message.SourceState {
	s := message.SourceState{ID: id, Channel: c.Channel, Name: c.Name, URL: c.URL, Territory: c.Territory}
	p, _ := in.Desk.Stand(&message.Message{Territory: c.Territory}, nil)
	s.Place = scope.Place{Region: p.Region, Centre: p.Centre}
	now := in.Now()
	if good {
		s.ReadAt = now
	}
	if now.Sub(f.refused) > forget {
		f.called = ""
	}
	if s.Error = cmp.Or(f.polled, f.called); s.Error != "" {
		s.Since = now
	}
	return s
}

// sentence says for people what a reading or a call met; "" for nothing.
func sentence(cause error) string {
	if cause == nil {
		return ""
	}
	var e *source.Error
	if errors.As(cause, &e) && e.Sentence != "" {
		return e.Sentence
	}
	return "Источник не отвечает. Попробуем ещё раз сами."
}
