package staff_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/teach"
)

// A fakeSchool shows four versions, or none.
type fakeSchool struct {
	mu        sync.Mutex
	asked     []string
	fails     error
	empty     bool
	since     time.Time
	suggested []site.Suggestion
	sc        scope.Scope
}

func (f *fakeSchool) did(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprintf(format, args...))
	return f.fails
}
func (f *fakeSchool) MayTeach(account.Actor) bool { return true }
func (f *fakeSchool) Teach(_ context.Context, who account.Actor) error {
	return f.did("teach %s", who.Role)
}
func (f *fakeSchool) ActivateLesson(_ context.Context, _ account.Actor, s lesson.Subject, n int) error {
	return f.did("activate %s %d", s, n)
}
func (f *fakeSchool) RollBackLesson(_ context.Context, _ account.Actor, s lesson.Subject) (int, error) {
	return 2, f.did("rollback %s", s)
}
func (f *fakeSchool) Suggest(_ context.Context, sc scope.Scope, _ *incident.Incident) ([]site.Suggestion, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sc = sc
	return f.suggested, nil
}
func (f *fakeSchool) Lessons(context.Context) (site.Lessons, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := site.Lessons{Hour: 3, Since: f.since, Tally: teach.Tally{Corrected: 52, Confirmed: 410, HandedOver: 380, Pinned: 112}}
	if f.empty {
		return l, nil
	}
	figures := lesson.Figures{Old: lesson.Score{First: 123, Three: 160}, New: lesson.Score{First: 129, Three: 163}, Own: 108, Shipped: 104, Gained: 9, Broken: 3,
		By: []lesson.Shift{{Label: "roads.potholes", Gained: 6, Broken: 1, GainedIn: []int64{4, 13}, BrokenIn: []int64{14}}, {Label: "waste.collection", Gained: 3, Broken: 2}}}
	v := func(n int, state lesson.State, reason string) lesson.Version {
		return lesson.Version{Subject: lesson.Topics, Number: n, State: state, Reason: reason, MadeAt: clock.Add(-time.Duration(5-n) * 24 * time.Hour), DecidedAt: clock.Add(-time.Hour),
			MadeBy: account.ID(n % 2), Shipped: 2412, Corrected: 52, Confirmed: 410, Figures: figures}
	}
	l.Versions = map[lesson.Subject][]lesson.Version{lesson.Topics: {
		v(4, lesson.Refused, "На проверочных случаях стало хуже: первая тема верна: было 129 из 212, стало 120; исправлено 3, сломано 12; верная среди трёх: -7."),
		v(3, lesson.Active, ""), v(2, lesson.Replaced, ""), v(1, lesson.RolledBack, "")}}
	return l, nil
}

func TestLessonsAreShownInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "analyst")
	doc := v.page("/desk/models")
	page := text(doc, "main")
	for _, want := range []string{"Каждую ночь в 3:00", "52 исправления темы", "410 подтверждённых тем", "112 случаев",
		"На 212 отложенных случаях (своих 108, из набора программы 104): верных первым 61 %, было 58 %. Исправила 9, испортила 3.",
		"стало хуже", "действует", "откачена", "Версий пока нет"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := len(all(doc, `.lesson-shifts a[href="/desk/incidents/14"]`)); n != 4 {
		t.Errorf("%d links to what was broken, want one a version", n)
	}
	if n := len(all(doc, `form[action="/desk/models/activate"]`)); n != 2 {
		t.Errorf("%d versions can be activated, want the replaced and the rolled back one, not the refused one", n)
	}
	if n := len(all(doc, `form[action="/desk/models/rollback"]`)); n != 1 {
		t.Errorf("%d versions can be rolled back, want the active one", n)
	}
	for deed, form := range map[string]url.Values{"teach": nil, "activate": {"subject": {"topics"}, "number": {"2"}}, "rollback": {"subject": {"topics"}}} {
		if r := v.post("/desk/models/"+deed, form); r.StatusCode != 303 {
			t.Errorf("%s = %d", deed, r.StatusCode)
		}
	}
	w.school.fails = fault.New(fault.Conflict, "worse").Say("Эту версию включить нельзя: она хуже.")
	r := v.post("/desk/models/activate", url.Values{"subject": {"topics"}, "number": {"1"}})
	if r.StatusCode != 409 || !strings.Contains(text(parse(t, r), "[role=alert]"), "Эту версию включить нельзя") {
		t.Errorf("a worse version = %d", r.StatusCode)
	}
	if r := v.post("/desk/models/rollback", url.Values{"subject": {"погода"}}); r.StatusCode != 422 && r.StatusCode != 400 {
		t.Errorf("an unknown subject = %d", r.StatusCode)
	}
	w.school.empty, w.school.since = true, clock
	page = text(v.page("/desk/models"), "main")
	if strings.Count(page, "Версий пока нет") != 2 || !strings.Contains(page, "Идёт обучение") || strings.Contains(page, "Обучить сейчас") {
		t.Error("the empty page under way does not say so")
	}
}

func TestWhoTookSimilarCasesIsOneTap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.school.suggested = []site.Suggestion{{Agency: 2, Kept: 14, Of: 16, Where: "этой темы в этом муниципалитете", Words: []string{"труба", "вода"}}, {Agency: 3, Score: 0.42}}
	v := w.as(t, "operator")
	doc := v.page("/desk/incidents/1")
	page := text(doc, "main")
	for _, want := range []string{"Передать: Теплосети", "так передавали 14 из 16 похожих (88 %): этой темы в этом муниципалитете", "«труба», «вода»", "уверенность 42 %"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if w.school.sc != scope.OfRegion(khakassia) {
		t.Errorf("asked in the scope %+v", w.school.sc)
	}
	if n := len(all(doc, `.suggested form[action="/desk/incidents/1/handover"] input[name="agency"][value="Теплосети"]`)); n != 1 {
		t.Errorf("%d forms hand over to the first suggestion", n)
	}
	w.school.suggested[0].Agency = 1 // what routing proposes already
	if page := text(v.page("/desk/incidents/1"), "main"); strings.Contains(page, "Кому передавали похожие") {
		t.Error("what routing proposes is suggested again")
	}
}
