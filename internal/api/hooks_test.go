package api

import (
	"bytes"
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
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

var clock = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const key = "a key of sixteen bytes or more"

type pushes struct {
	got  []message.Message
	err  error
	told map[string]string // by source: the last refusal
}

func (p *pushes) push(_ context.Context, _, _ string, m []message.Message) (int, error) {
	p.got = append(p.got, m...)
	return len(m), p.err
}

func hooks(p *pushes) *Hooks {
	return &Hooks{
		Senders: func() []source.Sender {
			return []source.Sender{{Source: "hook:other", Number: 1, Key: []byte("some other key of somebody else")}, {Source: "hook:a", Number: 2, Key: []byte(key), Territory: "95701000"}}
		},
		Outside: func(territory, of string) bool { return !strings.HasPrefix(territory, of[:5]) },
		Refused: func(source, sentence string) {
			if p.told == nil {
				p.told = map[string]string{}
			}
			p.told[source] = sentence
		},
		Push: p.push, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
	}
}

func push(h http.Handler, body, id string, at time.Time, key string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, signedCall("/hooks/messages", body, id, at, key))
	return w
}

func signedCall(path, body, id string, at time.Time, key string) *http.Request {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(id + "." + stamp + "." + body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
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

// TestOneBadMessageOfMany: nothing of the call is stored, and the answer names the message.
func TestOneBadMessageOfMany(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 1, 99} {
		p := &pushes{}
		var list []string
		for k := range 100 {
			text := "Яма"
			if k == at {
				text = ""
			}
			list = append(list, fmt.Sprintf(`{"id":"%d","text":%q,"published_at":"2026-11-22T09:00:00Z"}`, k, text))
		}
		body := `{"messages":[` + strings.Join(list, ",") + `]}`
		w := push(hooks(p), body, "m1", clock, key)
		if want := fmt.Sprintf(`"field":"messages[%d].text"`, at); w.Code != 400 || !strings.Contains(w.Body.String(), want) || len(p.got) > 0 {
			t.Errorf("answer = %d %s, stored %d; want %s", w.Code, w.Body, len(p.got), want)
		}
		if told := p.told["hook:a"]; told != fmt.Sprintf("Вызов не принят: нет текста (messages[%d].text).", at) {
			t.Errorf("told %q", told)
		}
		if w := push(hooks(p), strings.ReplaceAll(body, `"text":""`, `"text":"Яма"`), "m1", clock, key); w.Code != 200 || len(p.got) != 100 {
			t.Errorf("mended, under the same id: %d %s", w.Code, w.Body)
		}
	}
}

func TestASignedCallNamesWhatItLacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(r *http.Request)
		field  string
	}{
		"no id":            {func(r *http.Request) { r.Header.Del("webhook-id") }, "webhook-id"},
		"no time":          {func(r *http.Request) { r.Header.Del("webhook-timestamp") }, "webhook-timestamp"},
		"no signature":     {func(r *http.Request) { r.Header.Del("webhook-signature") }, "webhook-signature"},
		"a long id":        {func(r *http.Request) { r.Header.Set("webhook-id", strings.Repeat("m", 257)) }, "webhook-id"},
		"a time in words":  {func(r *http.Request) { r.Header.Set("webhook-timestamp", "now") }, "webhook-timestamp"},
		"another version":  {func(r *http.Request) { r.Header.Set("webhook-signature", "v2,AAAA") }, "webhook-signature"},
		"another body":     {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{}`)) }, "webhook-signature"},
		"a body in pieces": {func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &pushes{}
			r := signedCall("/hooks/messages", good, "m1", clock, key)
			c.change(r)
			w := httptest.NewRecorder()
			hooks(p).ServeHTTP(w, r)
			var said struct{ Field, Reason, Mend string }
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.Field != c.field || said.Reason == "" || said.Mend == "" || len(p.got) > 0 {
				t.Errorf("answer = %d %s, %v", w.Code, w.Body, err)
			}
			if len(p.told) > 0 {
				t.Errorf("with two senders it is not known whose call it was, and yet %v is told", p.told)
			}
		})
	}
}

// TestTheAddressOfOneSender: others do not get in, and what is refused there is told of it.
func TestTheAddressOfOneSender(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number, key string
		at          time.Time
		status      int
		told        string
	}{
		{"2", key, clock, 200, ""},
		{"1", key, clock, 401, "hook:other: Вызов не принят: подпись не подошла. Проверьте секрет в системе: если он потерян, выпустите новый."},
		{"2", "a key of a stranger", clock, 401, "hook:a: Вызов не принят: подпись не подошла. Проверьте секрет в системе: если он потерян, выпустите новый."},
		{"2", key, clock.Add(6 * time.Minute), 401, "hook:a: Вызов не принят: часы системы спешат больше чем на пять минут, или вызов повторён со старым временем."},
		{"3", key, clock, 404, ""},
		{"x", key, clock, 404, ""},
	} {
		p := &pushes{}
		r := signedCall("/hooks/messages/"+c.number, good, "m1", c.at, c.key)
		r.SetPathValue("number", c.number)
		w := httptest.NewRecorder()
		hooks(p).ServeHTTP(w, r)
		told := ""
		for id, s := range p.told {
			told = id + ": " + s
		}
		if w.Code != c.status || told != c.told || (len(p.got) > 0) != (c.status == 200) {
			t.Errorf("%+v: %d %s, told %q", c, w.Code, w.Body, told)
		}
	}
}

func TestTwoSecretsForADayAndAPause(t *testing.T) {
	t.Parallel()
	s := source.Sender{Source: "hook:a", Number: 2, Key: []byte("the new key of this sender"), Was: []byte(key), Until: clock.Add(time.Hour)}
	p := &pushes{}
	h := hooks(p)
	h.Senders = func() []source.Sender { return []source.Sender{s} }
	for _, c := range []struct {
		name, key string
		at        time.Time
		status    int
	}{
		{"the new one", "the new key of this sender", clock, 200},
		{"the one before", key, clock, 200},
		{"the one before, a day later", key, clock.Add(time.Hour), 401},
		{"the new one, a day later", "the new key of this sender", clock.Add(time.Hour), 200},
	} {
		h.Now = func() time.Time { return c.at }
		if w := push(h, good, "m1", c.at, c.key); w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	s.Paused = true
	n := len(p.got)
	if w := push(h, good, "m9", clock.Add(time.Hour), "the new key of this sender"); w.Code != 503 || w.Header().Get("Retry-After") != "300" || len(p.got) != n {
		t.Errorf("paused: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := push(h, good, "m9", clock.Add(time.Hour), "a key of a stranger"); w.Code != 401 {
		t.Errorf("a stranger is told of the pause: %d", w.Code)
	}
}

func TestASenderHasItsShareOfAMinute(t *testing.T) {
	t.Parallel()
	p := &pushes{}
	h := hooks(p)
	h.Senders = func() []source.Sender {
		return []source.Sender{{Source: "hook:a", Key: []byte(key), PerMinute: 2}}
	}
	three := `{"messages":[` + strings.Repeat(`{"id":"7","text":"Яма","published_at":"2026-11-22T09:00:00Z"},`, 2) + `{"id":"7","text":"Яма","published_at":"2026-11-22T09:00:00Z"}]}`
	for k, c := range []struct {
		body   string
		after  time.Duration
		status int
		retry  string
	}{{good, 0, 200, ""}, {good, 20 * time.Second, 200, ""}, {good, 20 * time.Second, 429, "40"}, {three, 20 * time.Second, 400, ""}, {good, time.Minute, 200, ""}} {
		at := clock.Add(c.after)
		h.Now = func() time.Time { return at }
		if w := push(h, c.body, fmt.Sprint("m", k), at, key); w.Code != c.status || w.Header().Get("Retry-After") != c.retry {
			t.Errorf("call %d: %d %v %s", k, w.Code, w.Header(), w.Body)
		}
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
			var said struct{ Reason, Mend string }
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.Reason == "" || said.Mend == "" {
				t.Errorf("what is wrong, or how to mend it, is not said: %s, %v", w.Body, err)
			}
			if told := p.told["hook:a"]; c.key == key && c.at.Equal(clock) && c.status != 413 && !strings.HasPrefix(told, "Вызов не принят: ") {
				t.Errorf("told %q", p.told)
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
