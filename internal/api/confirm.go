package api

import (
	"cmp"
	"context"
	"encoding/json"
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
		refuse(w, tooManyCalls)
		return
	}
	defer leave()
	sender, body := h.signed(w, r)
	if sender == nil {
		return
	}
	list, no := h.confirmations(body)
	if no != nil {
		h.refused(w, sender, no)
		return
	}
	known := 0
	err := within(r.Context(), cmp.Or(h.Patience, patience), func(ctx context.Context) error {
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
		refuse(w, notKept)
		return
	}
	answer(w, http.StatusOK, map[string]int{"confirmed": known, "unknown": len(list) - known})
}

func (h *Hooks) confirmations(body []byte) (out map[string]webhook.Answer, no *complaint) {
	if !utf8.Valid(body) {
		return nil, notUTF8
	}
	var call struct {
		Replies []confirmed `json:"replies"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, notJSON(body, err, "replies")
	}
	if n := len(call.Replies); n == 0 || n > manyReplies {
		return nil, bad("replies", fmt.Sprintf("holds %d replies", n), fmt.Sprintf("give 1 to %d", manyReplies), fmt.Sprintf("в вызове %d ответов", n))
	}
	out = map[string]webhook.Answer{}
	for k, c := range call.Replies {
		at := fmt.Sprintf("replies[%d].", k)
		c.Error = strings.TrimSpace(c.Error)
		published, err := when(c.PublishedAt)
		switch {
		case c.Key == "" || len(c.Key) > nameLimit:
			return nil, bad(at+"key", "is empty or too long", "give the key that reply.publish came with", "нет ключа ответа")
		case c.ID == "" && c.Error == "":
			return nil, bad(at+"id", "is empty", `give the id of the published reply, or "error" when it was not published`, "нет ни номера ответа, ни причины")
		case len(c.ID) > nameLimit || strings.IndexByte(c.ID, 0) >= 0:
			return nil, bad(at+"id", fmt.Sprintf("has more than %d bytes, or holds the character U+0000", nameLimit), "shorten it", "номер ответа не подходит")
		case len(c.URL) > fieldLimit || c.URL != "" && !strings.HasPrefix(c.URL, "https://") && !strings.HasPrefix(c.URL, "http://"):
			return nil, bad(at+"url", "is no http or https address", "give an address of the web, or leave it out", "адрес начинается не с https://")
		case err != nil:
			return nil, bad(at+"published_at", "is no time as RFC 3339 writes it", "write it as 2026-11-22T17:40:00+07:00", "время записано не по RFC 3339")
		case len(c.Error) > refusalLimit || strings.IndexByte(c.Error, 0) >= 0:
			return nil, bad(at+"error", fmt.Sprintf("has more than %d bytes, or holds the character U+0000", refusalLimit), "shorten it", "причина слишком длинная")
		}
		now := h.Now()
		if published.IsZero() || published.After(now) {
			published = now
		}
		out[c.Key] = webhook.Answer{At: published, Native: c.ID, URL: c.URL, Refusal: c.Error}
	}
	return out, nil
}
