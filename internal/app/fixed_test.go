package app_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// Walls of the configuration's file are connected as those that people keep: a community of
// ours tells of what happens, by long poll or by calls, a wall of others is read by the pool.
func TestWallsOfTheFileTakeEvents(t *testing.T) {
	t.Parallel()
	open := func(v config.VK) *app.App {
		t.Helper()
		v.ServiceToken = "service"
		a, err := app.Open(t.Context(), app.Options{
			Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Config: config.Config{Region: khakassia, Title: "ЦУР", Site: "https://otklik.example", Store: "otklik.db", VK: []config.VK{v}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		return a
	}
	f, err := vkfake.New(vkfake.Options{Group: 1001, ServiceToken: "service", CommunityToken: "community"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	a := open(config.VK{Group: 1001, CommunityToken: "community", Own: true, URL: srv.URL + "/method/", Events: "longpoll"})
	con := a.Roster.Connections()[0]
	post := f.PostAt(f.Person("Анна"), "Новый двор", time.Now().Add(-time.Hour))
	var cursor []byte
	read := func() (texts []string) {
		t.Helper()
		for more := true; more; {
			b, err := con.Puller.Poll(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			cursor, more = b.Cursor, b.More
			for _, m := range b.Messages {
				texts = append(texts, m.Text)
			}
		}
		return texts
	}
	read()
	lists := f.Called("wall.get")
	if _, err := f.Comment(post, 0, f.Person("Пётр"), "Яма у дома"); err != nil {
		t.Fatal(err)
	}
	if got := read(); len(got) != 1 || got[0] != "Яма у дома" || f.Called("wall.get") != lists || con.Every != time.Second {
		t.Errorf("an event brought %q with %d lists, every %s", got, f.Called("wall.get")-lists, con.Every)
	}

	a = open(config.VK{Group: 1001, CommunityToken: "community", Own: true, URL: srv.URL + "/method/", Events: "callback"})
	s, _ := a.Roster.Of("vk:-1001")
	if _, to := a.Roster.Receiver(s.Number); to == nil {
		t.Error("nobody takes the calls of VK")
	}
	if w, ok := a.Roster.Puller(s.ID).(*vk.Wall); !ok || w.Hook != "https://otklik.example/hooks/sources/1" {
		t.Errorf("VK is told to call %+v", a.Roster.Puller(s.ID))
	}

	for _, c := range []struct {
		v      config.VK
		pooled bool
	}{{config.VK{Group: 7}, true}, {config.VK{Group: 7, Own: true}, false}, {config.VK{Group: 7, Every: config.Duration(time.Minute)}, false}, {config.VK{Group: 7, URL: srv.URL + "/method/"}, false}} {
		a := open(c.v)
		if _, paced := a.Roster.Puller("vk:-7").(source.Paced); paced != c.pooled {
			t.Errorf("%+v is read by the pool: %t", c.v, paced)
		}
	}
}
