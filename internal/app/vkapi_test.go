package app_test

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/vk/vkfake"
)

// The configuration points the pool at another network that speaks VK's API, and what its token
// has spent there is known after a restart, though nobody ended the first life in order.
func TestThePoolReadsWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	f, err := vkfake.New(vkfake.Options{Group: 7, Name: "Двор", ServiceToken: "service"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.PostAt(f.Person("Анна"), "Новый двор", time.Now().Add(-time.Hour))
	o := app.Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Config: config.Config{
			Region: khakassia, Title: "ЦУР", Store: "otklik.db", VK: []config.VK{{Group: 7, Name: "Двор", ServiceToken: "service"}},
			VKAPI: config.VKAPI{URL: srv.URL + "/method/", Page: srv.URL + "/"},
		},
	}
	life := func() *app.App {
		t.Helper()
		a, err := app.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		return a
	}
	spent := func(a *app.App) int {
		t.Helper()
		all, err := a.Allowance(t.Context(), account.Actor{ID: 1, Role: lifecycle.Admin, Scope: scope.All()})
		if err != nil || len(all.Tokens) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all.Tokens[0].Purses[0].Used
	}
	a := life()
	con := a.Roster.Connections()[0]
	if _, paced := con.Puller.(source.Paced); !paced {
		t.Fatal("the wall is not the pool's")
	}
	b, err := con.Puller.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 1 || !strings.HasPrefix(b.Messages[0].URL, srv.URL+"/wall-7_") {
		t.Fatalf("the pool read %+v, %v", b.Messages, err)
	}
	if n := spent(a); n != 1 || f.Called("wall.get") != 1 {
		t.Errorf("%d lists are spent, %d were asked", n, f.Called("wall.get"))
	}
	if n := spent(life()); n < 1 || n > 20 {
		t.Errorf("after a restart %d lists are spent, want the one and what was reserved", n)
	}
}
