package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/herald"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

// pushSecret is of the aggregator that pushes to us.
const pushSecret = "whsec_YWdncmVnYXRvci1wdXNoZXMtdG8tdXM="

// An aggregator collects complaints in threads of its own, pushes them to us and hears of
// them by a webhook.
type aggregator struct {
	*centre
	hook    *webhook.Webhook
	secret  string // of the webhook
	handler http.Handler

	mu     sync.Mutex
	calls  []herald.Call
	ids    []string
	forged int
	answer func(w http.ResponseWriter, c *herald.Call)
}

func newAggregator(t *testing.T, events ...webhook.Event) *aggregator {
	t.Helper()
	a := &aggregator{centre: &centre{}}
	a.clock.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	var err error
	a.App, err = app.Open(t.Context(), app.Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: a.now, Demo: &app.Demo{},
		Config: config.Config{Region: khakassia, Title: "ЦУР", Store: "otklik.db", Hooks: []config.Hook{{Name: "portal", Secret: pushSecret, Territory: "95701000"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if a.handler, err = app.Handler(a.App); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(a.take))
	t.Cleanup(srv.Close)
	a.hook = &webhook.Webhook{Name: "Портал города", URL: srv.URL + "/in", Events: events, Source: "hook:portal"}
	if a.secret, err = a.Herald.Save(t.Context(), a.admin(), a.hook, "", 0); err != nil || !strings.HasPrefix(a.secret, "whsec_") {
		t.Fatalf("Save = %q, %v", a.secret, err)
	}
	return a
}

func (a *aggregator) admin() account.Actor {
	return account.Actor{ID: a.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}
}

// take is the aggregator's end of the webhook.
func (a *aggregator) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	var seconds int64
	fmt.Sscan(stamp, &seconds)
	a.mu.Lock()
	defer a.mu.Unlock()
	want, err := webhook.Sign(id, time.Unix(seconds, 0), body, a.secret)
	if err != nil || !slices.Contains(strings.Fields(r.Header.Get("webhook-signature")), want) {
		a.forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var c herald.Call
	if json.Unmarshal(body, &c) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a.calls, a.ids = append(a.calls, c), append(a.ids, id)
	if a.answer != nil {
		a.answer(w, &c)
	}
}

// heard returns the calls so far.
func (a *aggregator) heard() []herald.Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// call sends a signed call to us.
func (a *aggregator) call(t *testing.T, path string, body any) (int, string) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	id, at := fmt.Sprintf("msg_%d", len(b)), a.now()
	sign, err := webhook.Sign(id, at, b, pushSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, bytes.NewReader(b))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("webhook-signature", sign)
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (a *aggregator) push(t *testing.T, messages ...map[string]any) {
	t.Helper()
	for k := range messages {
		messages[k]["published_at"] = a.now().Format(time.RFC3339)
	}
	if code, said := a.call(t, "/hooks/messages", map[string]any{"messages": messages}); code != http.StatusOK {
		t.Fatalf("push = %d %s", code, said)
	}
	for n := 1; n > 0; {
		var err error
		if n, err = a.Inbox.Drain(t.Context(), func(ctx2 context.Context, list []message.Message, also func(incident.Tx) error) (time.Duration, error) {
			sum, err := a.Intake.Take(ctx2, list, also)
			return sum.Held(), err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func (a *aggregator) step(t *testing.T) {
	t.Helper()
	for range 3 { // publishing is a job, then a call, then a look
		if _, err := a.Outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Herald.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.clock.Add(4)
	}
}

func types(calls []herald.Call) (list []webhook.Event) {
	for _, c := range calls {
		list = append(list, c.Type)
	}
	return list
}

// TestAnAggregatorAnswersInItsOwnThread is the whole way: a pushed message becomes an
// incident, the approved reply is handed to the aggregator, it publishes it in its thread and
// confirms, and the author's next words in that thread return the incident.
func TestAnAggregatorAnswersInItsOwnThread(t *testing.T) {
	t.Parallel()
	a := newAggregator(t, webhook.Events()...)
	a.push(t, map[string]any{"id": "p1", "thread": "p1", "author": "Анна Петрова", "url": "https://portal.example/p1",
		"text": "По улице Ленина в Абакане у дома 5 вторую неделю не убирают мусор, контейнеры полные. Звоните 8 913 123-45-67"})
	rows := a.queue(t)
	if len(rows) != 1 {
		t.Fatalf("the queue has %d incidents", len(rows))
	}
	id := rows[0].ID
	if _, err := a.Herald.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls := a.heard()
	if len(calls) != 1 || calls[0].Type != webhook.Opened || a.forged != 0 {
		t.Fatalf("calls = %v, %d of them forged", types(calls), a.forged)
	}
	d := calls[0].Data
	if d.Incident == nil || d.Incident.Number != rows[0].Number || len(d.Messages) != 1 || d.Messages[0].ID != "p1" || d.Messages[0].Thread != "p1" {
		t.Fatalf("data = %+v", d)
	}
	if m := d.Messages[0]; m.Author != "" || m.Contact != "" || strings.Contains(m.Text, "123-45-67") || !strings.Contains(m.Text, "мусор") {
		t.Errorf("personal data goes out: %+v", m)
	}

	if _, err := a.Desk.Do(t.Context(), a.operator(), id, 0, desk.Answer{Text: "Мусор вывезли сегодня утром."}); err != nil {
		t.Fatal(err)
	}
	if i := a.at(t, id); i.State != lifecycle.Approval {
		t.Fatalf("state %s before the aggregator has confirmed", i.State)
	}
	a.step(t)
	calls = a.heard()
	k := slices.IndexFunc(calls, func(c herald.Call) bool { return c.Type == webhook.Publish })
	if k < 0 {
		t.Fatalf("nobody was asked to publish: %v", types(calls))
	}
	r := calls[k].Data.Reply
	if r == nil || r.Key == "" || r.Text != "Мусор вывезли сегодня утром." || r.To == nil || r.To.ID != "p1" || r.To.Thread != "p1" {
		t.Fatalf("reply = %+v", r)
	}
	a.step(t)
	if n := slices.Index(types(a.heard()[k+1:]), webhook.Publish); n >= 0 {
		t.Error("it was asked twice")
	}
	if i := a.at(t, id); i.State != lifecycle.Approval {
		t.Errorf("state %s: nothing was confirmed", i.State)
	}

	confirm := map[string]any{"replies": []map[string]any{{"key": r.Key, "id": "p1-r1", "url": "https://portal.example/p1#r1"}}}
	if code, said := a.call(t, "/hooks/replies", confirm); code != http.StatusOK || !strings.Contains(said, `"confirmed":1`) {
		t.Fatalf("confirm = %d %s", code, said)
	}
	a.step(t)
	if i := a.at(t, id); i.State != lifecycle.Answered {
		t.Fatalf("state %s after the confirmation", i.State)
	}
	replies, err := a.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil || len(replies) != 1 || replies[0].State != reply.Published || replies[0].URL != "https://portal.example/p1#r1" || replies[0].Native != "p1-r1" {
		t.Fatalf("replies = %+v, %v", replies, err)
	}
	if code, said := a.call(t, "/hooks/replies", confirm); code != http.StatusOK || !strings.Contains(said, `"confirmed":1`) { // a second time changes nothing
		t.Errorf("confirmed twice = %d %s", code, said)
	}

	a.clock.Add(3600)
	a.push(t, map[string]any{"id": "p2", "thread": "p1", "parent": "p1-r1", "author": "Анна Петрова", "text": "Ничего не убрали, мусор как лежал, так и лежит"})
	if n := len(a.queue(t)); n != 1 {
		t.Errorf("%d incidents after the author's next words", n)
	}
	if i := a.at(t, id); i.State != lifecycle.Rework || i.Reopened != 1 {
		t.Errorf("state %s, reopened %d times", i.State, i.Reopened)
	}
	a.step(t)
	calls = a.heard()
	if !slices.Contains(types(calls), webhook.Reopened) || !slices.Contains(types(calls), webhook.Published) {
		t.Errorf("calls = %v", types(calls))
	}
	last := int64(0)
	for _, c := range calls { // one incident's calls come in their order
		if c.Data.Sequence <= last {
			t.Errorf("call %s has the sequence %d behind %d", c.Type, c.Data.Sequence, last)
		}
		last = c.Data.Sequence
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	slices.Sort(a.ids)
	if n := len(slices.Compact(a.ids)); n != len(calls) || a.forged != 0 {
		t.Errorf("%d ids of %d calls, %d forged", n, len(calls), a.forged)
	}
}

// TestAReceiverThatAnswersAtOnceNeedsNoConfirmation: the id of the reply stands in the answer.
func TestAReceiverThatAnswersAtOnceNeedsNoConfirmation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, c *herald.Call)
		want   lifecycle.State
		says   string
	}{
		"published": {func(w http.ResponseWriter, _ *herald.Call) {
			fmt.Fprint(w, `{"id": "r9", "url": "https://portal.example/r9"}`)
		}, lifecycle.Answered, ""},
		"gone": {func(w http.ResponseWriter, _ *herald.Call) { w.WriteHeader(http.StatusGone) }, lifecycle.Rework, "410"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAggregator(t, webhook.Publish)
			a.answer = c.answer
			a.push(t, map[string]any{"id": "p1", "thread": "p1", "author": "Анна", "text": "В Абакане на улице Хлебной, 29 не горит фонарь"})
			id := a.queue(t)[0].ID
			if _, err := a.Desk.Do(t.Context(), a.operator(), id, 0, desk.Answer{Text: "Фонарь заменили сегодня."}); err != nil {
				t.Fatal(err)
			}
			a.step(t)
			a.step(t)
			if i := a.at(t, id); i.State != c.want {
				t.Errorf("state %s, want %s", i.State, c.want)
			}
			list, err := a.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
			if err != nil || len(list) != 1 || !strings.Contains(list[0].Reason, c.says) {
				t.Errorf("replies = %+v, %v", list, err)
			}
		})
	}
}

// TestAReceiverThatRefusesAReplySaysWhy: the words come to the desk, and nothing is doubtful.
func TestAReceiverThatRefusesAReplySaysWhy(t *testing.T) {
	t.Parallel()
	a := newAggregator(t, webhook.Publish)
	a.push(t, map[string]any{"id": "p1", "thread": "p1", "author": "Анна", "text": "В Абакане на улице Хлебной, 29 не горит фонарь"})
	id := a.queue(t)[0].ID
	if _, err := a.Desk.Do(t.Context(), a.operator(), id, 0, desk.Answer{Text: "Фонарь заменили сегодня."}); err != nil {
		t.Fatal(err)
	}
	a.step(t)
	key := a.heard()[0].Data.Reply.Key
	for body, code := range map[string]int{
		`{"replies": []}`:                                 http.StatusBadRequest,
		`{"replies": [{"key": "` + key + `"}]}`:           http.StatusBadRequest,
		`{"replies": [{"key": "otklik-0-0", "id": "1"}]}`: http.StatusOK,
	} {
		if got, said := a.call(t, "/hooks/replies", json.RawMessage(body)); got != code || strings.Contains(said, `"confirmed":1`) {
			t.Errorf("%s = %d %s", body, got, said)
		}
	}
	if code, said := a.call(t, "/hooks/replies", map[string]any{"replies": []map[string]any{{"key": key, "error": "Тема закрыта модератором."}}}); code != http.StatusOK {
		t.Fatalf("%d %s", code, said)
	}
	a.step(t)
	list, err := a.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil || len(list) != 1 || list[0].State != reply.Failed || list[0].Reason != "Подключённая система не опубликовала ответ: Тема закрыта модератором." || len(list[0].Tried) != 0 {
		t.Errorf("replies = %+v, %v", list, err)
	}
	if i := a.at(t, id); i.State != lifecycle.Rework {
		t.Errorf("state %s", i.State)
	}
}
