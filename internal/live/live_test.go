package live_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/scope"
)

// drain returns what has come.
func drain(ch <-chan live.Event) (out []live.Event) {
	for {
		select {
		case e, ok := <-ch:
			if !ok {
				return out
			}
			out = append(out, e)
		default:
			return out
		}
	}
}

func TestEventsReachWhoSeesThem(t *testing.T) {
	t.Parallel()
	h := live.NewHub()
	abakan, abaza := scope.Place{Region: "95000000", Centre: "95701000"}, scope.Place{Region: "95000000", Centre: "95702000"}
	town, stopTown := h.Listen(scope.OfCentre("95000000", "95701000"))
	all, stopAll := h.Listen(scope.OfRegion("95000000"))
	h.Publish(live.Event{Incident: 1, Version: 2, Place: abakan})
	h.Publish(live.Event{Incident: 2, Version: 2, Place: abaza})
	h.Publish(live.Event{Incident: 3, Version: 2, Place: abaza, Was: abakan}) // who loses it hears of it
	if n, m := len(drain(town)), len(drain(all)); n != 2 || m != 3 {
		t.Errorf("the town hears %d events, the region %d; want 2 and 3", n, m)
	}
	stopTown()
	stopTown()
	h.Publish(live.Event{Incident: 1, Version: 3, Place: abakan})
	if n := len(drain(all)); n != 1 {
		t.Errorf("after one has gone the other hears %d events", n)
	}
	stopAll()
}

func TestANoticeReachesItsPersonAlone(t *testing.T) {
	t.Parallel()
	h := live.NewHub()
	anna, _, stop := h.Attend(live.Visitor{Account: 1, Sees: scope.All()})
	defer stop()
	other, _, stopOther := h.Attend(live.Visitor{Account: 2, Sees: scope.All()})
	defer stopOther()
	h.Publish(live.Event{For: []account.ID{3, 1}})
	if got := drain(anna); len(got) != 1 || len(got[0].For) != 1 || got[0].For[0] != 1 {
		t.Errorf("Anna hears %+v", got)
	}
	if got := drain(other); len(got) != 0 {
		t.Errorf("somebody else hears %+v", got)
	}
}

func TestWhoLooksAtAnIncident(t *testing.T) {
	t.Parallel()
	h := live.NewHub()
	looking := func(at incident.ID, but account.ID, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, h.Looking(at, but)); diff != "" {
			t.Errorf("who looks at %d differs:\n%s", at, diff)
		}
	}
	anna, _, stopAnna := h.Attend(live.Visitor{Account: 1, Name: "Анна", At: 7})
	looking(7, 1)
	_, boris, stopBoris := h.Attend(live.Visitor{Account: 2, Name: "Борис"})
	_, _, stopTab := h.Attend(live.Visitor{Account: 2, Name: "Борис", At: 7}) // another tab
	looking(7, 1, "Борис")
	looking(7, 2, "Анна")
	looking(0, 9)
	h.Move(boris, 1, 8) // not Anna's stream
	h.Move(boris, 2, 7)
	looking(7, 1, "Борис")
	if n := len(drain(anna)); n != 2 {
		t.Errorf("Anna was told %d times that her company changed, want 2", n)
	}
	stopTab()
	looking(7, 1, "Борис")
	stopBoris()
	looking(7, 1)
	h.Move(boris, 2, 7)
	looking(7, 1)
	stopAnna()
	looking(7, 0)
}
