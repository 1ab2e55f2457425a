package tgweb_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/tgweb/tgwebfake"
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

// Comments of the asked days come with the past where they are read at all; a running reading
// of the kind before, whose position was a number, goes on.
func TestThePastBringsComments(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.channel.Talks = true
	old := w.Post("Старая запись")
	if _, err := w.Comment(old, 0, "Анна", "Старый вопрос"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(48 * time.Hour)
	since := w.clock.Now().Add(-24 * time.Hour)
	want := map[string]bool{}
	for k := range 25 { // more than a page of posts
		post := w.Post(fmt.Sprintf("Запись %d", k))
		want[fmt.Sprint(post)] = true
		if k%5 == 0 {
			first, err := w.Comment(post, 0, "Анна", "Когда уберут снег?")
			if err != nil {
				t.Fatal(err)
			}
			second, err := w.Comment(post, first, "Олег", "И у нас")
			if err != nil {
				t.Fatal(err)
			}
			want[fmt.Sprintf("%d_c%d", post, first)], want[fmt.Sprintf("%d_c%d", post, second)] = true, true
		}
	}
	read := func(position []byte) map[string]bool {
		t.Helper()
		seen := map[string]bool{}
		for step := range 100 {
			if step == 3 {
				w.Fail(tgwebfake.Status, http.StatusBadGateway)
				if _, err := w.channel.Earlier(t.Context(), since, position); err == nil {
					t.Error("a page that does not open is no trouble")
				}
			}
			past, err := w.channel.Earlier(t.Context(), since, position)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range past.Messages {
				if seen[m.Native] = true; !want[m.Native] {
					t.Errorf("%s is not of the asked days", m.Native)
				}
				if strings.HasSuffix(m.Native, "_c1001") && (m.Parent == "" || m.Thread == "" || m.Author != "Олег") {
					t.Errorf("an answer came as thread %q, parent %q, author %q", m.Thread, m.Parent, m.Author)
				}
			}
			if position = past.Position; !past.More {
				return seen
			}
		}
		t.Fatal("it has no end")
		return nil
	}
	if got := read(nil); len(got) != len(want) {
		t.Errorf("%d messages of %d", len(got), len(want))
	}
	if got := read([]byte("22")); len(got) == 0 || len(got) >= len(want) || got["25"] || !got["21"] {
		t.Errorf("from the position of another version %d messages came", len(got))
	}
	w.channel.Talks = false
	if got := read(nil); len(got) != 25 {
		t.Errorf("with comments switched off %d messages came, want 25 posts", len(got))
	}
}
