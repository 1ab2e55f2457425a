package vk_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/source/vk"
)

// slow is a network on which calls and answers take up to a second and a half. It keeps when
// calls arrive.
type slow struct {
	mu      sync.Mutex
	rnd     *rand.Rand
	arrived []time.Time
}

func (s *slow) RoundTrip(*http.Request) (*http.Response, error) {
	way := func() time.Duration {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.rnd.IntN(10) > 0 {
			return time.Duration(s.rnd.IntN(80)) * time.Millisecond
		}
		return time.Duration(s.rnd.IntN(1500)) * time.Millisecond
	}
	time.Sleep(way())
	s.mu.Lock()
	s.arrived = append(s.arrived, time.Now())
	s.mu.Unlock()
	time.Sleep(way())
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"response":{"groups":[{"id":1}]}}`))}, nil
}

// However long calls are on their way, no second of VK's sees more than three of one token,
// and waiting for that costs less than half of what is allowed.
func TestNoSecondSeesMoreThanItsCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := &slow{rnd: rand.New(rand.NewPCG(3, 6))}
		limits := &vk.Limits{}
		begin := time.Now()
		var wg sync.WaitGroup
		for range 8 {
			w := &vk.Wall{Group: 1, ServiceToken: "t", HTTP: &http.Client{Transport: net}, Limits: limits}
			wg.Go(func() {
				for range 50 {
					if _, err := w.Community(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if took := time.Since(begin); took > 400*time.Second*2/3 {
			t.Errorf("400 calls took %s", took)
		}
		slices.SortFunc(net.arrived, time.Time.Compare)
		for k := 3; k < len(net.arrived); k++ {
			if gap := net.arrived[k].Sub(net.arrived[k-3]); gap < time.Second {
				t.Fatalf("calls %d to %d arrived within %s", k-3, k, gap)
			}
		}
	})
}
