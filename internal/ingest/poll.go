package ingest

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

const longestPause = 15 * time.Minute

// Follow reads a source in its own rhythm until ctx ends. One that fails is asked again
// later and later, up to quarter of an hour. One that is paced is read when it says so.
func (in *Intake) Follow(ctx context.Context, c source.Connection) {
	every := c.Every
	if every <= 0 {
		every = time.Minute
	}
	var failures int
	var more bool
	for {
		err := in.turn(ctx, c, more)
		if err == nil {
			more, err = in.PollOnce(ctx, c)
		}
		pause := every
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			pause = min(every<<min(failures, 10), longestPause)
			var e *source.Error
			if errors.As(err, &e) && e.After > pause {
				pause = e.After
			}
			in.Log.Warn("source cannot be read", "source", c.Puller.ID(), "failures", failures, "pause", pause, "error", err)
		case more, paced(c):
			failures, pause = 0, 0
		default:
			failures = 0
			pause += time.Duration(rand.Int64N(int64(pause)/10 + 1)) // walls of one network must not be asked in step
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func paced(c source.Connection) bool {
	_, ok := c.Puller.(source.Paced)
	return ok
}

// turn waits until a source that is paced is worth asking.
func (in *Intake) turn(ctx context.Context, c source.Connection, more bool) error {
	p, ok := c.Puller.(source.Paced)
	if !ok || more {
		return nil
	}
	cursor, err := in.Store.Reader().Intake().Cursor(ctx, p.ID())
	if err != nil {
		return err
	}
	if err = p.Turn(ctx, cursor); err != nil && ctx.Err() == nil {
		in.note(ctx, c, err)
	}
	return err
}

// PollOnce reads a source once and commits its messages with its cursor.
func (in *Intake) PollOnce(ctx context.Context, c source.Connection) (more bool, err error) {
	id := c.Puller.ID()
	cursor, err := in.Store.Reader().Intake().Cursor(ctx, id)
	if err != nil {
		return false, err
	}
	batch, err := c.Puller.Poll(ctx, cursor)
	if err != nil {
		if ctx.Err() == nil {
			in.note(ctx, c, err)
		}
		return false, err
	}
	if err := in.bounced(ctx, id, batch.Bounces); err != nil { // before the cursor: told twice it changes nothing
		return false, err
	}
	in.Place(c, batch.Messages)
	_, err = in.Take(ctx, batch.Messages, func(tx incident.Tx) error {
		if err := tx.Intake().SetCursor(ctx, id, batch.Cursor, in.Now()); err != nil {
			return err
		}
		if err := in.Discover(ctx, tx, id, c.Territory, batch.Found); err != nil {
			return err
		}
		state := in.polled(c, nil)
		if batch.Note != "" && state.Error == "" { // it was read, and somebody should mend something all the same
			state.Error, state.Since = batch.Note, in.Now()
		}
		return tx.Intake().Note(ctx, state)
	})
	if err == nil {
		in.counted.leftOut(batch.LeftOut)
	}
	if err == nil && len(batch.Found) > 0 && in.Learnt != nil {
		in.Learnt(ctx)
	}
	return batch.More, err
}

// bounced tells the desk of replies that did not arrive after all. What is not ours is
// passed over: anybody can send such a report.
func (in *Intake) bounced(ctx context.Context, id string, list []source.Bounce) error {
	for _, b := range list {
		if err := in.Desk.Bounced(ctx, id, b.Native, b.Sentence); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// Place says of messages what is known of the source that they come from: whose
// territory it is, and whether everything under it is said to us.
func (in *Intake) Place(c source.Connection, list []message.Message) {
	for k := range list {
		m := &list[k]
		territory, own := c.Territory, c.Own
		if c.Puller == nil || m.Source != c.Puller.ID() {
			if in.Known != nil {
				if s, ok := in.Known(m.Source); ok {
					territory, own = cmp.Or(s.Territory, territory), s.Own
				}
			}
		}
		if m.Territory == "" {
			m.Territory = territory
		}
		m.Addressed = m.Addressed || own && m.Form == message.Comment
	}
}

// Discover keeps the places that an account turned out to see.
func (in *Intake) Discover(ctx context.Context, tx incident.Tx, via, territory string, found []source.Found) error {
	for _, f := range found {
		p, _ := in.Desk.Stand(&message.Message{Territory: territory}, nil)
		if err := tx.Sources().Discover(ctx, via, f, in.Now(), scope.Place{Region: p.Region, Centre: p.Centre}); err != nil {
			return err
		}
	}
	return nil
}

func (in *Intake) note(ctx context.Context, c source.Connection, cause error) {
	err := in.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Intake().Note(ctx, in.polled(c, cause)) })
	if err != nil {
		in.Log.Error("the state of a source cannot be stored", "source", c.Puller.ID(), "error", err)
	}
}
