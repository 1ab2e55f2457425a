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

// feed is a list as an Atom feed: who subscribes to a territory or a topic tells us nothing
// of themselves. The cases of a feed are those that were opened last.
func (p *Portal) feed(w http.ResponseWriter, r *http.Request) error {
	q, err := p.listed(r.URL.Query())
	if err != nil {
		return err
	}
	q = q.first()
	return p.shelfOf(q).serve(w, r, q.URL("/list.atom"), func(ctx context.Context) (string, []byte, error) {
		body, err := p.feedOf(ctx, q)
		return "application/atom+xml; charset=utf-8", body, err
	})
}

func (p *Portal) feedOf(ctx context.Context, q listQuery) ([]byte, error) {
	tx := p.Cases()
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	page, err := p.shown(ctx, tx, q.Filter(p.Now()))
	if err != nil {
		return nil, err
	}
	own := p.Face.Base + q.URL("/list.atom")
	feed := atomFeed{Lang: "ru", Title: p.Title + ": сообщения жителей", ID: "urn:otklik:list:" + q.Values().Encode(), Author: p.Title,
		Links: []atomLink{{"self", own}, {"alternate", p.Face.Base + q.URL("/list")}}}
	latest := time.Unix(0, 0)
	for k := range page.Rows {
		f, ok, err := p.brief(ctx, tx, &page.Rows[k].Incident)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if f.UpdatedAt.After(latest) {
			latest = f.UpdatedAt
		}
		row := p.row(n, &f)
		feed.Entries = append(feed.Entries, atomEntry{Title: row.Topic + ": " + row.Where, ID: "urn:otklik:case:" + f.Number,
			Updated: f.UpdatedAt.UTC().Format(time.RFC3339), Link: atomLink{"alternate", p.Face.Base + row.URL}, Summary: row.State})
	}
	feed.Updated = latest.UTC().Format(time.RFC3339)
	body, err := xml.MarshalIndent(feed, "", " ")
	return append([]byte(xml.Header), body...), err
}
