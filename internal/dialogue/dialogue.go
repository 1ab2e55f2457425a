// Package dialogue runs the talks with residents (package talk): it hears direct messages
// inside the transaction of intake, does what follows through the desk, and says what is to
// be said, each line once.
//
// Hear and Notice write lines; Run takes them to the networks, one source beside the other,
// and ends talks that nobody goes on with. A line whose end is not known is never said
// twice: whoever did not get it writes again, and is led on.
package dialogue

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/talk"
)

// A Store runs transactions and answers questions outside of them.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Lease says that this process is the only one that speaks.
type Lease interface {
	Check(ctx context.Context) error
	Release()
}

// Places is what the dialogue asks of the gazetteer.
type Places interface {
	ByID(id string) (*place.Place, bool)
	Children(id string) []*place.Place
}

// Options connects the dialogue with its neighbours.
type Options struct {
	Store   Store
	Desk    *desk.Desk
	Places  Places
	Speaker func(source string) source.Speaker // nil where there is no talk
	Date    func(at time.Time, p scope.Place) string
	Quiet   func(source string, p scope.Place, now time.Time) time.Time // as of desk.Options
	Topic   func(i *incident.Incident) string
	Agency  func(ctx context.Context, tx incident.Tx, id int64) string
	Tell    func(live.Event)
	Now     func() time.Time
	Log     *slog.Logger
	Alone   func(ctx context.Context) (Lease, error) // nil where there can be no other process

	Region   string // OKTMO; "" for all regions
	Centre   string // as residents know us
	Consent  string // where the consent to the use of personal data stands, or its words; "" = none is asked for
	Contact  string // how an operator is reached
	Negative int    // as of desk.Options
	Off      bool   // direct messages are messages like any other

	Patience time.Duration // how long an unfinished talk waits; talk.Patience when 0
	Gather   time.Duration // how long a question waits for one more message in a row; none when 0
	Every    time.Duration // how often to look when nobody wakes it; default a second
}

// A Dialogue leads talks.
type Dialogue struct {
	Options
	wake    chan struct{}
	counted counters
	mu      sync.Mutex
	rests   map[string]time.Time // sources that complained
}

type counters struct{ heard, opened, joined, cancelled, silent, marks, sent, unknown, dead atomic.Int64 }

// New returns a dialogue.
func New(o Options) *Dialogue {
	if o.Patience <= 0 {
		o.Patience = talk.Patience
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	return &Dialogue{Options: o, wake: make(chan struct{}, 1), rests: map[string]time.Time{}}
}

// Counted returns what became of talks since the start, by code.
func (d *Dialogue) Counted() map[string]int64 {
	c := &d.counted
	return map[string]int64{
		"heard": c.heard.Load(), "opened": c.opened.Load(), "joined": c.joined.Load(), "cancelled": c.cancelled.Load(), "silent": c.silent.Load(), "marks": c.marks.Load(),
		"said": c.sent.Load(), "unknown": c.unknown.Load(), "dead": c.dead.Load(),
	}
}

// Leads implements ingest.Talks.
func (d *Dialogue) Leads(id string) bool { return !d.Off && d.Speaker(id) != nil }

// Wake asks for a look at once.
func (d *Dialogue) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Hear implements ingest.Talks.
func (d *Dialogue) Hear(ctx context.Context, tx incident.Tx, o *desk.Opener, m *message.Message, r *message.Reading) (told ingest.Told, err error) {
	defer fault.Wrap(&err, "dialogue.Hear(message %d)", m.ID)
	t, err := tx.Talks().Talk(ctx, m.Source, m.Thread, m.Place)
	if err != nil {
		return told, err
	}
	t.Blocked = time.Time{} // who writes hears us
	h := &hearing{d: d, ctx: ctx, tx: tx, o: o, t: t, m: m, r: r, now: d.Now()}
	err = h.run(h.input())
	d.counted.heard.Add(1)
	d.Wake() // the lines stand after the commit; a look that comes too early is followed by another
	return h.told, err
}

// End ends talks in which nobody has written for too long, and returns how many.
func (d *Dialogue) End(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "dialogue.End")
	ids, err := d.Store.Reader().Talks().Silent(ctx, d.Now(), 100)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		var events []live.Event
		err := d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			t, err := tx.Talks().ByID(ctx, id)
			if err != nil || t.Due.IsZero() || t.Due.After(d.Now()) { // somebody wrote meanwhile
				return err
			}
			h := &hearing{d: d, ctx: ctx, tx: tx, o: d.Desk.Opener(tx, account.System()), t: t, now: d.Now()}
			err = h.run(talk.Input{At: h.now, Silence: true})
			events = h.o.Events
			return err
		})
		if err != nil {
			return n, err
		}
		for _, e := range events {
			d.Tell(e)
		}
		d.counted.silent.Add(1)
		n++
	}
	if n > 0 {
		d.Wake()
	}
	return n, nil
}
