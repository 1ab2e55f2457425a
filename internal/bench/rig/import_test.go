package rig_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/bench/rig"
)

// An input is what one command imports.
type input struct {
	name, format string
	paths        []string
}

func ownInputs(t *testing.T, n int) []input {
	dir := t.TempDir()
	table, lines := filepath.Join(dir, "letters.csv"), filepath.Join(dir, "letters.jsonl")
	writeTexts(t, table, rig.Texts(1, n))
	writeTexts(t, lines, rig.Texts(2, n/5))
	return []input{{"own messages, CSV", "csv", []string{table}}, {"own messages, JSONL", "jsonl", []string{lines}}}
}

func realInputs(t *testing.T) []input {
	data := os.Getenv("OTKLIK_DATA")
	if data == "" {
		t.Log("without real messages: OTKLIK_DATA names no folder")
		return nil
	}
	dumps, err := filepath.Glob(filepath.Join(data, "formats/vk/*.json"))
	if err != nil || len(dumps) == 0 {
		t.Fatalf("no VK dumps in %s: %v", data, err)
	}
	return []input{
		{"Kursk", "csv", []string{filepath.Join(data, "kursk/train.csv")}}, {"Perm", "csv", []string{filepath.Join(data, "perm/messages.csv")}},
		{"Telegram", "jsonl", []string{filepath.Join(data, "telegram/posts.jsonl")}}, {"VK dumps", "vk", dumps},
	}
}

// TestAKilledImportLosesAndDoublesNothing kills an import with SIGKILL at random
// moments and starts it again until it ends. The store is then that of a run
// which nobody disturbed, and one more run adds nothing.
func TestAKilledImportLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	kills, long := soak(8)
	n := 5000
	if testing.Short() {
		kills, n = 3, 1000
	}
	inputs := ownInputs(t, n)
	if long {
		inputs = append(inputs, realInputs(t)...)
	}
	rnd := rand.New(rand.NewPCG(seed(t), 1))
	fresh := newCentre(t, "all", nil)
	each := max(1, kills/len(inputs))
	for k, in := range inputs {
		if k == len(inputs)-1 {
			each = kills - each*k
		}
		killImport(t, fresh, in, each, rnd)
	}
}

func killImport(t *testing.T, fresh *rig.Centre, in input, kills int, rnd *rand.Rand) {
	t.Helper()
	copied := func() *rig.Centre {
		c, err := fresh.Copy(filepath.Join(t.TempDir(), "centre"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	calm := copied()
	from := time.Now()
	first, err := calm.Import(t.Context(), in.format, in.paths...)
	if err != nil {
		t.Fatalf("%s: %v", in.name, err)
	}
	whole := time.Since(from)
	want := census(t, calm)
	if first.Kept == 0 || len(want.Messages) == 0 {
		t.Fatalf("%s: nothing was kept: the proof would prove nothing", in.name)
	}
	rounds := 0
	for done := 0; done < kills; rounds++ {
		c := copied()
		for ended := false; !ended; {
			if done >= kills { // the last run is let go to its end
				break
			}
			var killed bool
			began := time.Now()
			killed, ended = runAndKill(t, c, in, time.Duration(rnd.Int64N(int64(whole))))
			if ended { // the first run was slow because the machine was busy: aim better
				whole = min(whole, 2*time.Since(began))
			}
			if killed {
				done++
				census(t, c) // whatever stands there never contradicts itself
			}
		}
		last, err := c.Import(t.Context(), in.format, in.paths...)
		if err != nil {
			t.Fatalf("%s: %v", in.name, err)
		}
		if last.Read != first.Read || last.Rejected != first.Rejected || last.NotOurs > first.NotOurs {
			t.Errorf("%s: the last run accounts for %+v, the undisturbed one for %+v", in.name, last, first)
		}
		if diff := cmp.Diff(want, census(t, c)); diff != "" {
			t.Fatalf("%s: after %d kills the store differs (-undisturbed +killed):\n%s", in.name, done, diff)
		}
		again, err := c.Import(t.Context(), in.format, in.paths...)
		if err != nil {
			t.Fatalf("%s: %v", in.name, err)
		}
		if again.Kept != 0 || !cmp.Equal(want, census(t, c)) {
			t.Errorf("%s: one more run added something: %+v", in.name, again)
		}
	}
	t.Logf("%s: %d records, %d messages, %d incidents, %d kills in %d rounds (undisturbed: %v)", in.name, first.Read, len(want.Messages), len(want.Incidents), kills, rounds, whole.Round(time.Millisecond))
}

// runAndKill starts the import and kills it after a while.
func runAndKill(t *testing.T, c *rig.Centre, in input, after time.Duration) (killed, ended bool) {
	t.Helper()
	cmd := c.Command(t.Context(), append([]string{"import", "--dir", c.Dir, "--format", in.format, "--json"}, in.paths...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case err := <-over:
		if err != nil {
			t.Fatalf("%s: started again after a kill it failed: %v\n%s", in.name, err, errs.Bytes())
		}
		if _, err := rig.ParseSummary(out.Bytes()); err != nil {
			t.Errorf("%s: %v", in.name, err)
		}
		return false, true
	case <-timer.C:
	}
	if err := rig.Kill(cmd); err != nil {
		t.Log(fmt.Errorf("kill: %w", err))
	}
	return <-over != nil, false
}
