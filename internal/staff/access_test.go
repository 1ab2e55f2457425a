package staff_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/topic"
)

// Every route is called as every role, with a resource inside the scope, in
// another centre, of another agency, in another region, and by nobody. The
// table of routes is the list: a new route is asked the day it is added.
func TestEveryRouteAsksForRoleAndScope(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	close(w.closing) // event streams end at once
	here := scope.Place{Region: khakassia, Centre: abakan, Agency: 1}
	w.incidents[3].Place = here
	w.messages[4][0].Place = here
	w.aside[0].Place = here
	subject := &account.Account{ID: 50, Login: "subject", Name: "Кто-то", Role: lifecycle.Executor, Hash: hash(), Place: here}
	w.accounts = append(w.accounts, subject)
	w.views = []account.View{{ID: 1, Owner: 9999, Name: "чужой набор"}}
	w.staff.Replay = func(_ context.Context, _ account.Actor, _ int64) error { return nil }
	w.staff.Read = func(context.Context, string, string) (*message.Reading, error) { return &message.Reading{}, nil }
	w.staff.Keeper = &fakeKeeper{any: true}
	w.roster.riddle.Link = "https://vk.example/check"
	w.watching()
	w.shelved()
	w.neighboured()
	w.handler = w.site.Handler(w.staff.Routes())
	scopes := []struct {
		name   string
		place  scope.Place
		inside bool
	}{
		{"the region", scope.Place{Region: khakassia}, true},
		{"its centre", scope.Place{Region: khakassia, Centre: abakan}, true},
		{"its agency", scope.Place{Region: khakassia, Agency: 1}, true},
		{"another centre", scope.Place{Region: khakassia, Centre: chernogor}, false},
		{"another agency", scope.Place{Region: khakassia, Agency: 2}, false},
		{"another region", scope.Place{Region: kursk}, false},
	}
	visitors := map[string]*visitor{}
	for _, role := range lifecycle.Roles() {
		for n, sc := range scopes {
			login := fmt.Sprintf("%s-%d", role, n)
			id := account.ID(200 + len(visitors))
			w.accounts = append(w.accounts, &account.Account{ID: id, Login: login, Name: login, Role: role, Hash: hash(), Place: sc.place})
			visitors[login] = w.as(t, login)
		}
	}
	ids := map[string]string{"problem": "3", "incident": "4", "message": "4", "aside": "5", "account": "50", "agency": "1", "view": "1", "watch": "9", "file": "2", "source": "1", "source key": "1", "webhook": "1", "source of a city": "5"}
	ofPattern := map[string][]string{
		"/desk/watches/{id}/{deed}": {"on", "off", "drop", "return", "forget"},
		"/desk/shift/{deed}":        {"close", "accept"},
		"/desk/sources/{id}/{deed}": {"save", "pause", "resume", "remove", "try", "back", "stop-back", "solve"}, "/desk/webhooks/{id}/{deed}": {"save", "pause", "resume", "remove", "rotate", "test", "again"},

		"/desk/notices/settings/{deed}": {"choose", "mail", "prove", "drop", "try", "telegram", "push"}, "/desk/contacts/{deed}": {"save", "import"},
		"/desk/agencies/{deed}": {"add", "change", "close", "open"},
		"/desk/rules/{deed}":    {"up", "add"}, "/desk/people/{id}/{deed}": {"enable"}, "/desk/topics/{deed}": {"add", "change", "retire", "restore", "rename"},
		"/desk/regimes/{deed}": {"limits"}, "/desk/templates/{deed}": {"add"},
		"/desk/tables/{upload}/{deed}": {"look"},
		"/desk/models/{deed}":          {"teach", "activate", "rollback"},
	}
	asked := 0
	for _, rt := range append(w.site.Routes(), w.staff.Routes()...) {
		if rt.Access.Open {
			continue
		}
		id := "1"
		if rt.Access.Of != nil {
			if id = ids[rt.Access.Of.Name]; id == "" {
				t.Fatalf("%s: the test has no resource %q", rt.Pattern, rt.Access.Of.Name)
			}
		}
		deeds := []string{""}
		if strings.Contains(rt.Pattern, "{deed}") {
			if deeds = ofPattern[rt.Pattern]; deeds == nil {
				t.Fatalf("%s: the test knows no deeds of it", rt.Pattern)
			}
		}
		for _, d := range deeds {
			path := strings.NewReplacer("{id}", id, "{upload}", "shown", "{deed}", d).Replace(rt.Pattern)
			call := func(v *visitor, n int) *http.Response {
				w.watched(n) // each call may drop it
				if rt.Method == "GET" {
					return v.get(path)
				}
				return v.post(path, anyForm(w, n))
			}
			if r := call(w.visitor(t), 0); r.StatusCode != 303 || !strings.HasPrefix(r.Header.Get("Location"), "/signin") {
				t.Errorf("%s %s by nobody = %d %s, want 303 to /signin", rt.Method, path, r.StatusCode, r.Header.Get("Location"))
			}
			for _, role := range lifecycle.Roles() {
				for n, sc := range scopes {
					asked++
					v := visitors[fmt.Sprintf("%s-%d", role, n)]
					got := call(v, asked).StatusCode
					owned := rt.Access.Of != nil && rt.Access.Of.Name == "view" // everybody has only their own
					inside := sc.inside
					if rt.Access.Of != nil && rt.Access.Of.Name == "account" { // to keep an account one must see all that it sees
						inside = subject.Scope().Within((&account.Account{Place: sc.place}).Scope())
					}
					if rt.Access.Of != nil && rt.Access.Of.Name == "agency" { // of the region
						inside = sc.place.Region == khakassia
					}
					if rt.Access.Of != nil && rt.Access.Of.Name == "watch" { // of the whole region
						inside = sc.place.Region == khakassia
					}
					source := rt.Access.Of != nil && (strings.HasPrefix(rt.Access.Of.Name, "source") || rt.Access.Of.Name == "webhook")
					if source { // one of a centre, and a key of the region
						inside = sc.place.Region == khakassia && sc.place.Agency == 0 && (sc.place.Centre == "" || sc.place.Centre == abakan && rt.Access.Of.Name != "source key")
					}
					allowed := rt.Access.Allows(role) && (!rt.Access.Whole || sc.place.Centre == "" && sc.place.Agency == 0) && (!rt.Access.Area || sc.place.Agency == 0)
					if allowed && rt.Access.Area && rt.Access.Of != nil && !source && sc.place.Centre != "" { // a centre only reads what the region has saved
						allowed = false
					}
					elsewhere := rt.Access.Whole && sc.place.Region == kursk // its own list, to which this form does not fit
					switch {
					case allowed && elsewhere && (got == 200 || got == 409):
					case allowed && elsewhere && strings.HasPrefix(rt.Pattern, "/desk/tables") && got == 403: // they are of this centre
					case allowed && !elsewhere && (rt.Pattern == "/desk/tables" && rt.Method == "POST" && got == 422 || rt.Pattern == "/desk/tables/forget" && got == 404): // no file, no such name
					case !allowed && got != 403:
						t.Errorf("%s %s as %s of %s = %d, want 403", rt.Method, path, role, sc.name, got)
					case allowed && rt.Access.Of != nil && (!inside || owned) && got != 404:
						t.Errorf("%s %s as %s of %s = %d, want 404", rt.Method, path, role, sc.name, got)
					case allowed && (rt.Access.Of == nil || inside && !owned) && got != 200 && got != 303:
						t.Errorf("%s %s as %s of %s = %d, want 200 or 303", rt.Method, path, role, sc.name, got)
					}
				}
			}
		}
	}
	if asked < 13*6*30 {
		t.Errorf("asked only %d questions: the table of routes is not whole", asked)
	}
}

// watched puts a saved query of the region into the house, in place of the one before.
func (w *world) watched(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queries = []standing.Query{{ID: 9, Version: 1, Name: fmt.Sprintf("Правило %d", n), Text: "яма", Place: scope.Place{Region: khakassia}}}
	w.versions = []standing.Version{{Version: 1, Name: w.queries[0].Name, Text: "яма"}}
}

// anyForm holds a fitting value for every field of every form.
func anyForm(w *world, n int) url.Values {
	stamp, tx := "", w.staff.Topics()
	w.mu.Lock()
	for _, r := range w.rules {
		if r.Place.Region == khakassia {
			stamp += strconv.FormatInt(r.ID, 36) + "."
		}
	}
	w.mu.Unlock()
	return url.Values{"group_name": {fmt.Sprintf("Группа %d", n)}, "sure": {"1"},
		"id": {"4.0"}, "version": {"0"}, "until": {"2026-12-20"}, "reason": {"так надо"}, "text": {"слова"}, "agency": {"Теплосети"}, "topic": {topic.Default().Topics[50].Name}, "group": {string(tx.Topics[0].GroupCode)}, "taxonomy": {fmt.Sprint(tx.Version)}, "code": {string(tx.Topics[50].Code)},
		"outcome": {"solved"}, "how": {"photo"}, "file": {"2"}, "part": {"before"}, "added": {"1"}, "reply": {"1"}, "message": {"4"}, "name": {fmt.Sprintf("Имя Фамилия %d", n)}, "login": {fmt.Sprintf("new-%d", n)},
		"of": {"portal"}, "column": {"Текст сообщения"}, "field": {"text"}, "n-final": {"8"}, "unit-final": {"work_days"}, "n-confirm": {"15"}, "unit-confirm": {"days"},
		"items": {"позвонить"}, "say": {"what"}, "csv": {";ЕДДС;112"}, "phone": {"112"}, "danger": {""}, "quiet_from": {"22"}, "quiet_to": {"8"}, "digest_hour": {"9"}, "mail": {"a@example.ru"}, "address": {"1"},
		"meaning": {"refuted"}, "verdict": {"fine"}, "voice": {"1"}, "call": {"1"}, "problem": {"3"}, "whom": {"112"}, "do": {"now"}, "source": {"vk:-1"}, "service": {"007"}, "request": {"1"},
		"words": {"яма"}, "link": {"https://vk.example/x"}, "secret": {"vk1"}, "kind": {"vk"}, "role": {"executor"}, "agency_id": {"1"}, "which": {w.incidents[3].Number}, "note": {"слова"}, "shift": {"1"}, "item": {"1"}, "other": {"1"}, "query": {"state=new"}, "stamp": {stamp}, "rule": {"2"}, "subject": {"topics"}, "number": {"1"}, "deed": {"up"}, "to": {"1"},
	}
}

func TestNobodySeesAnotherRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accounts = append(w.accounts, &account.Account{ID: 70, Login: "kursk", Name: "Чужой", Role: lifecycle.Operator, Hash: hash(), Place: scope.Place{Region: kursk}})
	v := w.as(t, "kursk")
	if n := len(all(v.page("/desk?all=1"), ".row")); n != 0 {
		t.Errorf("an operator of another region sees %d rows", n)
	}
	if r := v.get("/desk?q=" + w.incidents[0].Number); r.StatusCode != 200 {
		t.Errorf("a number of another region = %d, want 200 with an empty list", r.StatusCode)
	}
	if n := len(all(v.page("/desk?at=1"), ".case")); n != 0 {
		t.Error("an incident of another region opened beside the queue")
	}
}
