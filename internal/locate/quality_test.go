package locate_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/locate"
	"otklik/internal/place"
	"otklik/internal/russian"
)

var update = flag.Bool("update", false, "write the goldens anew")

// A sentence is one that we wrote as residents type, and the places that the
// grammar must find in it without any gazetteer.
type sentence struct {
	text string
	want []string // as brief writes them; a relation only where it is asked for
}

func sentences(t *testing.T, file string) []sentence {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []sentence
	for line := range strings.Lines(string(b)) {
		text, want, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			t.Fatalf("%s: no tab in %q", file, line)
		}
		s := sentence{text: text}
		if want != "-" {
			s.want = strings.Split(want, " | ")
		}
		out = append(out, s)
	}
	return out
}

// score counts what was found rightly; each place of want is met once.
func (s sentence) score(found []locate.Found) (right int, got []string) {
	open := slices.Clone(s.want)
	for _, f := range found {
		b := brief(f)
		got = append(got, b)
		if i := slices.IndexFunc(open, func(w string) bool { return same(w, b) }); i >= 0 {
			open = slices.Delete(open, i, i+1)
			right++
		}
	}
	return right, got
}

// same compares a place with what brief writes: capitals and ё make no
// difference, the settlement none, a relation one only where it is asked for.
func same(want, got string) bool {
	relation := ""
	if at := strings.LastIndex(got, " ("); at >= 0 {
		got, relation = got[:at], got[at:]
	}
	got, _, _ = strings.Cut(got, " @")
	if strings.HasSuffix(want, ")") {
		got += relation
	}
	return place.Fold(strings.Replace(want, "house ", "house , ", 1)) == place.Fold(strings.Replace(got, "house ", "house , ", 1)) ||
		place.Fold(want) == place.Fold(strings.Replace(got, "house , ", "house ", 1))
}

// TestSentences compares every sentence with the golden file, so that the diff of
// a change shows what it gained and what it broke.
func TestSentences(t *testing.T) {
	a, l := analyzer(t), locate.New(nil)
	var golden strings.Builder
	right, wanted, got := 0, 0, 0
	for _, s := range sentences(t, "sentences.tsv") {
		n, list := s.score(l.Find(a.Read(s.text), locate.Context{}))
		right, wanted, got = right+n, wanted+len(s.want), got+len(list)
		if n == len(s.want) && n == len(list) {
			fmt.Fprintf(&golden, "+ %s\n", s.text)
			continue
		}
		fmt.Fprintf(&golden, "- %s\n    want %s\n    got  %s\n", s.text, strings.Join(s.want, " | "), strings.Join(list, " | "))
	}
	fmt.Fprintf(&golden, "F1 %.3f\n", f1(right, got, wanted))
	const file = "testdata/sentences.golden"
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), golden.String()); d != "" {
		t.Errorf("sentences differ from %s; where the change is meant, run with -update (-want +got):\n%s", file, d)
	}
}

// TestHeldOutSentences prints a number and nothing else: rules are written while
// looking at the other sentences only.
func TestHeldOutSentences(t *testing.T) {
	a, l := analyzer(t), locate.New(nil)
	right, wanted, got := 0, 0, 0
	list := sentences(t, "heldout.tsv")
	for _, s := range list {
		n, found := s.score(l.Find(a.Read(s.text), locate.Context{}))
		right, wanted, got = right+n, wanted+len(s.want), got+len(found)
	}
	f := f1(right, got, wanted)
	t.Logf("%d sentences held out: precision %.3f, recall %.3f, F1 %.3f", len(list), float64(right)/float64(max(1, got)), float64(right)/float64(max(1, wanted)), f)
	if f < 0.88 {
		t.Errorf("F1 of %d sentences held out = %.3f, want 0.88 or more", len(list), f)
	}
}

func f1(right, got, wanted int) float64 {
	return 2 * float64(right) / float64(max(1, got+wanted))
}

// Nothing that is found depends on what was read before.
func TestSentencesReadAlikeTwice(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	var text russian.Text
	list := append(sentences(t, "sentences.tsv"), sentences(t, "heldout.tsv")...)
	first := make([][]locate.Found, len(list))
	for round := range 2 {
		for i, s := range list {
			a.ReadInto(&text, s.text)
			got := l.Find(&text, locate.Context{})
			if round == 0 {
				first[i] = got
			} else if d := cmp.Diff(first[i], got); d != "" {
				t.Errorf("Find(%q) differs the second time:\n%s", s.text, d)
			}
		}
	}
}
