package tgweb_test

import (
	"fmt"
	"testing"
	"time"
)

func TestTheChannelGivesItsPast(t *testing.T) {
	t.Parallel()
	w := open(t)
	for k := range 50 {
		w.Post(fmt.Sprintf("Запись %d", k))
		w.clock.Advance(time.Hour)
	}
	since := w.clock.Now().Add(-30*time.Hour - time.Minute)
	var position []byte
	seen := map[string]string{}
	steps := 0
	for more := true; more; steps++ {
		past, err := w.channel.Earlier(t.Context(), since, position)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range past.Messages {
			if m.PublishedAt.Before(since) {
				t.Errorf("%s is older than was asked for", m.Native)
			}
			if _, twice := seen[m.Native]; twice {
				t.Errorf("%s came twice", m.Native)
			}
			seen[m.Native] = m.Revision.Key()
		}
		if past.Reached.IsZero() {
			t.Error("nobody knows how far it has come")
		}
		position, more = past.Position, past.More
		if steps > 50 {
			t.Fatal("it has no end")
		}
	}
	if len(seen) != 30 || steps < 2 {
		t.Errorf("%d posts of 30 in %d steps", len(seen), steps)
	}
	var cursor []byte
	for _, m := range w.read(t, &cursor) { // the live reading knows them by the same revision
		if rev, ok := seen[m.Native]; ok && rev != m.Revision.Key() {
			t.Errorf("%s is another revision to the live reading", m.Native)
		}
	}
}
