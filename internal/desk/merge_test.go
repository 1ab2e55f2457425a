package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"otklik/internal/account"
	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// stood is what an incident is, but for its version and the time of the last change.
func (b *bench) stood(t *testing.T, id incident.ID) (incident.Incident, []message.ID) {
	t.Helper()
	i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	must(t, err)
	list, err := b.db.Reader().Messages().OfIncident(t.Context(), scope.All(), int64(id))
	must(t, err)
	var ids []message.ID
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return *i, ids
}

var butVersion = cmpopts.IgnoreFields(incident.Incident{}, "Version", "UpdatedAt")

// TestSplitUndoesMerge: whatever the incidents were, merging and splitting leaves
// their states, outcomes, agencies and messages as they were, and their histories longer.
func TestSplitUndoesMerge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		var list []incident.ID
		for k := range rapid.IntRange(2, 4).Draw(r, "incidents") {
			n++
			i := b.open(t, fmt.Sprint("m", n), "яма в городе Абаза")
			if k > 0 {
				for range rapid.IntRange(0, 2).Draw(r, "more messages") {
					n++
					more := b.open(t, fmt.Sprint("m", n), "и ещё яма")
					i = b.do(t, lifecycle.Operator, i, desk.Attach{Message: more.First})
				}
			}
			switch rapid.IntRange(0, 3).Draw(r, "state") {
			case 1:
				i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
			case 2:
				i = b.do(t, lifecycle.Operator, i, desk.Claim{})
			case 3:
				i = b.do(t, lifecycle.Operator, i, desk.HandOver{Agency: b.utilities})
				i = b.do(t, lifecycle.Operator, i, desk.Take{})
			}
			list = append(list, i.ID)
		}
		type was struct {
			i        incident.Incident
			messages []message.ID
			history  int
		}
		before := map[incident.ID]was{}
		for _, id := range list {
			i, m := b.stood(t, id)
			h, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), id)
			must(t, err)
			before[id] = was{i, m, len(h)}
		}
		home := before[list[0]].i
		b.do(t, lifecycle.Operator, &home, desk.Merge{Others: list[1:]})
		total, _ := b.stood(t, list[0])
		all := 0
		for _, w := range before {
			all += len(w.messages)
		}
		if total.Messages != all {
			t.Fatalf("%d messages after the merge, want %d", total.Messages, all)
		}
		back := rapid.Permutation(list[1:]).Draw(r, "order of splits")
		for _, id := range back {
			gone, m := b.stood(t, id)
			if gone.State != lifecycle.Closed || gone.Outcome != lifecycle.Duplicate || gone.OutcomeReason != home.Number || len(m) != 0 {
				t.Fatalf("merged incident stands as %+v", gone)
			}
			at, _ := b.stood(t, list[0])
			b.do(t, lifecycle.Operator, &at, desk.Split{Other: id})
		}
		for id, w := range before {
			i, m := b.stood(t, id)
			if d := cmp.Diff(w.i, i, butVersion); d != "" {
				t.Fatalf("incident %d differs after merge and split:\n%s", id, d)
			}
			if d := cmp.Diff(w.messages, m); d != "" {
				t.Fatalf("messages of %d differ:\n%s", id, d)
			}
			h, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), id)
			must(t, err)
			if len(h) <= w.history {
				t.Fatalf("the history of %d does not tell", id)
			}
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.open(t, "1", "яма"), b.open(t, "2", "другая яма")
	refuses := func(role lifecycle.Role, c desk.Change, want fault.Kind) {
		t.Helper()
		if _, err := b.Do(t.Context(), b.people[role], one.ID, 0, c); !fault.Is(err, want) {
			t.Errorf("%+v by %s = %v, want %s", c, role, err, want)
		}
	}
	refuses(lifecycle.Operator, desk.Merge{}, fault.Invalid)
	refuses(lifecycle.Operator, desk.Merge{Others: []incident.ID{one.ID}}, fault.Invalid)
	refuses(lifecycle.Operator, desk.Merge{Others: []incident.ID{999}}, fault.NotFound)
	refuses(lifecycle.Executor, desk.Merge{Others: []incident.ID{two.ID}}, fault.NotFound) // not handed over to it
	refuses(lifecycle.Operator, desk.Split{Other: two.ID}, fault.NotFound)
	two = b.do(t, lifecycle.Operator, two, desk.Reject{Reason: "не наше"})
	refuses(lifecycle.Operator, desk.Merge{Others: []incident.ID{two.ID}}, fault.Conflict)
	if i, _ := b.stood(t, two.ID); i.Outcome != lifecycle.Refused {
		t.Errorf("a refused merge has changed the outcome to %s", i.Outcome)
	}
}

// at opens an incident at an address.
func (b *bench) at(t *testing.T, native, text, street, house string, when time.Time) *incident.Incident {
	t.Helper()
	var i *incident.Incident
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Event: message.Written,
			Revision: message.HashOf(text), Text: text, SeenAt: when, PublishedAt: when}
		r := read(text)
		r.Places = []message.PlaceFound{{Type: "house", ID: "h", Name: house, Settlement: "Абаза", SettlementID: abaza + "001", Street: street, House: house, Region: region, Municipality: abaza}}
		m.Place, _ = b.Stand(m, &r)
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		var err error
		i, err = b.Opener(tx, account.System()).Open(t.Context(), m, &r)
		return err
	}))
	return i
}

func (b *bench) proposed(t *testing.T, id incident.ID) []incident.Proposal {
	t.Helper()
	list, err := b.db.Reader().Proposals().ProposalsOf(t.Context(), scope.All(), id)
	must(t, err)
	return list
}

func keyed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	a, err := russian.New()
	must(t, err)
	b.Key = func(text string) cluster.Key { return cluster.KeyOf(a.Read(text)) }
	return b
}

// TestTheSameTroubleIsProposedOnce: other words about the same house are
// proposed with a reason; another house is not; a no is final; a yes merges.
func TestTheSameTroubleIsProposedOnce(t *testing.T) {
	t.Parallel()
	b := keyed(t)
	first := b.at(t, "1", "яма у подъезда, машина провалилась", "улица Мира", "5", noon.Add(-5*time.Hour))
	b.at(t, "2", "яма у подъезда, машина провалилась", "улица Мира", "7", noon.Add(-4*time.Hour))
	second := b.at(t, "3", "у подъезда яма всё глубже, засыпьте", "улица Мира", "5", noon)
	list := b.proposed(t, first.ID)
	if len(list) != 1 || list[0].Incident != second.ID || list[0].Into != first.ID || list[0].Kind != incident.Same || list[0].Score < 0.6 || len(list[0].Reasons) == 0 {
		t.Fatalf("proposed: %+v", list)
	}
	second = b.do(t, lifecycle.Operator, second, desk.Dismiss{Others: []incident.ID{first.ID}})
	if got := b.proposed(t, first.ID); len(got) != 0 {
		t.Errorf("after a no: %+v", got)
	}
	third := b.at(t, "4", "у подъезда яма всё глубже, засыпьте её", "улица Мира", "5", noon)
	first, _ = b.db.Reader().Incidents().Incident(t.Context(), scope.All(), first.ID)
	b.do(t, lifecycle.Operator, first, desk.Merge{Others: []incident.ID{third.ID, second.ID}})
	if got := b.proposed(t, first.ID); len(got) != 0 {
		t.Errorf("after a yes: %+v", got)
	}
	first, _ = b.db.Reader().Incidents().Incident(t.Context(), scope.All(), first.ID)
	own := b.do(t, lifecycle.Operator, first, desk.Detach{Message: third.First})
	if got := b.proposed(t, own.ID); len(got) != 0 {
		t.Errorf("what a person took out is proposed again: %+v", got)
	}
}

// TestABurstIsProposedToItsOldest: four of one group of topics at one street
// within hours, whatever the houses; a day later it is no burst.
func TestABurstIsProposedToItsOldest(t *testing.T) {
	t.Parallel()
	b := keyed(t)
	b.at(t, "0", "яма старая", "улица Мира", "1", noon.Add(-30*time.Hour))
	first := b.at(t, "1", "яма первая у магазина", "улица Мира", "3", noon.Add(-2*time.Hour))
	for n, house := range []string{"5", "7"} {
		b.at(t, fmt.Sprint("a", n), "яма и тут, колесо пробил", "улица Мира", house, noon.Add(-time.Hour))
	}
	if got := b.proposed(t, first.ID); len(got) != 0 {
		t.Fatalf("three are no burst: %+v", got)
	}
	b.at(t, "4", "кругом яма на яме", "улица Мира", "9", noon)
	got := b.proposed(t, first.ID)
	if len(got) != 3 {
		t.Fatalf("proposed: %+v", got)
	}
	var others []incident.ID
	for _, p := range got {
		if p.Kind != incident.Burst || p.Into != first.ID {
			t.Errorf("proposed: %+v", p)
		}
		others = append(others, p.Incident)
	}
	first = b.do(t, lifecycle.Operator, first, desk.Merge{Others: others})
	if first.Messages != 4 || len(b.proposed(t, first.ID)) != 0 {
		t.Errorf("after the merge: %d messages", first.Messages)
	}
}
