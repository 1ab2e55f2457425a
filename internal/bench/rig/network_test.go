package rig_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"otklik/internal/source/vk/vkfake"
)

// networks are three networks that behave badly: «wall», a VK whose comments can be read
// back, «keyed», which knows keys of idempotency, and «blind», which knows neither. Each
// times out after accepting, fails at random, goes away for a moment, and meets texts
// that are alike with flood control. They count what stands under whom.
type networks struct {
	wall *vkfake.Fake

	mu       sync.Mutex
	rnd      *rand.Rand
	calm     bool                   // no troubles
	calls    int                    // asked to publish
	stands   map[string]int         // replies by «network parent»
	keys     map[string]string      // of keyed: the receipt of each key
	same     map[string][]time.Time // when a text was last written, by «network text»
	down     map[string]time.Time   // a network is away until
	floods   map[string]int         // refusals of what is alike
	captcha  map[string]bool        // a network wants to see a person
	troubles map[string]int
}

func newNetworks(seed uint64, wall *vkfake.Fake) *networks {
	return &networks{wall: wall, rnd: rand.New(rand.NewPCG(seed, 0xfa)), stands: map[string]int{}, keys: map[string]string{}, same: map[string][]time.Time{},
		down: map[string]time.Time{}, captcha: map[string]bool{}, floods: map[string]int{}, troubles: map[string]int{}}
}

// A mood is how a network meets one call to publish.
type mood string

const (
	fine    mood = "fine"
	broken  mood = "failed at random"         // nothing is done
	away    mood = "away"                     // nothing is done, the connection breaks
	lost    mood = "lost after accepting"     // done, the connection breaks
	late    mood = "too late after accepting" // done, the answer comes when nobody waits
	flood   mood = "flood control (9)"
	captcha mood = "captcha (14)"
)

// alike is how many equal texts a network bears in a while.
const (
	alike      = 4
	alikeWhile = 500 * time.Millisecond
)

func (n *networks) mood(network, text string) mood {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if n.calm {
		return fine
	}
	m := n.choose(network, text, time.Now())
	n.troubles[string(m)]++
	return m
}

func (n *networks) choose(network, text string, now time.Time) mood {
	if n.captcha[network] {
		return captcha
	}
	if now.Before(n.down[network]) {
		return away
	}
	key := network + " " + text
	var last []time.Time
	for _, t := range n.same[key] {
		if now.Sub(t) < alikeWhile {
			last = append(last, t)
		}
	}
	n.same[key] = last
	if len(last) >= alike {
		if n.floods[network]++; n.floods[network]%3 == 1 { // the first time at once
			n.captcha[network] = true
			return captcha
		}
		return flood
	}
	n.same[key] = append(last, now)
	switch p := n.rnd.IntN(100); {
	case p < 4:
		return broken
	case p < 8:
		return lost
	case p < 9:
		return late
	case p < 10:
		n.down[network] = now.Add(300 * time.Millisecond)
		return away
	}
	return fine
}

// asks returns the networks that want to see a person.
func (n *networks) asks() (list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, yes := range n.captcha {
		if yes {
			list = append(list, name)
		}
	}
	return list
}

// seen says that a person has seen to the captcha.
func (n *networks) seen(network string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.captcha[network] = false
}

func (n *networks) asked() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls
}

func (n *networks) quiet(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calm = on
}

// under returns how many replies stand under a message of a network.
func (n *networks) under(network, parent string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stands[network+" "+parent]
}

func (n *networks) write(network, parent string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stands[network+" "+parent]++
}

func (n *networks) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "wall.createComment"):
		n.comment(out, r)
	case strings.HasPrefix(r.URL.Path, "/send/"):
		n.send(out, r, strings.TrimPrefix(r.URL.Path, "/send/"))
	default:
		n.wall.ServeHTTP(out, r)
	}
}

// comment is the wall's way to publish.
func (n *networks) comment(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, _ := url.ParseQuery(string(body))
	done := func() *httptest.ResponseRecorder {
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		n.wall.ServeHTTP(answer, r)
		if strings.Contains(answer.Body.String(), "comment_id") {
			n.write("wall", form.Get("reply_to_comment"))
		}
		return answer
	}
	refuse := func(code int) {
		fmt.Fprintf(out, `{"error":{"error_code":%d,"error_msg":"no"}}`, code)
	}
	switch m := n.mood("wall", form.Get("message")); m {
	case flood:
		refuse(9)
	case captcha:
		refuse(14)
	case fine:
		_, _ = out.Write(done().Body.Bytes())
	default:
		n.spoil(out, r, m, func() { done() })
	}
}

// send is the way to publish of the networks that are no VK.
func (n *networks) send(out http.ResponseWriter, r *http.Request, network string) {
	if err := r.ParseForm(); err != nil {
		return
	}
	parent, key := r.Form.Get("parent"), r.Form.Get("key")
	done := func() string {
		n.mu.Lock()
		native := n.keys[key]
		n.mu.Unlock()
		if network == "keyed" && native != "" {
			return native
		}
		n.write(network, parent)
		native = "r" + parent
		n.mu.Lock()
		defer n.mu.Unlock()
		if network == "keyed" {
			n.keys[key] = native
		}
		return native
	}
	switch m := n.mood(network, r.Form.Get("text")); m {
	case flood:
		out.WriteHeader(http.StatusTooManyRequests)
	case captcha:
		out.WriteHeader(http.StatusForbidden)
	case fine:
		_ = json.NewEncoder(out).Encode(map[string]string{"native": done()})
	default:
		n.spoil(out, r, m, func() { done() })
	}
}

// spoil answers badly; do is done where the network has accepted.
func (n *networks) spoil(out http.ResponseWriter, r *http.Request, m mood, do func()) {
	switch m {
	case broken:
		http.Error(out, "bad gateway", http.StatusBadGateway)
		return
	case lost:
		do()
	case late:
		do()
		select {
		case <-r.Context().Done():
		case <-time.After(2 * time.Second):
		}
	}
	panic(http.ErrAbortHandler)
}
