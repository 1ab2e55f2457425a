package vk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// Twelve walls and two tokens, one of them revoked: each wall's comments come by its own
// source, lists stay rare, and the pool tells of the token.
func TestPoolReadsWhatGrew(t *testing.T) {
	t.Parallel()
	q := &vkfake.Quota{PerDay: vkfake.Documented, Now: time.Now}
	var fakes []*vkfake.Fake
	var posts []int64
	for n := range 12 {
		f, err := vkfake.New(vkfake.Options{Group: int64(100 + n), Name: "Стена", ServiceToken: "good", Quota: q})
		if err != nil {
			t.Fatal(err)
		}
		posts = append(posts, f.PostAt(f.Person("Анна"), "Новый двор", time.Now().Add(-time.Hour)))
		fakes = append(fakes, f)
	}
	srv := httptest.NewServer(vkfake.Many(fakes...))
	t.Cleanup(srv.Close)
	pool := &vk.Pool{Limits: &vk.Limits{PerSecond: -1}, BaseURL: srv.URL + "/method/", HTTP: srv.Client(), Calls: -1, Lists: 4000, Idle: time.Millisecond, Now: fast()}
	pool.Token("один", "revoked")
	pool.Token("два", "good")
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	texts := map[string]string{}
	var wg sync.WaitGroup
	for n := range fakes {
		w := pool.Watch(&vk.Wall{Group: int64(100 + n), Now: pool.Now})
		wg.Go(func() {
			var cursor []byte
			for ctx.Err() == nil {
				if w.Turn(ctx, cursor) != nil {
					continue
				}
				b, err := w.Poll(ctx, cursor)
				if err != nil {
					continue
				}
				cursor = b.Cursor
				mu.Lock()
				for _, m := range b.Messages {
					texts[m.Text] = m.Source
				}
				mu.Unlock()
			}
		})
	}
	wait := func(n int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			have := len(texts)
			mu.Unlock()
			if have >= n {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d texts came, want %d; tokens %+v", have, n, pool.Tokens())
			}
		}
	}
	wait(1) // every post has the same words
	for round := range 3 {
		for n, f := range fakes {
			if _, err := f.Comment(posts[n], 0, f.Person("Пётр"), fmt.Sprintf("комментарий %d-%d", n, round)); err != nil {
				t.Fatal(err)
			}
		}
		wait(1 + 12*(round+1))
	}
	cancel()
	wg.Wait()
	for n := range fakes {
		if got, want := texts[fmt.Sprintf("комментарий %d-2", n)], vk.SourceID(int64(-100-n)); got != want {
			t.Errorf("a comment of %s came from %q", want, got)
		}
	}
	for _, s := range pool.Tokens() {
		if want := map[string]vk.Health{"один": vk.Revoked, "два": vk.Good}[s.Name]; s.Health != want || want == vk.Revoked && s.Sentence == "" {
			t.Errorf("token %s is %s, want %s, with words %q", s.Name, s.Health, want, s.Sentence)
		}
	}
	if len(pool.Walls()) != 0 {
		t.Errorf("closed walls are still watched: %v", pool.Walls())
	}
}

// fast is a clock that runs 200 times as fast.
func fast() func() time.Time {
	begin := time.Now()
	return func() time.Time { return begin.Add(200 * time.Since(begin)) }
}

// Without a good token every wall is told why.
func TestPoolTellsThatNoTokenIsGood(t *testing.T) {
	t.Parallel()
	f, err := vkfake.New(vkfake.Options{Group: 5, ServiceToken: "good"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	pool := &vk.Pool{Limits: &vk.Limits{PerSecond: -1}, BaseURL: srv.URL + "/method/", HTTP: srv.Client(), Idle: time.Millisecond, Now: fast()}
	pool.Token("ключ", "revoked")
	w := pool.Watch(&vk.Wall{Group: 5})
	for range 2 {
		var e *source.Error
		if err = w.Turn(t.Context(), nil); err == nil {
			_, err = w.Poll(t.Context(), nil)
		}
		if !errors.As(err, &e) || e.Trouble != source.Person {
			t.Fatalf("the wall is told %v", err)
		}
	}
	pool.Token("ключ", "good") // the person gave another one
	if err := w.Turn(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}
