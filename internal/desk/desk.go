// Package desk is the only door for changes of an incident: authorise, check
// the lifecycle, store the change with its jobs and its line of history in one
// transaction, then tell the open pages.
//
// People come in through Do (every Change) and File (a card taken down for a
// resident). Intake comes in through Opener, inside its own transaction. The
// outbox comes in through Published, Unpublishable and Uncertain.
package desk

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/followup"
	"otklik/internal/incident"
	"otklik/internal/lint"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Store runs a function in one transaction.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
}

// Options connects a desk with its neighbours. All fields are required.
type Options struct {
	Store  Store
	Read   func(m *message.Message) message.Reading // the machine's reading
	Topics func() *topic.Taxonomy                   // the taxonomy in force
	Places place.Names
	// Publishes reports whether replies to the source go out by themselves; where
	// they do not, an approved reply counts as given by hand.
	Publishes func(source string) bool
	Tell      func(live.Event)
	Now       func() time.Time
	Grace     time.Duration // how long an approved reply waits before it leaves, to be taken back
	Region    string        // OKTMO of the region of this centre; "" for all regions
	// Rules returns the regimes and calendars in force. Optional: without it nothing is due.
	Rules func() *regime.Book
	// ReadsBack reports whether the source's threads can be read back, so that a reply
	// which may stand is looked for before it is sent again. Optional.
	ReadsBack func(source string) bool
	// Quiet returns when a reply that is not urgent may leave for the source, the zero
	// time for now. Optional.
	Quiet func(source string, p scope.Place, now time.Time) time.Time
	// Key reads a text for comparison with others (package cluster). Optional: without
	// it nothing is proposed.
	Key func(text string) cluster.Key
	// Follow reads what a resident writes after our reply (package followup). Optional:
	// without it a person reads all of it.
	Follow func(text string, c followup.Context) followup.Opinion
	// Negative is the highest mark that returns an incident for rework; 0 = feedback.Negative.
	Negative int
	Quorum   feedback.Quorum // of authors who prove a mass incident solved
	// Repeats is how soon after its closing a second message about the same thing at the
	// same place says that it was not solved; 0 = thirty days.
	Repeats time.Duration
	Site    string // address of the portal, for links to residents; "" = none are sent
	// Links is the key of the links by which residents follow what they told (package
	// applicant). Without it nobody can report.
	Links []byte
	// Lint reads drafts of replies, and the promises in them. Optional.
	Lint *lint.Linter
	// PhotoProof asks for a picture where somebody says that the solution is known by one.
	PhotoProof bool
	// Assistant proposes drafts and summaries. Optional: without it nobody is asked.
	Assistant Assistant
	// Author tells those who wrote what a stored line of history means for them, in its
	// transaction. Optional.
	Author func(ctx context.Context, tx incident.Tx, i *incident.Incident, e *incident.Entry) error
	// Zone returns the clock by which people at a place live. Optional: UTC.
	Zone func(scope.Place) *time.Location
}

// A Desk makes changes.
type Desk struct{ Options }

// New returns a desk.
func New(o Options) *Desk { return &Desk{o} }

// Do makes one change to an incident as the actor. version is the version that
// the actor saw; when the incident has changed since, Do returns a Conflict and
// nothing is changed. Version 0 means: whatever is stored.
func (d *Desk) Do(ctx context.Context, who account.Actor, id incident.ID, version int, c Change) (i *incident.Incident, err error) {
	defer fault.Wrap(&err, "desk.Do(%d, %s)", id, c.Action())
	var events []live.Event
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		s := &step{desk: d, ctx: ctx, tx: tx, who: who, sees: who.Scope, now: d.Now()}
		var err error
		if s.i, err = s.find(id, c); err != nil {
			return err
		}
		if version != 0 && s.i.Version != version && !aside(c) {
			return fault.New(fault.Conflict, "incident %d is at version %d, not %d", id, s.i.Version, version).
				Say("Пока вы работали с инцидентом, его изменил кто-то ещё. Посмотрите, что изменилось, и повторите: введённое сохранено.")
		}
		s.was = *s.i
		if err := s.helping(c); err != nil {
			return err
		}
		if err := s.forward(); err != nil {
			return err
		}
		if err := s.apply(c); err != nil {
			return err
		}
		if aside(c) {
			i, events = s.i, s.events
			return nil
		}
		if err := s.store(); err != nil {
			return err
		}
		i, events = s.i, s.events
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.tell(events)
	return i, nil
}

// alter makes one change that is not a person's Change: begin returns its step, nil for
// none. A step that noted nothing is not stored.
func (d *Desk) alter(ctx context.Context, lane incident.Lane, begin func(incident.Tx) (*step, error)) error {
	var events []live.Event
	err := d.Store.Change(ctx, lane, func(tx incident.Tx) error {
		events = nil
		s, err := begin(tx)
		if err != nil || s == nil || len(s.trail) == 0 {
			return err
		}
		if err := s.store(); err != nil {
			return err
		}
		events = s.events
		return nil
	})
	if err == nil {
		d.tell(events)
	}
	return err
}

// stepOn begins a change of an incident, as it stands.
func (d *Desk) stepOn(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident) *step {
	return &step{desk: d, ctx: ctx, tx: tx, who: who, sees: who.Scope, now: d.Now(), i: i, was: *i}
}

// find begins a change of the incident with the id, within the sight of who.
func (d *Desk) find(ctx context.Context, tx incident.Tx, who account.Actor, id incident.ID) (*step, error) {
	i, err := tx.Incidents().Incident(ctx, who.Scope, id)
	if err != nil {
		return nil, err
	}
	return d.stepOn(ctx, tx, who, i), nil
}

func (d *Desk) tell(events []live.Event) {
	for _, e := range events {
		d.Tell(e)
	}
}

// A step is one change under way.
type step struct {
	desk *Desk
	ctx  context.Context
	tx   incident.Tx
	who  account.Actor
	sees scope.Scope // of who; wider for who takes a decline back
	now  time.Time
	at   time.Time // when the approver wants the reply to leave; zero for now
	i    *incident.Incident
	was  incident.Incident

	enclosing []attachment.ID // what goes with the reply that is being sent
	trail     []incident.Entry
	events    []live.Event
}

// record adds a line to the history that store will write.
func (s *step) record(e incident.Entry) { s.trail = append(s.trail, e) }

// store writes the incident and its trail.
func (s *step) store() error {
	if s.now.Before(s.was.UpdatedAt) {
		s.now = s.was.UpdatedAt // the history goes forward
	}
	s.i.UpdatedAt = s.now
	for k := range s.trail {
		e := &s.trail[k]
		e.Incident, e.Version, e.At, e.Who = s.i.ID, s.i.Version+1, s.now, s.who.ID
		if e.From == "" {
			e.From = s.was.State
		}
		if e.To == "" {
			e.To = s.i.State
		}
	}
	if err := s.time(); err != nil {
		return err
	}
	if err := s.tx.Incidents().Save(s.ctx, s.i); err != nil {
		return err
	}
	cry := s.desk.crier(s.tx)
	for _, e := range s.trail {
		e.Incident, e.Version, e.At, e.Who = s.i.ID, s.i.Version, s.now, s.who.ID
		if e.From == "" {
			e.From = s.i.State
		}
		if e.To == "" {
			e.To = s.i.State
		}
		if err := s.tx.Incidents().Record(s.ctx, &e); err != nil {
			return err
		}
		if err := cry.line(s.ctx, s.i, &e); err != nil {
			return err
		}
		if s.desk.Author != nil {
			if err := s.desk.Author(s.ctx, s.tx, s.i, &e); err != nil {
				return err
			}
		}
	}
	s.events = append(s.events, cry.events()...)
	if err := s.precedent(); err != nil {
		return err
	}
	s.events = append(s.events, live.Event{Incident: s.i.ID, Version: s.i.Version, Place: s.i.Place, Was: s.was.Place})
	return nil
}
