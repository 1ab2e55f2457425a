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
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/webhook"
)

// Hooks answers POST /hooks/messages, for all senders, and /hooks/messages/{number}, the
// address of one, as Standard Webhooks 1.0 signs it: the headers webhook-id, webhook-timestamp
// and webhook-signature, HMAC-SHA256 over "id.timestamp.body". The answer comes after the
// commit. A call is taken whole or not at all: with one bad message nothing of it is stored.
type Hooks struct {
	Senders func() []source.Sender // by number; asked for each call
	// Outside reports whether the territory is known to lie outside of another. A
	// sender that speaks for a territory may not push into others.
	Outside func(territory, of string) bool
	Push    func(ctx context.Context, source, key string, messages []message.Message) (accepted int, err error)
	// Confirm notes what a sender says of a reply that it was to publish: false for a key that
	// was not sent to it.
	Confirm func(ctx context.Context, source, key string, a webhook.Answer) (bool, error)
	// Refused is told of a call of a sender that was not taken, with a sentence for people.
	// Nil: nobody is told.
	Refused func(source, sentence string)
	Now     func() time.Time
	Log     *slog.Logger

	Patience time.Duration // how long the store may take before the sender is told to call again; 0 = 8 s
	Together int           // calls under way at most; 0 = 512
	gate     gate
	quotas   quotas
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
		refuse(w, tooManyCalls)
		return
	}
	defer leave()
	sender, body := h.signed(w, r)
	if sender == nil {
		return
	}
	messages, no := h.decode(sender, body)
	if no == nil {
		no = h.quotas.take(sender, len(messages), h.Now())
	}
	if no != nil {
		h.refused(w, sender, no)
		return
	}
	var accepted int
	err := within(r.Context(), cmp.Or(h.Patience, patience), func(ctx context.Context) (err error) {
		accepted, err = h.Push(ctx, sender.Source, r.Header.Get("webhook-id"), messages)
		return err
	})
	if err != nil {
		if h.gate.seldom() {
			h.Log.Error("pushed messages could not be stored", "source", sender.Source, "messages", len(messages), "error", err)
		}
		refuse(w, notKept)
		return
	}
	answer(w, http.StatusOK, map[string]int{"accepted": accepted, "duplicate": len(messages) - accepted})
}

// signed reads a call to its end and returns who signed it, nil when it has been refused.
func (h *Hooks) signed(w http.ResponseWriter, r *http.Request) (*source.Sender, []byte) {
	all := h.Senders()
	list := all
	if given := r.PathValue("number"); given != "" { // at the address of one, the others do not count
		number, err := strconv.ParseInt(given, 10, 64)
		k := slices.IndexFunc(all, func(s source.Sender) bool { return s.Number == number })
		if err != nil || k < 0 {
			refuse(w, noSender)
			return nil, nil
		}
		list = all[k : k+1]
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var large *http.MaxBytesError
	var no *complaint
	switch {
	case errors.As(err, &large):
		no = tooLarge
	case err != nil:
		no = notRead
	default:
		var sender *source.Sender
		if sender, no = h.sender(list, r.Header, body); sender != nil {
			if sender.Paused {
				refuse(w, paused)
				return nil, nil
			}
			return sender, body
		}
	}
	var who *source.Sender
	if len(list) == 1 { // whose call it was to be
		who = &list[0]
	}
	h.refused(w, who, no)
	return nil, nil
}

// refused answers a call that is not taken, and tells people of it where its sender is known.
func (h *Hooks) refused(w http.ResponseWriter, s *source.Sender, no *complaint) {
	if s != nil && h.Refused != nil {
		h.Refused(s.Source, no.sentence())
	}
	refuse(w, no)
}

// OnlyPost answers calls of other methods, which else would fall through to the pages.
func OnlyPost(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	refuse(w, wrongMethod)
}

// sender returns who of the list signed the call, or why nobody did.
func (h *Hooks) sender(list []source.Sender, head http.Header, body []byte) (*source.Sender, *complaint) {
	id, stamp := head.Get("webhook-id"), head.Get("webhook-timestamp")
	for name, v := range map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": head.Get("webhook-signature")} {
		if v == "" {
			return nil, noHeader(name)
		}
	}
	if len(id) > callID {
		return nil, longID
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return nil, noSeconds
	}
	now := h.Now()
	if d := now.Sub(time.Unix(seconds, 0)); d > skew || d < -skew {
		return nil, clockOff(d)
	}
	for i := range list {
		for _, key := range list[i].Keys(now) {
			mac := hmac.New(sha256.New, key)
			fmt.Fprintf(mac, "%s.%s.", id, stamp)
			mac.Write(body)
			want := mac.Sum(nil)
			for part := range strings.FieldsSeq(head.Get("webhook-signature")) {
				version, given, ok := strings.Cut(part, ",")
				sig, err := base64.StdEncoding.DecodeString(given)
				if ok && version == "v1" && err == nil && hmac.Equal(sig, want) {
					return &list[i], nil
				}
			}
		}
	}
	return nil, badSignature
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

func (h *Hooks) decode(s *source.Sender, body []byte) (out []message.Message, no *complaint) {
	if !utf8.Valid(body) {
		return nil, notUTF8
	}
	var call struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, notJSON(body, err, "messages")
	}
	switch n := len(call.Messages); {
	case n == 0:
		return nil, noMessages
	case n > manyLimit:
		return nil, bad("messages", fmt.Sprintf("holds %d messages; %d is the most for one call", n, manyLimit), "send fewer in one call", fmt.Sprintf("в вызове %d сообщений, а можно до %d", n, manyLimit))
	}
	now := h.Now()
	for k, raw := range call.Messages {
		at := fmt.Sprintf("messages[%d]", k)
		var p pushed
		if err := json.Unmarshal(raw, &p); err != nil {
			var kind *json.UnmarshalTypeError
			switch {
			case errors.As(err, &kind) && kind.Field == "":
				return nil, bad(at, "is a "+kind.Value, "write an object with the fields of a message", "сообщение записано не объектом")
			case errors.As(err, &kind):
				return nil, bad(at+"."+kind.Field, "is a "+kind.Value, "write a "+kind.Type.String(), "поле другого вида")
			}
			return nil, bad(at, "cannot be read", "write an object with the fields of a message", "сообщение не читается")
		}
		if no := p.check(); no != nil {
			no.field = at + "." + no.field
			return nil, no
		}
		if s.Territory != "" && p.Territory != "" && h.Outside != nil && h.Outside(p.Territory, s.Territory) {
			return nil, bad(at+".territory", "lies outside of "+s.Territory+", for which this sender speaks", "leave it out, or have the territory of the sender changed", "территория лежит вне той, за которую отвечает система")
		}
		out = append(out, p.message(s, now))
	}
	return out, nil
}

// check says which field is wrong, and how.
func (p *pushed) check() *complaint {
	switch {
	case p.ID == "":
		return bad("id", "is empty", "give the message's id in your system", "нет номера сообщения")
	case strings.TrimSpace(p.Text) == "" && !p.Deleted && len(attachment.ParseRefs(p.Attachments)) == 0:
		return bad("text", "is empty", `only a message with "deleted": true or with attachments may have none`, "нет текста")
	case len(p.Text) > textLimit:
		return bad("text", fmt.Sprintf("has more than %d bytes", textLimit), "cut it", "текст длиннее мегабайта")
	case p.PublishedAt == nil && !p.Deleted:
		return bad("published_at", "is absent", "write it as 2026-11-22T17:40:00+07:00", "нет времени публикации")
	}
	for _, f := range []struct {
		name  string
		given *string
	}{{"published_at", p.PublishedAt}, {"edited_at", p.EditedAt}} {
		if _, err := when(f.given); err != nil {
			return bad(f.name, "is no time as RFC 3339 writes it", "write it as 2026-11-22T17:40:00+07:00", "время записано не по RFC 3339")
		}
	}
	for _, f := range []struct {
		name, v string
		limit   int
	}{{"id", p.ID, nameLimit}, {"author", p.Author, fieldLimit}, {"url", p.URL, fieldLimit}, {"thread", p.Thread, nameLimit}, {"parent", p.Parent, nameLimit}, {"territory", p.Territory, nameLimit}} {
		if len(f.v) > f.limit {
			return bad(f.name, fmt.Sprintf("has more than %d bytes", f.limit), "shorten it", "поле слишком длинное")
		}
		if f.name != "author" && strings.IndexByte(f.v, 0) >= 0 {
			return bad(f.name, "holds the character U+0000", "leave the character out", "в поле недопустимый символ")
		}
	}
	if p.URL != "" && !strings.HasPrefix(p.URL, "https://") && !strings.HasPrefix(p.URL, "http://") {
		return bad("url", "is no http or https address", "give an address of the web, or leave it out", "адрес начинается не с https://")
	}
	return nil
}

// when reads a time; the zero time is none given.
func when(given *string) (time.Time, error) {
	if given == nil {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, *given)
}

func (p *pushed) message(s *source.Sender, now time.Time) message.Message {
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
