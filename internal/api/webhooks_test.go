package api_test

import (
	"context"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/herald"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/topic"
	"otklik/internal/webhook"
)

// yesHerald does what it is asked to.
type yesHerald struct{}

func (yesHerald) Save(context.Context, account.Actor, *webhook.Webhook, string, int64) (string, error) {
	return "", nil
}

func (yesHerald) Do(context.Context, account.Actor, webhook.ID, herald.Deed, int64) (string, error) {
	return "", nil
}

// hooked keeps a webhook that stands at a place.
func (w *world) hooked(at scope.Place) int64 {
	w.t.Helper()
	h := webhook.Webhook{Name: "Портал", URL: "https://portal.example/in", Events: []webhook.Event{webhook.Opened}, State: webhook.On, Tag: "t", Sealed: []byte("x"), Place: at}
	w.change(func(tx incident.Tx) error { return tx.Webhooks().SaveWebhook(w.t.Context(), &h) })
	return int64(h.ID)
}

func TestWebhooksAreKeptByPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box, err := seal.Of([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	w.serve(func(o *api.Options) {
		o.Webhooks = herald.New(herald.Options{Store: w.db, Box: box, Topics: topic.Default, Mask: func(s string) string { return s }, Stand: func(string) scope.Place { return here },
			Hurry: func() {}, Tell: func(live.Event) {}, Now: o.Now, Log: o.Log})
	})
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	ask := func(method, path, body string, status int, want ...string) string {
		t.Helper()
		var b any
		if body != "" {
			b = body
		}
		res := w.call(admin, method, "/api/v1"+path, b)
		got := string(res.raw)
		if res.StatusCode != status {
			t.Errorf("%s %s %s = %d %s, want %d", method, path, body, res.StatusCode, got, status)
		}
		for _, s := range want {
			if !strings.Contains(got, s) {
				t.Errorf("%s %s %s: no %s in %s", method, path, body, s, got)
			}
		}
		return got
	}
	const good = `{"name":"Портал","url":"https://portal.example/in","events":["incident.opened","reply.publish"],"source":"hook:portal"}`
	ask("POST", "/webhooks", good, 200, `"secret":"whsec_`, `"state":"on"`, `"version":1`)
	ask("POST", "/webhooks", good, 422, `"field":"source"`) // two cannot publish the same replies
	ask("POST", "/webhooks", `{"name":"Портал","url":"http://portal.example/in","events":["incident.opened"]}`, 422, `"field":"url"`)
	ask("POST", "/webhooks", `{"name":"Портал","url":"https://portal.example/in","events":["eaten"]}`, 422, `"field":"events"`)
	if got := ask("GET", "/webhooks", "", 200, "hook:portal"); strings.Contains(got, "whsec_") || strings.Contains(got, "secret") {
		t.Errorf("the list shows a secret: %s", got)
	}
	ask("POST", "/webhooks/1", `{"do":"test"}`, 200, `"waiting":1`)
	ask("POST", "/webhooks/1", `{"do":"pause"}`, 200, `"state":"paused"`)
	ask("POST", "/webhooks/1", `{"do":"test"}`, 409)
	ask("POST", "/webhooks/1", `{"do":"rotate"}`, 200, `"secret":"whsec_`, `"old_secret_until"`)
	ask("POST", "/webhooks/1", `{"version":1,"name":"Иначе","url":"https://portal.example/in","events":["incident.opened"]}`, 409)
	ask("POST", "/webhooks/1", `{"name":"Иначе","url":"https://portal.example/in","events":["incident.opened"]}`, 200, "Иначе", `"state":"paused"`)
	ask("GET", "/webhooks/1/calls", "", 200, `"event":"webhook.test"`, `"state":"waiting"`)
	ask("POST", "/webhooks/1", `{"do":"again","call":99}`, 404)
	ask("POST", "/webhooks/1", `{"do":"remove"}`, 200)
	ask("GET", "/webhooks/1/calls", "", 404)
}
