package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/audit"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/scope"
)

// A scenario is one request to a world with one incident of Abakan (id 1), of
// a text with a phone number, and one of Chernogorsk (id 2).
type scenario struct {
	name   string
	role   lifecycle.Role // operator when empty
	at     scope.Place    // the whole region when zero
	anon   bool
	before []string // actions done to incident 1 before, as "name" or "name body"
	method string
	path   string
	body   any
	status int
	want   map[string]any // fields of the answer
	absent []string       // that must not stand in the answer's bytes
	events []live.Event   // that are told; none otherwise
	audit  []string       // deed and subject; none otherwise
}

func one(version int, agency int64) live.Event {
	p := here
	p.Agency = agency
	return live.Event{Incident: 1, Version: version, Place: p, Was: here}
}

const act = "/api/v1/incidents/1/actions/"

var scenarios = []scenario{
	{name: "the list shows what the scope sees", path: "/api/v1/incidents", want: map[string]any{"incidents.0.id": 2.0, "incidents.1.id": 1.0, "incidents.2": nil, "next": nil},
		absent: []string{phoneWords, "Вера", "vera@"}},
	{name: "a centre sees its own", at: scope.Place{Region: khakassia, Centre: chernogor}, path: "/api/v1/incidents", want: map[string]any{"incidents.0.id": 2.0, "incidents.1": nil}},
	{name: "a list is filtered", path: "/api/v1/incidents?centre=" + abakan + "&state=new&state=triage&open=true&urgency=normal&channel=vk&free=true&no_agency=1&topic=roads.potholes",
		want: map[string]any{"incidents.0.id": 1.0, "incidents.1": nil}},
	{name: "claimed by me", before: []string{"claim"}, path: "/api/v1/incidents?claimed=me", want: map[string]any{"incidents.0.id": 1.0, "incidents.1": nil}},
	{name: "words find the text", path: "/api/v1/incidents?q=%D1%8F%D0%BC%D0%B0+%D0%B4%D0%B2%D0%BE%D1%80%D0%B5", want: map[string]any{"incidents.0.id": 1.0, "incidents.1": nil}},
	{name: "words that are none", path: "/api/v1/incidents?q=%E2%80%94", status: 422, want: map[string]any{"field": "q"}},
	{name: "a filter that is spelt wrong", path: "/api/v1/incidents?stat=new", status: 422, want: map[string]any{"field": "stat", "kind": "invalid"}},
	{name: "a state that is none", path: "/api/v1/incidents?state=lost", status: 422, want: map[string]any{"field": "state[0]"}},
	{name: "a topic that is none", path: "/api/v1/incidents?topic=roads.ufo", status: 422, want: map[string]any{"field": "topic"}},
	{name: "a limit over the limit", path: "/api/v1/incidents?limit=201", status: 422, want: map[string]any{"field": "limit"}},
	{name: "a cursor that is none", path: "/api/v1/incidents?after=abc", status: 422, want: map[string]any{"field": "after"}},
	{name: "a time that is none", path: "/api/v1/incidents?since=yesterday", status: 422, want: map[string]any{"field": "since"}},

	{name: "an incident with its messages", path: "/api/v1/incidents/1", want: map[string]any{"version": 2.0, "state": "new", "phrase": "новое", "topic.code": "roads.potholes",
		"messages.0.covered": true, "messages.0.text": "Абакан, яма во дворе, звоните " + strings.Repeat("*", len(phoneWords)), "messages.0.reading.places.0.text": "Абакан"},
		absent: []string{phoneWords, "Вера", "vera@", "author_name"}},
	{name: "personal data for who may see them, with a line of audit", path: "/api/v1/incidents/1?personal=1", want: map[string]any{"messages.0.author_name": "Вера Павлова",
		"messages.0.contact": "vera@example.org", "messages.0.text": "Абакан, яма во дворе, звоните " + phoneWords, "messages.0.covered": false}, audit: []string{"read_personal message:1"}},
	{name: "personal data in the list of messages", path: "/api/v1/incidents/1/messages?personal=true", want: map[string]any{"0.author_name": "Вера Павлова"}, audit: []string{"read_personal message:1"}},
	{name: "personal data for who may not", role: lifecycle.Leader, path: "/api/v1/incidents/1?personal=1", status: 403, want: map[string]any{"field": "personal", "kind": "forbidden"},
		absent: []string{phoneWords, "Вера", "vera@"}},
	{name: "what is missing comes with the question that asks for it", at: scope.Place{Region: khakassia}, path: "/api/v1/incidents/2", want: map[string]any{"missing": []any{"place"},
		"question.text":    "Здравствуйте! Спасибо, что написали. Чтобы передать вопрос тем, кто его решает, уточните, пожалуйста, где это: город или село, улица, дом или ориентир.",
		"question.options": []any{}}},
	{name: "an incident of another centre is not there", at: scope.Place{Region: khakassia, Centre: chernogor}, path: "/api/v1/incidents/1", status: 404, want: map[string]any{"kind": "not_found"}},
	{name: "nor are its replies", at: scope.Place{Region: khakassia, Centre: chernogor}, path: "/api/v1/incidents/1/replies", status: 404},
	{name: "nor is its number", at: scope.Place{Region: kursk}, path: "/api/v1/numbers/93219322", status: 404},
	{name: "an incident that never was", path: "/api/v1/incidents/999", status: 404},
	{name: "an id that is none", path: "/api/v1/incidents/abc", status: 404},
	{name: "a number as people write it", path: "/api/v1/numbers/932-193-22", want: map[string]any{"id": 1.0}},
	{name: "a number with a wrong digit", path: "/api/v1/numbers/93219323", status: 422, want: map[string]any{"field": "number"}},
	{name: "the history", before: []string{"accept"}, path: "/api/v1/incidents/1/history", want: map[string]any{"0.action": "accept", "0.from": "new", "0.to": "triage", "0.name": "Ирина Соколова", "0.version": 3.0}},
	{name: "the replies", before: []string{`submit {"text":"Яму засыпали."}`}, path: "/api/v1/incidents/1/replies", want: map[string]any{"0.state": "draft", "0.purpose": "final", "0.text": "Яму засыпали."}},

	{name: "accept", method: "POST", path: act + "accept", want: map[string]any{"state": "triage", "version": 3.0}, events: []live.Event{one(3, 0)}},
	{name: "accept with the version that was read", method: "POST", path: act + "accept", body: map[string]any{"version": 2}, want: map[string]any{"state": "triage"}, events: []live.Event{one(3, 0)}},
	{name: "accept an older version", before: []string{"claim"}, method: "POST", path: act + "accept", body: map[string]any{"version": 2}, status: 409, want: map[string]any{"kind": "conflict", "version": 3.0}},
	{name: "accept twice", before: []string{"accept"}, method: "POST", path: act + "accept", status: 409, want: map[string]any{"version": 3.0}},
	{name: "reject", method: "POST", path: act + "reject", body: map[string]any{"reason": "Решает суд"}, want: map[string]any{"state": "closed", "outcome": "refused", "outcome_reason": "Решает суд"}, events: []live.Event{one(3, 0)}},
	{name: "reject without a reason", method: "POST", path: act + "reject", body: map[string]any{"reason": " "}, status: 422, want: map[string]any{"field": "reason"}},
	{name: "reject without the field", method: "POST", path: act + "reject", body: map[string]any{}, status: 422, want: map[string]any{"field": "reason"}},
	{name: "reject without a body", method: "POST", path: act + "reject", status: 400, want: map[string]any{"kind": "invalid"}},
	{name: "a body that is no JSON", method: "POST", path: act + "reject", body: `{"reason":`, status: 400},
	{name: "a body that is not UTF-8", method: "POST", path: act + "reject", body: "{\"reason\":\"\xcd\xe5\xf2\"}", status: 400},
	{name: "a field of another type", method: "POST", path: act + "reject", body: map[string]any{"reason": 5}, status: 422, want: map[string]any{"field": "reason"}},
	{name: "a field that is not known", method: "POST", path: act + "claim", body: map[string]any{"verion": 1}, status: 422, want: map[string]any{"field": "verion"}},
	{name: "a body over the limit", method: "POST", path: act + "reject", body: `{"reason":"` + strings.Repeat("a", 300<<10) + `"}`, status: 413, want: map[string]any{"kind": "too_large"}},
	{name: "an executor may not accept", role: lifecycle.Executor, method: "POST", path: act + "accept", status: 403, want: map[string]any{"kind": "forbidden"}},
	{name: "nobody acts from outside of the scope", at: scope.Place{Region: khakassia, Centre: chernogor}, method: "POST", path: act + "accept", status: 404},
	{name: "ask", method: "POST", path: act + "ask", body: map[string]any{"text": "Где это?"}, want: map[string]any{"state": "asked"}, events: []live.Event{one(3, 0)}},
	{name: "hand over", method: "POST", path: act + "hand_over", body: map[string]any{"agency": 1}, want: map[string]any{"state": "assigned", "agency": 1.0}, events: []live.Event{one(3, 1)}},
	{name: "hand over to nobody", method: "POST", path: act + "hand_over", body: map[string]any{}, status: 422, want: map[string]any{"field": "agency"}},
	{name: "take", before: []string{`hand_over {"agency":1}`}, method: "POST", path: act + "take", want: map[string]any{"state": "working"},
		events: []live.Event{{Incident: 1, Version: 4, Place: scope.Place{Region: khakassia, Centre: abakan, Agency: 1}, Was: scope.Place{Region: khakassia, Centre: abakan, Agency: 1}}}},
	{name: "submit", method: "POST", path: act + "submit", body: map[string]any{"text": "Засыплем."}, want: map[string]any{"state": "approval"}, events: []live.Event{one(3, 0)}},
	{name: "approve", before: []string{`submit {"text":"Засыпали."}`}, method: "POST", path: act + "approve", body: map[string]any{"reply": 1}, want: map[string]any{"state": "approval"}, events: []live.Event{one(4, 0)}},
	{name: "return", role: lifecycle.Curator, before: []string{`submit {"text":"Засыпали."}`}, method: "POST", path: act + "return", body: map[string]any{"reply": 1, "reason": "Когда?"},
		want: map[string]any{"state": "rework"}, events: []live.Event{one(4, 0)}},
	{name: "answer", method: "POST", path: act + "answer", body: map[string]any{"text": "Засыпали."}, want: map[string]any{"state": "approval"}, events: []live.Event{one(3, 0)}},
	{name: "an interim answer leaves the work where it stands", method: "POST", path: act + "answer", body: map[string]any{"text": "Едем.", "purpose": "interim"}, want: map[string]any{"state": "new"}, events: []live.Event{one(3, 0)}},
	{name: "an answer into another incident's thread", method: "POST", path: act + "answer", body: map[string]any{"text": "Засыпали.", "to": 2}, status: 422, want: map[string]any{"field": "to"}},
	{name: "the result of an incident", path: "/api/v1/incidents/1/result", want: map[string]any{"verified": false, "voices": []any{}, "closures": []any{}}},
	{name: "the result in another centre", at: scope.Place{Region: khakassia, Centre: chernogor}, path: "/api/v1/incidents/1/result", status: 404},
	{name: "durable problems", path: "/api/v1/problems", want: map[string]any{"problems": []any{}}},
	{name: "a cursor of problems that is none", path: "/api/v1/problems?after=x", status: 422, want: map[string]any{"field": "after"}},
	{name: "a problem that is not there", path: "/api/v1/problems/9", status: 404},
	{name: "calls that wait", path: "/api/v1/calls", want: map[string]any{"0": nil}},
	{name: "a call that is not there", method: "POST", path: act + "called", body: map[string]any{"call": 9, "whom": "112"}, status: 404},
	{name: "a link to a problem that is not there", method: "POST", path: act + "link", body: map[string]any{"problem": 9}, status: 422, want: map[string]any{"field": "problem"}},
	{name: "voices that wait", path: "/api/v1/voices", want: map[string]any{"0": nil}},
	{name: "voices for who decides nothing", role: lifecycle.Leader, path: "/api/v1/voices", status: 403},
	{name: "a link while work goes on", method: "POST", path: "/api/v1/incidents/1/invite", status: 409},
	{name: "what the author told us while work goes on", method: "POST", path: act + "hear", body: map[string]any{"meaning": "refuted"}, status: 409},
	{name: "a voice that is not there", role: lifecycle.Controller, method: "POST", path: act + "weigh", body: map[string]any{"voice": 9, "meaning": "thanks"}, status: 404},
	{name: "a meaning that is none", method: "POST", path: act + "weigh", body: map[string]any{"voice": 9, "meaning": "well"}, status: 422, want: map[string]any{"field": "meaning"}},
	{name: "a check of what is not closed", role: lifecycle.Controller, method: "POST", path: act + "check", body: map[string]any{"solved": true}, status: 409},
	{name: "close what is not answered", method: "POST", path: act + "close", body: map[string]any{"outcome": "solved"}, status: 409},
	{name: "close with an outcome that is none", method: "POST", path: act + "close", body: map[string]any{"outcome": "refused"}, status: 422, want: map[string]any{"field": "outcome"}},
	{name: "reopen", before: []string{`reject {"reason":"Не наше"}`}, method: "POST", path: act + "reopen", body: map[string]any{"reason": "Наше"}, want: map[string]any{"state": "rework", "reopened": 1.0, "outcome": nil}, events: []live.Event{one(4, 0)}},
	{name: "verify", before: []string{`reject {"reason":"Не наше"}`}, method: "POST", path: act + "verify", body: map[string]any{"how": "photo"}, want: map[string]any{"verified.how": "photo"}, events: []live.Event{one(4, 0)}},
	{name: "correct", method: "POST", path: act + "correct", body: map[string]any{"topic": "undefined", "urgency": "danger", "address": map[string]any{"settlement": "Абакан", "street": "улица Ленина"}},
		want: map[string]any{"topic.code": "undefined", "urgency": "danger", "address.text": "Абакан, улица Ленина", "address.place_id": abakan + "001"}, events: []live.Event{one(3, 0)}},
	{name: "a correction that changes nothing", method: "POST", path: act + "correct", body: map[string]any{"urgency": "normal"}, status: 409},
	{name: "a correction to a topic that is none", method: "POST", path: act + "correct", body: map[string]any{"topic": "roads.ufo"}, status: 422, want: map[string]any{"field": "topic"}},
	{name: "claim", method: "POST", path: act + "claim", want: map[string]any{"version": 3.0}, events: []live.Event{one(3, 0)}},
	{name: "release", before: []string{"claim"}, method: "POST", path: act + "release", want: map[string]any{"claimed_by": nil}, events: []live.Event{one(4, 0)}},
	{name: "attach", method: "POST", path: act + "attach", body: map[string]any{"message": 2}, want: map[string]any{"message_count": 2.0},
		events: []live.Event{{Incident: 2, Version: 3, Place: scope.Place{Region: khakassia, Centre: chernogor}, Was: scope.Place{Region: khakassia, Centre: chernogor}}, one(3, 0)}},
	{name: "attach what lies outside of the scope", at: here, method: "POST", path: act + "attach", body: map[string]any{"message": 2}, status: 404},
	{name: "detach the only message", method: "POST", path: act + "detach", body: map[string]any{"message": 1}, status: 409},
	{name: "an action that is none", method: "POST", path: act + "burn", status: 404, want: map[string]any{"kind": "not_found"}},

	{name: "file a card", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "В Абакан открыт люк", "caller": "Мария", "phone": phoneWords}, status: 201,
		want:   map[string]any{"number": incident.Number(3), "incident.id": 3.0, "incident.channel": "phone"},
		events: []live.Event{{Incident: 3, Version: 1, Opened: true, Place: here, Was: here}}, absent: []string{"Мария", phoneWords}},
	{name: "a card at the counter", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "В Абакан открыт люк", "channel": "counter"}, status: 201, want: map[string]any{"incident.channel": "counter"},
		events: []live.Event{{Incident: 3, Version: 1, Opened: true, Place: here, Was: here}}},
	{name: "one more call about the same", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "Люк всё ещё открыт", "phone": phoneWords, "attach": 1}, status: 201,
		want: map[string]any{"number": incident.Number(1), "incident.id": 1.0}, events: []live.Event{one(3, 0)}},
	{name: "a card about an incident that is none", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "люк", "attach": 999}, status: 404},
	{name: "a card by a channel that is none", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "люк", "channel": "vk"}, status: 422},
	{name: "listen to a card", method: "POST", path: "/api/v1/cards/listen", body: map[string]any{"text": "В Абакан открыт люк", "phone": "8 923 000-11-22"}, status: 200,
		want: map[string]any{"phone": "+79230001122", "kind": "complaint", "centre": abakan}},
	{name: "listen before the first word", method: "POST", path: "/api/v1/cards/listen", body: map[string]any{"text": "", "phone": "8 923 000-11-22"}, status: 200, want: map[string]any{"phone": "+79230001122", "kind": ""}},
	{name: "an executor listens to nobody", role: lifecycle.Executor, method: "POST", path: "/api/v1/cards/listen", body: map[string]any{"text": "люк"}, status: 403},
	{name: "a card without a text", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": " "}, status: 422, want: map[string]any{"field": "text"}},
	{name: "a card of a topic that is none", method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "люк", "topic": "x"}, status: 422, want: map[string]any{"field": "topic"}},
	{name: "an executor files no cards", role: lifecycle.Executor, method: "POST", path: "/api/v1/cards", body: map[string]any{"text": "люк"}, status: 403},
	{name: "the microscope", method: "POST", path: "/api/v1/read", body: map[string]any{"text": "Абакан, яма"}, want: map[string]any{"kind": "complaint", "places.0.text": "Абакан", "topics.0.code": "roads.potholes",
		"topics.0.name": "Ямы и выбоины на дороге", "missing": []any{}}},
	{name: "the microscope on nothing", method: "POST", path: "/api/v1/read", body: map[string]any{"text": ""}, status: 422, want: map[string]any{"field": "text"}},

	{name: "me", path: "/api/v1/me", want: map[string]any{"role": "operator", "scope.region": khakassia, "by": "token"}, absent: []string{"hash", "secret"}},
	{name: "topics", path: "/api/v1/topics", want: map[string]any{"version": 1.0}},
	{name: "agencies", path: "/api/v1/agencies", want: map[string]any{"0.short": "Дороги", "1": nil}},
	{name: "rules", role: lifecycle.Curator, path: "/api/v1/rules", want: map[string]any{"0": nil}},
	{name: "rules are for who sees the region", role: lifecycle.Curator, at: here, path: "/api/v1/rules", status: 403},
	{name: "territories of the caller's region, without streets", path: "/api/v1/territories", want: map[string]any{"0.code": abakan, "1.name": "Черногорск", "2": nil}},
	{name: "territories of a municipality", path: "/api/v1/territories?parent=" + abakan, want: map[string]any{"0": nil}},
	{name: "a territory that is none", path: "/api/v1/territories?parent=99999999", status: 404, want: map[string]any{"field": "parent"}},
	{name: "a code that is none", path: "/api/v1/territories?parent=abc", status: 422, want: map[string]any{"field": "parent"}},

	{name: "nobody", anon: true, path: "/api/v1/incidents", status: 401, want: map[string]any{"kind": "signed_out"}},
	{name: "nobody learns what is there", anon: true, path: "/api/v1/incidents/1", status: 401},
	{name: "a path that is none", path: "/api/v1/incidentz", status: 404, want: map[string]any{"kind": "not_found"}},
	{name: "a path above", path: "/api/", status: 404, want: map[string]any{"kind": "not_found"}},
	{name: "a method that is none", method: "PUT", path: "/api/v1/incidents", status: 405},
	{name: "the description is open to all", anon: true, path: "/api/openapi.json", want: map[string]any{"openapi": "3.1.0"}},
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if s.role == "" {
				s.role = lifecycle.Operator
			}
			if s.at == (scope.Place{}) {
				s.at = scope.Place{Region: khakassia}
			}
			if s.method == "" {
				s.method = "GET"
			}
			if s.status == 0 {
				s.status = 200
			}
			_, token := w.person(s.role, s.at)
			w.agencyOf("Дороги", here)
			if i := w.opened("Абакан, яма во дворе, звоните "+phoneWords, here); i.ID != 1 {
				t.Fatalf("the incident has the id %d", i.ID)
			}
			w.opened("Яма у школы", scope.Place{Region: khakassia, Centre: chernogor})
			for _, b := range s.before {
				name, body, _ := strings.Cut(b, " ")
				if a := w.call(token, "POST", act+name, body); a.StatusCode != 200 {
					t.Fatalf("before: %s = %d %s", b, a.StatusCode, a.raw)
				}
			}
			w.told()
			if s.anon {
				token = ""
			}
			a := w.call(token, s.method, s.path, s.body)
			if a.StatusCode != s.status {
				t.Fatalf("%s %s = %d, want %d: %s", s.method, s.path, a.StatusCode, s.status, a.raw)
			}
			if s.status >= 400 {
				if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
					t.Errorf("Content-Type = %s", ct)
				}
				for _, f := range []string{"type", "title", "status", "detail", "kind", "request"} {
					if a.field(f) == nil {
						t.Errorf("the problem has no %s: %s", f, a.raw)
					}
				}
			}
			for f, want := range s.want {
				if diff := cmp.Diff(want, a.field(f)); diff != "" {
					t.Errorf("%s differs (-want +got):\n%s", f, diff)
				}
			}
			for _, words := range s.absent {
				if strings.Contains(string(a.raw), words) {
					t.Errorf("the answer holds %q", words)
				}
			}
			if diff := cmp.Diff(s.events, w.told()); diff != "" {
				t.Errorf("events differ (-want +got):\n%s", diff)
			}
			w.audited(s.audit)
			w.quiet("звоните", "Вера", phoneWords, "яма", "Мария", "secret-of", "%D1%8F")
		})
	}
}

// audited checks the audit, without its times.
func (w *world) audited(want []string) {
	w.t.Helper()
	list, err := w.db.Reader().Audit().Entries(w.t.Context(), scope.All(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		if e.Deed != audit.SignedIn {
			got = append(got, fmt.Sprintf("%s %s", e.Deed, e.Subject))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("the audit differs (-want +got):\n%s", diff)
	}
}

// quiet checks that the log holds none of the words.
func (w *world) quiet(words ...string) {
	w.t.Helper()
	for _, word := range words {
		if log := w.log.String(); strings.Contains(log, word) {
			w.t.Errorf("the log holds %q:\n%s", word, log)
		}
	}
}
