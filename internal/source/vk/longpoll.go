package vk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/source"
)

// A listen is where Bots Long Poll was left; it stands in the cursor.
type listen struct {
	Server string `json:"s,omitempty"`
	Key    string `json:"k,omitempty"`
	TS     string `json:"t,omitempty"`
	Read   int64  `json:"r,omitempty"` // when the wall was last read to its end, Unix seconds; 0: events may have been lost since
}

// catchUp is how often the wall is read although its events come: VK keeps no order, gives up
// after some tries, and tells nothing of what it did not tell.
const catchUp = 10 * time.Minute

// waitLimit is the longest wait that VK allows.
const waitLimit = 90 * time.Second

// look reads the wall (see round), and for a community of ours sees to its events, too: with
// LongPoll it waits for them, with Callback it looks that VK calls our address. The wall is then
// read at the first time, whenever events may have been lost, and every ten minutes.
func (w *Wall) look(ctx context.Context, cur []byte) (source.Batch, error) {
	if w.Events == "" {
		return w.round(ctx, cur)
	}
	c := parseCursor(cur)
	if c.Listen == nil {
		c.Listen = &listen{}
	}
	var b source.Batch
	quiet := len(c.Queue) == 0 && (w.ServiceToken == "" || !w.behind(c.Listen))
	switch w.Events {
	case Callback:
		lost, err := w.hooked(ctx)
		var e *source.Error
		if errors.As(err, &e) && e.Trouble == source.Person && w.ServiceToken != "" { // no events come: the wall is read at each turn
			b.Note, lost, err = e.Sentence, true, nil
		}
		if err != nil {
			return source.Batch{}, err
		}
		if lost {
			c.Listen.Read, quiet = 0, w.ServiceToken == ""
		}
	case LongPoll:
		var err error
		if b, err = w.listen(ctx, c.Listen, quiet); err != nil {
			return source.Batch{}, err
		}
		quiet = quiet && !w.behind(c.Listen)
		b.More = len(b.Messages) > 0
	}
	if quiet || w.ServiceToken == "" {
		b.Cursor = c.bytes()
		return b, nil
	}
	r, err := w.round(ctx, c.bytes())
	if err != nil {
		if len(b.Messages) == 0 {
			return source.Batch{}, err
		}
		b.Cursor, b.More = c.bytes(), false // the events are good; the next Poll meets the error again
		return b, nil
	}
	after := parseCursor(r.Cursor)
	if !r.More {
		after.Listen.Read = w.now().Unix()
	}
	r.Note = cmp.Or(b.Note, r.Note)
	r.Messages, r.Cursor, r.More = append(r.Messages, b.Messages...), after.bytes(), r.More || b.More
	return r, nil
}

// behind reports whether the wall is to be read.
func (w *Wall) behind(l *listen) bool {
	since := w.now().Sub(time.Unix(l.Read, 0))
	return l.Read == 0 || since >= catchUp || since < 0
}

// listen asks for events once; it waits for them when wait says so.
func (w *Wall) listen(ctx context.Context, l *listen, wait bool) (b source.Batch, err error) {
	if l.Server == "" || l.Key == "" {
		if err := w.server(ctx, l, l.TS == ""); err != nil {
			return b, err
		}
	}
	var out struct {
		TS      json.RawMessage `json:"ts"` // a text, or a number beside failed
		Failed  number          `json:"failed"`
		Updates list            `json:"updates"`
	}
	for tries := 0; ; tries++ {
		body, err := w.check(ctx, l, wait)
		if err != nil {
			return b, err
		}
		out.TS, out.Failed, out.Updates = nil, 0, nil
		if json.Unmarshal(body, &out) != nil {
			return b, odd("long poll", false, "%d bytes that are no answer", len(body))
		}
		at := strings.Trim(string(out.TS), `"`)
		switch {
		case out.Failed == 0 && at == "":
			return b, odd("long poll", false, "neither ts nor failed")
		case out.Failed == 0:
			l.TS = at
			for _, raw := range out.Updates {
				found, err := w.event(ctx, raw)
				if err != nil { // one odd event must not stop the others; the wall is read for it
					l.Read = 0
					continue
				}
				b.Messages = append(b.Messages, found...)
			}
			return b, nil
		case tries == 3:
			return b, odd("long poll", false, "failed %d again and again", int64(out.Failed))
		case out.Failed == 1: // part of the history is gone
			l.TS, l.Read = at, 0
		case out.Failed == 2: // the key has run out
			if err := w.server(ctx, l, false); err != nil {
				return b, err
			}
		default:
			if err := w.server(ctx, l, true); err != nil {
				return b, err
			}
		}
		if l.Read == 0 {
			wait = false
		}
	}
}

// server asks for the address; fresh says that we begin anew, and what came before is read
// from the wall.
func (w *Wall) server(ctx context.Context, l *listen, fresh bool) error {
	if fresh { // they may never have been switched on
		p := asked()
		p.Set("enabled", "1")
		var done number
		if err := w.manage(ctx, "groups.setLongPollSettings", p, &done); err != nil {
			return err
		}
	}
	var out struct {
		Key    words           `json:"key"`
		Server words           `json:"server"`
		TS     json.RawMessage `json:"ts"`
	}
	if err := w.manage(ctx, "groups.getLongPollServer", url.Values{}, &out); err != nil {
		return err
	}
	ts := strings.Trim(string(out.TS), `"`)
	if out.Key == "" || ts == "" || !w.trusted(string(out.Server)) {
		return odd("groups.getLongPollServer", false, "no server of VK's")
	}
	l.Server, l.Key = string(out.Server), string(out.Key)
	if fresh || l.TS == "" {
		l.TS, l.Read = ts, 0
	}
	return nil
}

// trusted reports whether a server is VK's own, or the fake's.
func (w *Wall) trusted(server string) bool {
	u, err := url.Parse(server)
	if err != nil || u.User != nil {
		return false
	}
	if base, err := url.Parse(w.client().base); err == nil && w.BaseURL != "" && u.Host == base.Host && u.Scheme == base.Scheme {
		return true
	}
	host := "." + strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (strings.HasSuffix(host, ".vk.com") || strings.HasSuffix(host, ".vk.ru"))
}

// check asks the server for what is behind ts. Its key stands in the address, so that no
// error may name it.
func (w *Wall) check(ctx context.Context, l *listen, wait bool) ([]byte, error) {
	seconds := 0
	if wait {
		seconds = int(min(w.Wait, waitLimit) / time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+callTimeout)
	defer cancel()
	query := url.Values{"act": {"a_check"}, "key": {l.Key}, "ts": {l.TS}, "wait": {strconv.Itoa(seconds)}}
	c := w.client()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.Server+"?"+query.Encode(), nil)
	if err != nil {
		return nil, odd("long poll", false, "its address cannot be asked")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.broken("long poll", false, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, c.broken("long poll", false, err)
	case len(body) > bodyLimit:
		return nil, odd("long poll", false, "an answer over %d bytes", bodyLimit)
	case resp.StatusCode >= 400 && resp.StatusCode < 500:
		return []byte(`{"failed":2}`), nil // it does not know the key
	case resp.StatusCode != http.StatusOK:
		return nil, odd("long poll", false, "HTTP %d", resp.StatusCode)
	}
	return body, nil
}
