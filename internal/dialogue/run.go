package dialogue

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/source"
	"otklik/internal/talk"
)

const (
	sayTime   = 30 * time.Second
	lastTry   = 12 // with back-off: about two hours
	tooLate   = 24 * time.Hour
	endsEvery = 30 * time.Second
)

// Run speaks and ends unfinished talks until ctx ends, while it is the only process that
// does (Options.Alone). What a crash left half said is not said again.
func (d *Dialogue) Run(ctx context.Context) error {
	var alone Lease
	defer func() {
		if alone != nil {
			alone.Release()
		}
	}()
	var ended time.Time
	for ctx.Err() == nil {
		err := d.round(ctx, &alone, &ended)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("talks cannot go on", "error", err)
		}
		t := time.NewTimer(d.Every)
		wake := d.wake
		if err != nil {
			wake = nil
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

func (d *Dialogue) round(ctx context.Context, alone *Lease, ended *time.Time) error {
	if *alone != nil && (*alone).Check(ctx) != nil {
		(*alone).Release()
		*alone = nil
	}
	if *alone == nil {
		var err error
		if *alone, err = d.alone(ctx); err != nil || *alone == nil {
			return err
		}
		if err := d.Recover(ctx); err != nil {
			return err
		}
	}
	if now := d.Now(); now.Sub(*ended) >= endsEvery {
		*ended = now
		if _, err := d.End(ctx); err != nil {
			return err
		}
	}
	_, err := d.Step(ctx)
	return err
}

func (d *Dialogue) alone(ctx context.Context) (Lease, error) {
	if d.Alone == nil {
		return only{}, nil
	}
	return d.Alone(ctx)
}

type only struct{}

func (only) Check(context.Context) error { return nil }
func (only) Release()                    {}

// Recover marks what a crash left half said as of unknown end.
func (d *Dialogue) Recover(ctx context.Context) error {
	return d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, err := tx.Talks().Interrupted(ctx)
		if n > 0 {
			d.Log.Warn("lines of talks were interrupted; they are not said again", "lines", n)
		}
		return err
	})
}

// Step says all that is due, sources beside each other, and returns how many lines it took.
func (d *Dialogue) Step(ctx context.Context) (int, error) {
	due, err := d.Store.Reader().Talks().Due(ctx, d.Now())
	if err != nil {
		return 0, err
	}
	counts := make([]int, len(due))
	g, ctx := errgroup.WithContext(ctx)
	for k, id := range due {
		if d.resting(id) {
			continue
		}
		g.Go(func() error {
			for ctx.Err() == nil && !d.resting(id) {
				took, err := d.sayOne(ctx, id)
				if err != nil || !took {
					return err
				}
				counts[k]++
			}
			return nil
		})
	}
	err = g.Wait()
	n := 0
	for _, c := range counts {
		n += c
	}
	return n, err
}

func (d *Dialogue) resting(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Now().Before(d.rests[id])
}

func (d *Dialogue) rest(id string, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rests[id] = until
}

// sayOne says the next line of a source; took is false when nothing is due.
func (d *Dialogue) sayOne(ctx context.Context, id string) (took bool, err error) {
	defer fault.Wrap(&err, "dialogue.say(%s)", id)
	speaker := d.Speaker(id)
	if speaker == nil { // paused or removed: what is said waits for it
		d.rest(id, d.Now().Add(time.Minute))
		return false, nil
	}
	var l *talk.Line
	err = d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		l, err = tx.Talks().Take(ctx, id, d.Now())
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if l.Text == "" { // erased meanwhile
		return true, d.settle(ctx, l, talk.Dead, "")
	}
	said, cancel := context.WithTimeout(context.WithoutCancel(ctx), sayTime) // a line that left is told to the end
	defer cancel()
	l.Native, err = speaker.Say(said, l.Thread, speech(l))
	if err == nil {
		d.counted.sent.Add(1)
		return true, d.settle(ctx, l, talk.Sent, "")
	}
	return true, d.failed(ctx, l, err)
}

func speech(l *talk.Line) source.Speech {
	s := source.Speech{Text: l.Text}
	if l.Point {
		s.Ask = source.AskPoint
	}
	for _, row := range l.Buttons {
		var line []source.Button
		for _, c := range row {
			line = append(line, source.Button{Label: c.Label, Data: c.Data})
		}
		s.Buttons = append(s.Buttons, line)
	}
	return s
}

func (d *Dialogue) settle(ctx context.Context, l *talk.Line, state talk.LineState, note string) error {
	l.State, l.Note = state, note
	return d.Store.Change(context.WithoutCancel(ctx), incident.Machine, func(tx incident.Tx) error { return tx.Talks().Settle(ctx, l) })
}

// failed settles a line that was not said, as far as is known.
func (d *Dialogue) failed(ctx context.Context, l *talk.Line, cause error) error {
	var e *source.Error
	if !errors.As(cause, &e) {
		e = source.Fail(source.Unclear, "", "%w", cause)
	}
	d.Log.Warn("a line of a talk was not said", "line", l.ID, "source", l.Source, "trouble", e.Trouble, "code", e.Code, "tries", l.Tries)
	wait := max(e.After, time.Second<<min(l.Tries, 10))
	switch e.Trouble {
	case source.Unclear:
		d.counted.unknown.Add(1)
		return d.settle(ctx, l, talk.Unknown, "Неизвестно, дошло ли сообщение.")
	case source.Permanent:
		d.counted.dead.Add(1)
		if e.Code == http.StatusForbidden {
			return d.blocked(ctx, l, e.Sentence)
		}
		return d.settle(ctx, l, talk.Dead, clip(e.Sentence))
	case source.Person, source.Flood: // the source waits, not the line
		d.rest(l.Source, d.Now().Add(max(e.After, 30*time.Second)))
		l.Tries--
	}
	if l.Tries >= lastTry || d.Now().Sub(l.At) > tooLate && e.Trouble == source.Later {
		d.counted.dead.Add(1)
		return d.settle(ctx, l, talk.Dead, clip(e.Sentence))
	}
	l.NextAt = d.Now().Add(wait)
	return d.settle(ctx, l, talk.Waiting, clip(e.Sentence))
}

// blocked notes that the resident wants nothing from us: nothing more is said until a
// message comes.
func (d *Dialogue) blocked(ctx context.Context, l *talk.Line, note string) error {
	ctx = context.WithoutCancel(ctx)
	return d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		t, err := tx.Talks().ByID(ctx, l.Talk)
		if err != nil {
			return err
		}
		t.Blocked = d.Now()
		if err := tx.Talks().SaveTalk(ctx, t); err != nil {
			return err
		}
		l.State, l.Note = talk.Dead, clip(note)
		if err := tx.Talks().Settle(ctx, l); err != nil {
			return err
		}
		return tx.Talks().Silence(ctx, l.Talk, l.Note)
	})
}
