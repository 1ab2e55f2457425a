package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/api"
	"otklik/internal/attachment"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/problem"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/template"
	"otklik/internal/topic"
)

// A yesDesk does what it is asked to, whatever the state: this test asks for
// role and scope, not for the lifecycle.
type yesDesk struct {
	api.Desk
	w *world
}

func (d yesDesk) Do(ctx context.Context, who account.Actor, id incident.ID, version int, c desk.Change) (*incident.Incident, error) {
	if !lifecycle.May(who.Role, c.Action()) {
		return nil, fault.New(fault.Internal, "the API let %s through to %s", who.Role, c.Action())
	}
	i, err := d.w.db.Reader().Incidents().Incident(ctx, who.Scope, id)
	if _, many := c.(desk.Claim); many && err != nil && version != 0 { // a deed for many: the desk guards, one by one
		return nil, err
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "the API let account %d through to incident %d", who.ID, id)
	}
	return i, nil
}

// yesPosting drops what is not there.
type yesPosting struct{ api.Posting }

func (yesPosting) Drop(context.Context, account.ID, int64) error { return nil }

func (d yesDesk) CloseShift(context.Context, account.Actor, scope.Place, string) error { return nil }

func (d yesDesk) AcceptShift(context.Context, account.Actor, scope.Place, int64) error { return nil }

func (d yesDesk) SaveChecklist(context.Context, account.Actor, checklist.Template) error { return nil }

func (d yesDesk) SaveContacts(context.Context, account.Actor, []string, []call.Contact) error {
	return nil
}

func (d yesDesk) SaveAgency(context.Context, account.Actor, *agency.Agency) error { return nil }

func (d yesDesk) MoveAll(context.Context, account.Actor, int64, int64, string) (desk.Moved, error) {
	return desk.Moved{}, nil
}

func (d yesDesk) SaveTemplate(context.Context, account.Actor, *template.Template) error { return nil }

func (d yesDesk) Assist(context.Context, incident.Tx, account.Actor, *incident.Incident, string, reply.Purpose) (reply.MachineDraft, error) {
	return reply.MachineDraft{}, nil
}

func (d yesDesk) PrivateLink(context.Context, account.Actor, incident.ID, reply.ID) (string, error) {
	return "", nil
}

func (d yesDesk) Begin(context.Context, account.Actor, incident.ID, template.ID, bool) (desk.Beginning, error) {
	return desk.Beginning{Purpose: reply.Final}, nil
}

func (d yesDesk) EndProblem(context.Context, account.Actor, problem.ID, string, string) error {
	return nil
}

func (d yesDesk) Invite(context.Context, account.Actor, incident.ID) (string, error) { return "", nil }

func (d yesDesk) File(_ context.Context, who account.Actor, _ desk.Card) (*incident.Incident, error) {
	if !lifecycle.May(who.Role, lifecycle.File) {
		return nil, fault.New(fault.Internal, "the API let %s through to file", who.Role)
	}
	return &incident.Incident{ID: 77, Number: incident.Number(77), Version: 1, State: lifecycle.New, Place: here}, nil
}

func (d yesDesk) Listen(_ context.Context, _ incident.Tx, who account.Actor, _ desk.Card) (*desk.Hearing, error) {
	if !lifecycle.May(who.Role, lifecycle.File) {
		return nil, fault.New(fault.Internal, "the API let %s through to listen", who.Role)
	}
	return &desk.Hearing{}, nil
}

// bodies fit every operation that wants one.
var bodies = map[string]string{
	"/reject": `{"reason":"так надо"}`, "/ask": `{"text":"где?"}`, "/submit": `{"text":"слова"}`, "/answer": `{"text":"слова"}`, "/approve": `{"reply":1}`,
	"/return": `{"reply":1,"reason":"так надо"}`, "/close": `{"outcome":"solved"}`, "/verify": `{"how":"photo"}`, "/reopen": `{"reason":"так надо"}`,
	"/correct": `{"urgency":"high"}`, "/attach": `{"message":1}`, "/detach": `{"message":1}`, "/merge": `{"others":[1]}`, "/split": `{"other":1}`, "/dismiss": `{"others":[1]}`, "/erase": `{"message":1}`, "/cards": `{"text":"слова"}`, "/cards/listen": `{"text":"слова"}`, "/cards/status": `{"number":"` + incident.Number(1) + `","ending":"1122"}`, "/read": `{"text":"слова"}`,
	"/tokens": `{"name":"выгрузка"}`, "/topics": `{"version":1}`, "/drop": `{}`, "/watches/{id}/return": `{"to":1}`, "/forget": `{}`, "/watches/check": `{"query":"яма"}`, "/watches/preview": `{"query":"яма"}`,
	"/join": `{"agency":2}`, "/leave": `{"agency":2}`, "/relate": `{"other":2}`, "/note": `{"text":"слова"}`, "/follow": `{}`, "/todo": `{"text":"слова"}`,
	"/shifts": `{"do":"close","note":"тихо"}`, "/checklists": `{"items":["позвонить"]}`, "/contacts": `{"contacts":[{"name":"ЕДДС","phone":"112"}]}`,
	"/notices/seen": `{}`, "/notices/settings": `{"by":{},"quiet_from":22,"quiet_to":8,"digest_hour":9}`, "/notices/addresses": `{"do":"drop","address":1}`,
	"/templates": `{"name":"а","kind":"final","text":"б"}`, "/begin": `{"template":1}`, "/private_link": `{"reply":1}`, "/assist": `{"kind":"summary"}`,
	"/many": `{"action":"claim","incidents":[{"id":1,"version":1}]}`, "/decline": `{"reason":"не наш","agency":2}`, "/decide": `{"agency":2,"reason":"их труба"}`,
	"/extend": `{"until":"2026-12-25","reason":"экспертиза"}`, "/pause": `{"reason":"ждём"}`, "/resume": `{}`, "/regime": `{"regime":"pos","reason":"форма"}`,
	"/regimes": `{"version":1}`, "/regimes/preview": `{"version":1}`, "/calendars/ical": `{"file":"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"}`,
	"/settings": `{"approval":true}`, "/move": `{"to":2,"reason":"закрыта"}`, "/agencies": `{"name":"Новая"}`,
	"/link": `{"problem":0}`, "/called": `{"call":1,"whom":"112"}`, "/end": `{"how":"photo","reason":"сделано"}`,
	"/suspicions/settle": `{"spam":true}`, "/hear": `{"meaning":"refuted"}`, "/weigh": `{"voice":1,"meaning":"thanks"}`, "/actions/check": `{"solved":true}`,
	"/keep_promise": `{"promise":1}`, "/break_promise": `{"promise":1,"reason":"так надо"}`,
	"/move_promise": `{"promise":1,"reason":"так надо","until":"2026-12-20T16:59:59Z"}`, "/drop_promise": `{"promise":1}`, "/lint": `{"text":"слова"}`,
	"/mass": `{}`, "/deliver": `{"how":"now","reply":1}`, "/fanouts": `{"text":"слова"}`, "/fanouts/preview": `{"text":"слова"}`, "/outlets/release": `{"source":"vk:-1"}`,
	"/sources": `{"link":"https://vk.example/lesnaya"}`, "/sources/{id}": `{"do":"try"}`, "/sources/mentioned": `{"never":"https://vk.com/dvor"}`, "/sources/missed": `{"link":"https://vk.example/wall-1_2"}`, "/webhooks": `{"name":"П","url":"https://a.example/","events":["incident.opened"]}`, "/webhooks/{id}": `{"do":"test","name":"П","url":"https://a.example/","events":["incident.opened"]}`, "/source_keys": `{"kind":"vk","name":"приложение","secret":"s"}`,
	"/neighbour": `{"do":"drop","request":1}`, "/city": `{"do":"ask"}`,
	"/photo":  `{"file":1,"part":"before"}`,
	"/tables": "x", "/tables/{upload}": `{"do":"drop"}`, "/mappings": `{"name":"а","columns":{"text":"б"}}`,
	"/activate": `{"subject":"topics","number":1}`, "/rollback": `{"subject":"topics"}`,
}

// Every operation is called as every role from inside the scope and from
// outside of it, and by nobody. The table of operations is the list: a new one
// is asked the day it is added.
func TestEveryOperationAsksForRoleAndScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var cities *envoy.Envoy
	with := func(o *api.Options) {
		o.Envoy = cities
		o.Posting = yesPosting{o.Posting}
		o.Desk, o.Editor, o.School = yesDesk{Desk: o.Desk, w: w}, &editor{now: topic.Default()}, &school{}
		o.Keeper, o.Roster, o.Watcher, o.Webhooks = &keeper{}, &yesRoster{}, watcher{}, yesHerald{}
		o.Resume = func(context.Context, account.Actor, string) error { return nil }
	}
	w.serve(with)
	mine, theirs := w.agencyOf("Дороги", here), w.agencyOf("Теплосети", here)
	at := here
	at.Agency = mine
	i := w.opened("Абакан, яма", at)
	twin := w.opened("Абакан, яма", at)
	w.change(func(tx incident.Tx) error {
		return tx.Proposals().Propose(t.Context(), &incident.Proposal{Incident: twin.ID, Into: i.ID, Kind: incident.Same, Place: at})
	})
	owner, _ := w.person(lifecycle.Executor, at)
	durable := &problem.Problem{Group: "Дороги", State: problem.Open, Since: noon, Scope: at}
	w.change(func(tx incident.Tx) error { return tx.Problems().Save(t.Context(), durable) })
	wall := w.wall(at)
	cities = w.envoy("vk:-1", wall)
	w.serve(with)
	hook := w.hooked(at)
	shot := w.shot(i, attachment.Attachment{Incident: int64(i.ID), Part: attachment.After})
	scopes := []struct {
		name   string
		place  scope.Place
		inside bool
	}{
		{"all regions", scope.Place{}, true},
		{"the region", scope.Place{Region: khakassia}, true},
		{"its centre", scope.Place{Region: khakassia, Centre: abakan}, true},
		{"its agency", scope.Place{Region: khakassia, Agency: mine}, true},
		{"another centre", scope.Place{Region: khakassia, Centre: chernogor}, false},
		{"another agency", scope.Place{Region: khakassia, Agency: theirs}, false},
		{"another region", scope.Place{Region: kursk}, false},
	}
	tokens := map[string]string{}
	for _, role := range lifecycle.Roles() {
		for _, sc := range scopes {
			_, tokens[string(role)+sc.name] = w.person(role, sc.place)
		}
	}
	if n := len(w.api.Operations()); n < 30 {
		t.Fatalf("only %d operations", n)
	}
	for _, op := range w.api.Operations() {
		path := strings.NewReplacer("{number}", i.Number).Replace(op.Path)
		if op.Method+op.Path == "POST/api/v1/tables" {
			path += "?name=a"
		}
		var body any
		longest := 0
		if strings.HasSuffix(path, "/proposals/decide") {
			body, longest = fmt.Sprintf(`{"into":%d,"incidents":[%d],"decision":"merge"}`, i.ID, twin.ID), len(path)
		}
		for tail, b := range bodies {
			if strings.HasSuffix(strings.TrimSuffix(path, "?name=a"), tail) && len(tail) > longest {
				body, longest = b, len(tail)
			}
		}
		ask := func(token string) int {
			path := path
			if op.Access.Of != nil && op.Access.Of.Name == "token" { // each call revokes one
				tk := account.Token{Owner: owner.ID, Name: "чей-то", Created: noon, Expires: noon.AddDate(1, 0, 0)}
				w.change(func(tx incident.Tx) error {
					return tx.Accounts().SaveToken(t.Context(), &tk, fmt.Sprintf("%d", w.tick()))
				})
				path = strings.Replace(path, "{id}", fmt.Sprint(tk.ID), 1)
			}
			if strings.Contains(path, "/watches") && op.Method == "POST" && body == nil { // each call needs a name of its own
				return w.call(token, op.Method, strings.Replace(path, "{id}", fmt.Sprint(w.watched()), 1), fmt.Sprintf(`{"name":"Правило %d","query":"яма"}`, w.tick())).StatusCode
			}
			if op.Access.Of != nil && op.Access.Of.Name == "file" {
				path = strings.Replace(path, "{id}", fmt.Sprint(shot), 1)
			}
			if op.Access.Of != nil && strings.HasPrefix(op.Access.Of.Name, "source") {
				path = strings.Replace(path, "{id}", fmt.Sprint(wall), 1)
			}
			if op.Access.Of != nil && op.Access.Of.Name == "webhook" {
				path = strings.Replace(path, "{id}", fmt.Sprint(hook), 1)
			}
			if op.Access.Of != nil && op.Access.Of.Name == "problem" {
				path = strings.Replace(path, "{id}", fmt.Sprint(durable.ID), 1)
			}
			if op.Access.Of != nil && op.Access.Of.Name == "watch" {
				path = strings.Replace(path, "{id}", fmt.Sprint(w.watched()), 1)
			}
			return w.call(token, op.Method, strings.Replace(path, "{id}", fmt.Sprint(i.ID), 1), body).StatusCode
		}
		for _, token := range []string{"", "wrong"} {
			if got := ask(token); got != 401 {
				t.Errorf("%s %s by nobody (%q) = %d, want 401", op.Method, op.Path, token, got)
			}
		}
		for _, role := range lifecycle.Roles() {
			for _, sc := range scopes {
				got := ask(tokens[string(role)+sc.name])
				allowed := op.Access.Allows(role) && (!op.Access.Whole || sc.place.Centre == "" && sc.place.Agency == 0) && (!op.Access.Area || sc.place.Agency == 0)
				if allowed && op.Access.Area && op.Access.Of != nil && op.Access.Of.Name == "watch" && sc.place.Centre != "" { // a centre only reads what the region has saved
					allowed = false
				}
				found := sc.inside
				if op.Access.Of == nil {
					found = found || !strings.Contains(op.Path, "{number}") && !strings.HasSuffix(op.Path, "/proposals/decide")
				} else if op.Access.Of.Name == "token" {
					// Who works in an agency sees more than one centre does, whose
					// administrator therefore does not look after them.
					found = found && role == lifecycle.Admin && sc.name != "its centre"
				}
				if op.Access.Of != nil && op.Access.Of.Name == "agency" {
					found = sc.place.Region != kursk
				}
				if op.Access.Of != nil && op.Access.Of.Name == "watch" { // of the whole region
					found = sc.place.Region != kursk
				}
				want := "2xx"
				switch {
				case op.Method+op.Path == "POST/api/v1/tokens": // not by a token, whoever it is
					want = "403"
				case !allowed:
					want = "403"
				case !found:
					want = "404"
				}
				if fmt.Sprint(got) != want && !(want == "2xx" && got/100 == 2) {
					t.Errorf("%s %s as %s of %s = %d, want %s", op.Method, op.Path, role, sc.name, got, want)
				}
			}
		}
	}
}

// The table says which right an operation needs; this says it once more, from
// the roles of DOMAIN, so that a slip in the table is seen.
func TestAccessIsWhatThePagesAskFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, op := range w.api.Operations() {
		a := op.Access
		incidents := strings.Contains(op.Path, "/incidents") || strings.Contains(op.Path, "/numbers")
		switch {
		case incidents && a.Right != lifecycle.SeeQueue,
			strings.Contains(op.Path, "{id}") && a.Of == nil,
			strings.Contains(op.Path, "/actions/") && (a.Action == "" || a.Of == nil || a.Of.Name != "incident"),
			strings.Contains(op.Path, "/cards") && (a.Right != lifecycle.FileCards || a.Action != lifecycle.File),
			strings.Contains(op.Path, "/models") && (a.Right != lifecycle.Teach || !a.Whole),
			strings.HasSuffix(op.Path, "/rules") && (a.Right != lifecycle.EditRules || !a.Whole),
			a.Open:
			t.Errorf("%s %s has the access %+v", op.Method, op.Path, a)
		}
	}
}
