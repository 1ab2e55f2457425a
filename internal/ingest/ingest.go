// Package ingest takes messages in: it drops what is here already, reads the
// rest once, keeps what concerns us, and opens incidents or attaches to them,
// all in one transaction with the cursor of the source.
//
// The same intake serves the live service (Run polls sources and drains the
// stream of pushes) and `otklik import` (Files): what a file brings is judged
// exactly as what a network brings.
//
// Every record given to it is counted once in a Summary:
//
//	read = duplicate + not_ours + kept + rejected
//	kept = opened + attached + kept_without_incident
package ingest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"otklik/internal/account"
	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/source"
)

// A Store runs transactions and answers questions outside of them.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// Options connects intake with its neighbours.
type Options struct {
	Store Store
	Desk  *desk.Desk
	// Read reads a message and makes the key by which it is compared with earlier ones
	// of the same analysis; the key is nil where it was not worth making.
	Read func(m *message.Message) (message.Reading, *cluster.Key)
	// Knowing reads a message that names a place of which there are several, with
	// what its thread and its author said before. Nil: nobody is asked.
	Knowing func(m *message.Message, known message.Known) message.Reading
	Tell    func(live.Event)
	Now     func() time.Time
	Log     *slog.Logger
	Key     func(text string) cluster.Key // the same of a text that was read before: one from the store
	// Known returns a source that is kept. Nil: none is known beside the one that is read.
	Known func(id string) (source.Source, bool)
	// Learnt is told when an account turned out to see other places. Nil: nobody is told.
	Learnt func(ctx context.Context)
	// Talks leads direct messages of networks where we can answer. Nil: they are messages
	// like any other.
	Talks Talks
	// TextLimit is the longest text of one message, in bytes; longer ones are rejected.
	TextLimit int
}

// An Intake takes messages in.
type Intake struct {
	Options
	counted counters
	earlier earlier
	run     string // names this run of the program in the ring
	fares   fares
}

// New returns an intake.
func New(o Options) *Intake {
	if o.TextLimit == 0 {
		o.TextLimit = 1 << 20
	}
	return &Intake{Options: o, run: rand.Text()}
}

// A judged message waits for its transaction.
type judged struct {
	m         message.Message
	duplicate bool             // its revision was stored before
	renews    bool             // and its case may have changed where it came from
	reading   *message.Reading // nil for a deletion
	key       *cluster.Key     // of the same analysis; nil: not made
	failed    error            // reading it went wrong
	back, old bool             // of a source's past; and history: it opens nothing (see Back)
	kept      bool             // by the transaction under way
	late      *tail            // where it waits for the ring, if it may wait
}

// Take takes a batch in, in one transaction with also (which may be nil: the
// source's cursor). A message that cannot be taken is set aside and blocks
// nobody. An error means that nothing of the batch was stored but what the
// summary counts.
//
// What was said in a thread before it became ours is ours too, in whatever order
// the messages arrived: as far as the ring of dropped messages reaches, they are
// taken in behind the batch (see recall).
func (in *Intake) Take(ctx context.Context, batch []message.Message, also func(incident.Tx) error) (sum Summary, err error) {
	return in.take(ctx, batch, also, nil)
}

func (in *Intake) take(ctx context.Context, batch []message.Message, also func(incident.Tx) error, late *tail) (sum Summary, err error) {
	defer fault.Wrap(&err, "ingest.Take(%d messages)", len(batch))
	js, err := in.judge(ctx, batch)
	if err != nil {
		return sum, err
	}
	for k := range js {
		js[k].late = late
	}
	if sum, err = in.enter(ctx, js, also); err != nil {
		return sum, err
	}
	recalled, err := in.recall(ctx)
	sum.Add(recalled)
	return sum, err
}

// enter commits what was judged: all at once, or, when a message of it is
// poison, one by one.
func (in *Intake) enter(ctx context.Context, js []judged, also func(incident.Tx) error) (Summary, error) {
	sum, events, err := in.commit(ctx, js, also)
	if err != nil && poison(err) {
		sum, events, err = in.oneByOne(ctx, js, also)
	}
	in.counted.add(sum)
	for _, e := range events {
		in.Tell(e)
	}
	return sum, err
}

// poison reports whether err may be the fault of one message of the batch, not
// of the store or of the caller who has gone.
func poison(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !fault.Is(err, fault.Unavailable)
}

// judge reads what is new. It asks the store first, so that a file that is
// imported again costs no reading.
func (in *Intake) judge(ctx context.Context, batch []message.Message) ([]judged, error) {
	if err := in.fill(ctx); err != nil {
		return nil, err
	}
	js := make([]judged, len(batch))
	bySource := map[string][]int{}
	for k := range batch {
		js[k].m = batch[k]
		tidy(&js[k].m)
		if js[k].m.SeenAt.IsZero() {
			js[k].m.SeenAt = in.Now()
		}
		bySource[js[k].m.Source] = append(bySource[js[k].m.Source], k)
	}
	reader := in.Store.Reader().Messages()
	for source, at := range bySource {
		refs := make([]message.Ref, len(at))
		for n, k := range at {
			refs[n] = message.Ref{Native: js[k].m.Native, Revision: js[k].m.Revision, Event: js[k].m.Event}
		}
		has, err := reader.Has(ctx, source, refs)
		if err != nil {
			return nil, err
		}
		for n, k := range at {
			js[k].duplicate = has[n]
		}
	}
	if err := in.renews(ctx, js); err != nil {
		return nil, err
	}
	for k := range js {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if j := &js[k]; !j.duplicate && j.m.Event != message.Deleted && !j.m.Own {
			j.reading, j.key, j.failed = in.read(&j.m)
			in.recalled(j)
		}
	}
	return js, nil
}

// read asks the machine, and turns a panic over one message into its error.
func (in *Intake) read(m *message.Message) (r *message.Reading, key *cluster.Key, err error) {
	defer func() {
		if p := recover(); p != nil {
			in.Log.Error("reading a message failed", "source", m.Source, "native", m.Native, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "reading panicked")
		}
	}()
	if m.Text == "" {
		return nil, nil, nil
	}
	reading, key := in.Read(m)
	return &reading, key, nil
}

// commit takes messages in, all of them or none. What it dropped and what must
// be recalled now stands in the ring in the same transaction.
func (in *Intake) commit(ctx context.Context, js []judged, also func(incident.Tx) error) (sum Summary, events []live.Event, err error) {
	var t trace
	err = in.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		t, sum = trace{}, Summary{}
		defer sum.hold(time.Now())
		o := in.Desk.Opener(tx, account.System())
		for k := range js {
			if err := in.guarded(ctx, tx, o, &js[k], &sum, &t); err != nil {
				return fmt.Errorf("message %s of %s: %w", js[k].m.Native, js[k].m.Source, err)
			}
		}
		if err := in.remember(ctx, tx, &t); err != nil {
			return err
		}
		if err := in.countHours(ctx, tx, js, &t); err != nil {
			return err
		}
		if err := in.countMentions(ctx, tx, js); err != nil {
			return err
		}
		events = o.Events
		if also != nil {
			return also(tx)
		}
		return nil
	})
	if err != nil {
		return Summary{}, nil, err
	}
	in.earlier.adopt(t.fresh)
	return sum, events, nil
}

// conflicts is how often a message is tried again when the incident that it
// belongs to was changed at the same moment.
const conflicts = 3

// oneByOne takes each message in a transaction of its own and sets aside those
// that fail; the cursor is stored last. With an error it returns what was stored
// before.
func (in *Intake) oneByOne(ctx context.Context, js []judged, also func(incident.Tx) error) (sum Summary, events []live.Event, err error) {
	for k := range js {
		one, told, err := in.commit(ctx, js[k:k+1], nil)
		for try := 0; try < conflicts && fault.Is(err, fault.Conflict); try++ { // somebody worked on the same incident
			one, told, err = in.commit(ctx, js[k:k+1], nil)
		}
		switch {
		case err == nil:
			sum.Add(one)
			events = append(events, told...)
		case !poison(err):
			return sum, events, err
		default:
			if err := in.setAside(ctx, &js[k].m, "failed", err); err != nil {
				return sum, events, err
			}
			sum.reject("failed")
		}
	}
	if also != nil {
		err = in.Store.Change(ctx, incident.Machine, also)
	}
	return sum, events, err
}

// guarded is one that turns a panic over a message into its error: a message that
// broke the program would break it again at every start. The stack holds no words,
// the value of the panic may.
func (in *Intake) guarded(ctx context.Context, tx incident.Tx, o *desk.Opener, j *judged, sum *Summary, t *trace) (err error) {
	defer func() {
		if p := recover(); p != nil {
			in.Log.Error("taking a message in failed", "source", j.m.Source, "native", j.m.Native, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "taking it in panicked")
		}
	}()
	return in.one(ctx, tx, o, j, sum, t)
}

// one takes one message in.
func (in *Intake) one(ctx context.Context, tx incident.Tx, o *desk.Opener, j *judged, sum *Summary, t *trace) error {
	m := j.m // a copy: a failed transaction must leave no trace in the batch
	switch {
	case j.failed != nil:
		return j.failed
	case len(m.Text) > in.TextLimit, max(len(m.Native), len(m.Thread), len(m.Parent), len(m.Author)) > nameLimit:
		sum.reject("too_large")
		return nil
	case j.renews:
		return in.renew(ctx, o, &m, sum)
	case j.duplicate:
		sum.Read++
		sum.Duplicate++
		return nil
	case m.Own:
		sum.Read++
		sum.NotOurs++
		return nil
	}
	r, key := j.reading, j.key
	ours, err := in.ours(ctx, tx, &m, r)
	if err != nil {
		return err
	}
	if !ours {
		sum.Read++
		sum.NotOurs++
		if r != nil && !j.old {
			in.drop(m, j, t)
		}
		return nil
	}
	// What is ours only by its thread is read as said to us, and kept as part of
	// the talk: it joins an incident, but opens none.
	talk := r != nil && !r.Concerns && !m.Addressed
	if talk {
		m.Addressed = true
		if r, key, err = in.read(&m); err != nil {
			return err
		}
	}
	if r != nil && in.Knowing != nil && r.Unsettled() {
		known, err := tx.Messages().Named(ctx, &m)
		if err != nil {
			return err
		}
		if !known.Empty() {
			again := in.Knowing(&m, known)
			r = &again
		}
	}
	m.Place, _ = in.Desk.Stand(&m, r)
	kept, err := tx.Messages().Keep(ctx, &m, r)
	if err != nil {
		return err
	}
	sum.Read++
	t.kept = append(t.kept, &m)
	if kept.Duplicate {
		sum.Duplicate++
		return nil
	}
	sum.Kept++
	j.kept = true
	if kept.First && r != nil {
		t.caughtBy(r)
	}
	switch {
	case kept.Incident != 0:
		sum.Attached++
		if !kept.Current {
			return nil
		}
		t.changed(&m, func() cluster.Key { return in.keyOf(&m, key) })
		if err := o.Changed(ctx, incident.ID(kept.Incident), &m, r); err != nil {
			return err
		}
		news, err := o.Renew(ctx, &m)
		if news {
			sum.Renewed++
		}
		return err
	case kept.Gone || !kept.Current || j.old:
		sum.KeptWithoutIncident++
		return nil
	}
	if m.Past != nil && r != nil {
		return in.adopt(ctx, o, &m, r, key, sum, t)
	}
	if in.Talks != nil && m.Form == message.Direct && in.Talks.Leads(m.Source) {
		return in.talked(ctx, tx, o, &m, r, kept.First, sum, t)
	}
	if f, err := in.follows(ctx, tx, &m); err != nil {
		return err
	} else if f.Incident != 0 {
		heard, err := o.Heard(ctx, f, &m, r)
		switch {
		case err != nil:
			return err
		case heard && f.Speaker == feedback.Author:
			sum.Attached++
			return nil
		case heard:
			sum.KeptWithoutIncident++
			return nil
		}
	}
	if alone := r == nil && len(m.Attachments) > 0 && m.Event != message.Deleted; alone && m.Thread != "" { // a picture without words
		to, err := tx.Messages().InThread(ctx, m.Source, m.Thread, m.Parent, m.Author)
		if err != nil {
			return err
		}
		if to != 0 {
			sum.Attached++
			return o.Attach(ctx, incident.ID(to), &m, r)
		}
	}
	if !opens(r) {
		sum.KeptWithoutIncident++
		return nil
	}
	words := in.keyOf(&m, key)
	to, maybe, err := in.sameThing(ctx, tx, &m, r, words, t)
	switch {
	case err != nil:
		return err
	case to == 0 && talk:
		sum.KeptWithoutIncident++
		return nil
	}
	if m.Thread != "" {
		t.ours = append(t.ours, thread{m.Source, m.Thread})
	}
	t.fresh = append(t.fresh, fresh{id: m.ID, written: written(&m), key: words})
	if to != 0 {
		sum.Attached++
		return o.Attach(ctx, incident.ID(to), &m, r)
	}
	sum.Opened++
	i, err := o.OpenKeyed(ctx, &m, r, &words)
	for k := 0; k < len(maybe) && err == nil; k++ {
		err = o.Likely(ctx, i, maybe[k].into, maybe[k].opinion)
	}
	return err
}

// keyOf returns the key that the reading made, or makes it now.
func (in *Intake) keyOf(m *message.Message, made *cluster.Key) cluster.Key {
	if made != nil {
		return *made
	}
	return in.Key(m.Text)
}

// ours says whether a message concerns us: addressed to us, in a thread of
// ours, a change of what we keep, or caught by a watch.
func (in *Intake) ours(ctx context.Context, tx incident.Tx, m *message.Message, r *message.Reading) (bool, error) {
	switch {
	case m.Addressed, m.Event == message.Deleted, r != nil && r.Concerns:
		return true, nil
	case r == nil && len(m.Attachments) == 0: // nothing at all
		return false, nil
	}
	if m.Thread != "" {
		if mine, err := tx.Messages().OurThread(ctx, m.Source, m.Thread); mine || err != nil {
			return mine, err
		}
	}
	was, err := tx.Messages().ByNative(ctx, m.Source, m.Native) // an edit of what we keep
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && was.Event != message.Deleted, err // of what only its deletion tells we keep no words
}

// followTime is how long after its reply words in a thread are heard as words about it.
const followTime = 60 * 24 * time.Hour

// follows returns the finished incident that a message is about: its author's next
// words open no second one by themselves.
func (in *Intake) follows(ctx context.Context, tx incident.Tx, m *message.Message) (feedback.Followed, error) {
	if m.Thread == "" && m.Parent == "" || m.Event == message.Deleted {
		return feedback.Followed{}, nil
	}
	f, err := tx.Feedback().Follows(ctx, m.Source, m.Thread, m.Parent, m.Author, in.Now().Add(-followTime))
	if err != nil || f.Incident == 0 || m.Thread == "" || m.Author == "" {
		return f, err
	}
	// Words to an incident on which work goes on belong there.
	open, err := tx.Messages().InThread(ctx, m.Source, m.Thread, m.Parent, m.Author)
	if open != 0 {
		return feedback.Followed{}, err
	}
	return f, err
}

// opens says whether a kept message is a case of work.
func opens(r *message.Reading) bool {
	return r != nil && r.Kind.Opens() && !r.Outside
}

// sameThing returns the open incident that the message belongs to: the one that
// its author wrote about in the same thread, or one of the same text at the same
// place. Where it is not sure, it returns incidents that a person should compare.
func (in *Intake) sameThing(ctx context.Context, tx incident.Tx, m *message.Message, r *message.Reading, key cluster.Key, t *trace) (int64, []likely, error) {
	if m.Thread != "" && m.Author != "" {
		if id, err := tx.Messages().InThread(ctx, m.Source, m.Thread, m.Parent, m.Author); id != 0 || err != nil {
			return id, nil, err
		}
	}
	return in.alike(ctx, tx, m, r, key, t)
}
