package api_test

import (
	"context"
	"testing"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// An editor keeps the taxonomy in memory.
type editor struct {
	now  *topic.Taxonomy
	list []site.Version
}

func (e *editor) MayEditTopics(account.Actor) bool { return true }
func (e *editor) TopicVersions(context.Context) ([]site.Version, error) {
	return e.list, nil
}
func (e *editor) EditTopics(_ context.Context, _ account.Actor, version int, edit topic.Edit) (*topic.Taxonomy, error) {
	if version != e.now.Version {
		return nil, fault.New(fault.Conflict, "another version")
	}
	next, err := e.now.With(edit)
	if err == nil && next != e.now {
		e.list = append([]site.Version{{Version: next.Version, At: noon, Who: 1, Changes: next.Changes(e.now)}}, e.list...)
		e.now = next
	}
	return next, err
}

func TestTheClassifierIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := &editor{now: topic.Default()}
	w.serve(func(o *api.Options) { o.Editor, o.Topics = e, func() *topic.Taxonomy { return e.now } })
	_, token := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	edit := func(body string) answer { return w.call(token, "POST", "/api/v1/topics", body) }
	if r := edit(`{"version":1,"put":[{"name":"★ Пыль","group":"Дороги","fast":true},{"name":"Пыль!","group":"Новая"}],"rename":{"waste":"Мусор и свалки"},"move":["waste"]}`); r.StatusCode != 422 {
		t.Errorf("two topics of one name = %d", r.StatusCode)
	}
	r := edit(`{"version":1,"put":[{"name":"★ Пыль","group":"roads","fast":true}],"rename":{"waste":"Отходы и свалки"},"move":["waste"]}`)
	tp, ok := e.now.ByCode("roads.pyl")
	if r.StatusCode != 200 || !ok || tp.Name != "Пыль" || !tp.Fast || e.now.Groups()[0].Name != "Отходы и свалки" || r.field("version") != 2.0 {
		t.Fatalf("edit = %d %v, topic %+v", r.StatusCode, r.json, tp)
	}
	for body, want := range map[string]int{
		`{"version":1,"retire":["roads.pyl"]}`:                               409,
		`{"version":2,"retire":["nowhere"]}`:                                 404,
		`{"version":2,"rename":{"nowhere":"а"}}`:                             404,
		`{"version":2,"put":[{"code":"Плохой код","name":"а","group":"б"}]}`: 422,
		`{"retire":["roads.pyl"]}`:                                           422,
		`{"version":2,"frob":1}`:                                             422,
		`{"version":2,`:                                                      400,
	} {
		if r := edit(body); r.StatusCode != want {
			t.Errorf("%s = %d, want %d", body, r.StatusCode, want)
		}
	}
	if r := edit(`{"version":2,"retire":["roads.pyl"]}`); r.StatusCode != 200 {
		t.Errorf("retire = %d", r.StatusCode)
	}
	if r := w.call(token, "GET", "/api/v1/topics/versions", nil); r.StatusCode != 200 || len(e.list) != 2 {
		t.Errorf("versions = %d, %d in the list", r.StatusCode, len(e.list))
	}
}
