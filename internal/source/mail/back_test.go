package mail_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"otklik/internal/source/mail/mailfake"
)

// A mailbox gives its past in steps, the newest letters first, each once, as the live
// reading would; a stop ends it.
func TestTheMailboxGivesItsPast(t *testing.T) {
	t.Parallel()
	f, b, c := open(t, mailfake.Options{})
	for k := range 50 {
		f.Write(mailfake.Draft{From: resident, Text: fmt.Sprintf("Нет воды на Лесной, %d", k)})
		c.advance(24 * time.Hour)
	}
	f.Deliver(string(crlf("From: x@y.ru\nAuto-Submitted: auto-replied\n\nx\n")))
	b.Back = 5 * 24 * time.Hour
	live := map[string]string{}
	batch, err := b.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range batch.Messages {
		live[m.Native] = m.Revision.Key()
	}
	since := c.now().Add(-30*24*time.Hour - time.Hour)
	var position []byte
	seen := map[string]string{}
	steps := 0
	for more := true; more; steps++ {
		past, err := b.Earlier(t.Context(), since, position)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range past.Messages {
			if m.PublishedAt.Before(since) {
				t.Errorf("%s is older than was asked for", m.PublishedAt)
			}
			if _, twice := seen[m.Native]; twice {
				t.Errorf("%s came twice", m.Native)
			}
			seen[m.Native] = m.Revision.Key()
		}
		if len(past.Messages) > 0 && past.Reached.IsZero() {
			t.Error("nobody knows how far it has come")
		}
		if position, more = past.Position, past.More; steps > 50 {
			t.Fatal("it has no end")
		}
	}
	if len(seen) != 30 || steps < 2 {
		t.Errorf("%d letters of 30 in %d steps", len(seen), steps)
	}
	for id, rev := range live {
		if seen[id] != rev {
			t.Errorf("%s is another revision to the live reading", id)
		}
	}
	if len(live) == 0 || len(live) > 8 {
		t.Errorf("the live reading brought %d", len(live))
	}
	if next, err := b.Poll(t.Context(), batch.Cursor); err != nil || len(next.Messages) != 0 {
		t.Errorf("going back moved the live reading: %d letters, %v", len(next.Messages), err)
	}

	f.Renumber("INBOX") // the mailbox is moved in the middle: it begins anew and still ends
	if past, err := b.Earlier(t.Context(), since, []byte(`{"f":0,"v":1,"b":3}`)); err != nil || len(past.Messages) == 0 {
		t.Errorf("after other numbers: %d letters, %v", len(past.Messages), err)
	}
	if _, err := b.Earlier(t.Context(), since, []byte("nonsense")); err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := b.Earlier(ctx, since, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a stop: %v", err)
	}
	f.Fail("imap", mailfake.Wrong)
	_, err = b.Earlier(t.Context(), since, nil)
	if _, said := sentence(t, err); said == "" {
		t.Error("a refusal says nothing")
	}
}
