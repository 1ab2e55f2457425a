package open311

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/source"
)

// A cursor says how far a round has come. Intake knows what it had, so one that is lost or
// damaged costs a full round and nothing else.
type cursor struct {
	From  int64  `json:"from"` // beginning of the window under way, Unix seconds
	End   int64  `json:"end"`  // of the round; 0 = none is under way
	Page  int    `json:"page,omitempty"`
	First string `json:"first,omitempty"` // id that led the page before
	Full  int64  `json:"full"`            // when the last full round began
	Span  int64  `json:"span,omitempty"`  // of a window, seconds, where the usual one brings too much
}

// Poll implements source.Puller: it reads some pages of the round.
func (c *City) Poll(ctx context.Context, raw []byte) (b source.Batch, err error) {
	now := c.Now()
	var at cursor
	if len(raw) > 0 && json.Unmarshal(raw, &at) != nil {
		at = cursor{}
	}
	oldest := now.Add(-time.Duration(c.Days) * 24 * time.Hour).Unix()
	if at.End == 0 || at.From > at.End || at.End > now.Add(2*ahead).Unix() { // or our clock was set back
		at = cursor{From: now.Add(-recent).Unix(), End: now.Add(ahead).Unix(), Full: at.Full}
		if age := now.Unix() - at.Full; at.Full == 0 || age < 0 || age >= int64(fullEvery/time.Second) {
			at.From, at.Full = oldest, now.Unix()
		}
	}
	for n := 0; n < calls && at.From < at.End; n++ {
		list, err := c.page(ctx, &at)
		if err != nil {
			return source.Batch{}, err
		}
		for k := range list {
			if key := neighbour.KeyOf(string(list[k].Text)); key != "" && c.Ours != nil {
				ours, err := c.Ours(ctx, key)
				if err != nil {
					return source.Batch{}, err
				}
				if ours {
					b.Leave("handed by us", 1)
					continue
				}
			}
			if m, ok := c.message(&list[k], now); ok {
				b.Messages = append(b.Messages, m)
			}
		}
	}
	b.More = at.From < at.End
	if !b.More {
		at = cursor{Full: at.Full}
	}
	b.Cursor, err = json.Marshal(at)
	return b, err
}

// full is how many requests a server without pages gives at most (the specification).
const full = 1000

// page reads one page and moves the cursor behind it.
func (c *City) page(ctx context.Context, at *cursor) ([]request, error) {
	span := int64(window / time.Second)
	if at.Span > 0 {
		span = at.Span
	}
	to := min(at.From+span, at.End)
	at.Page = max(at.Page, 1)
	q := url.Values{
		"start_date": {time.Unix(at.From, 0).UTC().Format(time.RFC3339)}, "end_date": {time.Unix(to, 0).UTC().Format(time.RFC3339)},
		"status": {"open,closed"}, "page": {strconv.Itoa(at.Page)}, "page_size": {strconv.Itoa(pageSize)},
	}
	name := "requests.json"
	if c.XML {
		name = "requests.xml"
	}
	body, err := c.get(ctx, name, q)
	if err != nil {
		return nil, err
	}
	list, err := requests(body, c.XML)
	if err != nil {
		return nil, err
	}
	lead := ""
	if len(list) > 0 {
		lead = string(list[0].ID)
	}
	switch {
	case len(list) == pageSize && lead != at.First: // perhaps there is more
		at.Page, at.First = at.Page+1, lead
		return list, nil
	case len(list) >= full && span > 3600: // it knows no pages, and has cut the list: ask for less at once
		at.Span, at.Page, at.First = span/2, 0, ""
		return list, nil
	}
	at.From, at.Page, at.First, at.Span = to, 0, "", 0
	return list, nil
}

// textLimit is how much of a description is read, in bytes.
const textLimit = 1 << 20

// message turns a request into a message; false for one without an id or without words.
func (c *City) message(r *request, now time.Time) (m message.Message, ok bool) {
	id, text := strings.TrimSpace(string(r.ID)), strings.TrimSpace(string(r.Text))
	if text == "" {
		text = strings.TrimSpace(string(r.Service))
	}
	if id == "" || len(id) > 500 || text == "" || len(text) > textLimit {
		return m, false
	}
	m = message.Message{
		Source: c.Source, Channel: message.City, Form: message.Record, Native: id, Event: message.Written, Text: text, SeenAt: now, Addressed: true,
		PublishedAt: when(r.Requested, c.Zone), Past: c.past(r, id, now),
	}
	if lat, lon := degrees(r.Lat, 90), degrees(r.Long, 180); lat != 0 || lon != 0 {
		m.Shared = &message.Point{Lat: lat, Lon: lon}
	}
	if u, err := url.Parse(strings.TrimSpace(string(r.Media))); err == nil && u.Scheme == "https" && u.Host != "" {
		m.Attachments = []attachment.Ref{{Kind: attachment.Photo, URL: u.String()}}
	}
	if t := when(r.Updated, c.Zone); !t.IsZero() {
		m.Revision = message.Revision{Time: t}
	} else {
		m.Revision = message.HashOf(strings.Join([]string{text, string(r.Status), string(r.Notes)}, "\x00"))
	}
	return m, true
}

// past is what the city knows of the case. A closed one is history here; whether the trouble
// is gone the interface does not say.
func (c *City) past(r *request, id string, now time.Time) *message.Past {
	trim := func(w word) string { return strings.TrimSpace(string(w)) }
	p := &message.Past{Key: c.Source + "/" + id, Number: id, Status: trim(r.Status), Topic: trim(r.Service), Agency: trim(r.Agency), Place: trim(r.Address), OpenedAt: when(r.Requested, c.Zone)}
	if strings.EqualFold(p.Status, "closed") {
		p.State, p.Outcome, p.Reason, p.Answer = lifecycle.Closed, lifecycle.Explained, trim(r.Notes), trim(r.Notes)
		if p.ClosedAt = when(r.Updated, c.Zone); p.ClosedAt.IsZero() || p.ClosedAt.After(now) {
			p.ClosedAt = now
		}
		p.AnsweredAt = p.ClosedAt
	}
	return p
}
