package kind

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every kind in people's words: "kind sentence" a line, from a source that tells
// nothing of who speaks. Nothing is fitted on these lines; the golden holds each with
// what becomes of it, «!» marks the ones that we get wrong.
func TestKindsOfLines(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/held/kinds.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	wrong, lines := 0, strings.Split(strings.TrimSpace(string(table)), "\n")
	for _, line := range lines {
		want, text, _ := strings.Cut(line, " ")
		d, mark := decide(text, Context{}), " "
		if string(d.Kind) != want {
			wrong++
			mark = "!"
		}
		fmt.Fprintf(&got, "%s %-13s %-13s %s\n", mark, want, d.Kind, text)
	}
	t.Logf("%d of %d wrong", wrong, len(lines))
	if len(lines) < 100 || wrong > 10 {
		t.Errorf("%d of %d wrong, want 10 at most of 100 or more", wrong, len(lines))
	}
	const golden = "testdata/held/kinds.golden"
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
		t.Errorf("go test ./internal/kind -run KindsOfLines -update rewrites it:\n%s", diff)
	}
}
