package classify

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/data/topics"
	"otklik/internal/topic"
)

var update = flag.Bool("update", false, "write the goldens anew")

// A golden a case: the diff of the file shows what a change of rules, examples
// or code gained and what it broke.
func TestPinnedCases(t *testing.T) {
	t.Parallel()
	r := reader(t)
	c, err := Default(r)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ReadTable(bytes.NewReader(topics.Pinned), "topic")
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		tp, ok := topic.Default().ByCode(topic.Code(rows[i].Label))
		if !ok {
			t.Fatalf("%s: no topic %q", rows[i].ID, rows[i].Label)
		}
		rows[i].Label = tp.Name
	}
	said, err := Predict(t.Context(), r, c, rows)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := WriteCases(&got, said); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/pinned.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("pinned cases (-golden +now); if the change is meant: go test ./internal/classify -run PinnedCases -update\n%s", diff)
	}
	t.Logf("%+v", Summarise(said))
}

// What versions are compared on must not have been learnt.
func TestPinnedCasesAreNotLearnt(t *testing.T) {
	t.Parallel()
	pinned, err := Pinned(topic.Default())
	if err != nil || len(pinned) < 80 {
		t.Fatalf("Pinned = %d rows, %v", len(pinned), err)
	}
	examples, err := parseExamples(topics.Examples)
	if err != nil {
		t.Fatal(err)
	}
	learnt := map[string]bool{}
	for _, e := range examples {
		learnt[strings.ToLower(e.Text)] = true
	}
	for _, row := range pinned {
		if learnt[strings.ToLower(row.Text)] {
			t.Errorf("%s stands among the examples", row.ID)
		}
	}
}
