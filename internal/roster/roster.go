// Package roster keeps the connections of sources open: those that the administrator
// keeps (source.Store) and those of the configuration's file. Each is opened by the
// connector of its kind, read in a loop of its own, and opened anew when somebody
// changes it; what cannot be opened says why on the page of sources and keeps nobody else
// from being read.
//
// Start with New, Load and Run. Publisher, Receiver and Of find what a message's source
// needs; the edits (edit.go) check, store and put in force; Try reads without keeping.
package roster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
)

// A Connector opens sources of one kind.
type Connector struct {
	// Open makes the connection of a source; a key is zero where s names none. It asks no
	// network.
	Open func(s source.Source, reads, answers source.Key) (source.Connection, error)
	// Recognise tells what a pasted link names. Nil: links are not recognised.
	Recognise source.Recogniser
	// Fields are what people write of such a source beside its name, and Set puts what they
	// wrote into its settings. Nil where links tell everything.
	Fields func(settings json.RawMessage) []source.Field
	Set    func(settings json.RawMessage, values map[string]string) (json.RawMessage, error)
	// Keyed: a source of this kind cannot be read without a key.
	Keyed bool
}

// A Store is what the roster needs of the database.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// Options connect the roster with its neighbours.
type Options struct {
	Store Store
	Box   *seal.Box
	Kinds map[source.Kind]Connector
	// Fixed are the connections that the configuration's file names, with what is to be
	// said of them; their ids are those of their pullers.
	Fixed []Fixed
	// Read reads one source until its context ends.
	Read func(ctx context.Context, c source.Connection)
	// Take takes in what a source gave of its past, together with also, and counts what it
	// was and what was kept. Nil: no source's past is read.
	Take func(ctx context.Context, c source.Connection, list []message.Message, also func(incident.Tx, int) error) error
	// Step is how long the reading of the past leaves the network to the live one after each
	// step; 0 = 3 s.
	Step time.Duration
	// Stand returns the region and centre of a territory.
	Stand  func(territory string) scope.Place
	Places place.Names
	Now    func() time.Time
	Log    *slog.Logger
}

// A Fixed is a source of the configuration's file.
type Fixed struct {
	Source     source.Source
	Connection source.Connection
	// Open makes the connection of the source as it is kept, with its number, in place of
	// Connection. Optional.
	Open func(source.Source) source.Connection
}

// A Roster holds connections. It is safe for concurrent use.
type Roster struct {
	Options
	loading sync.Mutex // one Load at a time
	mu      sync.RWMutex
	entries map[string]*entry // by the source's id
	numbers map[int64]*entry
	senders []source.Sender
	refused map[string]source.Refusal // the last one of each sender, since the start
	running context.Context           // of the loops; nil before Run
	loops   sync.WaitGroup
	asked   chan struct{} // somebody wants a source's past
}

// An entry is one source with its connection.
type entry struct {
	source source.Source
	sealed string // of its keys: another one opens the connection anew
	conn   source.Connection
	err    error // why it could not be opened
	stop   context.CancelFunc
	done   chan struct{} // closed when its loop has ended; nil = it has none
}

// New returns a roster that holds nothing yet.
func New(o Options) *Roster {
	return &Roster{Options: o, entries: map[string]*entry{}, asked: make(chan struct{}, 1)}
}

// Load opens what is kept, and closes what is not any more. It may be called at any time;
// what did not change goes on undisturbed.
func (r *Roster) Load(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "roster.Load")
	r.loading.Lock()
	defer r.loading.Unlock()
	if err := r.fix(ctx); err != nil {
		return err
	}
	list, err := r.Store.Reader().Sources().Sources(ctx, scope.All())
	if err != nil {
		return err
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return err
	}
	r.mu.RLock()
	was := maps.Clone(r.entries)
	r.mu.RUnlock()
	next := make(map[string]*entry, len(list))
	for _, s := range list {
		sealed := string(keys[s.Key].Sealed) + "|" + string(keys[s.Key].Was) + "|" + string(keys[s.Answer].Sealed)
		if e := was[s.ID]; e != nil && e.source.Version == s.Version && e.source.Number == s.Number && e.sealed == sealed {
			next[s.ID] = e
			continue
		}
		e := &entry{source: s, sealed: sealed}
		e.conn, e.err = r.open(s, keys)
		next[s.ID] = e
	}
	var ended []*entry
	for id, e := range was {
		if next[id] != e {
			ended = append(ended, e)
		}
	}
	numbers := make(map[int64]*entry, len(next))
	for _, e := range next {
		numbers[e.source.Number] = e
	}
	senders := sendersOf(next)
	r.mu.Lock()
	r.entries, r.numbers, r.senders = next, numbers, senders
	r.mu.Unlock()
	for _, e := range ended { // two loops would read with one cursor
		e.end()
	}
	r.start()
	return r.tell(ctx, next)
}

// fix keeps the sources of the file beside the others, and lets those go that the file
// names no more. Whether one is paused is decided on the page.
func (r *Roster) fix(ctx context.Context) error {
	list, err := r.Store.Reader().Sources().Sources(ctx, scope.All())
	if err != nil {
		return err
	}
	here := map[string]source.Source{}
	for _, s := range list {
		here[s.ID] = s
	}
	return r.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		named := map[string]bool{}
		for _, f := range r.Fixed {
			want := f.Source
			named[want.ID], want.Fixed, want.Place = true, true, r.Stand(want.Territory)
			was, known := here[want.ID]
			if want.AddedAt = r.Now(); known {
				want.AddedAt, want.Version, want.Number, want.Paused = was.AddedAt, was.Version, was.Number, was.Paused
			}
			if known && same(was, want) {
				continue
			}
			if err := tx.Sources().SaveSource(ctx, &want); err != nil {
				return err
			}
		}
		for _, s := range list {
			if s.Fixed && !named[s.ID] {
				if err := tx.Sources().RemoveSource(ctx, s.Number); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func same(a, b source.Source) bool {
	return a.Kind == b.Kind && a.Channel == b.Channel && a.Name == b.Name && a.URL == b.URL && a.Territory == b.Territory && a.Own == b.Own && a.Every == b.Every &&
		string(a.Settings) == string(b.Settings) && a.Key == b.Key && a.Answer == b.Answer && a.Fixed == b.Fixed && a.Place == b.Place
}

func (r *Roster) keys(ctx context.Context) (map[string]source.Key, error) {
	list, err := r.Store.Reader().Sources().Keys(ctx, scope.All())
	keys := make(map[string]source.Key, len(list))
	for _, k := range list {
		keys[k.Name] = k
	}
	return keys, err
}

// open makes the connection of a source.
func (r *Roster) open(s source.Source, keys map[string]source.Key) (source.Connection, error) {
	if s.Fixed {
		k := slices.IndexFunc(r.Fixed, func(f Fixed) bool { return f.Source.ID == s.ID })
		if k < 0 {
			return source.Connection{}, fault.New(fault.NotFound, "source %s: the file names it no more", s.ID)
		}
		if open := r.Fixed[k].Open; open != nil {
			return open(s), nil
		}
		return r.Fixed[k].Connection, nil
	}
	c := source.Connection{Name: s.Name, URL: s.URL, Channel: s.Channel, Territory: s.Territory, Own: s.Own, Every: s.Every}
	if s.Via != "" { // its account reads it
		return c, nil
	}
	kind, ok := r.Kinds[s.Kind]
	if !ok {
		return c, fault.New(fault.Invalid, "source %s: nothing reads the kind %q", s.ID, s.Kind).Say("Программа не умеет читать такие источники.")
	}
	if s.Key == "" && kind.Keyed {
		return c, fault.New(fault.Invalid, "source %s: has no key", s.ID).Say("Не выбран ключ: без него эту сеть не прочитать.")
	}
	reads, err := r.key(keys, s.Key)
	if err != nil {
		return c, err
	}
	answers, err := r.key(keys, s.Answer)
	if err != nil {
		return c, err
	}
	return kind.Open(s, reads, answers)
}

// key returns a key with its secret, the zero Key for no name.
func (r *Roster) key(keys map[string]source.Key, name string) (k source.Key, err error) {
	if name == "" {
		return k, nil
	}
	k, ok := keys[name]
	if !ok {
		return k, fault.New(fault.NotFound, "no key %q", name).Say("Ключ «" + name + "» убран. Выберите другой.")
	}
	if k.Secret, err = r.Box.Open(k.Name, k.Sealed); err == nil && len(k.Was) > 0 {
		k.Before, err = r.Box.Open(k.Name, k.Was)
	}
	return k, err
}

// tell shows what could not be opened as the source's error.
func (r *Roster) tell(ctx context.Context, entries map[string]*entry) error {
	var errs []error
	for _, e := range entries {
		if e.err == nil {
			continue
		}
		r.Log.Warn("a source cannot be opened", "source", e.source.ID, "error", e.err)
		sentence := fault.Sentence(e.err)
		if sentence == "" {
			sentence = "Настройки источника не читаются. Уберите его и добавьте заново."
		}
		errs = append(errs, r.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			return tx.Intake().Note(ctx, state(e.source, sentence, r.Now()))
		}))
	}
	return errors.Join(errs...)
}

// end stops the entry's loop and waits for it.
func (e *entry) end() {
	if e.stop != nil {
		e.stop()
		<-e.done
	}
}

// again is how often Run looks whether another process changed something.
const again = 30 * time.Second

// Run reads all sources until ctx ends.
func (r *Roster) Run(ctx context.Context) error {
	r.loading.Lock()
	r.mu.Lock()
	r.running = ctx
	r.mu.Unlock()
	r.start()
	r.loading.Unlock()
	if r.Take != nil {
		r.loops.Go(func() { r.goBack(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			r.loading.Lock() // no Load starts a loop any more
			r.mu.Lock()
			r.running = nil
			r.mu.Unlock()
			r.loading.Unlock()
			r.loops.Wait()
			return nil
		case <-time.After(again):
			if err := r.Load(ctx); err != nil && ctx.Err() == nil {
				r.Log.Warn("sources cannot be loaded", "error", err)
			}
		}
	}
}

// start gives a loop to each entry that has none and should. The caller holds loading.
func (r *Roster) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return
	}
	for _, e := range r.entries {
		if e.stop != nil || e.err != nil || e.source.Paused || e.conn.Puller == nil {
			continue
		}
		ctx, stop := context.WithCancel(r.running)
		e.stop, e.done = stop, make(chan struct{})
		r.loops.Go(func() {
			defer close(e.done)
			r.Read(ctx, e.conn)
		})
	}
}

func (r *Roster) entry(id string) *entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.entries[id]
}

// Publisher returns what publishes replies to messages of the source, nil where they go by
// hand. A place that an account found is answered by the account.
func (r *Roster) Publisher(id string) source.Publisher {
	e := r.entry(id)
	if e != nil && e.conn.Publisher == nil && e.source.Via != "" {
		e = r.entry(e.source.Via)
	}
	if e == nil {
		return nil
	}
	return e.conn.Publisher
}

// Finders returns what proves replies that go by hand, by the source of the messages.
func (r *Roster) Finders() map[string]source.Finder {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := map[string]source.Finder{}
	for id, e := range r.entries {
		if via := r.entries[e.source.Via]; e.source.Via != "" && via != nil {
			e = via
		}
		if e.conn.Finder != nil && e.conn.Publisher == nil {
			out[id] = e.conn.Finder
		}
	}
	return out
}

// Secret returns the secret of some key of the kind, for questions that any key may ask;
// "" where there is none that opens.
func (r *Roster) Secret(kind source.Kind) string {
	keys, err := r.Store.Reader().Sources().Keys(context.Background(), scope.All())
	if err != nil {
		return ""
	}
	for _, k := range keys {
		if k.Kind == kind {
			if secret, err := r.Box.Open(k.Name, k.Sealed); err == nil {
				return secret
			}
		}
	}
	return ""
}

// FileHosts returns the hosts that keep the files of a source's messages.
func (r *Roster) FileHosts(id string) []string {
	e := r.entry(id)
	if e != nil && e.source.Via != "" {
		e = r.entry(e.source.Via)
	}
	if e == nil {
		return nil
	}
	return e.conn.FileHosts
}

// Connections returns the connections that are read, by id.
func (r *Roster) Connections() []source.Connection {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []source.Connection
	for _, id := range slices.Sorted(maps.Keys(r.entries)) {
		if c := r.entries[id].conn; c.Puller != nil {
			list = append(list, c)
		}
	}
	return list
}

// Speaker returns what talks with people of the source, nil where nothing does.
func (r *Roster) Speaker(id string) source.Speaker {
	if e := r.entry(id); e != nil {
		return e.conn.Speaker
	}
	return nil
}

// Receiver returns the source of a number with what takes its network's calls: nil where
// there is no such source, the network does not call us, or the source is paused.
func (r *Roster) Receiver(number int64) (source.Source, source.Receiver) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.numbers[number]
	switch {
	case e == nil:
		return source.Source{}, nil
	case e.source.Paused:
		return e.source, nil
	}
	return e.source, e.conn.Receiver
}

// Puller returns what reads the source, nil where nothing of ours does.
func (r *Roster) Puller(id string) source.Puller {
	if e := r.entry(id); e != nil {
		return e.conn.Puller
	}
	return nil
}

// Of returns the source of an id.
func (r *Roster) Of(id string) (source.Source, bool) {
	if e := r.entry(id); e != nil {
		return e.source, true
	}
	return source.Source{}, false
}

// All returns the sources that are kept, by name.
func (r *Roster) All() []source.Source {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]source.Source, 0, len(r.entries))
	for _, e := range r.entries {
		list = append(list, e.source)
	}
	order.By(list, func(a, b source.Source) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}
