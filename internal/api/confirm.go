package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"otklik/internal/webhook"
)

// manyReplies is how many replies one call may confirm, refusalLimit how long a reason is.
const manyReplies, refusalLimit = 1000, 1000

// A confirmed reply, as the sender tells of it.
type confirmed struct {
	Key         string  `json:"key"`          // as reply.publish gave it
	ID          string  `json:"id"`           // of the published reply in the sender's thread
	URL         string  `json:"url"`          // where people can see it; may be absent
	PublishedAt *string `json:"published_at"` // absent: now
	Error       string  `json:"error"`        // why it was not published, for our people to read
}

// Replies answers POST /hooks/replies, signed as /hooks/messages is: a system that publishes
// our replies in its own threads (webhook reply.publish) says what became of them. Saying it
// twice changes nothing; the first answer stands.
func (h *Hooks) Replies(w http.ResponseWriter, r *http.Request) {
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
	list, field, err := h.confirmations(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, field, err.Error())
		return
	}
	known := 0
	err = within(r.Context(), cmp.Or(h.Patience, patience), func(ctx context.Context) error {
		known = 0
		for key, a := range list {
			ok, err := h.Confirm(ctx, sender.Source, key, a)
			if err != nil {
				return err
			}
			if ok {
				known++
			}
		}
		return nil
	})
	if err != nil {
		if h.gate.seldom() {
			h.Log.Error("confirmed replies could not be stored", "source", sender.Source, "replies", len(list), "error", err)
		}
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusServiceUnavailable, "", "the replies could not be stored; send the same call again later")
		return
	}
	answer(w, http.StatusOK, map[string]int{"confirmed": known, "unknown": len(list) - known})
}

func (h *Hooks) confirmations(body []byte) (out map[string]webhook.Answer, field string, err error) {
	var call struct {
		Replies []confirmed `json:"replies"`
	}
	switch err := json.Unmarshal(body, &call); {
	case !utf8.Valid(body):
		return nil, "", errors.New("the body is not UTF-8")
	case err != nil:
		return nil, "replies", errors.New(`the body is no JSON object with a list "replies" of objects with the fields key, id, url, published_at, error`)
	case len(call.Replies) == 0 || len(call.Replies) > manyReplies:
		return nil, "replies", fmt.Errorf("holds %d replies; 1 to %d are expected", len(call.Replies), manyReplies)
	}
	out = map[string]webhook.Answer{}
	for k, c := range call.Replies {
		at := fmt.Sprintf("replies[%d].", k)
		c.Error = strings.TrimSpace(c.Error)
		published, err := when(c.PublishedAt)
		switch {
		case c.Key == "" || len(c.Key) > nameLimit:
			return nil, at + "key", errors.New("is empty or too long; give the key that reply.publish came with")
		case c.ID == "" && c.Error == "":
			return nil, at + "id", errors.New(`is empty; give the id of the published reply, or "error" when it was not published`)
		case len(c.ID) > nameLimit || strings.IndexByte(c.ID, 0) >= 0:
			return nil, at + "id", fmt.Errorf("has more than %d bytes, or holds the character U+0000", nameLimit)
		case len(c.URL) > fieldLimit || c.URL != "" && !strings.HasPrefix(c.URL, "https://") && !strings.HasPrefix(c.URL, "http://"):
			return nil, at + "url", errors.New("is no http or https address")
		case err != nil:
			return nil, at + "published_at", errors.New("is no time as RFC 3339 writes it: 2026-11-22T17:40:00+07:00")
		case len(c.Error) > refusalLimit || strings.IndexByte(c.Error, 0) >= 0:
			return nil, at + "error", fmt.Errorf("has more than %d bytes, or holds the character U+0000", refusalLimit)
		}
		now := h.Now()
		if published.IsZero() || published.After(now) {
			published = now
		}
		out[c.Key] = webhook.Answer{At: published, Native: c.ID, URL: c.URL, Refusal: c.Error}
	}
	return out, "", nil
}
