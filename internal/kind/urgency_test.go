package kind

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What cannot wait and what can, in residents' words: "urgency sentence" a line. The
// golden holds each with what becomes of it; «!» marks the ones that we get wrong.
func TestUrgencyOfLines(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/held/urgency.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	wrong, of := map[string]int{}, map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		want, text, _ := strings.Cut(line, " ")
		d, mark := decide(text, Context{Ours: true}), " "
		of[want]++
		if string(d.Urgency) != want {
			wrong[want]++
			mark = "!"
		}
		fmt.Fprintf(&got, "%s %-6s %-7s %s\n", mark, want, d.Urgency, text)
	}
	t.Logf("wrong %v of %v", wrong, of)
	for urgency, most := range map[string]int{"danger": 3, "high": 3, "normal": 2} {
		if of[urgency] < 20 || wrong[urgency] > most {
			t.Errorf("%s: %d of %d wrong, want %d at most of 20 or more", urgency, wrong[urgency], of[urgency], most)
		}
	}
	const golden = "testdata/held/urgency.golden"
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
		t.Errorf("go test ./internal/kind -run UrgencyOfLines -update rewrites it:\n%s", diff)
	}
}
