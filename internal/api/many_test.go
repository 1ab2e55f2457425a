package api_test

import (
	"testing"

	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// A deed for many answers for each, and is taken back as a whole where nobody acted since.
func TestADeedForMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	_, other := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	w.opened("Абакан, яма", here)
	w.opened("Абакан, вторая яма", here)
	roads := w.agencyOf("Дороги", here)
	a := w.call(token, "POST", "/api/v1/incidents/many", map[string]any{"action": "hand_over", "agency": roads,
		"incidents": []map[string]any{{"id": 1}, {"id": 2, "version": 1}, {"id": 99}, {"id": 2}}})
	if a.StatusCode != 200 || a.field("done") != 1.0 || a.field("outcomes.0.done") != true || a.field("outcomes.1.kind") != "conflict" || a.field("outcomes.1.why") == "" ||
		a.field("outcomes.2.kind") != "not_found" || a.field("outcomes.3") != nil {
		t.Fatalf("hand_over = %d %s", a.StatusCode, a.raw)
	}
	back := map[string]any{"action": "undo", "incidents": []map[string]any{{"id": 1, "version": a.field("outcomes.0.version")}}}
	if a := w.call(token, "POST", "/api/v1/incidents/many", back); a.field("done") != 1.0 {
		t.Errorf("undo = %s", a.raw)
	}
	a = w.call(token, "POST", "/api/v1/incidents/many", map[string]any{"action": "merge", "incidents": []map[string]any{{"id": 2}, {"id": 1}}})
	if a.field("done") != 2.0 || a.field("outcomes.1.version") == nil {
		t.Fatalf("merge = %s", a.raw)
	}
	version := a.field("outcomes.1.version")
	w.call(other, "POST", "/api/v1/incidents/1/actions/claim", nil)
	a = w.call(token, "POST", "/api/v1/incidents/many", map[string]any{"action": "undo", "incidents": []map[string]any{{"id": 1, "version": version}}})
	if a.field("done") != 0.0 || a.field("outcomes.0.kind") != "conflict" {
		t.Errorf("undo after another has acted = %s", a.raw)
	}
	_, leader := w.person(lifecycle.Leader, scope.Place{Region: khakassia})
	if a := w.call(leader, "POST", "/api/v1/incidents/many", map[string]any{"action": "claim", "incidents": []map[string]any{{"id": 1}}}); a.field("outcomes.0.kind") != "forbidden" {
		t.Errorf("a leader claims: %s", a.raw)
	}
	for _, bad := range []any{map[string]any{"action": "dance", "incidents": []map[string]any{{"id": 1}}}, map[string]any{"action": "claim", "incidents": []any{}},
		map[string]any{"action": "merge", "incidents": []map[string]any{{"id": 1}}}} {
		if a := w.call(token, "POST", "/api/v1/incidents/many", bad); a.StatusCode < 400 || a.StatusCode >= 500 {
			t.Errorf("%v = %d", bad, a.StatusCode)
		}
	}
}
