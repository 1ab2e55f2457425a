package file_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/file"
)

const savedFeed = `<?xml version="1.0" encoding="windows-1251"?>
<rss version="2.0"><channel><title>Вести двора</title>
<item><title>Яма на Лесной</title><link>http://www.news.example/1?utm_source=rss</link><guid>https://news.example/1</guid><pubDate>Пн, 02 мар 2026 10:15:00</pubDate><description>&lt;p&gt;Жители просят закрыть её.&lt;/p&gt;</description></item>
<item><title>Свет вернули</title><pubDate>скоро</pubDate></item>
<item><link>http://news.example/3</link></item>
</channel></rss>`

func TestFeed(t *testing.T) {
	t.Parallel()
	in, err := charmap.Windows1251.NewEncoder().String(savedFeed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := records(t, "rss", "feed.xml", strings.NewReader(in), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[2].Err == nil || got[2].Err.Reason != file.NoText || got[2].Line != 5 {
		t.Fatalf("records: %v", short(got))
	}
	want := message.Message{
		Source: "file:feed.xml", Channel: message.News, Form: message.Post, Event: message.Written, Native: "news.example/1", URL: "http://www.news.example/1",
		Text: "Яма на Лесной\n\nЖители просят закрыть её.", PublishedAt: time.Date(2026, 3, 2, 7, 15, 0, 0, time.UTC), Revision: message.HashOf("Яма на Лесной\n\nЖители просят закрыть её."),
	}
	if diff := cmp.Diff(want, got[0].Message); diff != "" {
		t.Errorf("an item (-want +got):\n%s", diff)
	}
	if m := got[1].Message; !strings.HasPrefix(m.Native, "text-") || !m.PublishedAt.IsZero() || len(got[1].Lost) != 1 || got[1].Lost[0] != source.LostDate {
		t.Errorf("an item without id and date: %s, %v, lost %v", m.Native, m.PublishedAt, got[1].Lost)
	}
}

func TestFeedFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in   string
		want []string
		cut  bool
	}{
		"no feed":     {"<!DOCTYPE html><html><body>Вход</body></html>", []string{"no_message@1"}, false},
		"nothing":     {"", []string{"no_message@1"}, false},
		"no items":    {"<rss><channel></channel></rss>", []string{"no_message@1"}, false},
		"too large":   {"<rss>\n<item><title>" + strings.Repeat("яма ", 1000) + "</title></item>\n<item><guid>2</guid><title>Свет</title></item></rss>", []string{"too_large@2", "2 = Свет"}, false},
		"cut off":     {"<rss><item><guid>1</guid><title>Яма</title></item>\n<item><title>Св", []string{"1 = Яма", "unreadable@2"}, true},
		"a JSON Feed": {`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"Яма"}]}`, []string{"1 = Яма"}, false},
		"a sitemap":   {"<urlset><url><loc>https://news.example/1</loc></url></urlset>", []string{"no_text@1"}, false},
	} {
		got, err := records(t, "rss", "feed.xml", strings.NewReader(tt.in), file.Options{Limit: 4000})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, short(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if n := len(got); n > 0 && (got[n-1].Err != nil && got[n-1].Err.Cut) != tt.cut {
			t.Errorf("%s: cut = %v", name, !tt.cut)
		}
	}
	if _, err := records(t, "rss", "feed.xml", strings.NewReader("<?xml encoding='klingon'?><rss>\xc0\xc1\xc2"), file.Options{}); err == nil {
		t.Error("an unknown encoding was read")
	}
}

func FuzzFeed(f *testing.F) {
	for _, s := range []string{savedFeed, "<feed><entry><title>a</title></entry></feed>", "<rss><item>", "{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "rss", b) })
}
