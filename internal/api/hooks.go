// Package api is how other programs talk to the centre: the signed inbound call
// (Hooks), and the REST API under /api/v1 (New), which can do to incidents what
// the pages of the desk can.
//
// Start with API.Operations: the table names every operation with the access
// that it needs, in the words of package site, and a test asks each as each role
// from inside and outside of the scope. Programs sign in by a token, browsers by
// their session; both act as an account. Every error is a Problem. What a body
// or a parameter may hold is said once, in the tags of its struct, from which
// the description in /api/openapi.json is made.
package api

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/webhook"
)

// A Sender is a system that may push messages to us.
type Sender struct {
	Source    string // «hook:portal»
	Key       []byte
	Territory string // OKTMO that it speaks for, unless a message names its own
	Stream    bool   // it pushes a whole public stream: the watches decide what is ours
}

// Hooks answers POST /hooks/messages as Standard Webhooks 1.0 signs it: the
// headers webhook-id, webhook-timestamp and webhook-signature, HMAC-SHA256 over
// "id.timestamp.body". The answer comes after the commit.
type Hooks struct {
	Senders []Sender
	// Outside reports whether the territory is known to lie outside of another. A
	// sender that speaks for a territory may not push into others.
	Outside func(territory, of string) bool
	Push    func(ctx context.Context, source, key string, messages []message.Message) (accepted int, err error)
	// Confirm notes what a sender says of a reply that it was to publish: false for a key that
	// was not sent to it.
	Confirm func(ctx context.Context, source, key string, a webhook.Answer) (bool, error)
	Now     func() time.Time
	Log     *slog.Logger

	Patience time.Duration // how long the store may take before the sender is told to call again; 0 = 8 s
	Together int           // calls under way at most; 0 = 512
	gate     gate
}

const (
	bodyLimit  = 8 << 20 // bytes of one call
	manyLimit  = 10_000  // messages of one call
	textLimit  = 1 << 20 // bytes of one message's text
	fieldLimit = 4096    // bytes of any other field
	nameLimit  = 512     // bytes of an id: of a message, a thread, a territory
	skew       = 5 * time.Minute
)

// ServeHTTP implements http.Handler.
func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	leave, ok := h.gate.enter(cmp.Or(h.Together, together))
	if !ok {
		w.Header().Set("Retry-After", "2")
		refuse(w, http.StatusServiceUnavailable, "", "too many calls at once; send the same call again later")
		return
	}
	defer leave()
	sender, body := h.signed(w, r)
	if sender == nil {
		return
	}
	messages, field, err := h.decode(sender, body)
	if err != nil {
		refuse(w, http.StatusBadRequest, field, err.Error())
		return
	}
	var accepted int
	err = within(r.Context(), cmp.Or(h.Patience, patience), func(ctx context.Context) (err error) {
		accepted, err = h.Push(ctx, sender.Source, r.Header.Get("webhook-id"), messages)
		return err
	})
	if err != nil {
		if h.gate.seldom() {
			h.Log.Error("pushed messages could not be stored", "source", sender.Source, "messages", len(messages), "error", err)
		}
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusServiceUnavailable, "", "the messages could not be stored; send the same call again later")
		return
	}
	answer(w, http.StatusOK, map[string]int{"accepted": accepted, "duplicate": len(messages) - accepted})
}

// signed reads a call to its end and returns who signed it, nil when it has been refused.
func (h *Hooks) signed(w http.ResponseWriter, r *http.Request) (*Sender, []byte) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "", fmt.Sprintf("the body has more than %d bytes; send fewer messages in one call", bodyLimit))
		return nil, nil
	case err != nil:
		refuse(w, http.StatusBadRequest, "", "the body could not be read to its end")
		return nil, nil
	}
	sender, why := h.sender(r.Header, body)
	if sender == nil {
		refuse(w, http.StatusUnauthorized, "", why)
	}
	return sender, body
}

// OnlyPost answers calls of other methods, which else would fall through to the pages.
func OnlyPost(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	refuse(w, http.StatusMethodNotAllowed, "", "messages are pushed by POST")
}

// sender returns who signed the call, or why nobody did.
func (h *Hooks) sender(head http.Header, body []byte) (*Sender, string) {
	id, stamp := head.Get("webhook-id"), head.Get("webhook-timestamp")
	if id == "" || stamp == "" || head.Get("webhook-signature") == "" {
		return nil, "the headers webhook-id, webhook-timestamp and webhook-signature are required"
	}
	if len(id) > 256 {
		return nil, "webhook-id has more than 256 bytes"
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return nil, "webhook-timestamp is no number of seconds"
	}
	if d := h.Now().Sub(time.Unix(seconds, 0)); d > skew || d < -skew {
		return nil, "webhook-timestamp is more than five minutes off"
	}
	for i := range h.Senders {
		mac := hmac.New(sha256.New, h.Senders[i].Key)
		fmt.Fprintf(mac, "%s.%s.", id, stamp)
		mac.Write(body)
		want := mac.Sum(nil)
		for part := range strings.FieldsSeq(head.Get("webhook-signature")) {
			version, given, ok := strings.Cut(part, ",")
			sig, err := base64.StdEncoding.DecodeString(given)
			if ok && version == "v1" && err == nil && hmac.Equal(sig, want) {
				return &h.Senders[i], ""
			}
		}
	}
	return nil, "the signature does not fit"
}

// A pushed message, as INTERFACES name its fields.
type pushed struct {
	ID          string  `json:"id"`
	Text        string  `json:"text"`
	Author      string  `json:"author"`
	URL         string  `json:"url"`
	Thread      string  `json:"thread"`
	Parent      string  `json:"parent"`
	PublishedAt *string `json:"published_at"`
	EditedAt    *string `json:"edited_at"`
	Territory   string  `json:"territory"`
	Deleted     bool    `json:"deleted"`

	Attachments json.RawMessage `json:"attachments"` // addresses, or objects {"url", "kind"?, "title"?}
}

func (h *Hooks) decode(s *Sender, body []byte) (out []message.Message, field string, err error) {
	if !utf8.Valid(body) {
		return nil, "", errors.New("the body is not UTF-8")
	}
	var call struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, "", errors.New(`the body is no JSON object with a list "messages"`)
	}
	switch n := len(call.Messages); {
	case n == 0:
		return nil, "messages", errors.New("the list is empty or absent")
	case n > manyLimit:
		return nil, "messages", fmt.Errorf("%d messages in one call; the limit is %d", n, manyLimit)
	}
	now := h.Now()
	for k, raw := range call.Messages {
		at := fmt.Sprintf("messages[%d]", k)
		var p pushed
		if err := json.Unmarshal(raw, &p); err != nil {
			var kind *json.UnmarshalTypeError
			switch {
			case errors.As(err, &kind) && kind.Field == "":
				return nil, at, fmt.Errorf("is a %s; an object with the fields of a message is expected", kind.Value)
			case errors.As(err, &kind):
				return nil, at + "." + kind.Field, fmt.Errorf("is a %s; a %s is expected", kind.Value, kind.Type)
			}
			return nil, at, err
		}
		if name, err := p.check(); err != nil {
			return nil, at + "." + name, err
		}
		if s.Territory != "" && p.Territory != "" && h.Outside != nil && h.Outside(p.Territory, s.Territory) {
			return nil, at + ".territory", fmt.Errorf("lies outside of %s, for which this sender speaks", s.Territory)
		}
		out = append(out, p.message(s, now))
	}
	return out, "", nil
}

// check says which field is wrong, and how.
func (p *pushed) check() (field string, err error) {
	switch {
	case p.ID == "":
		return "id", errors.New("is empty; give the message's id in your system")
	case strings.TrimSpace(p.Text) == "" && !p.Deleted && len(attachment.ParseRefs(p.Attachments)) == 0:
		return "text", errors.New(`is empty; only a message with "deleted": true or with attachments may have none`)
	case len(p.Text) > textLimit:
		return "text", fmt.Errorf("has more than %d bytes", textLimit)
	case p.PublishedAt == nil && !p.Deleted:
		return "published_at", errors.New("is absent; write it as 2026-11-22T17:40:00+07:00")
	}
	for name, given := range map[string]*string{"published_at": p.PublishedAt, "edited_at": p.EditedAt} {
		if _, err := when(given); err != nil {
			return name, errors.New("is no time as RFC 3339 writes it: 2026-11-22T17:40:00+07:00")
		}
	}
	for name, v := range map[string]string{"id": p.ID, "author": p.Author, "url": p.URL, "thread": p.Thread, "parent": p.Parent, "territory": p.Territory} {
		limit := nameLimit
		if name == "author" || name == "url" {
			limit = fieldLimit
		}
		if len(v) > limit {
			return name, fmt.Errorf("has more than %d bytes", limit)
		}
		if name != "author" && strings.IndexByte(v, 0) >= 0 {
			return name, errors.New("holds the character U+0000")
		}
	}
	if p.URL != "" && !strings.HasPrefix(p.URL, "https://") && !strings.HasPrefix(p.URL, "http://") {
		return "url", errors.New("is no http or https address")
	}
	return "", nil
}

// when reads a time; the zero time is none given.
func when(given *string) (time.Time, error) {
	if given == nil {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, *given)
}

func (p *pushed) message(s *Sender, now time.Time) message.Message {
	m := message.Message{
		Source: s.Source, Channel: message.Hook, Form: message.Record, Native: p.ID, Event: message.Written,
		Thread: p.Thread, Parent: p.Parent, URL: p.URL, AuthorName: p.Author, Author: authorID(p.Author), Text: p.Text,
		SeenAt: now, Territory: p.Territory, Addressed: !s.Stream, Attachments: attachment.ParseRefs(p.Attachments),
	}
	if m.Territory == "" {
		m.Territory = s.Territory
	}
	m.PublishedAt, _ = when(p.PublishedAt) // check has read both
	edited, _ := when(p.EditedAt)
	switch {
	case p.EditedAt != nil:
		m.Revision = message.Revision{Time: edited}
	case p.Deleted: // the sender does not say when: news unless the message is gone already
	default:
		m.Revision = message.Revision{Time: m.PublishedAt}
	}
	if p.Deleted {
		m.Event, m.Text, m.Attachments = message.Deleted, "", nil
	}
	return m
}

// authorID names an author without keeping the name where only ids stand.
func authorID(name string) string {
	if name == "" {
		return ""
	}
	return message.HashOf(name).Hash
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, field, reason string) {
	answer(w, status, map[string]string{"field": field, "reason": reason})
}
