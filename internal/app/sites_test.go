package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/feed"
	"otklik/internal/source/page/pagefake"
	"otklik/internal/source/web"
	"otklik/internal/store"
)

// A second thread of a forum that is read already comes with the recipe of the first.
func TestARecipeServesTheWholeForum(t *testing.T) {
	t.Parallel()
	f, err := pagefake.New(pagefake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.Topic("Анна", "Двор", "Не горит фонарь")
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	a := &App{Options: Options{Log: slog.New(slog.DiscardHandler), Now: time.Now}, DB: db}
	look := func(address string) (*source.Guess, map[string]any) {
		t.Helper()
		link, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		g, err := forums{a, feed.Recogniser{Web: &web.Client{Inner: true, Gap: -1, Now: time.Now}}}.Recognise(t.Context(), link)
		if err != nil || g == nil || g.Kind != source.Page {
			t.Fatalf("Recognise = %+v, %v", g, err)
		}
		var set map[string]any
		if err := json.Unmarshal(g.Settings, &set); err != nil {
			t.Fatal(err)
		}
		return g, set
	}
	g, set := look(srv.URL + "/")
	if set["url"] != g.URL || set["recipe"] != nil || !strings.Contains(g.Needs, "рецепт") {
		t.Errorf("a new forum = %v, needs %q", set, g.Needs)
	}
	first := g.Source
	first.Name, first.Channel, first.AddedAt = "Форум двора", message.Forum, time.Now()
	if first.Settings, err = json.Marshal(map[string]any{"url": g.URL, "recipe": json.RawMessage(pagefake.Recipe), "days": 30}); err != nil {
		t.Fatal(err)
	}
	if err := db.Change(context.Background(), incident.People, func(tx incident.Tx) error { return tx.Sources().SaveSource(t.Context(), &first) }); err != nil {
		t.Fatal(err)
	}
	g, set = look(srv.URL + "/topic.php?t=1")
	if set["url"] != g.URL || set["recipe"] == nil || set["days"] != 30.0 || !strings.Contains(g.Needs, "«Форум двора»") {
		t.Errorf("the second = %v, needs %q", set, g.Needs)
	}
}
