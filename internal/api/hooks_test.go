package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/message"
)

var clock = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const key = "a key of sixteen bytes or more"

type pushes struct {
	got []message.Message
	err error
}

func (p *pushes) push(_ context.Context, _, _ string, m []message.Message) (int, error) {
	p.got = append(p.got, m...)
	return len(m), p.err
}

func hooks(p *pushes) *Hooks {
	return &Hooks{
		Senders: []Sender{{Source: "hook:other", Key: []byte("some other key of somebody else")}, {Source: "hook:a", Key: []byte(key), Territory: "95701000"}},
		Outside: func(territory, of string) bool { return !strings.HasPrefix(territory, of[:5]) },
		Push:    p.push, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
	}
}

func push(h http.Handler, body, id string, at time.Time, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/hooks/messages", strings.NewReader(body))
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(id + "." + stamp + "." + body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const good = `{"messages":[{"id":"7","text":"Яма у дома 5","author":"Анна","published_at":"2026-11-22T09:00:00Z"}]}`

func TestHooksAcceptWhatIsSigned(t *testing.T) {
	t.Parallel()
	p := &pushes{}
	w := push(hooks(p), good, "m1", clock, key)
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"accepted":1,"duplicate":0}` {
		t.Fatalf("answer = %d %s", w.Code, w.Body)
	}
	m := p.got[0]
	if m.Source != "hook:a" || m.Native != "7" || m.Territory != "95701000" || !m.Addressed || m.Author == "Анна" || m.AuthorName != "Анна" {
		t.Errorf("message = %+v", m)
	}
}

func TestHooksRefuse(t *testing.T) {
	t.Parallel()
	long := `{"messages":[{"id":"7","text":"` + strings.Repeat("я", bodyLimit/2) + `","published_at":"2026-11-22T09:00:00Z"}]}`
	for name, c := range map[string]struct {
		body, key string
		at        time.Time
		status    int
		say       string
	}{
		"another key":      {good, "not the key of this sender", clock, 401, "signature"},
		"an old call":      {good, key, clock.Add(-time.Hour), 401, "five minutes"},
		"too large":        {long, key, clock, 413, "bytes"},
		"no JSON":          {`{"messages":[`, key, clock, 400, "JSON"},
		"no messages":      {`{}`, key, clock, 400, "empty or absent"},
		"no id":            {`{"messages":[{"text":"а","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].id"},
		"id is a number":   {`{"messages":[{"id":7,"text":"а","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].id"},
		"no text":          {`{"messages":[{"id":"7","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].text"},
		"no time":          {`{"messages":[{"id":"7","text":"а"}]}`, key, clock, 400, "published_at"},
		"a time in words":  {`{"messages":[{"id":"7","text":"а","published_at":"вчера"}]}`, key, clock, 400, "messages[0].published_at"},
		"an edit in words": {`{"messages":[{"id":"7","text":"а","published_at":"2026-11-22T09:00:00Z","edited_at":""}]}`, key, clock, 400, "messages[0].edited_at"},
		"time is a number": {`{"messages":[{"id":"7","text":"а","published_at":1763800000}]}`, key, clock, 400, "messages[0].published_at"},
		"blank text":       {`{"messages":[{"id":"7","text":" \n","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].text"},
		"no object":        {`{"messages":[5]}`, key, clock, 400, `"messages[0]"`},
		"a script as URL":  {`{"messages":[{"id":"7","text":"а","url":"javascript:1","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].url"},
		"another region":   {`{"messages":[{"id":"7","text":"а","territory":"57701000","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].territory"},
		"another town":     {`{"messages":[{"id":"7","text":"а","territory":"95702000","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].territory"},
		"U+0000":           {`{"messages":[{"id":"7\u0000","text":"а","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].id"},
		"a long id":        {`{"messages":[{"id":"` + strings.Repeat("7", 600) + `","text":"а","published_at":"2026-11-22T09:00:00Z"}]}`, key, clock, 400, "messages[0].id"},
		"not UTF-8":        {"{\"messages\":[{\"id\":\"7\",\"text\":\"\xff\"}]}", key, clock, 400, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &pushes{}
			w := push(hooks(p), c.body, "m1", c.at, c.key)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.say) {
				t.Errorf("answer = %d %s, want %d with %q", w.Code, w.Body, c.status, c.say)
			}
			if len(p.got) > 0 {
				t.Error("something was stored")
			}
		})
	}
}

func TestHooksTellADeletionWithoutATimeTheSameWayEachTime(t *testing.T) {
	t.Parallel()
	p := &pushes{}
	h := hooks(p)
	for n := range 2 {
		at := clock.Add(time.Duration(n) * time.Minute)
		h.Now = func() time.Time { return at }
		if w := push(h, `{"messages":[{"id":"7","deleted":true}]}`, fmt.Sprint("m", n), at, key); w.Code != 200 {
			t.Fatalf("answer = %d %s", w.Code, w.Body)
		}
	}
	if p.got[0].Event != message.Deleted || p.got[0].Revision != p.got[1].Revision {
		t.Errorf("the same deletion pushed twice has the revisions %+v and %+v", p.got[0].Revision, p.got[1].Revision)
	}
}

func TestHooksSayWhenToComeAgain(t *testing.T) {
	t.Parallel()
	w := push(hooks(&pushes{err: errors.New("disk full")}), good, "m1", clock, key)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("answer = %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func FuzzHooks(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"messages":[{"id":"1","deleted":true,"edited_at":"2026-11-22T09:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &pushes{}
		w := push(hooks(p), string(body), "m", clock, key)
		if w.Code == 200 && len(p.got) == 0 {
			t.Errorf("accepted nothing: %s", w.Body)
		}
		for _, m := range p.got {
			if m.Native == "" || m.Source != "hook:a" || bytes.ContainsRune([]byte(m.Author), ' ') {
				t.Errorf("message = %+v", m)
			}
		}
	})
}
