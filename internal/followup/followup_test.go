package followup_test

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"otklik/internal/followup"
	"otklik/internal/russian"
)

var update = flag.Bool("update", false, "write the goldens anew")

func judge(t testing.TB) (*followup.Judge, *russian.Analyzer) {
	t.Helper()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	j, err := followup.New(a)
	if err != nil {
		t.Fatal(err)
	}
	return j, a
}

// TestCases reads testdata/cases.tsv and compares what becomes of each line with
// testdata/cases.golden: a change of words shows as a diff of cases.
func TestCases(t *testing.T) {
	t.Parallel()
	j, a := judge(t)
	data, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	right, acted, wrongly, n := 0, 0, 0, 0
	for line := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 3 || line[0] == '#' {
			continue
		}
		o := j.Read(a.Read(f[2]), followup.Context{})
		ok := string(o.Meaning) == f[0] && fmt.Sprint(o.Mark) == f[1]
		sign := "-"
		n++
		if ok {
			sign = "+"
			right++
		}
		if o.Acts() {
			acted++
			if !ok {
				wrongly++
			}
		}
		fmt.Fprintf(&b, "%s %s %d %.2f | %s | %s\n", sign, o.Meaning, o.Mark, o.Sure, f[0], f[2])
	}
	t.Logf("%d of %d right; acted without a person: %d, wrongly %d", right, n, acted, wrongly)
	if *update {
		if err := os.WriteFile("testdata/cases.golden", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/cases.golden")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("cases differ from testdata/cases.golden; run with -update and look at the diff:\n%s", b.String())
	}
	if wrongly*50 > acted {
		t.Errorf("%d of %d opinions that act without a person are wrong, want at most one in fifty", wrongly, acted)
	}
}
