package api_test

import (
	"fmt"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// proposed opens a crowd of n incidents and proposes all into the first.
func (w *world) proposed(n int, kind incident.ProposalKind) (ids []incident.ID) {
	for range n {
		ids = append(ids, w.opened("Абакан, яма", here).ID)
	}
	w.change(func(tx incident.Tx) error {
		for _, id := range ids[1:] {
			p := incident.Proposal{Incident: id, Into: ids[0], Kind: kind, Score: 0.8, Reasons: []string{"одно место"}, CreatedAt: noon, Place: here}
			if err := tx.Proposals().Propose(w.t.Context(), &p); err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

func TestProposalsAreListedAndDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd, pair := w.proposed(4, incident.Burst), w.proposed(2, incident.Same)
	_, token := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	_, other := w.person(lifecycle.Operator, scope.Place{Region: khakassia, Centre: chernogor})
	_, leader := w.person(lifecycle.Leader, scope.Place{Region: khakassia})
	for path, want := range map[string]int{"": 4, "?kind=burst": 3, "?kind=same": 1, "?limit=2": 2, fmt.Sprintf("?into=%d", crowd[0]): 3, fmt.Sprintf("?into=%d&kind=same", crowd[0]): 0} {
		if r := w.call(token, "GET", "/api/v1/proposals"+path, nil); r.StatusCode != 200 || len(r.list) != want {
			t.Errorf("proposals%s = %d, %d of them, want %d", path, r.StatusCode, len(r.list), want)
		}
	}
	if r := w.call(token, "GET", "/api/v1/proposals?kind=same", nil); r.field("0.incident") != float64(pair[1]) || r.field("0.into") != float64(pair[0]) || r.field("0.reasons.0") != "одно место" {
		t.Errorf("a proposal = %s", r.raw)
	}
	if r := w.call(token, "GET", "/api/v1/proposals?kind=frob", nil); r.StatusCode != 422 {
		t.Errorf("an unknown kind = %d", r.StatusCode)
	}
	if r := w.call(other, "GET", "/api/v1/proposals", nil); len(r.list) != 0 {
		t.Errorf("another centre sees %s", r.raw)
	}
	decide := func(token, decision string, version int, into incident.ID, ids ...incident.ID) answer {
		return w.call(token, "POST", "/api/v1/proposals/decide", map[string]any{"into": into, "incidents": ids, "decision": decision, "version": version})
	}
	for name, c := range map[string]struct {
		r    answer
		want int
	}{
		"another centre":    {decide(other, "merge", 0, pair[0], pair[1]), 404},
		"who only reads":    {decide(leader, "merge", 0, pair[0], pair[1]), 403},
		"no such proposal":  {decide(token, "merge", 0, pair[0], crowd[1]), 404},
		"the wrong way":     {decide(token, "merge", 0, pair[1], pair[0]), 404},
		"an older version":  {decide(token, "merge", 77, pair[0], pair[1]), 409},
		"an unknown word":   {decide(token, "maybe", 0, pair[0], pair[1]), 422},
		"nobody to be made": {decide(token, "merge", 0, pair[0]), 422},
	} {
		if c.r.StatusCode != c.want {
			t.Errorf("%s = %d, want %d: %s", name, c.r.StatusCode, c.want, c.r.raw)
		}
	}
	if r := decide(token, "merge", 0, crowd[0], crowd[1], crowd[2]); r.StatusCode != 200 || r.field("id") != float64(crowd[0]) {
		t.Errorf("merge = %d %s", r.StatusCode, r.raw)
	}
	if r := w.call(token, "GET", "/api/v1/proposals?kind=burst", nil); len(r.list) != 1 || r.field("0.incident") != float64(crowd[3]) {
		t.Errorf("after the merge waits %s", r.raw)
	}
	if r := decide(token, "merge", 0, crowd[0], crowd[1]); r.StatusCode != 404 {
		t.Errorf("twice = %d", r.StatusCode)
	}
	if r := decide(token, "dismiss", 0, pair[0], pair[1]); r.StatusCode != 200 {
		t.Errorf("dismiss = %d %s", r.StatusCode, r.raw)
	}
	if r := w.call(token, "GET", "/api/v1/proposals?kind=same", nil); len(r.list) != 0 {
		t.Errorf("after the dismissal waits %s", r.raw)
	}
}
