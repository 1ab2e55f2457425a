// Package live tells open pages that an incident has changed. An Event says
// only "incident 42 is at version 17"; the page asks for what its user may see.
//
// It also knows who has which incident open now (see Visitor): a stream of events is
// open as long as its page is, so nothing has to be asked for or to expire.
package live

import (
	"crypto/rand"
	"slices"
	"sync"

	"otklik/internal/account"
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

	// For names who has a new notice. Such an event says nothing of an incident and
	// reaches them alone.
	For []account.ID `json:"-"`
	// Look says that other people look at this incident now. It reaches those who do.
	Look incident.ID `json:"-"`
}

// A Visitor is who listens on an open page.
type Visitor struct {
	Account account.ID
	Name    string
	Sees    scope.Scope
	At      incident.ID // the incident that is open there; 0 = none
}

// A Hub passes events on to those whose scope sees them. The zero Hub is not
// ready: use NewHub.
type Hub struct {
	mu   sync.Mutex
	subs map[*subscription]struct{}
}

type subscription struct {
	Visitor
	id string
	ch chan Event
}

func (s *subscription) give(e Event) {
	select {
	case s.ch <- e:
	default:
	}
}

// NewHub returns a hub with no listeners.
func NewHub() *Hub { return &Hub{subs: map[*subscription]struct{}{}} }

// Publish passes e on. It never waits: a listener that is too slow loses events
// and finds the newest state when it asks.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		switch {
		case len(e.For) > 0:
			if slices.Contains(e.For, s.Account) {
				s.give(Event{For: []account.ID{s.Account}})
			}
		case s.Sees.Sees(e.Place) || s.Sees.Sees(e.Was):
			s.give(e)
		}
	}
}

// Listen returns the events that the scope sees, until stop is called.
func (h *Hub) Listen(sees scope.Scope) (events <-chan Event, stop func()) {
	events, _, stop = h.Attend(Visitor{Sees: sees})
	return events, stop
}

// Attend returns what concerns a visitor until stop is called, and the stream's id, by
// which Move knows it.
func (h *Hub) Attend(v Visitor) (events <-chan Event, id string, stop func()) {
	s := &subscription{Visitor: v, id: rand.Text(), ch: make(chan Event, 64)}
	h.mu.Lock()
	h.subs[s] = struct{}{}
	h.looked(v.At, s)
	h.mu.Unlock()
	return s.ch, s.id, sync.OnceFunc(func() {
		h.mu.Lock()
		delete(h.subs, s)
		h.looked(s.At, nil)
		h.mu.Unlock()
		close(s.ch)
	})
}

// Move says that another incident is open on a page now; of somebody else's stream it
// says nothing.
func (h *Hub) Move(id string, who account.ID, at incident.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.id == id && s.Account == who && s.At != at {
			was := s.At
			s.At = at
			h.looked(was, nil)
			h.looked(at, nil)
		}
	}
}

// Looking returns the names of those who have the incident open, but for one account.
func (h *Hub) Looking(at incident.ID, but account.ID) (names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.At == at && at != 0 && s.Account != but && s.Name != "" && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return names
}

// looked tells those who look at an incident that their company changed.
func (h *Hub) looked(at incident.ID, but *subscription) {
	if at == 0 {
		return
	}
	for s := range h.subs {
		if s.At == at && s != but {
			s.give(Event{Look: at})
		}
	}
}
