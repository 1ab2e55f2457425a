package sms

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/notify"
)

func TestLengthOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Length{
		"":                             {},
		strings.Repeat("a", 160):       {Units: 160, Segments: 1},
		strings.Repeat("a", 161):       {Units: 161, Segments: 2},
		strings.Repeat("a", 306):       {Units: 306, Segments: 2},
		strings.Repeat("a", 307):       {Units: 307, Segments: 3},
		strings.Repeat("€", 80):        {Units: 160, Segments: 1},
		strings.Repeat("€", 153):       {Units: 306, Segments: 3}, // 76 in each: none is torn
		strings.Repeat("я", 70):        {Wide: true, Units: 70, Segments: 1},
		strings.Repeat("я", 71):        {Wide: true, Units: 71, Segments: 2},
		strings.Repeat("я", 134):       {Wide: true, Units: 134, Segments: 2},
		strings.Repeat("я", 135):       {Wide: true, Units: 135, Segments: 3},
		strings.Repeat("😀", 35):        {Wide: true, Units: 70, Segments: 1},
		strings.Repeat("😀", 67):        {Wide: true, Units: 134, Segments: 3}, // 33 in each
		"№ 15: {ok}":                   {Wide: true, Units: 10, Segments: 1},
		"A`" + strings.Repeat("a", 68): {Wide: true, Units: 70, Segments: 1}, // the grave accent is in no alphabet
	} {
		if got := LengthOf(text); got != want {
			t.Errorf("LengthOf(%q) = %+v, want %+v", text, got, want)
		}
	}
}

// shapes are those of gateways that Russian centres use.
var shapes = map[string]Shape{
	"form, error code alone": {Form: true, Body: json.RawMessage(`{"login":"centre","psw":"{secret}","phones":"{phone}","mes":"{text}","sender":"{sender}","fmt":"3"}`),
		Answer: Answer{ID: "id", Code: "error_code", Wait: []string{"9"}, Refused: []string{"7", "8"}, Denied: []string{"1", "2", "3", "4", "6"}}},
	"form, code of each number": {Form: true, Body: json.RawMessage(`{"api_id":"{secret}","to":"{digits}","msg":"{text}","from":"{sender}","json":"1"}`),
		Answer: Answer{ID: "sms.*.sms_id", Code: "sms.*.status_code", OK: []string{"100"}, Wait: []string{"220"}, Refused: []string{"202"}, Denied: []string{"200", "201"}}},
	"json, key in a header": {Body: json.RawMessage(`{"messages":[{"from":"{sender}","to":"{digits}","text":"{text}"}]}`), Headers: map[string]string{"Authorization": "Key {secret}", "Idempotency-Key": "{key}"}, Idempotent: true,
		Answer: Answer{ID: "result.0.messageId", Code: "result.0.code", OK: []string{"OK"}, Refused: []string{"INVALID_DESTINATION"}}},
}

func gateway(t *testing.T, s Shape, h http.HandlerFunc) *Gateway {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s.URL = server.URL
	g, err := New(Options{Shape: s, Secret: "s3cret\n", Sender: "CENTRE", Now: func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

const (
	phone = "8 (923) 000-00-00"
	words = `Сообщение № 15: ответили. "{secret}" & 1+1`
)

func TestARequestHasItsGatewaysShape(t *testing.T) {
	t.Parallel()
	type seen struct {
		auth, key string
		form      url.Values
		json      any
	}
	take := func(name, answer string) (got seen) {
		g := gateway(t, shapes[name], func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			got.auth, got.key = r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key")
			if r.URL.RawQuery != "" || r.Method != http.MethodPost {
				t.Errorf("%s: %s ?%s", name, r.Method, r.URL.RawQuery)
			}
			got.form, _ = url.ParseQuery(string(b))
			_ = json.Unmarshal(b, &got.json)
			_, _ = io.WriteString(w, answer)
		})
		if id, err := g.Send(t.Context(), phone, words, "a1-5"); err != nil || id != "9007199254740993" {
			t.Errorf("%s: Send = %q, %v, want the id with all its digits", name, id, err)
		}
		return got
	}
	a := take("form, error code alone", `{"id":9007199254740993,"cnt":1}`)
	if a.form.Get("phones") != "+79230000000" || a.form.Get("mes") != words || a.form.Get("psw") != "s3cret" || a.form.Get("sender") != "CENTRE" {
		t.Errorf("the form is %v", a.form)
	}
	b := take("form, code of each number", `{"status":"OK","sms":{"79230000000":{"status_code":100,"sms_id":"9007199254740993"}}}`)
	if b.form.Get("to") != "79230000000" || b.form.Get("api_id") != "s3cret" {
		t.Errorf("the form is %v", b.form)
	}
	c := take("json, key in a header", `{"result":[{"code":"OK","messageId":9007199254740993}]}`)
	if c.auth != "Key s3cret" || c.key != "a1-5" || at(c.json, "messages.0.text") != words {
		t.Errorf("the request is %+v", c)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, shape string
		status      int
		body        string
		want        end
	}{
		{"the number is wrong", "form, error code alone", 200, `{"error":"x","error_code":7}`, refused},
		{"no money", "form, error code alone", 200, `{"error_code":3}`, denied},
		{"too often", "form, error code alone", 200, `{"error_code":9}`, wait},
		{"a code that nobody told us", "form, error code alone", 200, `{"error_code":77}`, unclear},
		{"neither id nor code", "form, error code alone", 200, `{}`, unclear},
		{"an id under a failure", "form, error code alone", 500, `{"id":1}`, unclear},
		{"no code where success has one", "form, code of each number", 200, `{"sms":{"7":{"sms_id":"1"}}}`, unclear},
		{"success under a failure", "form, code of each number", 502, `{"sms":{"7":{"status_code":100,"sms_id":"1"}}}`, unclear},
		{"it says to wait under a failure", "form, code of each number", 503, `{"sms":{"7":{"status_code":220}}}`, wait},
		{"two numbers", "form, code of each number", 200, `{"sms":{"7":{"status_code":100},"8":{"status_code":100}}}`, unclear},
		{"a page", "json, key in a header", 200, `<html>OK</html>`, unclear},
		{"nothing", "json, key in a header", 200, ``, unclear},
		{"two answers", "json, key in a header", 200, `{"result":[{"code":"OK"}]}{}`, unclear},
		{"huge", "json, key in a header", 200, `{"result":[{"code":"OK"}],"x":"` + strings.Repeat("x", mostAnswer) + `"}`, unclear},
		{"moved", "json, key in a header", 302, ``, denied},
		{"a wrong password", "json, key in a header", 401, `<html>`, denied},
		{"the request took long", "json, key in a header", 408, ``, unclear},
		{"the key is known", "json, key in a header", 409, ``, unclear},
		{"later", "json, key in a header", 429, ``, wait},
		{"broken", "json, key in a header", 500, `<html>`, unclear},
	} {
		g := gateway(t, shapes[c.shape], func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := g.Send(t.Context(), phone, words, "k")
		if got := endOf(err); got != c.want {
			t.Errorf("%s: Send = %v (%d), want %d", c.name, err, got, c.want)
		}
		if s := err.Error(); strings.Contains(s, "923") || strings.Contains(s, "127.0.0.1") || strings.Contains(s, "ответили") || strings.Contains(s, "s3cret") {
			t.Errorf("%s: the error tells too much: %s", c.name, s)
		}
		if p := (*notify.Pause)(nil); errors.As(err, &p) && p.After != 90*time.Second {
			t.Errorf("%s: it waits %v, want 90 s", c.name, p.After)
		}
		if kept := g.spent.all != 0; kept != (c.want == unclear) {
			t.Errorf("%s: the day counts %d messages", c.name, g.spent.all)
		}
	}
}

// endOf says which end an error tells.
func endOf(err error) end {
	var p *notify.Pause
	var r *notify.Refusal
	switch {
	case err == nil:
		return sent
	case errors.Is(err, notify.ErrUnclear):
		return unclear
	case errors.As(err, &p):
		return wait
	case errors.As(err, &r):
		return refused
	}
	return denied
}

func TestATryThatIsCutOffIsUnclearAndMadeOnce(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"cut", "half", "late"} {
		asked, done := make(chan struct{}, 9), make(chan struct{})
		g := gateway(t, shapes["json, key in a header"], func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			asked <- struct{}{}
			switch how {
			case "half":
				w.Header().Set("Content-Length", "500")
				_, _ = io.WriteString(w, `{"result":[{"code":"OK"}]}`)
			case "late":
				<-done
			}
			panic(http.ErrAbortHandler)
		})
		if how == "late" {
			g.client.Timeout = 50 * time.Millisecond
		}
		_, err := g.Send(t.Context(), phone, words, "k")
		close(done)
		if endOf(err) != unclear || len(asked) != 1 {
			t.Errorf("%s: Send = %v after %d requests, want an unknown end after one", how, err, len(asked))
		}
	}
}

func TestAGatewayThatIsNotThereTookNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := gateway(t, shapes["form, error code alone"], nil)
	g.Shape.URL = "http://" + l.Addr().String()
	l.Close()
	if _, err := g.Send(t.Context(), phone, words, "k"); errors.Is(err, notify.ErrUnclear) || !fault.Is(err, fault.Unavailable) || g.spent.all != 0 {
		t.Errorf("Send = %v, %d counted, want Unavailable and none", err, g.spent.all)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	asked := 0
	g := gateway(t, shapes["form, error code alone"], func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = io.WriteString(w, `{"id":1}`)
	})
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	g.PerNumber, g.PerDay, g.Now = 2, 3, func() time.Time { return now }
	send := func(to string) end { _, err := g.Send(t.Context(), to, "Ответили.", "k"); return endOf(err) }
	for k, c := range []struct {
		to   string
		want end
	}{{phone, sent}, {"+7 923 000 00 00", sent}, {"9230000000", wait}, {"+79230000001", sent}, {"+79230000002", wait}} {
		if got := send(c.to); got != c.want {
			t.Errorf("message %d: %d, want %d", k+1, got, c.want)
		}
	}
	now = now.Add(24 * time.Hour)
	if got := send(phone); got != sent {
		t.Errorf("next day: %d, want sent", got)
	}
	if _, err := g.Send(t.Context(), phone, strings.Repeat("я", 202), "k"); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), "4") {
		t.Errorf("a long text: %v", err)
	}
	if got := send("112"); got != refused {
		t.Errorf("a short number: %d, want refused", got)
	}
	if asked != 4 {
		t.Errorf("the gateway was asked %d times, want 4", asked)
	}
}

func TestAShapeThatCannotWorkIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		spoil func(*Shape)
	}{
		{"url", func(s *Shape) { s.URL = "http://sms.example.ru/" }},
		{"url", func(s *Shape) { s.URL = "https://u:p@sms.example.ru/" }},
		{"url", func(s *Shape) { s.URL = "https://sms.example.ru/?to={digits}" }},
		{"method", func(s *Shape) { s.Method = "GET" }},
		{"body", func(s *Shape) { s.Body = json.RawMessage(`{`) }},
		{"body", func(s *Shape) { s.Body = json.RawMessage(`{"text":"{text}"}`) }},
		{"body", func(s *Shape) { s.Form, s.Body = true, json.RawMessage(`{"to":"{phone}","text":["{text}"]}`) }},
		{"headers", func(s *Shape) { s.Headers = map[string]string{"X A": "1"} }},
		{"headers", func(s *Shape) { s.Headers = map[string]string{"X-A": "1\r\nB: 2"} }},
		{"idempotent", func(s *Shape) { s.Headers = nil }},
		{"answer", func(s *Shape) { s.Answer = Answer{Code: "code"} }},
		{"answer.code", func(s *Shape) { s.Answer.Code = "" }},
		{"answer", func(s *Shape) { s.Answer.Denied = []string{"OK"} }},
	} {
		s := shapes["json, key in a header"]
		s.URL = "https://sms.example.ru/send"
		if err := s.Check(); err != nil {
			t.Fatalf("a good shape: %v", err)
		}
		c.spoil(&s)
		if err := s.Check(); !fault.Is(err, fault.Invalid) || fault.FieldOf(err) != c.field || fault.Sentence(err) == "" {
			t.Errorf("%s: Check = %v at %q", c.field, err, fault.FieldOf(err))
		}
	}
}

func TestOptionsThatCannotWorkAreTold(t *testing.T) {
	t.Parallel()
	good := shapes["json, key in a header"]
	good.URL = "https://sms.example.ru/send"
	for field, o := range map[string]Options{
		"sender": {Sender: "ЦУР"},
		"secret": {Secret: "one\ntwo"},
		"limits": {PerDay: -1},
		"url":    {Shape: Shape{URL: "sms.example.ru"}},
	} {
		if o.Shape.URL == "" {
			o.Shape = good
		}
		if _, err := New(o); !fault.Is(err, fault.Invalid) || fault.FieldOf(err) != field || fault.Sentence(err) == "" {
			t.Errorf("New = %v at %q, want Invalid at %q", err, fault.FieldOf(err), field)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"sms":{"7":{"status_code":100,"sms_id":"1"}}}`))
	f.Add(500, []byte(`{"sms":[{"status_code":"220"}]}`))
	f.Add(200, []byte(`<html>`))
	a := shapes["form, code of each number"].Answer
	f.Fuzz(func(t *testing.T, status int, data []byte) {
		what, id := a.read(status, data)
		if what == sent && (status < 200 || status > 299 || !json.Valid(data) || !strings.Contains(string(data), "100") && !strings.Contains(string(data), `\u`)) {
			t.Errorf("read(%d, %q) = sent", status, data)
		}
		if id != "" && what != sent || len(id) > mostID {
			t.Errorf("read(%d, %q) = %d, id %q", status, data, what, id)
		}
	})
}
