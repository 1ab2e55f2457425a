package vk

import (
	"context"
	"errors"
	"time"

	"otklik/internal/source"
)

// Poll reads the wall with its events (look), and when they are read to their end what
// stands beside the wall: private messages and discussions. What cannot be read there is a note for
// people; the wall goes on.
func (w *Wall) Poll(ctx context.Context, cur []byte) (b source.Batch, err error) {
	c := parseCursor(cur)
	if c.Board == nil || len(c.Board.Queue) == 0 || len(c.Queue) > 0 { // else pages of discussions wait
		if b, err = w.look(ctx, cur); err != nil || b.More {
			return b, err
		}
		c = parseCursor(b.Cursor)
	}
	if w.talksDue(c) {
		err = w.letters(ctx, c, &b)
	}
	if w.boardsDue(c) && ctx.Err() == nil {
		err = errors.Join(err, w.boards(ctx, c, &b))
	} else if c.Board != nil && !w.Boards {
		c.Board = nil
	}
	if ctx.Err() != nil {
		return source.Batch{}, ctx.Err()
	}
	var e *source.Error
	if errors.As(err, &e) && e.Sentence != "" {
		b.Note = e.Sentence
	}
	b.Cursor = c.bytes()
	return b, nil
}

// talksDue reports whether private messages are to be read now: at each Poll where no event
// tells of them, else at first, whenever events may have been lost, and every ten minutes.
func (w *Wall) talksDue(c *cursor) bool {
	if w.CommunityToken == "" || !w.Talks && (w.Events == "" || w.muted()) {
		return false
	}
	in := c.Inbox
	if in == nil || w.Events == "" || c.Listen == nil || c.Listen.Read == 0 || len(in.Done) > 0 {
		return true
	}
	since := w.now().Sub(time.Unix(in.Read, 0))
	return c.Listen.Read > in.Read || since >= catchUp || since < 0
}

func (w *Wall) muted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Before(w.mute)
}
