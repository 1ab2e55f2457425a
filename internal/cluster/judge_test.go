package cluster

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

var update = flag.Bool("update", false, "write the golden file anew")

func analyzer(tb testing.TB) *russian.Analyzer {
	tb.Helper()
	a, err := russian.New()
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// TestPairs compares what the judge thinks of each pair with the golden file: a
// change of the rules reads as a difference of cases.
func TestPairs(t *testing.T) {
	t.Parallel()
	a := analyzer(t)
	raw, err := os.ReadFile("testdata/pairs.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	n := 0
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		n++
		part := strings.Split(line, "|")
		if len(part) != 4 {
			t.Fatalf("pair %q has %d parts", line, len(part))
		}
		var hours int
		if _, err := fmt.Sscan(part[1], &hours); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		x, y := caseOf(t, a, part[2], at), caseOf(t, a, part[3], at.Add(time.Duration(hours)*time.Hour))
		o := Judge(&x, &y)
		if back := Judge(&y, &x); !cmp.Equal(o, back) {
			t.Errorf("%s: the order of the two matters: %s", part[0], cmp.Diff(o, back))
		}
		if o.Verdict != Apart && len(o.Reasons) == 0 {
			t.Errorf("%s: no reasons", part[0])
		}
		fmt.Fprintf(&got, "%-8s %.2f %s (%s)\n", o.Verdict, o.Score, strings.TrimSpace(part[0]), strings.Join(o.Reasons, ", "))
	}
	if n < 60 {
		t.Errorf("only %d pairs", n)
	}
	if *update {
		if err := os.WriteFile("testdata/pairs.golden", []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/pairs.golden")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("run with -update when each difference is meant:\n%s", d)
	}
}

func caseOf(t *testing.T, a *russian.Analyzer, s string, at time.Time) Case {
	t.Helper()
	f := strings.SplitN(s, ";", 6)
	if len(f) != 6 {
		t.Fatalf("case %q has %d fields", s, len(f))
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	group, code, _ := strings.Cut(f[4], "/")
	c := Case{Key: KeyOf(a.Read(f[5])), Topic: topic.Code(code), Group: group, At: at, Centre: f[0], Town: f[0],
		Address: incident.Address{Settlement: f[0], Street: f[1], House: f[2], Landmark: f[3]}}
	if c.Topic == "" {
		c.Topic = topic.Undefined
	}
	return c
}

// TestHousesKeepCasesApart: whatever two texts say, other houses of one street
// are other places, and so are other streets and other towns.
func TestHousesKeepCasesApart(t *testing.T) {
	t.Parallel()
	key := KeyOf(analyzer(t).Read("Третий день нет горячей воды, диспетчер трубку не берёт, звоним каждый час"))
	home := incident.Address{Settlement: "Абакан", Street: "улица Мира", House: "5", Lat: 53.7, Lon: 91.4, Radius: 50}
	for name, change := range map[string]func(*Case){
		"house":        func(c *Case) { c.Address.House = "7" },
		"street":       func(c *Case) { c.Address.Street = "улица Пушкина" },
		"settlement":   func(c *Case) { c.Address.Settlement = "Абаза" },
		"municipality": func(c *Case) { c.Centre = "95702000" },
		"weeks later":  func(c *Case) { c.At = c.At.Add(Window + time.Hour) },
	} {
		x := Case{Key: key, Topic: "1", Centre: "95701000", Address: home, At: time.Unix(1e9, 0)}
		y := x
		if o := Judge(&x, &y); o.Verdict != Attach {
			t.Fatalf("equal cases: %+v", o)
		}
		change(&y)
		if o := Judge(&x, &y); o.Verdict != Apart {
			t.Errorf("another %s: %+v", name, o)
		}
	}
}

// TestAYardIsOnePlace: points say that a landmark and a house are one place, and
// never that two houses are.
func TestAYardIsOnePlace(t *testing.T) {
	t.Parallel()
	x := Case{Address: incident.Address{Settlement: "Абакан", Street: "улица Мира", House: "5", Lat: 53.7, Lon: 91.4, Radius: 50}}
	y := Case{Address: incident.Address{Settlement: "Абакан", Landmark: "детский сад «Улыбка»", Lat: 53.7004, Lon: 91.4, Radius: 150}}
	if got := placesOf(&x, &y); got != Spot {
		t.Errorf("44 metres: %v", got)
	}
	y.Address.Lat = 53.702
	if got := placesOf(&x, &y); got != Elsewhere {
		t.Errorf("220 metres: %v", got)
	}
}
