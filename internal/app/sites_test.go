package app

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/feed/feedfake"
	"otklik/internal/source/page/pagefake"
)

// A pasted link of a news site becomes a source that is read; a forum is read by its
// recipe.
func TestSitesAreSources(t *testing.T) {
	t.Parallel()
	a := &App{Options: Options{Now: time.Now, Demo: &Demo{}}}
	feeds, pages := a.siteKinds()
	news, err := feedfake.New(feedfake.Options{Name: "Вести двора"})
	if err != nil {
		t.Fatal(err)
	}
	news.Publish("", "Яма у школы")
	srv := httptest.NewServer(news)
	t.Cleanup(srv.Close)
	link, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	g, err := feeds.Recognise.Recognise(t.Context(), link)
	if err != nil || g == nil {
		t.Fatalf("a news site is not recognised: %+v, %v", g, err)
	}
	c, err := feeds.Open(g.Source, source.Key{}, source.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.Puller.Poll(t.Context(), nil); err != nil || len(b.Messages) != 1 || b.Messages[0].Text != "Яма у школы" || c.Publisher != nil {
		t.Errorf("of the news site: %+v, %v", b.Messages, err)
	}
	forum, err := pagefake.New(pagefake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	forum.Topic("Анна", "Свет", "Не горит фонарь")
	srv2 := httptest.NewServer(forum)
	t.Cleanup(srv2.Close)
	c, err = pages.Open(source.Source{ID: "page:forum", Settings: json.RawMessage(`{"url":"` + srv2.URL + `/","recipe":` + pagefake.Recipe + `}`)}, source.Key{}, source.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.Puller.Poll(t.Context(), nil); err != nil || len(b.Messages) != 1 || b.Messages[0].Text != "Не горит фонарь" {
		t.Errorf("of the forum: %+v, %v", b.Messages, err)
	}
}
