package app_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/vk/vkfake"
)

// A doorstep takes the calls of VK to the source whose number stands in the address.
type doorstep struct{ c *centre }

func (d doorstep) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, to := d.c.Roster.Receiver(1)
	if to == nil || r.URL.String() != "https://otklik.example/hooks/sources/1" {
		return answer(http.StatusNotFound, "")
	}
	got, err := to.Receive(r.Context(), source.Call{Header: r.Header.Get, Query: r.URL.Query(), Body: body})
	if err != nil {
		return answer(http.StatusForbidden, "")
	}
	return answer(http.StatusOK, got.Answer)
}

// The confirmation code of a community that calls us was changed and VK holds our address for
// broken: the page of sources says so within a minute and what to do, the wall is read
// meanwhile and answered, and all is well once somebody confirms the server anew.
func TestAChangedConfirmationCodeIsTold(t *testing.T) {
	t.Parallel()
	c := &centre{}
	c.clock.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c.vk, err = vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Now: c.now})
	must(err)
	srv := httptest.NewServer(c.vk)
	t.Cleanup(srv.Close)
	c.App, err = app.Open(t.Context(), app.Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: c.now, Demo: &app.Demo{},
		Config: config.Config{Region: khakassia, Title: "ЦУР", Site: "https://otklik.example", Store: "otklik.db", VK: []config.VK{{
			Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Own: true, Events: "callback",
			Territory: "95701000", URL: srv.URL + "/method/", Page: srv.URL + "/",
		}}},
	})
	must(err)
	t.Cleanup(func() { must(c.Close()) })
	n := &networks{centre: c}
	calls := &http.Client{Transport: doorstep{c}}
	minute := func() {
		t.Helper()
		c.clock.Add(60)
		for more, con := true, c.Connections()[0]; more; {
			more, _ = c.Intake.PollOnce(t.Context(), con) // what VK refuses stands in the source's state
		}
		_, err := c.Outbox.Step(t.Context())
		must(err)
	}
	post := c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-time.Hour))
	minute()
	_, err = c.vk.Deliver(t.Context(), calls)
	must(err)
	minute()
	if said := n.said(t); len(said) != 0 || !c.vk.Listened() {
		t.Fatalf("before anything happened: %v, confirmed %v", said, c.vk.Listened())
	}
	c.vk.ChangeCode()
	if _, err := c.vk.Deliver(t.Context(), calls); err != nil {
		t.Fatalf("VK asks at once, and we answer with the new code: %v", err)
	}
	c.vk.ChangeCode() // within the seconds for which the code is remembered
	if _, err := c.vk.Deliver(t.Context(), calls); err == nil {
		t.Fatal("the old code was taken: this proves nothing")
	}
	_, err = c.vk.CommentAt(post, 0, c.vk.Person("Анна Петрова"), hole, c.now())
	must(err)
	minute()
	if said := n.said(t); len(said) != 1 || !strings.Contains(said["vk:-1001"], "подтвердите сервер") {
		t.Fatalf("the page says %v", said)
	}
	rows := c.queue(t)
	if len(rows) != 1 {
		t.Fatalf("%d incidents while VK calls nobody, want that of the comment", len(rows))
	}
	_, err = c.Desk.Do(t.Context(), c.operator(), rows[0].ID, rows[0].Version, desk.Answer{Text: "Яму засыплют до 25 ноября."})
	must(err)
	minute()
	if got := c.vk.Wrote(post); len(got) != 1 {
		t.Errorf("the answer waits for what does not concern it: %q stand", got)
	}
	_, err = c.vk.Deliver(t.Context(), calls) // somebody presses «Подтвердить»
	must(err)
	minute()
	if said := n.said(t); len(said) != 0 {
		t.Errorf("after it was confirmed the page says %v", said)
	}
	if list, err := c.DB.Reader().Intake().Sources(t.Context(), scope.All()); err != nil || len(list) == 0 || list[0].ReadAt.IsZero() {
		t.Errorf("the wall counts as unread: %+v, %v", list, err)
	}
}
