package kind

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Sentences of people in danger and ways of speaking that share their words: "danger" or
// "calm" and a sentence a line. The last 68 were written before the rules had seen them;
// then 22 of 34 dangers were found, and 6 of 34 calm ones were taken for a danger.
func TestPerilOfLines(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/held/peril.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	wrong, of := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(table)) {
		want, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		d, says, mark := decide(text, Context{Ours: true}), "calm", " "
		if d.Concerns && d.Urgency == Danger {
			says = "danger"
		}
		of[want]++
		if says != want {
			wrong[want]++
			mark = "!"
		}
		fmt.Fprintf(&got, "%s %-6s %s\n", mark, want, text)
	}
	t.Logf("wrong %v of %v", wrong, of)
	for says, most := range map[string]int{"danger": 15, "calm": 6} {
		if of[says] < 90 || wrong[says] > most {
			t.Errorf("%s: %d of %d wrong, want %d at most of 90 or more", says, wrong[says], of[says], most)
		}
	}
	const golden = "testdata/held/peril.golden"
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
		t.Errorf("go test ./internal/kind -run PerilOfLines -update rewrites it:\n%s", diff)
	}
}

// A resident's cry for help in a thread that is only watched is kept, though it asks for nothing.
func TestPerilInAWatchedThread(t *testing.T) {
	t.Parallel()
	const cry = "Муж избивает жену, она кричит"
	if d := decide(cry, Context{Voice: Resident}); !d.Concerns || d.Urgency != Danger {
		t.Errorf("Decide(%q, a resident) = concerns %v, %s, want kept and danger", cry, d.Concerns, d.Urgency)
	}
	if d := decide(cry, Context{Voice: Official}); d.Concerns {
		t.Errorf("Decide(%q, a news page) concerns us, want not: news tell of such things every day", cry)
	}
}
