package ingest_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/ingest"
	"otklik/internal/message"
	"otklik/internal/scope"
)

const trouble = "Яма на дороге возле рынка, третий день машины бьют колёса, администрация молчит"

// TestNearTextsJoin: small edits join, another number does not, short texts never do.
func TestNearTextsJoin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string
		want          ingest.Summary
	}{
		"a slip":         {trouble, "Яма на дороге возле рынка, третий день машины бьют колеса, админстрация молчит!", ingest.Summary{Read: 1, Kept: 1, Attached: 1}},
		"a word lost":    {trouble, "Яма на дороге возле рынка, третий день бьют колёса, администрация молчит", ingest.Summary{Read: 1, Kept: 1, Attached: 1}},
		"another number": {trouble + ", дом 5", trouble + ", дом 7", ingest.Summary{Read: 1, Kept: 1, Opened: 1}},
		"another word":   {trouble, "Яма на дороге возле школы, третий день машины бьют колёса, администрация молчит", ingest.Summary{Read: 1, Kept: 1, Opened: 1}},
		"short texts":    {"Яма!", "Яма", ingest.Summary{Read: 1, Kept: 1, Opened: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, restart := range []bool{false, true} {
				path := filepath.Join(t.TempDir(), "otklik.db")
				b := benchAt(t, path)
				b.take(t, msg("1", c.first))
				if restart { // the index is made anew from the store
					if err := b.db.Close(); err != nil {
						t.Fatal(err)
					}
					b = benchAt(t, path)
				}
				second := msg("2", c.second, func(m *message.Message) { m.Source = "file:b" })
				same(t, b.take(t, second), c.want)
				same(t, b.take(t, second), ingest.Summary{Read: 1, Duplicate: 1})
			}
			b := newBench(t) // both in one transaction
			want := c.want
			want.Add(ingest.Summary{Read: 1, Kept: 1, Opened: 1})
			same(t, b.take(t, msg("1", c.first), msg("2", c.second)), want)
			b = newBench(t) // the other way round
			same(t, b.take(t, msg("2", c.second), msg("1", c.first)), want)
		})
	}
}

// TestAnEditedTextIsNotFoundByItsOldWords: nor is a deleted one.
func TestAnEditedTextIsNotFoundByItsOldWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", trouble), msg("2", "Мусор во дворе не вывозят вторую неделю подряд, контейнеры переполнены, крысы бегают"))
	b.take(t, msg("1", "Яма у школы на перекрёстке, дети обходят её по проезжей части каждое утро"),
		msg("2", "", func(m *message.Message) { m.Event, m.Revision = message.Deleted, message.Revision{} }))
	got := b.take(t, msg("3", trouble), msg("4", "Мусор во дворе не вывозят вторую неделю, контейнеры переполнены, крысы бегают"),
		msg("5", "Яма у школы на перекрёстке, дети обходят ее по проезжей части каждое утро!!!"))
	same(t, got, ingest.Summary{Read: 3, Kept: 3, Opened: 2, Attached: 1})
}

// TestWhatFailedIsNotFound: a text whose transaction was rolled back opens nothing
// and attracts nothing.
func TestWhatFailedIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", "Тут бомба: "+trouble)) // reading it fails
	same(t, b.take(t, msg("2", trouble)), ingest.Summary{Read: 1, Kept: 1, Opened: 1})
}

// TestLatestIsWhatTheIndexIsFilledFrom: messages of incidents, newest first.
func TestLatestIsWhatTheIndexIsFilledFrom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", "Яма на дороге"), msg("2", "Большое спасибо дворникам"), msg("3", "Мусор не вывозят"))
	read := func(limit int) (texts []string) {
		err := b.db.Reader().Messages().Latest(t.Context(), noon.Add(-1), limit, func(m *message.Message) { texts = append(texts, m.Text) })
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	if d := cmp.Diff([]string{"Мусор не вывозят", "Яма на дороге"}, read(10)); d != "" {
		t.Errorf("Latest differs:\n%s", d)
	}
	if got := read(1); !slices.Equal(got, []string{"Мусор не вывозят"}) {
		t.Errorf("at most one: %q", got)
	}
	if n := len(read(10)); n != 2 || b.incidents(t) != 2 {
		t.Errorf("%d texts of %d incidents in %v", n, b.incidents(t), scope.All())
	}
}
