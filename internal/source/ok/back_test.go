package ok_test

import (
	"fmt"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
)

// goBack reads the past to its end and returns what came, and how often.
func goBack(t *testing.T, g *ok.Group, since time.Time, between func(step int)) map[string]int {
	t.Helper()
	seen := map[string]int{}
	var position []byte
	for step := range 100 {
		between(step)
		past, err := g.Earlier(t.Context(), since, position)
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		for _, m := range past.Messages {
			seen[m.Native]++
		}
		if position = past.Position; !past.More {
			return seen
		}
	}
	t.Fatal("it has no end")
	return nil
}

func TestThePastOfAGroup(t *testing.T) {
	t.Parallel()
	f, g, clock := open(t, okfake.Options{})
	anna := f.Person("Анна")
	old := f.Topic(0, "Прошлогоднее")
	clock.Advance(100 * 24 * time.Hour)
	since := clock.Now().Add(-time.Hour)
	want := map[string]bool{}
	comment := func(kind, root, text string) {
		t.Helper()
		id, err := f.Comment(root, "", anna, text)
		if err != nil {
			t.Fatal(err)
		}
		if kind != "" {
			want[kind+"/"+root+"/"+id] = true
		}
	}
	f.Seed(func() {
		for k := range 120 { // over two pages of topics
			topic := f.Topic(0, fmt.Sprintf("Тема %d", k))
			want[ok.Topic+"/"+topic] = true
			if k == 60 {
				for n := range 230 {
					comment(ok.Topic, topic, fmt.Sprintf("Лавку %d", n))
				}
			}
		}
		comment("", old, "Под старой темой") // OK does not tell where
	})
	photo := f.Photo("Субботник")
	comment("GROUP_PHOTO", photo, "А урны?")

	g.Others = true
	got := goBack(t, g, since, func(step int) {
		if step == 1 { // the anchor of the last step is taken no more: the list begins again
			f.Fail("mediatopic.getTopics", okfake.Trouble{Kind: okfake.Refuse, Code: 100})
		}
	})
	for native := range want {
		if got[native] == 0 {
			t.Errorf("%s did not come", native)
		}
		delete(got, native)
	}
	if len(got) != 0 {
		t.Errorf("nobody asked for %v", got)
	}

	g.Others = false
	got = goBack(t, g, since, func(step int) {
		if step == 0 { // the comments of one topic cannot be read
			f.Fail("discussions.getComments", okfake.Trouble{Kind: okfake.Refuse, Code: 300})
		}
	})
	if len(got) != 120 {
		t.Errorf("beside a closed discussion %d messages came, want 120 topics", len(got))
	}

	f.Expire()
	_, err := g.Earlier(t.Context(), since, nil)
	wantTrouble(t, "the token has expired", err, source.Person)
}
