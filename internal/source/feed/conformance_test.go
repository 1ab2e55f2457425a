package feed_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/feed"
	"otklik/internal/source/feed/feedfake"
	"otklik/internal/source/page"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/web"
)

func newClock() *sourcetest.Clock {
	return sourcetest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
}

// open returns a fake site and the feed that reads it.
func open(t *testing.T, o feedfake.Options) (*feedfake.Fake, *feed.Feed, *sourcetest.Clock) {
	t.Helper()
	c := newClock()
	o.Now = c.Now
	fake, err := feedfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL + "/feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	comments, err := page.ParseRecipe([]byte(feedfake.Comments))
	if err != nil {
		t.Fatal(err)
	}
	return fake, &feed.Feed{Source: "feed:news.example/feed.xml", URL: at, Comments: comments, Web: &web.Client{Inner: true, Gap: -1, Now: c.Now}, Reread: -1, Now: c.Now}, c
}

// idOf takes the last number of a native id: «n5», «n5#c7».
func idOf(t *testing.T, native string) int64 {
	t.Helper()
	s := native[strings.LastIndexAny(native, "nc")+1:]
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatalf("not a native id: %q", native)
	}
	return id
}

func TestContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		fake, f, clock := open(t, feedfake.Options{InFeed: 200})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		dead := *f
		dead.URL = &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/feed.xml"}
		l.Close()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		return &sourcetest.Network{
			Puller: f, Dead: &dead, NoSecrets: "a feed is open to all",
			Cannot: map[sourcetest.Lack]string{sourcetest.NoWrite: "no news site lets a program write: replies go by hand", sourcetest.NoPast: "a feed holds its newest items, and they are read at once"},
			Post:   func(text string) string { return fmt.Sprintf("n%d", fake.Publish("", text)) },
			Comment: func(parent, text string) string {
				root, inner, _ := strings.Cut(parent, "#")
				answers := int64(0)
				if inner != "" {
					answers = idOf(t, inner)
				}
				n, err := fake.Comment(idOf(t, root), answers, "Олег", text)
				must(err)
				return fmt.Sprintf("%s#c%d", root, n)
			},
			Edit:    func(s, text string) { must(fake.Edit(idOf(t, s), text)) },
			Delete:  func(s string) { must(fake.Delete(idOf(t, s))) },
			Restore: func(s string) { must(fake.Restore(idOf(t, s))) },
			Advance: clock.Advance,
			Spoil: func(s sourcetest.Spoil, _ bool) {
				fake.Fail(map[sourcetest.Spoil]feedfake.Trouble{
					sourcetest.Down: feedfake.Down, sourcetest.Later: feedfake.Busy, sourcetest.Person: feedfake.Closed, sourcetest.Garbage: feedfake.Garbage,
					sourcetest.Huge: feedfake.Huge, sourcetest.Odd: feedfake.Odd,
				}[s])
			},
		}
	})
}
