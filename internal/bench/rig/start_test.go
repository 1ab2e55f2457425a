package rig_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"otklik/internal/bench/rig"
)

// TestTheBinaryIsNoLargerThanItMayBe: as `go build` leaves it, nothing stripped.
func TestTheBinaryIsNoLargerThanItMayBe(t *testing.T) {
	t.Parallel()
	const limit = 60_000_000
	info, err := os.Stat(newCentre(t, "Хакасия", nil).Bin)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > limit {
		t.Errorf("the binary has %d bytes, the limit is %d", info.Size(), limit)
	}
}

// TestNoMethodIsKeptThatNobodyCalls: one function within reach that asks
// reflection for a method by a name made at run time (text/template,
// html/template, most libraries for command lines) makes the linker keep every
// exported method of the program: 3.2 MB. The methods below are called by nobody.
func TestNoMethodIsKeptThatNobodyCalls(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(newCentre(t, "Хакасия", nil).Bin)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("reflect.Value.Interface")) {
		t.Fatal("the binary holds no names of functions: this test sees nothing")
	}
	for _, name := range []string{"reflect.(*Value).InterfaceData", "reflect.(*Value).MethodByName"} {
		if bytes.Contains(b, []byte(name)) {
			t.Errorf("the binary keeps %s: go build -ldflags=-dumpdep ./cmd/otklik 2>&1 | grep ReflectMethod says who calls methods by name", name)
		}
	}
}

// TestTheFirstPageComesWithinASecond starts the service on an existing database
// and asks for the first page. The best of five counts: the machine has other
// work, the product must not need it to be idle.
func TestTheFirstPageComesWithinASecond(t *testing.T) {
	t.Parallel()
	const limit = time.Second
	for _, region := range []string{"Хакасия", "all"} {
		c := newCentre(t, region, nil)
		letters := filepath.Join(t.TempDir(), "letters.csv")
		writeTexts(t, letters, rig.Texts(7, 1000))
		if _, err := c.Import(t.Context(), "csv", letters); err != nil {
			t.Fatal(err)
		}
		var took []time.Duration
		var rss int
		for range 5 {
			from := time.Now()
			s := serve(t, c)
			res, err := http.Get(s.URL + "/signin")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Fatalf("the first page: %s", res.Status)
			}
			took = append(took, time.Since(from))
			rss = resident(t, s.Cmd.Process.Pid)
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		}
		slices.Sort(took)
		t.Logf("region %s: start to first page %v … %v, resident %d MB", region, took[0].Round(time.Millisecond), took[4].Round(time.Millisecond), rss)
		if took[0] > limit {
			t.Errorf("region %s: the first page came after %v, the limit is %v", region, took[0], limit)
		}
		if rss > 300 {
			t.Errorf("region %s: %d MB resident, the limit is 300", region, rss)
		}
	}
}

var rssLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// resident returns the resident size of a process in MB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Logf("no /proc here, the resident size is not measured: %v", err)
		return 0
	}
	m := rssLine.FindSubmatch(b)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n >> 10
}
