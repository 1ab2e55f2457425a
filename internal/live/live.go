// Package live tells open pages that an incident has changed. An Event says
// only "incident 42 is at version 17"; the page asks for what its user may see.
package live

import (
	"sync"

	"otklik/internal/incident"
	"otklik/internal/scope"
)

// An Event says that an incident has changed.
type Event struct {
	Incident incident.ID `json:"incident"`
	Version  int         `json:"version"`
	Opened   bool        `json:"opened,omitempty"` // it is new
	Place    scope.Place `json:"-"`
	Was      scope.Place `json:"-"` // where it stood before, so that who loses it hears of it too
}

// A Hub passes events on to those whose scope sees them. The zero Hub is not
// ready: use NewHub.
type Hub struct {
	mu   sync.Mutex
	subs map[*subscription]struct{}
}

type subscription struct {
	sees scope.Scope
	ch   chan Event
}

// NewHub returns a hub with no listeners.
func NewHub() *Hub { return &Hub{subs: map[*subscription]struct{}{}} }

// Publish passes e on. It never waits: a listener that is too slow loses events
// and finds the newest state when it asks.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.sees.Sees(e.Place) || s.sees.Sees(e.Was) {
			select {
			case s.ch <- e:
			default:
			}
		}
	}
}

// Listen returns the events that the scope sees, until stop is called.
func (h *Hub) Listen(sees scope.Scope) (events <-chan Event, stop func()) {
	s := &subscription{sees: sees, ch: make(chan Event, 64)}
	h.mu.Lock()
	h.subs[s] = struct{}{}
	h.mu.Unlock()
	return s.ch, sync.OnceFunc(func() {
		h.mu.Lock()
		delete(h.subs, s)
		h.mu.Unlock()
		close(s.ch)
	})
}
