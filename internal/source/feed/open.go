package feed

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/markup"
	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// Settings are those of a feed's source, as JSON.
type Settings struct {
	URL      string          `json:"url"`                // of the feed or sitemap
	Articles bool            `json:"articles,omitempty"` // the pages behind the items are read
	Text     string          `json:"text,omitempty"`     // selector of an article's text, where it is not found by itself
	Comments json.RawMessage `json:"comments,omitempty"` // recipe (page.Recipe) of the comments below an article
	Match    string          `json:"match,omitempty"`    // only items whose address holds it: «/news/»
	Zone     string          `json:"zone,omitempty"`     // of dates that name none; Moscow's without it
	Reread   page.Span       `json:"reread,omitempty"`   // how often an article is read again at most, «30m»
	Items    int             `json:"items,omitempty"`    // newest ones of a sitemap, 1 … 1000; 200
	Days     int             `json:"days,omitempty"`     // how long an article is watched, 1 … 90; 7
	Calls    int             `json:"calls,omitempty"`    // pages in one go, 1 … 100; 10
}

// Open returns the connection of a source. Replies go by hand.
func Open(s source.Source, o page.Options) (source.Connection, error) {
	var set Settings
	if err := page.Strict(s.Settings, &set); err != nil {
		return source.Connection{}, page.Bad(s.ID, "настройки не читаются: "+clipped(err.Error(), 120))
	}
	f := &Feed{
		Source: s.ID, Web: o.Web, Channel: s.Channel, Articles: set.Articles, Match: set.Match, Items: set.Items, Reread: o.Patience(set.Reread), Days: set.Days, Calls: set.Calls, Now: o.Now,
	}
	var err error
	if f.URL, f.Zone, err = page.AddressAndZone(s.ID, set.URL, set.Zone); err != nil {
		return source.Connection{}, err
	}
	switch {
	case !strings.HasPrefix(s.ID, "feed:"):
		return source.Connection{}, page.Bad(s.ID, "имя источника должно начинаться с feed:")
	case set.Items < 0 || set.Items > 1000 || set.Days < 0 || set.Days > 90 || set.Calls < 0 || set.Calls > 100:
		return source.Connection{}, page.Bad(s.ID, "items от 1 до 1000, days от 1 до 90, calls от 1 до 100")
	}
	if set.Text != "" {
		if f.Text, err = cascadia.ParseGroup(set.Text); err != nil || len(set.Text) > 500 {
			return source.Connection{}, page.Bad(s.ID, "text: селектор не читается")
		}
	}
	if len(set.Comments) > 0 && string(set.Comments) != "null" {
		if f.Comments, err = page.ParseRecipe(set.Comments); err != nil {
			return source.Connection{}, err
		}
		if f.Comments.Threads != nil {
			return source.Connection{}, page.Bad(s.ID, "comments: у комментариев нет списка тем, уберите threads")
		}
	}
	if s.Channel == "" {
		s.Channel = message.News
	}
	every := s.Every
	if every == 0 {
		every = 5 * time.Minute
	}
	link := s.URL
	if link == "" {
		link = set.URL
	}
	return source.Connection{Puller: f, Name: s.Name, URL: link, Channel: s.Channel, Territory: s.Territory, Own: s.Own, Every: every}, nil
}

// A Recogniser says what a link of a site names: a feed, a site that has one, or
// one that only has a sitemap.
type Recogniser struct{ Web *web.Client }

// Recognise asks the site.
func (r Recogniser) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	if web.Address(nil, link.String()) == nil {
		return nil, nil
	}
	a, err := r.Web.Get(ctx, web.Request{URL: link, Limit: docLimit})
	if err != nil {
		return nil, err
	}
	if a.Gone() {
		return nil, source.Fail(source.Permanent, "Такой страницы нет: проверьте ссылку.", "feed: HTTP %d", a.Status)
	}
	if g := r.feed(a); g != nil {
		return g, nil
	}
	doc, err := (&page.Recipe{}).Parse(a)
	if err != nil {
		return nil, notFeedError(err)
	}
	var candidates []*url.URL
	if u := alternate(doc, a.URL); u != nil {
		candidates = append(candidates, u)
	}
	sitemaps, err := r.Web.Sitemaps(ctx, a.URL)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	candidates = append(candidates, sitemaps...)
	for _, u := range candidates[:min(len(candidates), 3)] {
		if b, err := r.Web.Get(ctx, web.Request{URL: u, Limit: docLimit}); err == nil && !b.Gone() {
			if g := r.feed(b); g != nil {
				if g.Name == "" || g.Name == a.URL.Hostname() {
					g.Name = first(clipped(markup.Read(doc, nil).Title, 120), g.Name)
				}
				g.URL = web.Canonical(a.URL).String()
				return g, nil
			}
		}
	}
	return &source.Guess{Source: source.Source{
		Kind: source.Page, ID: "page:" + web.Name(a.URL), Channel: message.Forum, Name: first(clipped(markup.Read(doc, nil).Title, 120), a.URL.Hostname()), URL: web.Canonical(a.URL).String(),
	}, Needs: "У сайта не нашлось ни ленты, ни карты. Форум или комментарии можно читать по рецепту: опишите, где на странице темы и сообщения."}, nil
}

// feed returns the guess of a document that is a feed; nil for none.
func (r Recogniser) feed(a *web.Answer) *source.Guess {
	items, kind, err := (&poll{Feed: &Feed{}, at: time.Now()}).read(a)
	if err != nil || len(items) == 0 && errors.Is(err, ErrNotFeed) {
		return nil
	}
	body, err := a.Text()
	if err != nil {
		return nil
	}
	name, page := a.URL.Hostname(), web.Canonical(a.URL).String()
	if doc, err := NewReader(body, Options{Now: time.Now()}); err == nil && kind != Sitemap && kind != Index {
		for {
			if _, err := doc.Next(); err != nil {
				break
			}
		}
		h := doc.Head()
		name = first(clipped(h.Title, 120), name)
		if u := web.Address(a.URL, h.Link); u != nil {
			page = web.Canonical(u).String()
		}
	}
	set, err := json.Marshal(Settings{URL: a.URL.String(), Articles: kind == Sitemap || kind == Index})
	if err != nil {
		return nil
	}
	return &source.Guess{Source: source.Source{Kind: source.Feed, ID: "feed:" + web.Name(a.URL), Channel: message.News, Name: name, URL: page, Settings: set}}
}

// alternate returns the feed that a page names.
func alternate(doc *html.Node, base *url.URL) (found *url.URL) {
	markup.Walk(doc, func(n *html.Node, enter bool) bool {
		if found != nil || !enter || n.Type != html.ElementNode || n.Data != "link" {
			return found == nil
		}
		var rel, kind, href string
		for _, a := range n.Attr {
			switch a.Key {
			case "rel":
				rel = strings.ToLower(a.Val)
			case "type":
				kind = strings.ToLower(a.Val)
			case "href":
				href = a.Val
			}
		}
		if rel == "alternate" && (strings.Contains(kind, "rss") || strings.Contains(kind, "atom") || strings.Contains(kind, "feed+json")) {
			found = web.Address(base, href)
		}
		return found == nil
	})
	return found
}
