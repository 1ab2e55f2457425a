// Package pushtest is a push service with its browsers, for tests: it speaks RFC 8030 on
// the loopback, checks who sends (RFC 8292), opens what was sent with the browser's own
// key (RFC 8291), keeps what a browser that is switched off has not fetched, and fails
// as it is told.
package pushtest

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/notice"
)

var b64 = base64.RawURLEncoding

// A Message is what came to a browser.
type Message struct {
	Plain                   []byte
	Size                    int // of the body, in bytes
	TTL                     int // seconds
	Urgency, Topic, Subject string
}

// A Service takes messages for browsers.
type Service struct {
	URL string
	Now func() time.Time

	srv      *httptest.Server
	mu       sync.Mutex
	browsers map[string]*Browser
	asked    int
	answer   func(asked int, b *Browser) (status int, retryAfter string) // 0 = as usual
	most     int
}

// A Browser is subscribed.
type Browser struct {
	notice.Browser
	s       *Service
	private *ecdh.PrivateKey
	off     bool
	gone    bool
	waiting []Message
	shown   []Message
}

// Start starts a service.
func Start() *Service {
	s := &Service{browsers: map[string]*Browser{}, Now: time.Now, most: 4096}
	s.srv = httptest.NewServer(s)
	s.URL = s.srv.URL
	return s
}

// Close ends it.
func (s *Service) Close() { s.srv.Close() }

// Subscribe makes a browser that takes messages from who holds the private part of key.
func (s *Service) Subscribe(key string) *Browser {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // there is no randomness
	}
	auth := make([]byte, 16)
	_, _ = rand.Read(auth)
	name := "/send/" + rand.Text()
	b := &Browser{s: s, private: private, Browser: notice.Browser{Endpoint: s.URL + name, P256DH: b64.EncodeToString(private.PublicKey().Bytes()), Auth: b64.EncodeToString(auth), Key: key}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers[name] = b
	return b
}

// Answer lets fn answer in the service's place: asked counts from 1, a status of 0 means
// as usual, Hang that the message is taken and nothing is said.
func (s *Service) Answer(fn func(asked int, b *Browser) (status int, retryAfter string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = fn
}

// Hang is the answer of who takes a message and does not say so.
const Hang = -1

// Limit sets how many bytes a message may have; longer ones are answered with 413.
func (s *Service) Limit(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = bytes
}

// Asked counts calls.
func (s *Service) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Unsubscribe ends the subscription, as a person does who forbids notifications.
func (b *Browser) Unsubscribe() {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.gone = true
}

// Switch switches the browser on or off; one that comes back fetches what waits.
func (b *Browser) Switch(on bool) {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if b.off = !on; on {
		b.shown = append(b.shown, b.waiting...)
		b.waiting = nil
	}
}

// Shown returns what came to the browser so far.
func (b *Browser) Shown() []Message {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	return slices.Clone(b.shown)
}

var topics = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	b := s.browsers[r.URL.Path]
	if s.answer != nil {
		status, after := s.answer(s.asked, b)
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		if status == Hang {
			s.take(r, b, body)
			panic(http.ErrAbortHandler)
		} else if status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	status, why := s.take(r, b, body)
	if status == http.StatusCreated {
		w.Header().Set("Location", s.URL+"/message/1")
	}
	w.WriteHeader(status)
	fmt.Fprint(w, why)
}

// take does what a push service does, and what the browser behind it does.
func (s *Service) take(r *http.Request, b *Browser, body []byte) (status int, why string) {
	h := r.Header
	ttl, err := strconv.Atoi(h.Get("TTL"))
	switch {
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "POST it"
	case b == nil:
		return http.StatusNotFound, "no such subscription"
	case b.gone:
		return http.StatusGone, "the subscription has ended"
	case err != nil || ttl < 0:
		return http.StatusBadRequest, "TTL is missing"
	case h.Get("Content-Encoding") != "aes128gcm":
		return http.StatusUnsupportedMediaType, "the encoding is not aes128gcm"
	case len(body) > s.most:
		return http.StatusRequestEntityTooLarge, "too long"
	case h.Get("Topic") != "" && !topics.MatchString(h.Get("Topic")):
		return http.StatusBadRequest, "a bad topic"
	case !slices.Contains([]string{"", "very-low", "low", "normal", "high"}, h.Get("Urgency")):
		return http.StatusBadRequest, "a bad urgency"
	}
	token, err := Verify(h.Get("Authorization"), b.Key, s.URL, s.Now())
	if err != nil {
		return http.StatusForbidden, err.Error()
	}
	plain, err := Open(body, b.private, b.Auth)
	if err != nil { // a real service cannot tell: its browser drops the message
		return http.StatusBadRequest, err.Error()
	}
	m := Message{Plain: plain, Size: len(body), TTL: ttl, Urgency: h.Get("Urgency"), Topic: h.Get("Topic"), Subject: strings.TrimSpace(token.Subject)}
	if !b.off {
		b.shown = append(b.shown, m)
		return http.StatusCreated, ""
	}
	if ttl > 0 {
		b.waiting = slices.DeleteFunc(b.waiting, func(o Message) bool { return o.Topic != "" && o.Topic == m.Topic })
		b.waiting = append(b.waiting, m)
	}
	return http.StatusCreated, ""
}
