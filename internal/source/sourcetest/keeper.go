package sourcetest

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// A keeper is the memory of an intake: revisions, and what each message now says.
type keeper struct {
	seen   map[string]bool
	now    map[string]message.Message
	cursor []byte
	old    [][]byte // every cursor there was
}

func newKeeper() *keeper {
	return &keeper{seen: map[string]bool{}, now: map[string]message.Message{}, old: [][]byte{nil}}
}

func (k *keeper) copy() *keeper {
	return &keeper{seen: maps.Clone(k.seen), now: maps.Clone(k.now), cursor: k.cursor, old: slices.Clone(k.old)}
}

// poll polls until the network has nothing more and returns what was new.
func (k *keeper) poll(t *testing.T, n *Network) []message.Message {
	t.Helper()
	var fresh []message.Message
	for range 200 {
		b, err := n.Puller.Poll(t.Context(), k.cursor)
		if err != nil {
			t.Fatalf("Poll: %v", err)
		}
		fresh = append(fresh, k.take(t, n, b)...)
		if !b.More {
			return fresh
		}
	}
	t.Fatal("Poll asks for more without end")
	return nil
}

func (k *keeper) take(t *testing.T, n *Network, b source.Batch) (fresh []message.Message) {
	t.Helper()
	for _, m := range b.Messages {
		if m.Source != cmp.Or(n.Source, n.Puller.ID()) || m.Channel == "" || m.Form == "" || m.Native == "" || m.Event == "" || m.SeenAt.IsZero() || m.Revision == (message.Revision{}) {
			t.Errorf("message is not filled: source %q channel %q form %q native %q event %q revision %q", m.Source, m.Channel, m.Form, m.Native, m.Event, m.Revision.Key())
		}
		if key := m.Native + "@" + m.Revision.Key(); !k.seen[key] {
			k.seen[key] = true
			fresh = append(fresh, m)
			k.now[m.Native] = m
		}
	}
	k.cursor = b.Cursor
	k.old = append(k.old, slices.Clone(b.Cursor))
	return fresh
}

// texts returns what every message that is not gone says.
func (k *keeper) texts() map[string]string {
	out := map[string]string{}
	for native, m := range k.now {
		if m.Event != message.Deleted {
			out[native] = m.Text
		}
	}
	return out
}

// settle lets the network be quiet for some rounds, so that what is noticed at
// the second look is noticed.
func (k *keeper) settle(t *testing.T, n *Network) []message.Message {
	t.Helper()
	var all []message.Message
	for range 3 {
		n.Advance(time.Hour)
		all = append(all, k.poll(t, n)...)
	}
	return all
}
