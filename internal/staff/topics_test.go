package staff_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A fakeEditor keeps versions of the taxonomy in memory.
type fakeEditor struct {
	mu     *sync.Mutex
	now    *topic.Taxonomy
	list   []site.Version // newest first
	closed bool           // nobody may edit
}

func (f *fakeEditor) topics() *topic.Taxonomy {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeEditor) MayEditTopics(account.Actor) bool { return !f.closed }

func (f *fakeEditor) TopicVersions(context.Context) ([]site.Version, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list, nil
}

func (f *fakeEditor) EditTopics(_ context.Context, who account.Actor, version int, e topic.Edit) (*topic.Taxonomy, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, fault.New(fault.Forbidden, "closed")
	case version != f.now.Version:
		return nil, fault.New(fault.Conflict, "another version").Say("Классификатор только что изменил кто-то ещё.")
	}
	next, err := f.now.With(e)
	if err == nil && next != f.now {
		f.list = append([]site.Version{{Version: next.Version, At: clock, Who: who.ID, Changes: next.Changes(f.now)}}, f.list...)
		f.now = next
	}
	return next, err
}

const potholes = "improvement.yard_potholes"

func potholesName() string {
	tp, _ := topic.Default().ByCode(potholes)
	return tp.Name
}

// sendTopics sends a form as the page wrote it, with the given fields changed.
func sendTopics(t *testing.T, v *visitor, page *html.Node, deed string, change url.Values) (status int, next *html.Node) {
	t.Helper()
	form := url.Values{"taxonomy": {attr(page, "input[name=taxonomy]", "value")}}
	for k, val := range change {
		form[k] = val
	}
	r := v.post("/desk/topics/"+deed, form)
	if r.StatusCode == 303 {
		path, _, _ := strings.Cut(r.Header.Get("Location"), "#")
		return 303, v.page(path)
	}
	return r.StatusCode, parse(t, r)
}

func TestTheClassifierIsEditedOnItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "analyst")
	page := v.page("/desk/topics")
	if n := len(all(page, ".topic-group")); n != 26 {
		t.Errorf("%d groups on the page, want 26", n)
	}
	if n := len(all(page, ".topic-group li .tag")); n != 33 {
		t.Errorf("%d stars on the page, want 33", n)
	}
	if !strings.Contains(text(page, "main"), "Не определено") {
		t.Error("the page does not say what «не определено» is")
	}
	if text(page, ".top-nav [aria-current]") != "Темы" {
		t.Error("the menu does not lead here")
	}

	status, page := sendTopics(t, v, page, "add", url.Values{"name": {"★ Пыль  на дороге"}, "group": {"roads"}, "fast": {"1"}})
	if tp, ok := w.staff.Topics().ByCode("roads.pyl_na_doroge"); status != 303 || !ok || tp.Name != "Пыль на дороге" || !tp.Fast {
		t.Fatalf("add = %d, topic %+v", status, tp)
	}
	if got := text(page, "#g-roads[open] li[id='t-roads.pyl_na_doroge'] .topic-name"); got != "Пыль на дороге ★ короткий срок" {
		t.Errorf("the new topic reads %q", got)
	}

	page = v.page("/desk/topics?topic=" + potholes)
	if got := attr(page, "#t-name", "value"); got != potholesName() {
		t.Errorf("the form of a topic holds %q", got)
	}
	status, page = sendTopics(t, v, page, "change", url.Values{"code": {potholes}, "name": {"Выбоины"}})
	if tp, _ := w.staff.Topics().ByCode(potholes); status != 303 || tp.Name != "Выбоины" || tp.Fast {
		t.Errorf("change = %d, topic %+v", status, tp)
	}

	status, page = sendTopics(t, v, page, "retire", url.Values{"code": {potholes}})
	if tp, _ := w.staff.Topics().ByCode(potholes); status != 303 || !tp.Retired || text(page, ".topic-retired .topic-name") != "Выбоины "+tp.Group {
		t.Errorf("retire = %d, retired are %q", status, text(page, ".topic-retired .topic-name"))
	}
	v.post(attr(page, ".said form", "action"), nil) // taken back where it is said
	if tp, _ := w.staff.Topics().ByCode(potholes); tp.Retired {
		t.Error("a retired topic was not taken back")
	}
	if got := text(v.page("/desk/topics"), ".topic-versions li:first-child"); !strings.Contains(got, "Тема «Выбоины» возвращена") || !strings.Contains(got, "действует") {
		t.Errorf("the newest version reads %q", got)
	}
}

func TestGroupsAreRenamedAndMovedOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "analyst")
	groups := w.staff.Topics().Groups()
	status, page := sendTopics(t, v, v.page("/desk/topics"), "rename", url.Values{"group": {string(groups[1].Code)}, "group_name": {"  Новое   имя "}})
	if got := w.staff.Topics().Groups()[1].Name; status != 303 || got != "Новое имя" {
		t.Fatalf("rename = %d, the group is %q", status, got)
	}
	status, page = sendTopics(t, v, page, "up", url.Values{"group": {string(groups[1].Code)}})
	if got := w.staff.Topics().Groups()[0].Code; status != 303 || got != groups[1].Code {
		t.Errorf("up = %d, first is %s", status, got)
	}
	v.post(attr(page, ".said form", "action"), nil)
	if got := w.staff.Topics().Groups()[0].Code; got != groups[0].Code {
		t.Error("a move was not taken back")
	}
	status, page = sendTopics(t, v, v.page("/desk/topics"), "rename", url.Values{"group": {string(groups[2].Code)}, "group_name": {groups[0].Name}})
	if status != 422 || !strings.Contains(text(page, "#gn-says"), "уже есть") || attr(page, "#gn-"+string(groups[2].Code), "value") != groups[0].Name {
		t.Errorf("the name of another group = %d, %q", status, text(page, "#gn-says"))
	}
	if status, _ = sendTopics(t, v, v.page("/desk/topics"), "up", url.Values{"group": {string(groups[0].Code)}}); status != 409 {
		t.Errorf("the first goes up: %d", status)
	}
	page = v.page("/desk/topics?topic=" + potholes)
	status, _ = sendTopics(t, v, page, "change", url.Values{"code": {potholes}, "name": {potholesName()}, "group": {string(groups[3].Code)}})
	if tp, _ := w.staff.Topics().ByCode(potholes); status != 303 || tp.GroupCode != groups[3].Code {
		t.Errorf("moved into another group = %d, %+v", status, tp)
	}
}

func TestWhatIsWrongWithATopicStandsBesideItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	start := v.page("/desk/topics")
	tests := []struct {
		name, deed string
		send       url.Values
		field      string
	}{
		{"no name", "add", url.Values{"name": {" ★ "}, "group": {"roads"}}, "n-name"},
		{"a name of another", "add", url.Values{"name": {potholesName()}, "group": {"roads"}}, "n-name"},
		{"too long", "add", url.Values{"name": {strings.Repeat("я", 151)}, "group": {"roads"}}, "n-name"},
		{"no group", "add", url.Values{"name": {"Пыль"}}, "n-group"},
		{"a group that is not there", "add", url.Values{"name": {"Пыль"}, "group": {"ufo"}}, "n-group"},
		{"a group too long", "add", url.Values{"name": {"Пыль"}, "new_group": {strings.Repeat("я", 151)}}, "n-new"},
		{"renamed to nothing", "change", url.Values{"code": {potholes}, "name": {""}}, "t-name"},
		{"renamed to another", "change", url.Values{"code": {potholes}, "name": {topic.Default().Topics[5].Name}}, "t-name"},
	}
	for _, tt := range tests {
		status, page := sendTopics(t, v, start, tt.deed, tt.send)
		if status != 422 || text(page, "#"+tt.field+"-says") == "" || attr(page, "#"+tt.field, "aria-describedby") != tt.field+"-says" {
			t.Errorf("%s: %d, beside the field stands %q", tt.name, status, text(page, "#"+tt.field+"-says"))
		}
		if got := attr(page, "#"+tt.field, "value"); tt.field != "n-group" && got != tt.send.Get(strings.NewReplacer("n-name", "name", "t-name", "name", "n-new", "new_group").Replace(tt.field)) {
			t.Errorf("%s: what was typed is lost: %q", tt.name, got)
		}
	}
	if v := w.staff.Topics().Version; v != 1 {
		t.Errorf("wrong forms made version %d", v)
	}
}

func TestANewGroupIsMadeWithItsFirstTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	status, page := sendTopics(t, v, v.page("/desk/topics"), "add", url.Values{"name": {"Пыль"}, "new_group": {"Чистый воздух"}})
	if tp, ok := w.staff.Topics().ByName("Пыль"); status != 303 || !ok || tp.GroupCode != "chistyy_vozdukh" || text(page, "#g-chistyy_vozdukh .topic-group-name") != "Чистый воздух" {
		t.Errorf("add = %d, %+v", status, tp)
	}
	sendTopics(t, v, page, "add", url.Values{"name": {"Дым"}, "new_group": {"чистый воздух"}})
	if tp, _ := w.staff.Topics().ByName("Дым"); tp.GroupCode != "chistyy_vozdukh" {
		t.Errorf("a group that is there was made again: %q", tp.GroupCode)
	}
}

func TestAnOlderClassifierIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	old := v.page("/desk/topics")
	sendTopics(t, v, old, "retire", url.Values{"code": {potholes}})
	status, page := sendTopics(t, v, old, "add", url.Values{"name": {"Пыль"}, "group": {"roads"}})
	if status != 409 || text(page, "[role=alert]") == "" || attr(page, "#n-name", "value") != "Пыль" {
		t.Errorf("an edit of an older version = %d, %q, kept %q", status, text(page, "[role=alert]"), attr(page, "#n-name", "value"))
	}
	if status, _ := sendTopics(t, v, page, "retire", url.Values{"code": {"roads.ufo"}}); status != 409 {
		t.Errorf("an unknown topic = %d, want 409", status)
	}
}

func TestWhoMayNotEditOnlyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff.Editor.(*fakeEditor).closed = true
	page := w.as(t, "analyst").page("/desk/topics?topic=" + potholes)
	if n := len(all(page, "main form, main button")); n != 0 {
		t.Errorf("%d forms for somebody who may not edit", n)
	}
	if n := len(all(w.as(t, "operator").page("/desk"), ".top-nav a[href='/desk/topics']")); n != 0 {
		t.Error("an operator's menu leads to a page that refuses them")
	}
}

func TestAnIncidentKeepsTheNameOfItsRetiredTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	code := w.incidents[0].Topic
	tp, _ := topic.Default().ByCode(code)
	sendTopics(t, v, v.page("/desk/topics"), "retire", url.Values{"code": {string(code)}})
	page := v.page("/desk/incidents/1")
	if !strings.Contains(text(page, "main"), tp.Name) {
		t.Errorf("the incident does not show %q", tp.Name)
	}
	if len(all(page, "datalist#topics option[value='"+tp.Name+"']")) != 0 {
		t.Error("a retired topic is offered")
	}
}
