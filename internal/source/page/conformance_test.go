package page_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/page"
	"otklik/internal/source/page/pagefake"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/web"
)

func newClock() *sourcetest.Clock {
	return sourcetest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
}

func recipe(t testing.TB, raw string) *page.Recipe {
	t.Helper()
	r, err := page.ParseRecipe([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open returns a fake forum and the board that reads it.
func open(t *testing.T, o pagefake.Options) (*pagefake.Fake, *page.Board, *sourcetest.Clock) {
	t.Helper()
	c := newClock()
	o.Now = c.Now
	fake, err := pagefake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	return fake, &page.Board{
		Source: "page:forum.example/", URL: at, Recipe: recipe(t, pagefake.Recipe), Web: &web.Client{Inner: true, Gap: -1, Now: c.Now}, Reread: -1, Now: c.Now,
	}, c
}

func native(topic, post int64) string { return fmt.Sprintf("topic.php?t=%d#%d", topic, post) }

// parts takes a native id apart.
func parts(t *testing.T, s string) (topic, post int64) {
	t.Helper()
	a, b, _ := strings.Cut(strings.TrimPrefix(s, "topic.php?t="), "#")
	topic, err1 := strconv.ParseInt(a, 10, 64)
	post, err2 := strconv.ParseInt(b, 10, 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("not a native id: %q", s)
	}
	return topic, post
}

func TestContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		fake, board, clock := open(t, pagefake.Options{})
		board.Threads = 200
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		dead := *board
		dead.URL = &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}
		l.Close()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		id := func(s string) int64 { _, p := parts(t, s); return p }
		return &sourcetest.Network{
			Puller: board, Dead: &dead, NoSecrets: "a forum is read as a visitor",
			Cannot: map[sourcetest.Lack]string{sourcetest.NoWrite: "no forum lets a program write: replies go by hand"},
			Post: func(text string) string {
				topic, first := fake.Topic("Анна Петрова", "Тема", text)
				return native(topic, first)
			},
			Comment: func(parent, text string) string {
				topic, p := parts(t, parent)
				n, err := fake.Post(topic, "Олег", text, p)
				must(err)
				return native(topic, n)
			},
			Edit:    func(s, text string) { must(fake.Edit(id(s), text)) },
			Delete:  func(s string) { must(fake.Delete(id(s))) },
			Restore: func(s string) { must(fake.Restore(id(s))) },
			Advance: clock.Advance,
			Spoil: func(s sourcetest.Spoil, _ bool) {
				fake.Fail(map[sourcetest.Spoil]pagefake.Trouble{
					sourcetest.Down: pagefake.Down, sourcetest.Later: pagefake.Busy, sourcetest.Person: pagefake.Closed, sourcetest.Garbage: pagefake.Garbage,
					sourcetest.Huge: pagefake.Huge, sourcetest.Odd: pagefake.Odd,
				}[s])
			},
		}
	})
}
