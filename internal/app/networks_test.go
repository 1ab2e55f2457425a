package app

import (
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/ok/okfake"
	"otklik/internal/store"
)

// A bot of MAX and a group of Odnoklassniki as the administrator adds them: by a pasted
// link and a key. MAX is told to call us; what was recognised opens and is read.
func TestMaxAndOkAreAddedByALinkAndAKey(t *testing.T) {
	t.Parallel()
	mf, err := maxfake.New(maxfake.Options{Token: "max-token", Bot: 229, Name: "Отклик"})
	if err != nil {
		t.Fatal(err)
	}
	of, err := okfake.New(okfake.Options{Group: "5300", Name: "Двор", AppKey: "C", Token: "t", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	maxSrv, okSrv := httptest.NewServer(mf), httptest.NewServer(of)
	t.Cleanup(maxSrv.Close)
	t.Cleanup(okSrv.Close)
	of.Topic(0, "Что чинить?")

	dir := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(dir, "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	a := &App{Options: Options{Dir: dir, Config: config.Config{Site: "https://otklik.example"}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Demo: &Demo{}}, DB: db}
	box, err := seal.Keyed(filepath.Join(dir, seal.Name))
	if err != nil {
		t.Fatal(err)
	}
	a.Roster = roster.New(roster.Options{
		Store: db, Box: box, Kinds: map[source.Kind]roster.Connector{source.Max: a.maxKind(), source.OK: a.okKind()}, Stand: func(string) scope.Place { return scope.Place{} },
		Now: time.Now, Log: a.Log,
	})
	admin := account.Actor{ID: 1, Role: lifecycle.Admin, Scope: scope.All()}
	for _, in := range []struct{ link, key, secret, settings string }{
		{"max.ru/otklik_bot", "бот MAX", "max-token", `{"url":"` + maxSrv.URL + `/api"}`},
		{"https://ok.ru/group/5300/topic/1", "группа ОК", "C t s", `{"url":"` + okSrv.URL + `/fb.do"}`},
	} {
		g, err := a.Roster.Recognise(t.Context(), admin, in.link)
		if err != nil || g.ID == "" || g.Name == "" || g.Needs == "" {
			t.Fatalf("Recognise(%s) = %+v, %v", in.link, g, err)
		}
		if err := a.Roster.SaveKey(t.Context(), admin, &source.Key{Name: in.key, Kind: g.Kind, Secret: in.secret}); err != nil {
			t.Fatal(err)
		}
		s := g.Source
		s.Key, s.Settings = in.key, []byte(in.settings)
		if err := a.Roster.Save(t.Context(), admin, &s); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	for _, c := range a.Roster.Connections() {
		b, err := c.Puller.Poll(t.Context(), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.Puller.ID(), err)
		}
		if ok := c.Puller.ID() == "ok:5300"; ok && (len(b.Messages) != 1 || b.Messages[0].Text != "Что чинить?") {
			t.Errorf("the group brought %d messages", len(b.Messages))
		}
		found[c.Puller.ID()] = true
	}
	if !found["max:@otklik_bot"] || !found["ok:5300"] {
		t.Fatalf("connected: %v", found)
	}
	var bot source.Source
	if s, ok := a.Roster.Of("max:@otklik_bot"); ok {
		bot = s
	}
	if got := mf.Subscribed(); len(got) != 1 || got[0] != a.hookOf(bot) || bot.Number == 0 {
		t.Errorf("MAX calls %v, want %s", got, a.hookOf(bot))
	}
	if _, to := a.Roster.Receiver(bot.Number); to == nil {
		t.Error("nobody takes the calls of MAX")
	}
	if a.Roster.Speaker(bot.ID) == nil || a.Roster.Publisher(bot.ID) == nil {
		t.Error("the bot neither speaks nor answers")
	}
	finders := a.Roster.Finders()
	if a.Roster.Publisher("ok:5300") != nil || finders["ok:5300"] == nil || len(finders) != 1 {
		t.Errorf("replies in Odnoklassniki go by hand, and %d sources prove them", len(finders))
	}
	for site, want := range map[string]bool{"https://otklik.example": true, "http://otklik.example": false, "https://otklik.example:8443": false, "": false} {
		a.Config.Site = site
		if got := a.hookOf(bot) != ""; got != want {
			t.Errorf("with the site %q MAX calls us: %v", site, got)
		}
	}
	if err := db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		return tx.Sources().Discover(t.Context(), bot.ID, source.Found{ID: "max:-70801", Name: "Двор"}, time.Now(), scope.Place{})
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := a.placesOf(bot.ID); err != nil || !slices.Equal(got, []string{"max:-70801"}) {
		t.Errorf("places of the bot: %v, %v", got, err)
	}
}
