package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// past: what was said since is given from the newest to the oldest, over any stop and any
// trouble, nothing that is older, and each in the revision that the live reading knows.
func past(t *testing.T, n *Network) {
	if n.lacks(NoPast) {
		return
	}
	h, ok := n.Puller.(source.Historian)
	if !ok {
		t.Fatal("the puller is no source.Historian: a network without a past says why")
	}
	k := newKeeper()
	n.Comment(n.Post("Было давно"), "Старый вопрос")
	k.poll(t, n)
	var since time.Time
	for _, m := range k.now {
		if m.PublishedAt.After(since) {
			since = m.PublishedAt
		}
	}
	n.Advance(72 * time.Hour)
	since = since.Add(24 * time.Hour)
	want := map[string]string{}
	for i := range 3 {
		text := fmt.Sprintf("Запись %d", i)
		post := n.Post(text)
		want[post] = text
		for j := range 45 {
			text := fmt.Sprintf("Не горит фонарь у дома %d-%d", i, j)
			want[n.Comment(post, text)] = text
		}
		n.Advance(time.Hour)
	}
	got := backward(t, n, h, since)
	for native, text := range want {
		if m, ok := got[native]; !ok || m.Text != text {
			t.Errorf("%s of the asked days came as %q, %v", native, m.Text, ok)
		}
	}
	for native := range got {
		if _, ok := want[native]; !ok {
			t.Errorf("%s came, which nobody said in these days", native)
		}
	}
	k.poll(t, n)
	for native, m := range k.now {
		if p, ok := got[native]; ok && (p.Revision != m.Revision || p.Thread != m.Thread || p.Parent != m.Parent || p.Author != m.Author || p.Own != m.Own) {
			t.Errorf("%s is another one to the live reading: %+v, %+v", native, p, m)
		}
	}
	for _, position := range []string{"{", "null", "[]", `{"q":[null]}`, `{"q":7}`, "\xff", `{"a":"nowhere","f":-1,"o":-7,"b":-3}`} {
		if _, err := h.Earlier(t.Context(), since, []byte(position)); err != nil && !errors.As(err, new(*source.Error)) {
			t.Errorf("a damaged position %q: %v", position, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Earlier(ctx, since, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Earlier under a cancelled context: %v", err)
	}
	if dead, ok := n.Dead.(source.Historian); ok {
		_, err := dead.Earlier(t.Context(), since, nil)
		wantTrouble(t, err, source.Later)
	}
}

// backward reads the past to its end; some steps fail, and of some the position is lost.
func backward(t *testing.T, n *Network, h source.Historian, since time.Time) map[string]message.Message {
	t.Helper()
	got := map[string]message.Message{}
	var position []byte
	var reached time.Time
	for i := range 1000 {
		if i%4 == 1 {
			n.Spoil(Down, false)
			if _, err := h.Earlier(t.Context(), since, position); err != nil {
				wantTrouble(t, err, source.Later)
			}
		}
		p, err := h.Earlier(t.Context(), since, position)
		if err != nil {
			t.Fatalf("Earlier: %v", err)
		}
		for _, m := range p.Messages {
			if m.Source == "" || m.Channel == "" || m.Form == "" || m.Native == "" || m.Event != message.Written || m.SeenAt.IsZero() || m.Revision == (message.Revision{}) {
				t.Errorf("message is not filled: source %q form %q native %q event %q revision %q seen %v", m.Source, m.Form, m.Native, m.Event, m.Revision.Key(), m.SeenAt)
			}
			if m.PublishedAt.Before(since) {
				t.Errorf("%s is of %v, asked were messages since %v", m.Native, m.PublishedAt, since)
			}
			got[m.Native] = m
		}
		if !p.Reached.IsZero() {
			if !reached.IsZero() && p.Reached.After(reached) {
				t.Errorf("it goes forward: from %v to %v", reached, p.Reached)
			}
			reached = p.Reached
		}
		if !p.More {
			return got
		}
		if i%5 != 3 { // else the process was killed before the step was stored
			position = p.Position
		}
	}
	t.Fatal("the past has no end")
	return nil
}
