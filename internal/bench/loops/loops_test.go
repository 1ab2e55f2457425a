package loops_test

import (
	"testing"
	"time"

	"otklik/internal/bench/loops"
	"otklik/internal/source/vk"
)

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
