package api_test

import (
	"testing"
	"time"

	"otklik/internal/api"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/notify"
	"otklik/internal/notify/push"
	"otklik/internal/notify/push/pushtest"
	"otklik/internal/scope"
)

// A program subscribes what its user allowed to; everybody has their own alone.
func TestABrowserOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := pushtest.Start()
	t.Cleanup(srv.Close)
	key, err := push.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	w.serve(func(o *api.Options) {
		n, ok := o.Posting.(*notify.Notifier)
		if !ok {
			t.Fatal("the API stands on no notifier")
		}
		n.Channels = map[notice.Channel]notify.Channel{notice.Push: push.New(key, "mailto:otklik@example.ru", time.Now, true)}
	})
	_, mine := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	_, theirs := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	a := w.call(mine, "GET", "/api/v1/notices/settings", nil)
	if a.StatusCode != 200 || a.field("push_key") != key.Public() || a.field("channels.0") != "push" {
		t.Fatalf("settings = %d %v", a.StatusCode, a.json)
	}
	b := srv.Subscribe(key.Public())
	body := map[string]any{"do": "push", "endpoint": b.Endpoint, "p256dh": b.P256DH, "auth": b.Auth, "browser": "Firefox, Windows"}
	a = w.call(mine, "POST", "/api/v1/notices/addresses", body)
	if a.StatusCode != 200 || a.field("addresses.0.label") != "Firefox, Windows" || a.field("addresses.0.state") != "good" || a.field("addresses.1") != nil {
		t.Fatalf("push = %d %v", a.StatusCode, a.json)
	}
	drop := map[string]any{"do": "drop", "address": a.field("addresses.0.id")}
	if a := w.call(theirs, "POST", "/api/v1/notices/addresses", drop); a.StatusCode != 404 {
		t.Errorf("somebody else drops it: %d", a.StatusCode)
	}
	if a := w.call(theirs, "GET", "/api/v1/notices/settings", nil); a.field("addresses.0") != nil {
		t.Errorf("somebody else sees %v", a.json)
	}
	if a := w.call(mine, "POST", "/api/v1/notices/addresses", drop); a.StatusCode != 200 || a.field("addresses.0") != nil {
		t.Errorf("drop = %d %v", a.StatusCode, a.json)
	}
	for name, bad := range map[string]map[string]any{
		"nothing": {"do": "push"}, "a short secret": {"do": "push", "endpoint": b.Endpoint, "p256dh": b.P256DH, "auth": "AAAA"},
		"no address": {"do": "push", "endpoint": "ftp://x", "p256dh": b.P256DH, "auth": b.Auth},
	} {
		if a := w.call(mine, "POST", "/api/v1/notices/addresses", bad); a.StatusCode != 422 || a.field("detail") == nil {
			t.Errorf("%s = %d %v", name, a.StatusCode, a.json)
		}
	}
}
