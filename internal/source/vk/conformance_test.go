package vk_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"otklik/internal/source/sourcetest"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

const (
	serviceToken   = "service-token"
	communityToken = "community-token"
)

// A clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// open returns a fake VK and a wall on it.
func open(t *testing.T, o vkfake.Options) (*vkfake.Fake, *vk.Wall, *clock) {
	t.Helper()
	c := newClock()
	o.Group, o.Name, o.ServiceToken, o.CommunityToken, o.Now = 1001, "Двор на Лесной", serviceToken, communityToken, c.now
	fake, err := vkfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(fake)
	srv.Config.ErrorLog = nil
	srv.Start()
	t.Cleanup(srv.Close)
	wall := &vk.Wall{
		Group: 1001, ServiceToken: serviceToken, CommunityToken: communityToken, BaseURL: srv.URL + "/method/", PageURL: srv.URL + "/",
		HTTP: srv.Client(), Limits: &vk.Limits{PerSecond: -1}, Now: c.now,
	}
	return fake, wall, c
}

func TestContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		fake, wall, clock := open(t, vkfake.Options{})
		resident := fake.Person("Анна Петрова")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ref := func(native string) vk.Ref {
			t.Helper()
			r, err := vk.ParseRef(native)
			must(err)
			return r
		}
		id := func(native string) int64 {
			r := ref(native)
			if r.Comment != 0 {
				return r.Comment
			}
			return r.Item
		}
		return &sourcetest.Network{
			Puller: wall, Publisher: wall, Dead: deadWall(t), Secrets: []string{serviceToken, communityToken},
			Post: func(text string) string {
				return vk.Ref{Place: "wall", Owner: fake.Owner(), Item: fake.Post(resident, text)}.String()
			},
			Comment: func(parent, text string) string {
				p := ref(parent)
				n, err := fake.Comment(p.Item, p.Comment, resident, text)
				must(err)
				p.Comment = n
				return p.String()
			},
			Edit:    func(native, text string) { must(fake.Edit(id(native), text)) },
			Delete:  func(native string) { must(fake.Delete(id(native))) },
			Restore: func(native string) { must(fake.Restore(id(native))) },
			Wrote:   func(root string) []string { return fake.Wrote(ref(root).Item) },
			Advance: clock.advance,
			Spoil: func(s sourcetest.Spoil, write bool) {
				method := "wall.get"
				if write {
					method = "wall.createComment"
				}
				if s == sourcetest.Down && !write {
					method = "" // any reading call
				}
				switch s {
				case sourcetest.Lost:
					fake.Fail(method, vkfake.Lost, 0)
				case sourcetest.Down:
					fake.Fail(method, vkfake.Status, http.StatusBadGateway)
				case sourcetest.Later:
					fake.Fail(method, vkfake.Refuse, 6)
				case sourcetest.Permanent:
					fake.Fail(method, vkfake.Refuse, 210)
				case sourcetest.Person:
					fake.Fail(method, vkfake.Refuse, 5)
				case sourcetest.Garbage:
					fake.Fail(method, vkfake.Garbage, 0)
				case sourcetest.Huge:
					fake.Fail(method, vkfake.Huge, 0)
				case sourcetest.Odd:
					fake.Fail(method, vkfake.Odd, 0)
				default:
					t.Fatalf("no way to be %s", s)
				}
			},
		}
	})
}

// deadWall is a wall at a port where nobody listens.
func deadWall(t *testing.T) *vk.Wall {
	t.Helper()
	return &vk.Wall{Group: 1001, ServiceToken: serviceToken, CommunityToken: communityToken, BaseURL: sourcetest.DeadHost(t) + "/method/"}
}
