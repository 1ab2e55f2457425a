package desk_test

import (
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// What random histories found (internal/bench/walk), each once more by hand.

func TestWhoClaimedItInTheCentreDoesNotHoldItForTheAgency(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Curator, i.ID, desk.Claim{})
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	if got := b.stored(t, i.ID); got.ClaimedBy != 0 || got.Place.Agency != b.roads {
		t.Errorf("handed over to %d, claimed by %d; want nobody of the centre", got.Place.Agency, got.ClaimedBy)
	}
	b.deed(t, lifecycle.Executor, i.ID, desk.Claim{})
}

func TestWhatWasJoinedToAnotherIncidentIsNotReopenedAlone(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i, other := b.open(t, "1", "яма в городе Абаза"), b.open(t, "2", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Merge{Others: []incident.ID{other.ID}})
	b.refused(t, lifecycle.Operator, other.ID, desk.Reopen{Reason: "яма на месте"}, fault.Conflict, "присоединён")
	b.refused(t, lifecycle.Controller, other.ID, desk.Check{Reason: "яма на месте"}, fault.Conflict, "присоединён")
	b.deed(t, lifecycle.Operator, i.ID, desk.Split{Other: other.ID})
	if got := b.stored(t, other.ID); got.State != lifecycle.New || got.Messages != 1 {
		t.Errorf("after the split it is %s with %d messages", got.State, got.Messages)
	}
}

func TestTheOwnDraftWaitsAgainWhenItsApprovalIsTakenBack(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Curator, i.ID, desk.Accept{})
	b.deed(t, lifecycle.Curator, i.ID, desk.Submit{Text: "Яму засыпали."})
	replies, err := b.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	b.deed(t, lifecycle.Curator, i.ID, desk.Approve{Reply: replies[0].ID})
	b.deed(t, lifecycle.Curator, i.ID, desk.Undo{})
	replies, err = b.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	if got := b.stored(t, i.ID); got.State != lifecycle.Approval || replies[0].State != reply.Draft {
		t.Errorf("the incident is at %s, its reply %s: nobody could approve it", got.State, replies[0].State)
	}
}

func TestAFanOutEndsWhenTheLastOneToAnswerIsErased(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Curator, i.ID, desk.Mass{})
	b.deed(t, lifecycle.Curator, i.ID, desk.FanOut{Text: "Яму засыпали."})
	b.deed(t, lifecycle.Curator, i.ID, desk.Erase{Message: i.First})
	fans, err := b.db.Reader().Fanouts().FanoutsOf(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	if got := b.stored(t, i.ID); got.State != lifecycle.Rework || fans[0].State != reply.Ended {
		t.Errorf("the incident is at %s, the fan-out %s: a next one would be refused for ever", got.State, fans[0].State)
	}
}
