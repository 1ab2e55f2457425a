// Package pushfake is somebody else's program for trials and the demo, a portal of messages:
// what its visitors write it hands to a centre by signed calls (Standard Webhooks), and it
// hears of the incidents and publishes the replies by the calls that the centre makes.
package pushfake

import (
	"bytes"
	"cmp"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
	"otklik/internal/webhook"
)

//go:embed page
var files embed.FS

// Options are what a fake is made with. Centre and Secret are required to send.
type Options struct {
	Name     string
	Centre   string // URL of the centre's signed inbound call
	Secret   string // of the calls to the centre
	HTTP     *http.Client
	Now      func() time.Time // nil = time.Now
	Snapshot string           // file that keeps all over a restart; empty: memory alone
}

// A Fake is the program.
type Fake struct {
	opts  Options
	pages *fakepage.Pages
	mux   *http.ServeMux

	mu    sync.Mutex
	state state
	kept  fakenet.Snapshot
}

type state struct {
	Last     int64      `json:"last"`
	Trusted  string     `json:"trusted"` // the secret of the centre's calls
	Messages []*Message `json:"messages"`
	Calls    []Call     `json:"calls"`
}

// A Message is what a visitor wrote.
type Message struct {
	ID     string
	Author string
	Text   string
	At     int64 // Unix s
	Fare   string
	Number string // of the incident, once the centre told it
	Status string // in Russian, as told last
	Reply  string
	Key    string // of the reply
}

// A Call is one that the centre made and that was signed as it should be.
type Call struct {
	ID     string
	Type   string
	Number string
	Status string
	At     int64
}

// mostKept bounds what a fake remembers.
const mostKept = 100

// New returns a fake, with what the snapshot holds if there is one.
func New(o Options) (*Fake, error) {
	o.HTTP = cmp.Or(o.HTTP, http.DefaultClient)
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{opts: o}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("pushfake: %w", err)
	}
	var err error
	when := func(at int64) string { return time.Unix(at, 0).In(o.Now().Location()).Format("02.01 15:04:05") }
	if f.pages, err = fakepage.Parse(files, "page/*.html", fakepage.Funcs{"when": when}); err != nil {
		return nil, fmt.Errorf("pushfake: %w", err)
	}
	f.mux = http.NewServeMux()
	f.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { f.show(w, http.StatusOK, "") })
	f.mux.Handle("POST /write", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.write)))
	f.mux.HandleFunc("POST /events", f.hear)
	return f, nil
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Trust says by which secret the centre signs its calls. "" asks only: it returns what is
// trusted.
func (f *Fake) Trust(secret string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if secret != "" {
		f.state.Trusted = secret
		f.kept.Save(f.state)
	}
	return f.state.Trusted
}

// Calls returns the calls that came from the centre, newest first.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.state.Calls)
}

// Write is a visitor who writes; the message leaves for the centre at once. The error says
// why the centre did not take it.
func (f *Fake) Write(author, text string) error {
	f.mu.Lock()
	f.state.Last++
	m := &Message{ID: "gorod-" + strconv.FormatInt(f.state.Last, 10), Author: author, Text: text, At: f.opts.Now().Unix(), Fare: "отправляется"}
	f.state.Messages = append([]*Message{m}, f.state.Messages...)
	f.state.Messages = f.state.Messages[:min(len(f.state.Messages), mostKept)]
	f.kept.Save(f.state)
	f.mu.Unlock()
	err := f.push(m)
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.Fare = "принято центром"; err != nil {
		m.Fare = "не принято: " + err.Error()
	}
	f.kept.Save(f.state)
	return err
}

// push makes the signed call.
func (f *Fake) push(m *Message) error {
	at := f.opts.Now()
	body, err := json.Marshal(map[string]any{"messages": []any{map[string]any{"id": m.ID, "text": m.Text, "author": m.Author, "published_at": at.Format(time.RFC3339)}}})
	if err != nil {
		return err
	}
	signature, err := webhook.Sign(m.ID, at, body, f.opts.Secret)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, f.opts.Centre, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", m.ID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	w, err := f.opts.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("the centre does not answer")
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(w.Body, 1000))
		return fmt.Errorf("HTTP %d %s", w.StatusCode, b)
	}
	return nil
}

func (f *Fake) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	text, author := strings.TrimSpace(r.FormValue("text")), cmp.Or(strings.TrimSpace(r.FormValue("name")), "Житель")
	if text == "" || len(text) > 8000 || len(author) > 400 {
		f.show(w, http.StatusUnprocessableEntity, "Напишите, что случилось: до четырёх тысяч знаков.")
		return
	}
	if err := f.Write(author, text); err != nil {
		f.show(w, http.StatusBadGateway, "Центр сообщение не принял, причина стоит при нём.")
		return
	}
	http.Redirect(w, r, ".", http.StatusSeeOther)
}

// event is what the fake reads of a call.
type event struct {
	Type string `json:"type"`
	Data struct {
		Incident struct{ Number, Status string } `json:"incident"`
		Messages []struct{ ID string }           `json:"messages"`
		Reply    struct {
			Key, Text string
			To        struct{ ID string }
		} `json:"reply"`
	} `json:"data"`
}

// hear takes a call of the centre. The signature is checked before anything is read; a
// call that comes twice is answered alike and changes nothing.
func (f *Fake) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.Header.Get("webhook-id")
	if !f.signed(id, r.Header, body) {
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	if !slices.ContainsFunc(f.state.Calls, func(c Call) bool { return c.ID == id }) {
		f.state.Calls = append([]Call{{id, e.Type, e.Data.Incident.Number, e.Data.Incident.Status, f.opts.Now().Unix()}}, f.state.Calls...)
		f.state.Calls = f.state.Calls[:min(len(f.state.Calls), mostKept)]
		f.learn(&e)
		f.kept.Save(f.state)
	}
	w.Header().Set("Content-Type", "application/json")
	if e.Type == string(webhook.Publish) { // published at once, and confirmed by the answer
		_ = json.NewEncoder(w).Encode(map[string]string{"id": "reply-" + e.Data.Reply.To.ID})
		return
	}
	_, _ = w.Write([]byte("{}"))
}

// learn puts what a call says to the messages that it tells of.
func (f *Fake) learn(e *event) {
	for _, m := range f.state.Messages {
		if e.Type == string(webhook.Publish) && m.ID == e.Data.Reply.To.ID && m.Key != e.Data.Reply.Key {
			m.Reply, m.Key = e.Data.Reply.Text, e.Data.Reply.Key
		}
		for _, told := range e.Data.Messages {
			if told.ID == m.ID {
				m.Number, m.Status = e.Data.Incident.Number, e.Data.Incident.Status
			}
		}
	}
}

// signed reports whether the headers sign the body by the trusted secret, not more than five
// minutes ago.
func (f *Fake) signed(id string, h http.Header, body []byte) bool {
	seconds, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	at := time.Unix(seconds, 0)
	if age := f.opts.Now().Sub(at); err != nil || id == "" || age > 5*time.Minute || age < -5*time.Minute {
		return false
	}
	want, err := webhook.Sign(id, at, body, f.state.Trusted)
	if err != nil {
		return false
	}
	for s := range strings.FieldsSeq(h.Get("webhook-signature")) {
		if subtle.ConstantTimeCompare([]byte(s), []byte(want)) == 1 {
			return true
		}
	}
	return false
}

func (f *Fake) show(w http.ResponseWriter, status int, wrong string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b bytes.Buffer
	err := f.pages.Execute(&b, "system.html", struct {
		Name, Wrong string
		Messages    []*Message
		Calls       []Call
	}{f.opts.Name, wrong, f.state.Messages, f.state.Calls})
	if err != nil {
		http.Error(w, "500", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}
