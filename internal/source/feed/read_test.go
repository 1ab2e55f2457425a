package feed_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"otklik/internal/source/feed"
)

var now = time.Date(2026, 3, 5, 5, 0, 0, 0, time.UTC)

func read(t testing.TB, r io.Reader, o feed.Options) ([]feed.Item, feed.Head, error) {
	t.Helper()
	o.Now = now
	f, err := feed.NewReader(r, o)
	if err != nil {
		return nil, feed.Head{}, err
	}
	var out []feed.Item
	for {
		it, err := f.Next()
		if errors.Is(err, io.EOF) {
			return out, f.Head(), nil
		}
		if err != nil {
			return out, f.Head(), err
		}
		it.Raw = nil
		out = append(out, it)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 3, 15, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		in   string
		head feed.Head
		want []feed.Item
	}{
		"RSS 2.0": {`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE rss [<!ENTITY a "&a;&a;">]>
<?xml-stylesheet href="a.xsl"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title><![CDATA[Вести & двор]]></title><link>https://news.example/</link>
<image><title>Другое</title><link>https://other.example/</link></image>
<item><title>Яма &amp; лужа</title><link>https://news.example/1</link><guid isPermaLink="false">n1</guid><pubDate>Пн, 02 мар 2026 10:15:00 +0700</pubDate>
<description>&lt;p&gt;Первый абзац.&lt;/p&gt;&lt;p&gt;Второй.&lt;/p&gt;</description><author>a@example.org (Анна)</author><comments>https://news.example/1#c</comments></item>
<item><title><![CDATA[Свет]]></title><guid>https://news.example/2</guid><description>Коротко</description><content:encoded><![CDATA[<div>Полный текст,<br>строка</div><script>x()</script>]]></content:encoded></item>
</channel></rss>`, feed.Head{Kind: feed.RSS, Title: "Вести & двор", Link: "https://news.example/"}, []feed.Item{
			{Line: 6, ID: "n1", Link: "https://news.example/1", Title: "Яма & лужа", Text: "Первый абзац.\n\nВторой.", Published: at, Author: "a@example.org (Анна)", Comments: "https://news.example/1#c"},
			{Line: 8, ID: "https://news.example/2", Link: "https://news.example/2", Title: "Свет", Text: "Полный текст,\nстрока", Full: true},
		}},
		"RSS 1.0": {`<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>Вести</title><link>https://n.example</link></channel>
<item rdf:about="https://n.example/1"><title>Яма</title><link>https://n.example/1</link><dc:date>2026-03-02T10:15:00+07:00</dc:date><dc:creator>Анна</dc:creator></item></rdf:RDF>`,
			feed.Head{Kind: feed.RSS, Title: "Вести", Link: "https://n.example"},
			[]feed.Item{{Line: 2, ID: "https://n.example/1", Link: "https://n.example/1", Title: "Яма", Published: at, Author: "Анна"}}},
		"RSS 0.91 without order": {"PHP Warning: x\n<rss version=0.91><channel><title>Вести<item><title>Яма<link>https://n.example/1</link></item><item><title>Свет</title><link>https://n.example/2</link><item><title>Газ</title></item></channel></rss>",
			feed.Head{Kind: feed.RSS, Title: "Вести"},
			[]feed.Item{{Line: 2, Title: "Ямаhttps://n.example/1"}, {Line: 2, Link: "https://n.example/2", Title: "Свет"}, {Line: 2, Title: "Газ"}}},
		"Atom": {`<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Вести &lt;b&gt;двора&lt;/b&gt;</title><link rel="self" href="https://n.example/atom"/><link href="https://n.example/"/>
<entry><id>tag:n.example,1</id><title>Яма</title><link rel="edit" href="https://n.example/edit"/><link href="https://n.example/1"/><link rel="replies" type="text/html" href="https://n.example/1#c"/>
<author><name>Анна</name><email>a@example.org</email></author><published>2026-03-02T03:15:00Z</published><updated>2026-03-02T03:15:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Первый &amp; a &lt; b.</p><p>Второй<br/>ряд</p></div></content></entry></feed>`,
			feed.Head{Kind: feed.Atom, Title: "Вести двора", Link: "https://n.example/"},
			[]feed.Item{{Line: 2, ID: "tag:n.example,1", Link: "https://n.example/1", Title: "Яма", Text: "Первый & a < b.\n\nВторой\nряд", Full: true, Author: "Анна", Published: at, Updated: at, Comments: "https://n.example/1#c"}}},
		"JSON Feed": {`{"version":"https://jsonfeed.org/version/1.1","title":"Вести","home_page_url":"https://n.example/","items":[{"id":7,"url":"https://n.example/1","title":"Яма","content_html":"<p>Текст</p>","date_published":"2026-03-02T10:15:00+07:00","authors":[{"name":"Анна"}]}]}`,
			feed.Head{Kind: feed.JSON, Title: "Вести", Link: "https://n.example/"},
			[]feed.Item{{Line: 1, ID: "7", Link: "https://n.example/1", Title: "Яма", Text: "Текст", Full: true, Published: at, Author: "Анна"}}},
		"sitemap": {`<urlset xmlns:news="n"><url><loc>https://n.example/1</loc><lastmod>2026-03-02T03:15:00Z</lastmod><news:news><news:publication><news:name>Вести</news:name></news:publication><news:publication_date>2026-03-02</news:publication_date><news:title>Яма</news:title></news:news></url><url><loc>https://n.example/2</loc></url></urlset>`,
			feed.Head{Kind: feed.Sitemap}, []feed.Item{{Line: 1, Link: "https://n.example/1", Title: "Яма", Published: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Updated: at}, {Line: 1, Link: "https://n.example/2"}}},
		"index":    {`<sitemapindex><sitemap><loc>https://n.example/s1.xml.gz</loc></sitemap></sitemapindex>`, feed.Head{Kind: feed.Index}, []feed.Item{{Line: 1, Link: "https://n.example/s1.xml.gz"}}},
		"no items": {`<rss><channel><title>Вести</title></channel></rss>`, feed.Head{Kind: feed.RSS, Title: "Вести"}, nil},
		"control characters, a broken date, comments around": {"<rss><channel><!-- <item> --><item><title>Яма\x08 у&#8;дома &nbsp; №5 & двор</title><pubDate>вчерась</pubDate></item></channel></rss>",
			feed.Head{Kind: feed.RSS}, []feed.Item{{Line: 1, Title: "Яма удома №5 & двор", BadDate: true}}},
	} {
		got, head, err := read(t, strings.NewReader(tt.in), feed.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: items (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.head, head); diff != "" {
			t.Errorf("%s: head (-want +got):\n%s", name, diff)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const doc = `<rss><channel><item><title>Не горит фонарь у дома на Лесной</title></item></channel></rss>`
	declared := func(name string) string { return `<?xml version="1.0" encoding="` + name + `"?>` + doc }
	for name, tt := range map[string]struct {
		in     func() (string, error)
		header string
	}{
		"windows-1251 by the declaration":      {func() (string, error) { return charmap.Windows1251.NewEncoder().String(declared("windows-1251")) }, "text/xml"},
		"windows-1251 by the header":           {func() (string, error) { return charmap.Windows1251.NewEncoder().String(doc) }, "application/rss+xml; charset=windows-1251"},
		"windows-1251 by its letters":          {func() (string, error) { return charmap.Windows1251.NewEncoder().String(doc) }, ""},
		"windows-1251 that calls itself UTF-8": {func() (string, error) { return charmap.Windows1251.NewEncoder().String(declared("utf-8")) }, "text/xml; charset=utf-8"},
		"KOI8-R by the declaration":            {func() (string, error) { return charmap.KOI8R.NewEncoder().String(declared("KOI8-R")) }, ""},
		"KOI8-R by its letters":                {func() (string, error) { return charmap.KOI8R.NewEncoder().String(doc) }, ""},
		"UTF-8 that calls itself windows-1251": {func() (string, error) { return declared("windows-1251"), nil }, "text/xml; charset=windows-1251"},
		"UTF-8 with a mark":                    {func() (string, error) { return "\ufeff" + doc, nil }, ""},
		"UTF-16 with a mark": {func() (string, error) {
			return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(declared("utf-16"))
		}, ""},
		"UTF-16 without a mark": {func() (string, error) {
			return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(doc)
		}, ""},
	} {
		in, err := tt.in()
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := read(t, strings.NewReader(in), feed.Options{Charset: tt.header})
		if err != nil || len(got) != 1 || got[0].Title != "Не горит фонарь у дома на Лесной" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, _, err := read(t, strings.NewReader(doc), feed.Options{Charset: "text/xml; charset=klingon"}); err != nil {
		t.Errorf("an encoding that nobody knows, of a text that is plainly UTF-8: %v", err)
	}
	if _, _, err := read(t, strings.NewReader("<rss>\xb0\xc5\xd0\xd1\xd2"), feed.Options{Charset: "text/xml; charset=klingon"}); err == nil {
		t.Error("an encoding that nobody knows was read")
	}
}

func TestWhatIsNoFeed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]error{
		"": feed.ErrNotFeed, "Сайт закрыт": feed.ErrNotFeed, "<!DOCTYPE html><html><body><item>1</item></body></html>": feed.ErrNotFeed, `{"a":1}`: feed.ErrNotFeed,
		"<rss><channel><item><title>Яма</title></item>": feed.ErrCut, "<rss><channel><item><title>Яма": feed.ErrCut, "<rss><channel><![CDATA[": feed.ErrCut,
	} {
		if _, _, err := read(t, strings.NewReader(in), feed.Options{}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
	got, _, _ := read(t, strings.NewReader("<rss><channel><item><title>Яма</title></item><item><title>Свет</title><descr"), feed.Options{})
	if len(got) != 2 || got[0].Cut || !got[1].Cut || got[1].Title != "Свет" {
		t.Errorf("what stands before a cut: %+v", got)
	}
}

// An endless writes one piece over and over.
type endless struct {
	head, piece string
	n           int
	rest        []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.n == 0 {
			return 0, io.EOF
		}
		e.n--
		e.rest = []byte(e.head + e.piece)
		e.head = ""
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// Bombs are read in time that grows with their size, without being held.
func TestBombs(t *testing.T) {
	var entities strings.Builder
	entities.WriteString(`<!DOCTYPE rss [<!ENTITY a0 "ha">`)
	for i := range 40 {
		fmt.Fprintf(&entities, `<!ENTITY a%d "&a%d;&a%d;&a%d;">`, i+1, i, i, i)
	}
	entities.WriteString(`]><rss><channel><item><title>Яма &a40;</title></item></channel></rss>`)
	got, _, err := read(t, strings.NewReader(entities.String()), feed.Options{})
	if err != nil || len(got) != 1 || got[0].Title != "Яма &a40;" {
		t.Errorf("entities that grow: %+v, %v", got, err)
	}
	const million = 1 << 20
	for name, e := range map[string]*endless{
		"a long text":        {"<rss><channel><item><title>Яма</title><description>", strings.Repeat("слово ", 1000), 4000, nil},
		"deep":               {"<rss><channel><item>", strings.Repeat("<a>", 1000), 1000, nil},
		"deep outside":       {"<rss><channel>", strings.Repeat("<a>", 1000), 1000, nil},
		"one tag":            {"<rss><channel><item><title ", strings.Repeat("a=b ", 1000), 1000, nil},
		"unclosed CDATA":     {"<rss><channel><item><title><![CDATA[", strings.Repeat("]]&gt;", 1000), 1000, nil},
		"unclosed comment":   {"<rss><!--", strings.Repeat("->", 1000), 1000, nil},
		"items never closed": {"<rss><channel>", strings.Repeat("<item><title>", 1000), 50, nil},
		"doctype":            {"<!DOCTYPE rss [", strings.Repeat("<!ENTITY a 'b'>", 1000), 100, nil},
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		f, err := feed.NewReader(e, feed.Options{Now: now})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		for err == nil {
			if _, err = f.Next(); err == nil {
				n++
			}
		}
		runtime.ReadMemStats(&after)
		if grown := int64(after.Sys) - int64(before.Sys); grown > 64*million || time.Since(start) > 20*time.Second {
			t.Errorf("%s: %d items, %d MB, %v", name, n, grown/million, time.Since(start))
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"<rss><channel><title>a</title><item><title>b</title></item></channel></rss>", "<feed><entry><content><p>a</p></content></entry></feed>", `{"version":"https://jsonfeed.org/version/1","items":[{}]}`,
		"<urlset><url><loc>a</loc></url></urlset>", "<rss><item><![CDATA[", "<rss><item><item></item>", "<?xml encoding='koi8-r'?><rss>\xc1", "<rss><item/><item a='>'>x</item>", "\xff\xfe<\x00"} {
		f.Add([]byte(s), "")
	}
	f.Add([]byte("<rss><item>\xe0</item>"), "text/xml; charset=windows-1251")
	f.Fuzz(func(t *testing.T, b []byte, header string) {
		items, head, err := read(t, strings.NewReader(string(b)), feed.Options{Charset: header, Limit: 4096})
		for _, it := range items {
			if it.Line < 1 || it.TooLarge && it.Title != "" || len(it.Title)+len(it.Text) > 3*4096 {
				t.Errorf("item %+v", it)
			}
		}
		if err == nil && head.Kind == "" {
			t.Error("a feed without a kind")
		}
	})
}
