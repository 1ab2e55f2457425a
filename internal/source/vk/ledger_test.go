package vk_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// A book is a ledger in memory.
type book struct {
	mu     sync.Mutex
	rows   map[[2]string]source.Spent
	writes int
	broken bool
}

func (b *book) Spend(_ context.Context, list []source.Spent, _ int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return errors.New("no space left on device")
	}
	if b.rows == nil {
		b.rows = map[[2]string]source.Spent{}
	}
	b.writes++
	for _, s := range list {
		b.rows[[2]string{s.Token + s.Method, time.Unix(s.Quarter*900, 0).String()}] = s
	}
	return nil
}

func (b *book) all() []source.Spent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.rows))
}

// A pool that is killed again and again goes on with the day that its tokens have, and never
// asks what VK must refuse.
func TestAKilledPoolHasNoFreshDay(t *testing.T) {
	t.Parallel()
	const day, life = 200, 30
	begin := time.Date(2026, 11, 23, 9, 14, 0, 0, time.UTC)
	var clock time.Time
	now := func() time.Time { return clock }
	q := &vkfake.Quota{PerDay: map[string]int{"wall.get": day, "newsfeed.search": vk.SearchesPerDay}, Rolling: true, Now: now}
	f, err := vkfake.New(vkfake.Options{Group: 5, Name: "Двор", ServiceToken: "good", Quota: q, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	ledger := &book{}
	open := func() *vk.Pool {
		p := &vk.Pool{Limits: &vk.Limits{PerSecond: -1}, BaseURL: srv.URL + "/method/", HTTP: srv.Client(), Lists: day, Now: now, Ledger: ledger}
		p.Recall(ledger.all())
		p.Token("ключ", "good")
		return p
	}
	lists := func() int { return f.Called("wall.get") }
	later := false
	var pool *vk.Pool
	for n := 0; !later; n++ {
		if n > 2*day/life {
			t.Fatal("the day does not end")
		}
		clock = begin.Add(time.Duration(n) * 50 * time.Minute)
		pool = open()
		w := pool.Watch(&vk.Wall{Group: 5, Now: now})
		for range life {
			clock = clock.Add(100 * time.Millisecond)
			var e *source.Error
			if _, err := w.Poll(t.Context(), nil); err != nil {
				if later = errors.As(err, &e) && e.Trouble == source.Later; !later {
					t.Fatal(err)
				}
				break
			}
		}
	}
	for code := range 30 {
		if n := q.Refused(code); n > 0 {
			t.Errorf("VK refused %d calls with error %d", n, code)
		}
	}
	if got := lists(); got > day || got < day-4*(day/life+1) {
		t.Errorf("%d lists were asked in a day of %d", got, day)
	}
	if ledger.writes > lists()/3 {
		t.Errorf("%d writes for %d calls", ledger.writes, lists())
	}
	for _, s := range ledger.all() {
		if len(s.Token) != 32 || s.Token == "good" {
			t.Errorf("the ledger names the token %q", s.Token)
		}
	}

	// After a day all is there again, and an orderly end leaves nothing reserved.
	clock = clock.Add(25 * time.Hour)
	pool = open()
	w := pool.Watch(&vk.Wall{Group: 5, Now: now})
	if _, err := w.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := pool.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := open().Tokens()[0]; s.Lists != day-1 || s.Used["wall.get"] != 1 {
		t.Errorf("after one call and an orderly end %d lists are left, used %v; want %d", s.Lists, s.Used, day-1)
	}

	// What cannot be written down is not asked.
	ledger.broken = true
	before := lists()
	var e *source.Error
	if _, err := open().Watch(&vk.Wall{Group: 5, Now: now}).Poll(t.Context(), nil); !errors.As(err, &e) || e.Trouble != source.Later || e.Sentence == "" {
		t.Errorf("a full disk is told as %v", err)
	}
	if lists() != before {
		t.Error("a call was made that nobody wrote down")
	}
}

// Error 29 ends the day over a restart, too; so it does for questions of search.
func TestErrorTwentyNineIsRemembered(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	f, err := vkfake.New(vkfake.Options{Group: 5, Name: "Двор", ServiceToken: "good", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	ledger := &book{}
	for life := range 2 {
		limits := &vk.Limits{PerSecond: -1}
		pool := &vk.Pool{Limits: limits, BaseURL: srv.URL + "/method/", HTTP: srv.Client(), Now: now, Ledger: ledger}
		limits.Pool = pool
		pool.Recall(ledger.all())
		pool.Token("ключ", "good")
		if life == 0 {
			f.Fail("wall.get", vkfake.Refuse, 29)
			f.Fail("newsfeed.search", vkfake.Refuse, 29)
		}
		if _, err := pool.Watch(&vk.Wall{Group: 5, Now: now}).Poll(t.Context(), nil); err == nil {
			t.Errorf("life %d: a list was read after error 29", life)
		}
		s := pool.Search(&vk.Search{Native: "vksearch:1", Queries: []string{"яма"}, Limits: limits, Now: now})
		if _, err := s.Poll(t.Context(), nil); err == nil {
			t.Errorf("life %d: a search was answered after error 29", life)
		}
	}
	if a, b := f.Called("wall.get"), f.Called("newsfeed.search"); a != 1 || b != 1 {
		t.Errorf("VK was asked for %d lists and %d searches, want one each", a, b)
	}
}

// A call that is long on its way counts at VK from when it arrives, not from when it was sent.
func TestALateCallCountsWhenItArrives(t *testing.T) {
	t.Parallel()
	const day = 10
	clock := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	q := &vkfake.Quota{PerDay: map[string]int{"wall.get": day}, Rolling: true, Now: now}
	f, err := vkfake.New(vkfake.Options{Group: 5, Name: "Двор", ServiceToken: "good", Quota: q, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	way := 2 * time.Hour
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		clock = clock.Add(way)
		return srv.Client().Transport.RoundTrip(r)
	})}
	pool := &vk.Pool{Limits: &vk.Limits{PerSecond: -1}, BaseURL: srv.URL + "/method/", HTTP: client, Lists: day, Now: now}
	pool.Token("ключ", "good")
	w := pool.Watch(&vk.Wall{Group: 5, Now: now})
	for range day / 2 {
		_, _ = w.Poll(t.Context(), nil) // five, one behind the other
	}
	way = 0
	for range 200 { // then as many as the pool has, for two days
		clock = clock.Add(15 * time.Minute)
		for range 3 {
			_, _ = w.Poll(t.Context(), nil)
		}
	}
	if n := q.Refused(29); n > 0 || f.Called("wall.get") < 2*day {
		t.Errorf("VK refused %d of %d calls", n, f.Called("wall.get"))
	}
}
