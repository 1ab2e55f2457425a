package portal

import (
	"context"
	"encoding/xml"
	"net/http"
	"time"
)

// An atomFeed is RFC 4287, as much of it as a list of cases needs.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  string      `xml:"author>name"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// An rssFeed is RSS 2.0 (rssboard.org): readers that know no Atom are many.
type rssFeed struct {
	XMLName xml.Name  `xml:"rss"`
	Version string    `xml:"version,attr"`
	Atom    string    `xml:"xmlns:atom,attr"`
	Title   string    `xml:"channel>title"`
	Link    string    `xml:"channel>link"`
	About   string    `xml:"channel>description"`
	Lang    string    `xml:"channel>language"`
	Built   string    `xml:"channel>lastBuildDate"`
	Self    rssSelf   `xml:"channel>atom:link"`
	Items   []rssItem `xml:"channel>item"`
}

type rssSelf struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type rssItem struct {
	Title   string  `xml:"title"`
	Link    string  `xml:"link"`
	GUID    rssGUID `xml:"guid"`
	Date    string  `xml:"pubDate"`
	Summary string  `xml:"description"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// A newsItem is a case as a feed tells it.
type newsItem struct {
	Title, ID, URL, State string
	Opened, Updated       time.Time
}

// feed is a list as a feed, in Atom or RSS: who subscribes to a territory or a topic tells us
// nothing of themselves. The cases of a feed are those that were opened last.
func (p *Portal) feed(path, kind string, write func(listQuery, []newsItem) any) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := p.listed(r.URL.Query())
		if err != nil {
			return err
		}
		q = q.first()
		return p.shelfOf(q).serve(w, r, q.URL(path), func(ctx context.Context) (string, []byte, error) {
			items, err := p.newest(ctx, q)
			if err != nil {
				return "", nil, err
			}
			body, err := xml.MarshalIndent(write(q, items), "", " ")
			return kind + "; charset=utf-8", append([]byte(xml.Header), body...), err
		})
	}
}

// newest returns the cases that a feed tells of, newest first.
func (p *Portal) newest(ctx context.Context, q listQuery) (items []newsItem, err error) {
	tx := p.Cases()
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	page, err := p.shown(ctx, tx, q.Filter(p.Now()))
	if err != nil {
		return nil, err
	}
	for k := range page.Rows {
		f, ok, err := p.brief(ctx, tx, &page.Rows[k].Incident)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		row := p.row(n, &f)
		items = append(items, newsItem{Title: row.Topic + ": " + row.Where, ID: "urn:otklik:case:" + f.Number, URL: p.Face.Base + row.URL, State: row.State, Opened: f.OpenedAt.UTC(), Updated: f.UpdatedAt.UTC()})
	}
	return items, nil
}

// latest is when the newest change of the items was; 1970 of none.
func latest(items []newsItem) time.Time {
	at := time.Unix(0, 0).UTC()
	for k := range items {
		if items[k].Updated.After(at) {
			at = items[k].Updated
		}
	}
	return at
}

const (
	atomPath, atomKind = "/list.atom", "application/atom+xml"
	rssPath, rssKind   = "/list.rss", "application/rss+xml"
)

func (p *Portal) atom(q listQuery, items []newsItem) any {
	feed := atomFeed{Lang: "ru", Title: p.newsTitle(), ID: "urn:otklik:list:" + q.Values().Encode(), Author: p.Title, Updated: latest(items).Format(time.RFC3339),
		Links: []atomLink{{"self", p.Face.Base + q.URL(atomPath)}, {"alternate", p.Face.Base + q.URL("/list")}}}
	for _, i := range items {
		feed.Entries = append(feed.Entries, atomEntry{Title: i.Title, ID: i.ID, Updated: i.Updated.Format(time.RFC3339), Link: atomLink{"alternate", i.URL}, Summary: i.State})
	}
	return feed
}

func (p *Portal) rss(q listQuery, items []newsItem) any {
	feed := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Title: p.newsTitle(), Link: p.Face.Base + q.URL("/list"), About: "Что жители сообщили и как идут дела", Lang: "ru",
		Built: latest(items).Format(time.RFC1123Z), Self: rssSelf{"self", rssKind, p.Face.Base + q.URL(rssPath)}}
	for _, i := range items {
		feed.Items = append(feed.Items, rssItem{Title: i.Title, Link: i.URL, GUID: rssGUID{ID: i.ID}, Date: i.Opened.Format(time.RFC1123Z), Summary: i.State})
	}
	return feed
}

func (p *Portal) newsTitle() string { return p.Title + ": сообщения жителей" }
