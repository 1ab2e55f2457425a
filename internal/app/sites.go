package app

import (
	"otklik/internal/roster"
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
		Recognise: feed.Recogniser{Web: c}, // knows a forum, too, and says that it needs a recipe
		Open:      func(s source.Source, _, _ source.Key) (source.Connection, error) { return feed.Open(s, o) },
	}
	pages = roster.Connector{
		Open: func(s source.Source, _, _ source.Key) (source.Connection, error) { return page.Open(s, o) },
	}
	return feeds, pages
}
