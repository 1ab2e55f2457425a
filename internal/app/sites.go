package app

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/feed"
	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// siteKinds open feeds, and forums by a recipe. All of them share one client: a site is
// owed politeness by the centre, whatever sources it is.
func (a *App) siteKinds() (feeds, pages roster.Connector) {
	c := &web.Client{Contact: a.Config.Site, Now: a.Now}
	if a.Demo != nil { // the fake sites of this machine
		c.Inner, c.Gap = true, -1
	}
	o := page.Options{Web: c, Now: a.Now, Eager: a.Demo != nil}
	feeds = roster.Connector{
		Recognise: forums{a, feed.Recogniser{Web: c}}, // knows a forum, too, and says that it needs a recipe
		Open:      func(s source.Source, _, _ source.Key) (source.Connection, error) { return feed.Open(s, o) },
	}
	pages = roster.Connector{
		Fields: page.Fields, Set: page.Set,
		Open: func(s source.Source, _, _ source.Key) (source.Connection, error) { return page.Open(s, o) },
	}
	return feeds, pages
}

// forums gives a forum that nobody reads yet the recipe of another source on the same site.
type forums struct {
	a *App
	feed.Recogniser
}

// Recognise implements source.Recogniser.
func (f forums) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	g, err := f.Recogniser.Recognise(ctx, link)
	if g == nil || err != nil || g.Kind != source.Page {
		return g, err
	}
	set := map[string]any{}
	list, err := f.a.DB.Reader().Sources().Sources(ctx, scope.All())
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		var have map[string]any
		if s.Kind != source.Page || json.Unmarshal(s.Settings, &have) != nil {
			continue
		}
		at, _ := have["url"].(string)
		if u, err := url.Parse(at); err == nil && have["recipe"] != nil && strings.EqualFold(u.Host, link.Host) {
			set, g.Needs = have, "Рецепт взят у источника «"+s.Name+"» того же сайта. Проверьте его."
			break
		}
	}
	set["url"] = g.URL
	g.Settings, err = json.Marshal(set)
	return g, err
}
