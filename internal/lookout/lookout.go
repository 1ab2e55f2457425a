// Package lookout keeps the saved standing queries of a centre at work: it
// compiles what analysts have stored (package standing) into rules that the
// reading asks about every message, and is the one door through which they are
// changed: parsed, tried on their examples, stored as a version, put in force.
//
// Start with New, Load once before anything is read, then Run, which notices
// what other processes have stored. A stored query that cannot be parsed any
// more is reported (Watch.Broken) and left out; nothing stops because of it.
//
// Who may look and who may change: everybody who may see the queue reads the
// queries of their region, because the queue is what they make. Who holds
// lifecycle.EditWatches changes them: over the whole region all of them, in a
// municipal centre those that the centre itself has saved (rights.go).
package lookout

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// A Store runs transactions and answers questions outside of them.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// Options connects a lookout with its neighbours. All fields are required but Sweep and Log.
type Options struct {
	Store    Store
	Reader   watch.Reader // the one that reads the messages
	Places   place.Names
	Of       func(*message.Message) watch.Context // what a rule is told of a message: reading.Reader.Of
	Personal func(text string) []message.Personal // personal data in a text
	Use      func(rules []watch.Rule)             // puts rules in force: reading.Reader.Listen
	Sweep    func(context.Context) error          // takes erased words out of the files of the store; nil: nothing to sweep
	Region   string                               // OKTMO of this centre's region, "" for all
	Now      func() time.Time
	Log      *slog.Logger
}

// A Lookout is safe for concurrent use.
type Lookout struct {
	Options
	trying chan struct{} // one preview at a time: intake needs the other core

	mu    sync.Mutex
	stamp string                    // of what is in force
	state map[standing.ID]condition // of the stored queries, as of the stamp
}

// A condition is what is known of a stored query besides its text.
type condition struct {
	broken  string // sentence; "" for one that parses
	column  int
	failing int // examples that it does not keep
}

// New returns a lookout that has put nothing in force yet.
func New(o Options) *Lookout {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Lookout{Options: o, trying: make(chan struct{}, 1)}
}

// Load puts in force what is stored, when that is not in force already.
func (l *Lookout) Load(ctx context.Context) error {
	l.mu.Lock() // held while reading: an older list must not follow a newer one
	defer l.mu.Unlock()
	list, err := l.Store.Reader().Standing().Queries(ctx, scope.All())
	if err != nil {
		return err
	}
	l.use(list)
	return nil
}

// Adopt puts a list in force that nobody else can read yet, because its
// transaction is under way. Load comes after it.
func (l *Lookout) Adopt(list []standing.Query) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use(list)
}

func (l *Lookout) use(list []standing.Query) {
	stamp := stampOf(list)
	if l.state != nil && stamp == l.stamp {
		return
	}
	rules, state := l.compile(list)
	for k := range list {
		if c := state[list[k].ID]; c.broken != "" {
			l.Log.Warn("a saved standing query does not parse and is left out", "id", int64(list[k].ID), "version", list[k].Version, "column", c.column)
		}
	}
	l.Use(rules)
	l.stamp, l.state = stamp, state
}

// stampOf names a state of the list: every change of a query raises its version.
func stampOf(list []standing.Query) string {
	var b strings.Builder
	for k := range list {
		fmt.Fprintf(&b, "%d.%d ", list[k].ID, list[k].Version)
	}
	return b.String()
}

// lookEvery is how soon a process sees what another one has stored.
const lookEvery = 5 * time.Second

// Run notices what other processes store, until ctx ends.
func (l *Lookout) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := l.Load(ctx)
		if err != nil && ctx.Err() == nil && !failed {
			l.Log.Warn("saved standing queries cannot be read; the last ones stay in force", "error", err)
		}
		failed = err != nil
	}
}
