package loops_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"otklik/internal/bench/loops"
	"otklik/internal/source/vk"
)

func TestMain(m *testing.M) {
	if told, err := loops.Child(); told {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Communities of ours, both ways. The bar, 10 s, is for 1,100 of them on a quiet machine
// (otklik-bench own); here a fortieth must keep it whatever else the machine does.
func TestOwnCommunitiesTellAtOnce(t *testing.T) {
	for _, events := range []string{vk.LongPoll, vk.Callback} {
		t.Run(events, func(t *testing.T) {
			s, err := loops.Own{Communities: 28, Events: events, Comments: 100, Over: time.Second}.Measure(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Log(s)
			if s.Lost > 0 || s.Max > 10*time.Second {
				t.Errorf("%s: want none lost, all within 10 s", s)
			}
			if s.Calls > s.Comments/2 {
				t.Errorf("%d calls of methods for %d comments: the events bring them", s.Calls, s.Comments)
			}
		})
	}
}

// A hundred walls are read in a process of its own that is killed again and again: every
// comment comes once, VK refuses no call for its numbers, and the ledger knows of every call.
// otklik-bench pool has the whole size.
func TestAKilledPoolLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	const lists, calls = 300, 8000
	f := loops.Foreign{
		Walls: 100, Comments: 20000, Tokens: 3, Lists: lists, Calls: calls, Seed: 3, Before: 2 * time.Hour, For: 4 * time.Hour,
		Rest: 365 * 24 * time.Hour, Speed: 1500, Kills: 3, // the rest ends when all is found
	}
	r, err := f.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	if r.Comments < 500 || r.Lives != f.Kills+1 {
		t.Errorf("%d comments in %d lives prove little", r.Comments, r.Lives)
	}
	if r.Lost > 0 || r.Double > 0 {
		t.Errorf("%d comments lost, %d double", r.Lost, r.Double)
	}
	for code, n := range r.Refused {
		if n > 0 {
			t.Errorf("VK refused %d calls with error %d", n, code)
		}
	}
	if r.Most["wall.get"] > lists || r.Most["wall.getComments"]+r.Most["wall.getById"] > calls {
		t.Errorf("a token made %v calls in a day of %d lists and %d others", r.Most, lists, calls)
	}
	for method, n := range r.Day {
		if n == 0 || r.Booked[method] < n {
			t.Errorf("the ledger knows of %d calls of %s in a day, VK of %d", r.Booked[method], method, n)
		}
	}
}
