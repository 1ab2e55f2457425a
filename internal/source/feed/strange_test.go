package feed_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source"
)

func urlset(list ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + strings.Join(list, "") + "</urlset>"
}

func loc(path, rest string) string { return "<url><loc>" + path + "</loc>" + rest + "</url>" }

// An index of more sitemaps than are read at once, none of which says when it changed: in turn
// all are read, what stood there at first is old, and what is added to any of them is found.
func TestAnIndexWithoutDates(t *testing.T) {
	t.Parallel()
	c := newClock()
	pages := map[string]string{}
	index := func(n int) string {
		var out strings.Builder
		for k := range n {
			fmt.Fprintf(&out, "<sitemap><loc>/map%d.xml</loc></sitemap>", k)
		}
		return "<sitemapindex>" + out.String() + "</sitemapindex>"
	}
	for k := range 14 {
		pages[fmt.Sprintf("/map%d.xml", k)] = urlset(loc(fmt.Sprintf("/old/%d", k), ""))
	}
	pages["/map11.xml"] = "503"
	pages["/sitemap.xml"], pages["/new/1"], pages["/new/2"] = index(13), article, article
	s := newSite(t, pages)
	f := s.feed("sitemap.xml", c)
	var cursor []byte
	found := map[string]bool{}
	rounds := func(n int) {
		for range n {
			got, next, _ := drain(t, f, cursor)
			cursor = next
			for _, m := range got {
				found[strings.TrimPrefix(m.Native, s.at.Host)] = true
			}
			c.Advance(time.Hour)
		}
	}
	rounds(6)
	s.set("/map11.xml", urlset(loc("/old/11", "")))
	rounds(6)
	if len(found) != 0 {
		t.Errorf("what stood there at first is told as new: %v", found)
	}
	s.set("/map12.xml", urlset(loc("/old/12", ""), loc("/new/1", "")))
	s.set("/map13.xml", urlset(loc("/new/2", "")))
	s.set("/sitemap.xml", index(14)) // a sitemap that did not stand there at first
	rounds(4)
	if !found["/new/1"] || !found["/new/2"] || len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

// Sitemaps as strangers write them.
func TestStrangeSitemaps(t *testing.T) {
	t.Parallel()
	good := loc("/news/1", "<lastmod>2026-03-02</lastmod>")
	cp, err := charmap.Windows1251.NewEncoder().String(`<?xml version="1.0" encoding="windows-1251"?><!-- новости --><urlset>` + good + "</urlset>")
	if err != nil {
		t.Fatal(err)
	}
	packed := zipped(t, urlset(good))
	for name, c := range map[string]struct{ body, want string }{
		"a news sitemap":             {urlset(loc("/news/1", `<news:news><news:publication><news:name>Вести</news:name><news:language>ru</news:language></news:publication><news:publication_date>2026-03-02T08:00:00+03:00</news:publication_date><news:title>Яма</news:title></news:news>`)), "1"},
		"windows-1251":               {cp, "1"},
		"gzip without its suffix":    {packed, "1"},
		"gzip that is cut off":       {packed[:len(packed)-6], "1"},
		"gzip of nothing":            {zipped(t, ""), "error"},
		"a gzip bomb":                {zipped(t, urlset(good)+strings.Repeat(" ", 64<<20)), "1"},
		"cut off":                    {strings.TrimSuffix(urlset(good, loc("/news/2", "")), "</loc></url></urlset>"), "1"},
		"an entity that grows":       {`<!DOCTYPE u [<!ENTITY a "` + strings.Repeat("x", 1000) + `"><!ENTITY b "` + strings.Repeat("&a;", 1000) + `">]>` + urlset(loc("/&b;", ""), good), "1"},
		"an outer entity":            {`<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + urlset(loc("/&a;", ""), good), "1"},
		"another site's address":     {urlset(loc("file:///etc/passwd", "<lastmod>2026-03-02</lastmod>"), loc("javascript:x", "<lastmod>2026-03-02</lastmod>"), good), "1"},
		"a CDATA address":            {urlset("<url><loc><![CDATA[/news/1]]></loc><lastmod>2026-03-02</lastmod></url>"), "1"},
		"blanks around the address":  {urlset("<url><loc>\n  /news/1\n </loc><lastmod> 2026-03-02 </lastmod></url>"), "1"},
		"pictures beside":            {urlset(loc("/news/1", "<lastmod>2026-03-02</lastmod><image:image><image:loc>/a.jpg</image:loc></image:image>")), "1"},
		"an index that names itself": {"<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>", ""},
		"an empty one":               {urlset(), ""},
		"a page":                     {"<!DOCTYPE html><html><body>404</body></html>", "error"},
		"nothing":                    {"", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := newClock()
			s := newSite(t, map[string]string{"/sitemap.xml": c.body, "/news/1": article})
			f := s.feed("sitemap.xml", clk)
			batch, err := f.Poll(t.Context(), nil)
			got := ""
			var e *source.Error
			switch {
			case errors.As(err, &e) && e.Sentence != "":
				got = "error"
			case err != nil:
				t.Fatal(err)
			default:
				for _, m := range batch.Messages {
					got += strings.TrimPrefix(m.Native, s.at.Host+"/news/")
				}
			}
			if got != c.want {
				t.Errorf("%q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// A feed that moved for ever and moved back is found where it stood.
func TestAFeedThatMovedBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSite(t, map[string]string{"/rss": "301 /new", "/new": rss(item("a", "/1", "Яма", today))})
	f := s.feed("rss", c)
	_, cursor, _ := drain(t, f, nil)
	s.set("/new", "410")
	s.set("/rss", rss(item("a", "/1", "Яма", today), item("b", "/2", "Свет", today)))
	got, cursor, note := drain(t, f, cursor)
	if len(got) != 1 || got[0].Native != "b" || note != "" {
		t.Errorf("%v, note %q", said(got), note)
	}
	s.set("/rss", "410")
	var e *source.Error
	if _, err := f.Poll(t.Context(), cursor); !errors.As(err, &e) || e.Trouble != source.Permanent {
		t.Errorf("a feed that is gone: %v", err)
	}
}
