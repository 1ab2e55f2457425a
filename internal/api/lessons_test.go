package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A school remembers what it was asked for.
type school struct {
	asked []string
	fails error
	sc    scope.Scope
}

func (s *school) did(format string, args ...any) error {
	s.asked = append(s.asked, fmt.Sprintf(format, args...))
	return s.fails
}
func (s *school) MayTeach(account.Actor) bool { return true }
func (s *school) Teach(_ context.Context, who account.Actor) error {
	return s.did("teach %s", who.Role)
}
func (s *school) ActivateLesson(_ context.Context, _ account.Actor, sub lesson.Subject, n int) error {
	return s.did("activate %s %d", sub, n)
}
func (s *school) RollBackLesson(_ context.Context, _ account.Actor, sub lesson.Subject) (int, error) {
	return 0, s.did("rollback %s", sub)
}
func (s *school) Lessons(context.Context) (site.Lessons, error) {
	return site.Lessons{Hour: 3, Told: []string{"темы, версия 2: действует"}, Versions: map[lesson.Subject][]lesson.Version{
		lesson.Topics: {{Subject: lesson.Topics, Number: 2, State: lesson.Active, MadeAt: noon, Before: 1, Corrected: 40, Data: "ab",
			Figures: lesson.Figures{Own: 100, Old: lesson.Score{First: 50, Three: 70}, New: lesson.Score{First: 60, Three: 75}, Gained: 12, Broken: 2,
				By: []lesson.Shift{{Label: "roads.potholes", Gained: 12, GainedIn: []int64{4}, Broken: 2}}}}},
		lesson.Executors: {{Subject: lesson.Executors, Number: 1, State: lesson.Refused, MadeAt: noon, Reason: "стало хуже"}},
	}}, nil
}
func (s *school) Suggest(_ context.Context, sc scope.Scope, _ *incident.Incident) ([]site.Suggestion, error) {
	s.sc = sc
	return []site.Suggestion{{Agency: 7, Kept: 14, Of: 16, Where: "этой темы", Score: 0.8, Words: []string{"труба"}}}, nil
}

func TestModelsAreTaughtAndRolledBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := &school{}
	w.serve(func(o *api.Options) { o.School = s })
	_, token := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	r := w.call(token, "GET", "/api/v1/models", nil)
	list, _ := r.field("versions").([]any)
	if r.StatusCode != 200 || len(list) != 2 || r.field("hour") != 3.0 || list[0].(map[string]any)["state"] != "active" || list[1].(map[string]any)["reason"] != "стало хуже" {
		t.Fatalf("models = %d %v", r.StatusCode, r.json)
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"teach", "", 200}, {"activate", `{"subject":"topics","number":2}`, 200}, {"rollback", `{"subject":"executors"}`, 200},
		{"activate", `{"subject":"weather","number":2}`, 422}, {"activate", `{"subject":"topics","number":0}`, 422}, {"activate", `{"subject":"topics"}`, 422},
		{"rollback", `{}`, 422}, {"rollback", `{"subject":"topics","frob":1}`, 422}, {"rollback", `{`, 400},
	} {
		var body any
		if c.body != "" {
			body = c.body
		}
		if r := w.call(token, "POST", "/api/v1/models/"+c.path, body); r.StatusCode != c.want {
			t.Errorf("%s %s = %d %v, want %d", c.path, c.body, r.StatusCode, r.json, c.want)
		}
	}
	if got := strings.Join(s.asked, "; "); got != "teach analyst; activate topics 2; rollback executors" {
		t.Errorf("asked for %s", got)
	}
	s.fails = fault.New(fault.Conflict, "worse").Say("Эту версию включить нельзя.")
	if r := w.call(token, "POST", "/api/v1/models/activate", `{"subject":"topics","number":1}`); r.StatusCode != 409 || r.field("detail") != "Эту версию включить нельзя." {
		t.Errorf("a worse version = %d %v", r.StatusCode, r.json)
	}
	i := w.opened("Абакан, яма", here)
	_, centre := w.person(lifecycle.Centre, here)
	if r := w.call(centre, "GET", fmt.Sprintf("/api/v1/incidents/%d/suggestions", i.ID), nil); r.StatusCode != 200 || s.sc != scope.OfCentre(khakassia, abakan) {
		t.Errorf("suggestions = %d %v, asked in the scope %+v", r.StatusCode, r.json, s.sc)
	}
}
