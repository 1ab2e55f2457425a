package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// A network takes every call whose body is its secret word.
type network struct{}

func (network) Receive(ctx context.Context, c source.Call) (source.Received, error) {
	switch body := string(c.Body); {
	case body == "slow":
		<-ctx.Done()
		return source.Received{}, ctx.Err()
	case body == "busy":
		e := source.Fail(source.Later, "Позже", "busy")
		e.After = 90 * time.Second
		return source.Received{}, e
	case body == "odd":
		return source.Received{}, source.Fail(source.Permanent, "Не то", "odd")
	case body == "panic":
		panic("слова заявителя")
	case c.Header("X-Secret") != "s":
		return source.Received{}, source.Fail(source.Person, "Чужой секрет", "secret")
	}
	return source.Received{Batch: source.Batch{Messages: []message.Message{{Text: string(c.Body)}}}, ID: strings.Repeat("e", 1000), Answer: "ok" + c.Query.Get("q")}, nil
}

func TestANetworkIsAnsweredAfterTheDisk(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var stored []source.Received
	var refused []string
	var full atomic.Bool // read by calls that outlast their answer
	stuck := make(chan struct{})
	defer close(stuck)
	h := &Calls{
		Receiver: func(n int64) (source.Source, source.Receiver) {
			switch n {
			case 1:
				return source.Source{ID: "vk:-1001"}, network{}
			case 2:
				return source.Source{ID: "vk:-1002", Paused: true}, nil
			}
			return source.Source{}, nil
		},
		Bring: func(_ context.Context, _ source.Source, r source.Received) error {
			switch {
			case full.Load():
				return fault.New(fault.Unavailable, "disk full")
			case r.Messages[0].Text == "stuck":
				<-stuck
				return nil
			}
			stored = append(stored, r)
			return nil
		},
		Refused: func(_ source.Source, why error) {
			var e *source.Error
			errors.As(why, &e)
			refused = append(refused, string(e.Trouble))
		},
		Log: slog.New(slog.NewTextHandler(&log, nil)), Together: 4,
	}
	mux := http.NewServeMux()
	mux.Handle("/hooks/sources/{number}", h)
	for _, c := range []struct {
		name, method, path, secret, body string
		full                             bool
		status                           int
		answer, retry                    string
	}{
		{"taken", "POST", "/hooks/sources/1?q=!", "s", "Яма у школы", false, 200, "ok!", ""},
		{"a probe", "GET", "/hooks/sources/1", "s", "", false, 200, "ok", ""},
		{"another's secret", "POST", "/hooks/sources/1", "x", "Яма у школы", false, 403, "", ""},
		{"no call of the network", "POST", "/hooks/sources/1", "s", "odd", false, 400, "", ""},
		{"the network is asked and busy", "POST", "/hooks/sources/1", "s", "busy", false, 503, "", "90"},
		{"too large", "POST", "/hooks/sources/1", "s", strings.Repeat("x", callLimit+1), false, 413, "", ""},
		{"paused", "POST", "/hooks/sources/2", "s", "Яма", false, 503, "", "300"},
		{"unknown", "POST", "/hooks/sources/3", "s", "Яма", false, 404, "", ""},
		{"no number", "POST", "/hooks/sources/vk", "s", "Яма", false, 404, "", ""},
		{"another method", "DELETE", "/hooks/sources/1", "s", "", false, 405, "", ""},
		{"the disk is full", "POST", "/hooks/sources/1", "s", "Яма у школы", true, 503, "", "30"},
		{"the disk is stuck", "POST", "/hooks/sources/1", "s", "stuck", false, 503, "", "30"},
		{"the reader is stuck", "POST", "/hooks/sources/1", "s", "slow", false, 503, "", "30"},
		{"the reader panics", "POST", "/hooks/sources/1", "s", "panic", false, 503, "", "30"},
	} {
		full.Store(c.full)
		h.Patience = time.Minute
		if strings.HasSuffix(c.name, "stuck") {
			h.Patience = 30 * time.Millisecond
		}
		before := len(stored)
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("X-Secret", c.secret)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || c.status == 200 && w.Body.String() != c.answer {
			t.Errorf("%s: %d %q, Retry-After %q", c.name, w.Code, w.Body, w.Header().Get("Retry-After"))
		}
		if (len(stored) > before) != (c.status == 200) {
			t.Errorf("%s: %d with %d stored", c.name, w.Code, len(stored)-before)
		}
	}
	if len(stored[0].ID) > callID {
		t.Errorf("a call's id of %d bytes was kept", len(stored[0].ID))
	}
	if got := strings.Join(refused, " "); got != "person permanent later" {
		t.Errorf("told of the source: %s", got)
	}
	if s := log.String(); strings.Contains(s, "Яма") || strings.Contains(s, "слова") || !strings.Contains(s, "vk:-1001") || strings.Count(s, "\n") != 1 {
		t.Errorf("log: %s", s)
	}
}

// TestCallsThatWaitForTheDiskDoNotFillTheMemory: with as many inside as may be, the next one
// is told to come later at once.
func TestCallsThatWaitForTheDiskDoNotFillTheMemory(t *testing.T) {
	t.Parallel()
	inside, free := make(chan struct{}), make(chan struct{})
	h := hooks(&pushes{})
	h.Together = 1
	h.Push = func(context.Context, string, string, []message.Message) (int, error) {
		inside <- struct{}{}
		<-free
		return 1, nil
	}
	first := make(chan int)
	go func() { first <- push(h, good, "m1", clock, key).Code }()
	<-inside
	if w := push(h, good, "m2", clock, key); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("the second = %d", w.Code)
	}
	close(free)
	if code := <-first; code != 200 {
		t.Errorf("the first = %d", code)
	}
}
