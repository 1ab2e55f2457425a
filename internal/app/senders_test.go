package app_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/webhook"
)

// A pusher is a system outside, with the secret that it was given.
type pusher struct {
	handler http.Handler
	secret  string
	path    string
	now     func() time.Time
	calls   int
}

// push sends one message and returns the answer.
func (p *pusher) push(t *testing.T, id, territory string) (int, string) {
	t.Helper()
	body := fmt.Sprintf(`{"messages":[{"id":%q,"text":"Яма у дома 5","published_at":%q,"territory":%q}]}`, id, p.now().Format(time.RFC3339), territory)
	p.calls++
	call := fmt.Sprint("call-", p.calls)
	sig, err := webhook.Sign(call, p.now(), []byte(body), p.secret)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, p.path, strings.NewReader(body))
	r.Header.Set("webhook-id", call)
	r.Header.Set("webhook-timestamp", fmt.Sprint(p.now().Unix()))
	r.Header.Set("webhook-signature", sig)
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestASystemIsConnectedWithoutTheFile: from the form to its messages, over a restart, a new
// secret, a pause and its end; the senders of the file go on beside it.
func TestASystemIsConnectedWithoutTheFile(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	conf := config.Config{Region: khakassia, Title: "ЦУР", Store: filepath.Join(dir, "otklik.db"), Hooks: []config.Hook{{Name: "old", Secret: pushSecret, Files: []string{"files.example.org"}}}}
	var a *app.App
	p := &pusher{now: clock}
	open := func() {
		var err error
		if a, err = app.Open(ctx, app.Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Now: clock, Config: conf}); err != nil {
			t.Fatal(err)
		}
		if p.handler, err = app.Handler(a); err != nil {
			t.Fatal(err)
		}
	}
	open()
	defer func() { a.Close() }()
	admin := account.Actor{ID: 1, Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}
	one := &source.Source{Name: "Портал города", Territory: "95701000", Settings: []byte(`{"files":["pictures.example.org"],"per_minute":100}`)}
	secret, err := a.Roster.Connect(ctx, admin, one, "")
	if err != nil || one.ID != "hook:portal-goroda" || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("Connect = %q, %q, %v", one.ID, secret, err)
	}
	p.secret, p.path = secret, fmt.Sprintf("/hooks/messages/%d", one.Number)
	wants := func(what string, status int, id string) {
		t.Helper()
		if code, said := p.push(t, id, ""); code != status || strings.Contains(said, secret) {
			t.Errorf("%s: %d %s, want %d", what, code, said, status)
		}
	}
	wants("at its own address", 200, "1")
	p.path = "/hooks/messages"
	wants("at that of all", 200, "2")
	if code, said := p.push(t, "3", "57701000"); code != 400 || !strings.Contains(said, "messages[0].territory") {
		t.Errorf("into another region: %d %s", code, said)
	}
	if no := a.Roster.Refused(one.ID); no.Count != 1 || !strings.Contains(no.Sentence, "территория") {
		t.Errorf("refused: %+v", no)
	}
	items, err := a.DB.Reader().Intake().Inbox(ctx, 10)
	if err != nil || len(items) != 2 || items[0].Source != one.ID {
		t.Fatalf("inbox: %d, %v", len(items), err)
	}
	if m, err := message.Decode(items[0].Payload); err != nil || m.Territory != "95701000" || !m.Addressed || m.Channel != message.Hook {
		t.Errorf("message: %+v, %v", m, err)
	}
	if got := app.FileHosts(a); !slices.Equal(got[one.ID], []string{"pictures.example.org"}) || !slices.Equal(got["hook:old"], []string{"files.example.org"}) {
		t.Errorf("hosts of pictures: %v", got)
	}

	a.Close()
	open()
	wants("after a restart", 200, "4")
	fixed := &pusher{handler: p.handler, now: clock, path: "/hooks/messages", secret: pushSecret, calls: 100}
	if code, said := fixed.push(t, "1", ""); code != 200 {
		t.Errorf("the sender of the file: %d %s", code, said)
	}
	states, err := a.DB.Reader().Intake().Sources(ctx, scope.OfRegion(khakassia))
	if at := slices.IndexFunc(states, func(s message.SourceState) bool { return s.ID == one.ID }); err != nil || at < 0 || !states[at].ReadAt.Equal(now) || states[at].Error != "" {
		t.Errorf("states: %+v, %v", states, err)
	}

	next, err := a.Roster.Rotate(ctx, admin, one.Number, false)
	if err != nil || next == secret || a.Roster.Until(one.ID).Sub(now) != 24*time.Hour {
		t.Fatalf("Rotate = %v, until %s", err, a.Roster.Until(one.ID))
	}
	wants("the secret before", 200, "5")
	p.secret = next
	wants("the new secret", 200, "6")
	now = now.Add(24 * time.Hour)
	wants("the new secret a day later", 200, "7")
	p.secret = secret
	wants("the secret before, a day later", 401, "8")
	if p.secret, err = a.Roster.Rotate(ctx, admin, one.Number, true); err != nil {
		t.Fatal(err)
	}
	wants("the newest", 200, "9")
	newest := p.secret
	p.secret = next
	wants("one that ended at once", 401, "10")
	p.secret = newest

	kept, err := a.DB.Reader().Sources().Source(ctx, admin.Scope, one.Number)
	if err != nil {
		t.Fatal(err)
	}
	kept.Name, kept.Key, kept.Settings = "Портал", "", []byte(`{"per_minute":1}`)
	if err := a.Roster.Save(ctx, admin, kept); err != nil {
		t.Fatalf("Save: %v", err)
	}
	now = now.Add(time.Minute)
	wants("after a change, with its secret", 200, "11")
	wants("more than a minute's share", 429, "12")
	if err := a.Roster.Pause(ctx, admin, one.Number, true); err != nil {
		t.Fatal(err)
	}
	wants("on a pause", 503, "13")
	if err := a.Roster.Pause(ctx, admin, one.Number, false); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	wants("after it", 200, "13")
	if err := a.Roster.Remove(ctx, admin, one.Number); err != nil {
		t.Fatal(err)
	}
	wants("removed", 401, "14")
	if keys, err := a.DB.Reader().Sources().Keys(ctx, scope.All()); err != nil || len(keys) != 0 {
		t.Errorf("its secret is kept: %v, %v", keys, err)
	}
	again := &source.Source{Name: "Портал города"}
	if p.secret, err = a.Roster.Connect(ctx, admin, again, ""); err != nil || again.ID != one.ID {
		t.Fatalf("connected again: %q, %v", again.ID, err)
	}
	wants("connected again", 200, "15")
	if code, _ := fixed.push(t, "2", ""); code != 200 {
		t.Errorf("the sender of the file = %d", code)
	}
	checkRefusals(t, a, admin)
}

func field(err error) string {
	var e *fault.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Field
}

// checkRefusals: what may not be connected or changed, each with its field.
func checkRefusals(t *testing.T, a *app.App, admin account.Actor) {
	t.Helper()
	ctx := t.Context()
	for _, c := range []struct {
		name, code, territory, settings, field string
		kind                                   fault.Kind
	}{
		{"", "x", "", "", "name", fault.Invalid},
		{"!!!", "", "", "", "code", fault.Invalid},
		{"Портал", "Портал", "", "", "code", fault.Invalid},
		{"Портал", strings.Repeat("x", 41), "", "", "code", fault.Invalid},
		{"Портал", "old", "", "", "code", fault.Conflict}, // the file has it
		{"Портал города", "", "", "", "code", fault.Conflict},
		{"Портал", "p", "1", "", "territory", fault.Invalid},
		{"Портал", "p", "", `{"files":["https://a.example"]}`, "files", fault.Invalid},
		{"Портал", "p", "", `{"files":["localhost"]}`, "files", fault.Invalid},
		{"Портал", "p", "", `{"per_minute":-1}`, "per_minute", fault.Invalid},
		{"Портал", "p", "", `{"secret":"x"}`, "settings", fault.Invalid},
	} {
		s := &source.Source{Name: c.name, Territory: c.territory, Settings: []byte(c.settings)}
		_, err := a.Roster.Connect(ctx, admin, s, c.code)
		if !fault.Is(err, c.kind) || field(err) != c.field || fault.Sentence(err) == "" {
			t.Errorf("Connect(%+v) = %v at %q", c, err, field(err))
		}
	}
	operator := account.Actor{ID: 2, Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)}
	if _, err := a.Roster.Connect(ctx, operator, &source.Source{Name: "Портал"}, "p"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator connects: %v", err)
	}
	old, _ := a.Roster.Of("hook:old")
	if _, err := a.Roster.Rotate(ctx, admin, old.Number, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("the secret of the file is changed: %v", err)
	}
	if err := a.Roster.SaveKey(ctx, admin, &source.Key{Kind: source.Hook, Name: "hook:portal-goroda", Secret: "whsec_AAAA"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a secret is written over from the page of keys: %v", err)
	}
}
