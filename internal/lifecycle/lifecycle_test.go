package lifecycle_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
)

func TestNextFollowsTheTable(t *testing.T) {
	t.Parallel()
	everybody := append(lifecycle.Roles(), lifecycle.System, lifecycle.Author)
	for _, rule := range lifecycle.Table() {
		for _, from := range lifecycle.States() {
			for _, by := range everybody {
				got, err := lifecycle.Next(from, rule.Action, by)
				switch {
				case !slices.Contains(rule.By, by):
					if !fault.Is(err, fault.Forbidden) {
						t.Errorf("Next(%s, %s, %s) = %v, want forbidden", from, rule.Action, by, err)
					}
				case len(rule.From) > 0 && !slices.Contains(rule.From, from):
					if !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
						t.Errorf("Next(%s, %s, %s) = %v, want a conflict that people can read", from, rule.Action, by, err)
					}
				case err != nil || got != rule.To && !(rule.To == "" && got == from):
					t.Errorf("Next(%s, %s, %s) = %s, %v", from, rule.Action, by, got, err)
				}
			}
		}
	}
	if _, err := lifecycle.Next(lifecycle.New, "dance", lifecycle.Operator); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown action: %v", err)
	}
}

// TestEveryStateCanBeReachedAndLeft: no incident can be stuck where nobody may act.
func TestEveryStateCanBeReachedAndLeft(t *testing.T) {
	t.Parallel()
	reached := map[lifecycle.State]bool{lifecycle.New: true}
	for range lifecycle.States() {
		for _, r := range lifecycle.Table() {
			for _, from := range r.From {
				if reached[from] && r.To != "" {
					reached[r.To] = true
				}
			}
		}
	}
	for _, s := range lifecycle.States() {
		if !reached[s] {
			t.Errorf("state %s is never reached", s)
		}
		leaves := false
		for _, role := range lifecycle.Roles() {
			for _, a := range lifecycle.Actions(s, role) {
				if to, err := lifecycle.Next(s, a, role); err == nil && to != s {
					leaves = true
				}
			}
		}
		if !leaves {
			t.Errorf("no person can lead an incident out of %s", s)
		}
	}
}

func TestEverythingHasARussianName(t *testing.T) {
	t.Parallel()
	for _, s := range lifecycle.States() {
		if s.Name() == "" || s.Public() == "" {
			t.Errorf("state %s has no name", s)
		}
	}
	for _, o := range lifecycle.Outcomes() {
		if o.Name() == "" {
			t.Errorf("outcome %s has no name", o)
		}
	}
	for _, r := range lifecycle.Table() {
		if r.Action.Name() == "" {
			t.Errorf("action %s has no name", r.Action)
		}
	}
	for _, r := range append(lifecycle.Roles(), lifecycle.System, lifecycle.Author) {
		if r.Name() == "" {
			t.Errorf("role %s has no name", r)
		}
	}
}

func TestPhraseNeverCallsClosedSolved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state    lifecycle.State
		outcome  lifecycle.Outcome
		verified bool
		want     string
	}{
		{lifecycle.New, "", false, "новое"},
		{lifecycle.Answered, "", false, "ответ опубликован"},
		{lifecycle.Closed, lifecycle.Solved, false, "решено"},
		{lifecycle.Closed, lifecycle.Solved, true, "решение подтверждено"},
		{lifecycle.Closed, lifecycle.Explained, true, "разъяснено"},
		{lifecycle.Closed, lifecycle.Refused, false, "не рассматривается"},
	} {
		if got := lifecycle.Phrase(c.state, c.outcome, c.verified); got != c.want {
			t.Errorf("Phrase(%s, %s, %t) = %q, want %q", c.state, c.outcome, c.verified, got, c.want)
		}
	}
}

// TestTheDiagramIsTheTable: docs/incident.md draws the lifecycle as it is. Run
// with OTKLIK_UPDATE=1 to draw it anew.
func TestTheDiagramIsTheTable(t *testing.T) {
	t.Parallel()
	const path, start, end = "../../docs/incident.md", "```mermaid\n", "```\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), start)
	drawn, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no diagram", path)
	}
	if want := diagram(); drawn != want {
		if os.Getenv("OTKLIK_UPDATE") == "" {
			t.Fatalf("the diagram of %s is not the table; draw it with OTKLIK_UPDATE=1 go test ./internal/lifecycle", path)
		}
		if err := os.WriteFile(path, []byte(head+start+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> new: file\n")
	for _, r := range lifecycle.Table() {
		for _, from := range r.From {
			if r.To != "" && r.To != from {
				b.WriteString("    " + string(from) + " --> " + string(r.To) + ": " + string(r.Action) + "\n")
			}
		}
	}
	b.WriteString("    closed --> [*]\n")
	return b.String()
}
