package vkfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// events is what the community tells by itself: Bots Long Poll and the Callback API. It is
// held in memory alone, as VK promises no more.
type events struct {
	all     []event // by number
	last    int
	gone    int // number of the last one that is forgotten
	keys    int // of long poll; the number of the one that counts
	polling bool
	woken   chan struct{}
	codes   int // how often the confirmation code changed
	servers []*server
}

type event struct {
	N    int
	ID   string
	Type string
	JSON json.RawMessage // without the secret
}

// A server is one that the community's events are sent to.
type server struct {
	ID      int64
	URL     string
	Title   string
	Secret  string
	Status  string // unconfigured, failed, wait, ok
	Types   map[string]bool
	waiting []event
}

const eventsMost = 10_000

// tell notes an event for those who listen. The caller holds the lock.
func (f *Fake) tell(kind string, object any) {
	if kind == "" {
		return
	}
	e := &f.events
	e.last++
	id := fmt.Sprintf("event%d", e.last)
	n := event{N: e.last, ID: id, Type: kind, JSON: encode(map[string]any{"type": kind, "object": object, "group_id": f.opts.Group, "event_id": id, "v": "5.199"})}
	if e.all = append(e.all, n); len(e.all) > eventsMost {
		e.gone, e.all = e.all[0].N, e.all[1:]
	}
	for _, s := range e.servers {
		if s.Types[kind] {
			s.waiting = append(s.waiting, n)
		}
	}
	if e.woken != nil {
		close(e.woken)
		e.woken = nil
	}
}

// eventJSON is a comment as events carry it.
func (f *Fake) eventJSON(p *post, c *comment) map[string]any {
	was := c.Deleted
	c.Deleted = false
	m := f.commentJSON(p, c, 0, map[int64]bool{})
	c.Deleted = was
	delete(m, "owner_id")
	m["post_owner_id"] = f.Owner()
	return m
}

// Forget loses the events before now: who listens on from there is answered failed 1.
func (f *Fake) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events.all, f.events.gone = nil, f.events.last
}

// Expire makes the key of long poll run out: failed 2.
func (f *Fake) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events.keys++
}

// Restart loses all that long poll knew: failed 3 to who held a key.
func (f *Fake) Restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events.keys += 1000
	f.events.all, f.events.gone = nil, f.events.last
}

func (f *Fake) longPollSettings(p params) (any, int) {
	if p.int("group_id") != f.opts.Group {
		return nil, 125
	}
	f.events.polling = p.text("enabled") == "1" && p.text("wall_reply_new") == "1"
	return 1, 0
}

func (f *Fake) longPollServer(p params) (any, int) {
	if p.int("group_id") != f.opts.Group {
		return nil, 125
	}
	if !f.events.polling {
		return nil, 100
	}
	at := url.URL{Scheme: "http", Host: p.r.Host, Path: strings.TrimSuffix(p.r.URL.Path, "method/groups.getLongPollServer") + "longpoll"}
	return map[string]any{"key": "key" + strconv.Itoa(f.events.keys), "server": at.String(), "ts": strconv.Itoa(f.events.last)}, 0
}

// longPoll answers a_check.
func (f *Fake) longPoll(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	wait, _ := strconv.Atoi(q.Get("wait"))
	deadline := time.After(time.Duration(min(max(wait, 0), 90)) * time.Second)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for {
		f.mu.Lock()
		f.counts["a_check"]++
		answer, woken := f.heard(q), f.events.woken
		if answer == nil && woken == nil {
			woken = make(chan struct{})
			f.events.woken = woken
		}
		f.mu.Unlock()
		if answer != nil {
			_, _ = w.Write(encode(answer))
			return
		}
		select {
		case <-woken:
		case <-r.Context().Done():
			return
		case <-deadline:
			_, _ = w.Write(encode(map[string]any{"ts": q.Get("ts"), "updates": []any{}}))
			return
		}
	}
}

// heard answers a question for events; nil is to wait.
func (f *Fake) heard(q url.Values) any {
	e := &f.events
	key, err := strconv.Atoi(strings.TrimPrefix(q.Get("key"), "key"))
	ts, bad := strconv.Atoi(q.Get("ts"))
	switch {
	case err != nil || bad != nil || e.keys-key >= 1000 || ts > e.last:
		return map[string]any{"failed": 3}
	case key != e.keys:
		return map[string]any{"failed": 2}
	case ts < e.gone:
		return map[string]any{"failed": 1, "ts": e.last}
	}
	updates := []json.RawMessage{}
	for _, n := range e.all {
		if n.N > ts {
			updates = append(updates, n.JSON)
		}
	}
	if len(updates) == 0 {
		return nil
	}
	return map[string]any{"ts": strconv.Itoa(e.last), "updates": updates}
}

func (f *Fake) code() string { return fmt.Sprintf("c0de%04d", f.events.codes) }

func (f *Fake) confirmation(p params) (any, int) { return map[string]any{"code": f.code()}, 0 }

func (f *Fake) callbackServers(p params) (any, int) {
	items := []any{}
	for _, s := range f.events.servers {
		items = append(items, map[string]any{"id": s.ID, "title": s.Title, "creator_id": 1, "url": s.URL, "secret_key": s.Secret, "status": s.Status})
	}
	return map[string]any{"count": len(items), "items": items}, 0
}

func (f *Fake) addServer(p params) (any, int) {
	if p.text("url") == "" || len([]rune(p.text("title"))) > 14 || len(p.text("secret_key")) > 50 || len(f.events.servers) >= 10 {
		return nil, 100
	}
	f.events.codes++
	id := int64(f.events.codes)
	f.events.servers = append(f.events.servers, &server{ID: id, URL: p.text("url"), Title: p.text("title"), Secret: p.text("secret_key"), Status: "unconfigured", Types: map[string]bool{}})
	return map[string]any{"server_id": id}, 0
}

func (f *Fake) server(id int64) *server {
	for _, s := range f.events.servers {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (f *Fake) editServer(p params) (any, int) {
	s := f.server(p.int("server_id"))
	if s == nil {
		return nil, 100
	}
	f.events.codes++
	s.URL, s.Title, s.Secret, s.Status = p.text("url"), p.text("title"), p.text("secret_key"), "unconfigured"
	return 1, 0
}

func (f *Fake) callbackSettings(p params) (any, int) {
	s := f.server(p.int("server_id"))
	if s == nil {
		return nil, 100
	}
	for k := range p.r.Form {
		if strings.Contains(k, "_") && k != "group_id" && k != "server_id" && k != "api_version" {
			s.Types[k] = p.text(k) == "1"
		}
	}
	return 1, 0
}

// RemoveServers removes what the events are sent to, as an administrator of the community can.
func (f *Fake) RemoveServers() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events.servers = nil
}

// ChangeCode gives the community another confirmation code, as saving its settings does: all
// servers are to be confirmed anew.
func (f *Fake) ChangeCode() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events.codes++
	for _, s := range f.events.servers {
		s.Status = "unconfigured"
	}
}

// Listened reports whether somebody is told of what happens: a long poll holds the key that
// counts, or a server of callbacks is confirmed.
func (f *Fake) Listened() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.events.woken != nil || slices.ContainsFunc(f.events.servers, func(s *server) bool { return s.Status == "ok" })
}

// Repeat makes the waiting calls come twice, Reverse in the other order, Lose not at all.
func (f *Fake) Repeat() { f.waiting(func(w []event) []event { return append(w, w...) }) }

// Reverse turns the order of the waiting calls.
func (f *Fake) Reverse() { f.waiting(func(w []event) []event { slices.Reverse(w); return w }) }

// Lose drops the waiting calls: VK gave up.
func (f *Fake) Lose() { f.waiting(func([]event) []event { return nil }) }

func (f *Fake) waiting(do func([]event) []event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.events.servers {
		s.waiting = do(slices.Clone(s.waiting))
	}
}

// Deliver calls the servers with what waits for them, a new one first for its confirmation.
// An event that is not answered «ok» stays, and comes again with X-Retry-Counter; the
// others go on. It returns how many were taken.
func (f *Fake) Deliver(ctx context.Context, client *http.Client) (taken int, err error) {
	f.mu.Lock()
	servers := slices.Clone(f.events.servers)
	f.mu.Unlock()
	for _, s := range servers {
		f.mu.Lock()
		at, secret, status, code, list := s.URL, s.Secret, s.Status, f.code(), slices.Clone(s.waiting)
		f.mu.Unlock()
		if status != "ok" {
			body := encode(map[string]any{"type": "confirmation", "group_id": f.opts.Group, "secret": secret, "v": "5.199"})
			answer, callErr := ring(ctx, client, at, body, 0)
			if status = "ok"; callErr != nil || answer != code {
				status = "failed"
			}
			f.mu.Lock()
			s.Status = status
			f.mu.Unlock()
			if status == "failed" {
				return taken, fmt.Errorf("vkfake: the server was not confirmed: %q, %w", answer, callErr)
			}
		}
		for _, n := range list {
			var object map[string]any
			if err := json.Unmarshal(n.JSON, &object); err != nil {
				return taken, err
			}
			object["secret"] = secret
			answer, callErr := ring(ctx, client, at, encode(object), 0)
			if callErr == nil && answer != "ok" {
				answer, callErr = ring(ctx, client, at, encode(object), 1)
			}
			if callErr != nil || answer != "ok" {
				err = fmt.Errorf("vkfake: an event was answered %q, %w", answer, callErr)
				continue
			}
			taken++
			f.mu.Lock()
			if k := slices.IndexFunc(s.waiting, func(w event) bool { return w.N == n.N }); k >= 0 {
				s.waiting = slices.Delete(s.waiting, k, k+1)
			}
			f.mu.Unlock()
		}
	}
	return taken, err
}

// ring makes one call and returns the body of a 200.
func ring(ctx context.Context, client *http.Client, at string, body []byte, retry int) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if retry > 0 {
		req.Header.Set("X-Retry-Counter", strconv.Itoa(retry))
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return string(answer), err
}
