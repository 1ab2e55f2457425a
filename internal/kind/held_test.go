package kind

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Short complaints without a speaker («Яма на Мира»), and headlines, notices, small
// advertisements and talk in the same words, from a source that tells nothing of
// who speaks. Nothing is fitted on these lines. The golden holds each with what
// becomes of it; «!» marks the ones that we get wrong.
func TestBriefLinesThatNothingIsFittedOn(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, c := range []struct {
		name string
		ours bool
		most float64 // share that we may get wrong
	}{{"ours", true, 0.05}, {"foreign", false, 0.32}} {
		table, err := os.ReadFile("testdata/held/" + c.name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		wrong, lines := 0, strings.Split(strings.TrimSpace(string(table)), "\n")
		for _, text := range lines {
			d, mark := decide(text, Context{}), " "
			if d.Concerns != c.ours {
				wrong++
				mark = "!"
			}
			fmt.Fprintf(&got, "%s %-13s %s\n", mark, d.Kind, text)
		}
		share := float64(wrong) / float64(len(lines))
		t.Logf("%s: %d of %d wrong, %.3f", c.name, wrong, len(lines), share)
		if len(lines) < 140 || share > c.most {
			t.Errorf("%s: %d of %d wrong, want %.2f at most of 140 or more", c.name, wrong, len(lines), c.most)
		}
	}
	const golden = "testdata/held/lines.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("go test ./internal/kind -run BriefLines -update rewrites it:\n%s", diff)
	}
}
