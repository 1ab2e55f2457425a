package herald_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/herald"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/notice"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/store"
	"otklik/internal/topic"
	"otklik/internal/webhook"
)

const khakassia, abakan = "95000000", "95701000"

// A house is a store with a herald and one receiver.
type house struct {
	t      *testing.T
	db     *store.DB
	herald *herald.Herald
	admin  account.Actor
	site   string // of the receiver
	logged lockedText
	from   string // source of the messages; "" = a wall

	mu    sync.Mutex
	now   time.Time
	calls []call
	do    func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1; nil takes everything
}

type call struct {
	id, signature string
	at            time.Time
	body          herald.Call
	raw           string
}

// lockedText is a log that goroutines write.
type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t *testing.T, path string, plain bool) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	var err error
	if h.db, err = store.Open(t.Context(), path, store.Clock(h.clock)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	h.site = srv.URL
	box, err := seal.Of([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	h.herald = herald.New(herald.Options{
		Store: h.db, Box: box, Topics: func() *topic.Taxonomy { return &topic.Taxonomy{} }, Mask: func(s string) string { return strings.ReplaceAll(s, "89131234567", "[скрыто]") },
		Stand: func(code string) scope.Place { return scope.Place{Region: code[:2] + "000000", Centre: code} }, Hurry: func() {}, Tell: func(live.Event) {}, Now: h.clock, Log: slog.New(slog.NewTextHandler(&h.logged, nil)), Plain: plain,
	})
	who := &account.Account{Login: "admin", Name: "А", Role: lifecycle.Admin, Hash: "x", Place: scope.Place{Region: khakassia}}
	h.change(func(tx incident.Tx) error {
		if was, err := tx.Accounts().ByLogin(t.Context(), who.Login); err == nil { // a second start
			who = was
			return nil
		}
		return tx.Accounts().SaveAccount(t.Context(), who)
	})
	h.admin = account.Actor{ID: who.ID, Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) change(fn func(incident.Tx) error) {
	h.t.Helper()
	if err := h.db.Change(context.Background(), incident.People, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	c := call{id: r.Header.Get("webhook-id"), signature: r.Header.Get("webhook-signature"), raw: string(b)}
	var seconds int64
	fmt.Sscan(r.Header.Get("webhook-timestamp"), &seconds)
	c.at = time.Unix(seconds, 0)
	_ = json.Unmarshal(b, &c.body)
	h.mu.Lock()
	h.calls = append(h.calls, c)
	n, do := len(h.calls), h.do
	h.mu.Unlock()
	if do != nil {
		do(n, w, r)
	}
}

func (h *house) heard() []call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.calls)
}

func (h *house) answers(do func(n int, w http.ResponseWriter, r *http.Request)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.do = do
}

// hook keeps a webhook for the events.
func (h *house) hook(w *webhook.Webhook) (secret string) {
	h.t.Helper()
	if w.URL == "" {
		w.URL = h.site + "/in?token=theirs"
	}
	if w.Name == "" {
		w.Name = "Портал"
	}
	if w.Events == nil {
		w.Events = webhook.Events()[:5]
	}
	secret, err := h.herald.Save(h.t.Context(), h.admin, w, "", 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// native names a message: the one of the docs always alike.
func (h *house) native() string {
	if h.from != "" {
		return "m-17"
	}
	return rand.Text()
}

// open opens an incident and writes n lines of its history.
func (h *house) open(n int) (id incident.ID) {
	h.t.Helper()
	h.change(func(tx incident.Tx) error {
		at := scope.Place{Region: khakassia, Centre: abakan}
		m := &message.Message{Source: cmp.Or(h.from, "vk:-1"), Channel: message.VK, Form: message.Comment, Native: h.native(), Revision: message.Revision{Time: h.now}, Event: message.Written,
			AuthorName: "Вера Павлова", Contact: "89131234567", Text: "Яма во дворе, звоните 89131234567", PublishedAt: h.now, Place: at}
		if _, err := tx.Messages().Keep(h.t.Context(), m, &message.Reading{Kind: message.Complaint, Urgency: message.Normal}); err != nil {
			return err
		}
		i := &incident.Incident{State: lifecycle.New, Urgency: message.Normal, Kind: message.Complaint, Channel: message.VK, Place: at, First: m.ID, OpenedAt: h.now, UpdatedAt: h.now,
			Address: incident.Address{Settlement: "Абакан", Street: "улица Ленина", House: "5, кв. 12"}}
		if err := tx.Incidents().Open(h.t.Context(), i); err != nil {
			return err
		}
		id = i.ID
		if err := tx.Incidents().Attach(h.t.Context(), id, m.ID); err != nil {
			return err
		}
		from := lifecycle.State("")
		for k := range n {
			e := incident.Entry{Incident: id, At: h.now, Action: lifecycle.Accept, From: from, To: lifecycle.Triage}
			if k == 0 {
				e.Action, e.To = lifecycle.File, lifecycle.New
			}
			from = lifecycle.New
			if err := tx.Incidents().Record(h.t.Context(), &e); err != nil {
				return err
			}
		}
		return nil
	})
	return id
}

func (h *house) step() (n int) {
	h.t.Helper()
	n, err := h.herald.Step(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) owed(id webhook.ID) []webhook.Delivery {
	h.t.Helper()
	list, err := h.db.Reader().Webhooks().Owed(h.t.Context(), id, 0, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func memory(t *testing.T) string { return filepath.Join(t.TempDir(), "otklik.db") }

func TestACallIsTriedAgainAsItWasAndInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), true)
	w := &webhook.Webhook{}
	secret := h.hook(w)
	h.answers(func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 2 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	h.open(2)
	if n := h.step(); n != 1 {
		t.Fatalf("%d calls are made: the second waits for the first", n)
	}
	if n := h.step(); n != 0 {
		t.Errorf("it is called again at once: %d", n)
	}
	h.pass(6 * time.Second)
	h.step()
	h.pass(6 * time.Minute)
	h.step()
	calls := h.heard()
	if len(calls) != 4 {
		t.Fatalf("%d calls, want three tries and the next", len(calls))
	}
	for k, c := range calls {
		want, err := webhook.Sign(c.id, c.at, []byte(c.raw), secret)
		if err != nil || c.signature != want {
			t.Errorf("call %d is signed %q, want %q", k, c.signature, want)
		}
	}
	if calls[0].id != calls[1].id || calls[1].id != calls[2].id || calls[2].id == calls[3].id || calls[0].raw != calls[2].raw || calls[0].at.Equal(calls[2].at) {
		t.Error("a call is repeated under another id or in other words, or with its old time")
	}
	if calls[2].body.Type != webhook.Opened || calls[3].body.Type != webhook.Moved || calls[3].body.Data.Change.To != "triage" || calls[3].body.Data.Sequence <= calls[2].body.Data.Sequence {
		t.Errorf("order: %s, %s", calls[2].body.Type, calls[3].body.Type)
	}
	if d := h.owed(w.ID); d[1].Tries != 3 || d[1].State != webhook.Sent || d[1].Status != 200 {
		t.Errorf("noted: %+v", d[1])
	}
}

func TestWhatIsPersonalStaysUnlessItIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		h := newHouse(t, memory(t), true)
		h.hook(&webhook.Webhook{Personal: open})
		h.open(1)
		h.step()
		raw := h.heard()[0].raw
		for _, word := range []string{"Вера Павлова", "89131234567"} {
			if strings.Contains(raw, word) != open {
				t.Errorf("personal %t: the body has %q: %t", open, word, !open)
			}
		}
		if strings.Contains(raw, "кв. 12") || !strings.Contains(raw, "улица Ленина") {
			t.Errorf("the place: %s", raw)
		}
		entries, err := h.db.Reader().Audit().Entries(t.Context(), scope.All(), 50)
		if err != nil {
			t.Fatal(err)
		}
		read := slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Deed == "read_personal" })
		if read != open {
			t.Errorf("personal %t: the audit has a line: %t", open, read)
		}
	}
}

func TestReceiversThatRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    func(h *house) func(n int, w http.ResponseWriter, r *http.Request)
		state webhook.State
		one   webhook.DeliveryState
		says  string
		most  int // calls
	}{
		"gone": {status(http.StatusGone), webhook.Off, webhook.Dead, "410", 1},
		"redirect": {func(h *house) func(int, http.ResponseWriter, *http.Request) {
			return func(_ int, w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, h.site+"/elsewhere", http.StatusTemporaryRedirect)
			}
		}, webhook.On, webhook.Waiting, "307", 1},
		"busy": {func(*house) func(int, http.ResponseWriter, *http.Request) {
			return func(_ int, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7200")
				w.WriteHeader(503)
			}
		}, webhook.On, webhook.Waiting, "занят", 1},
		"unknown": {status(http.StatusNotFound), webhook.On, webhook.Waiting, "404", 1},
		"secret":  {status(http.StatusUnauthorized), webhook.On, webhook.Waiting, "подпись", 1},
		"huge": {func(*house) func(int, http.ResponseWriter, *http.Request) {
			return func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }
		}, webhook.On, webhook.Sent, "", 1},
		"broken": {func(*house) func(int, http.ResponseWriter, *http.Request) {
			return func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, webhook.On, webhook.Waiting, "соединиться", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, memory(t), true)
			w := &webhook.Webhook{}
			secret := h.hook(w)
			h.answers(c.do(h))
			h.open(1)
			h.step()
			if n := len(h.heard()); n > c.most {
				t.Errorf("%d calls", n)
			}
			d := h.owed(w.ID)[0]
			now, err := h.db.Reader().Webhooks().Webhook(t.Context(), scope.All(), w.ID)
			if err != nil || now.State != c.state || d.State != c.one || !strings.Contains(d.Error, c.says) {
				t.Errorf("webhook %s (%v), call %s %q", now.State, err, d.State, d.Error)
			}
			if name == "busy" && d.NextAt.Sub(h.clock()) < 2*time.Hour {
				t.Errorf("it asked to come in two hours, the next try is at %s", d.NextAt)
			}
			if log := h.logged.String(); strings.Contains(log, "token=theirs") || strings.Contains(log, secret) || strings.Contains(d.Error, "theirs") {
				t.Errorf("a secret stands in the log or at the call: %s %s", log, d.Error)
			}
			if c.state == webhook.Off {
				h.told(w.ID)
				if h.open(1); len(h.owed(w.ID)) != 1 {
					t.Error("something is queued for a webhook that is off")
				}
			}
		})
	}
}

func status(code int) func(*house) func(int, http.ResponseWriter, *http.Request) {
	return func(*house) func(int, http.ResponseWriter, *http.Request) {
		return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
}

// told fails unless the administrator has a notice of the webhook.
func (h *house) told(id webhook.ID) {
	h.t.Helper()
	list, err := h.db.Reader().Notices().Notices(h.t.Context(), h.admin.ID, notice.Filter{Limit: 10})
	if err != nil || len(list) != 1 || list[0].What != notice.Webhook || list[0].Subject != int64(id) || !strings.Contains(list[0].Title(), "Исходящие вызовы") {
		h.t.Errorf("notices = %+v, %v", list, err)
	}
}

func TestASilentReceiverIsGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), true)
	w := &webhook.Webhook{}
	h.hook(w)
	h.answers(status(500)(h))
	h.open(1)
	tries := 0
	for range 200 { // an hour each
		tries += h.step()
		h.pass(time.Hour)
		if tries == 10 { // the first is given up; something new happens
			h.open(1)
			tries++
		}
	}
	now, err := h.db.Reader().Webhooks().Webhook(t.Context(), scope.All(), w.ID)
	if err != nil || now.State != webhook.Off || !strings.Contains(now.Why, "пять суток") {
		t.Fatalf("the webhook is %s, %q (%v)", now.State, now.Why, err)
	}
	h.told(w.ID)
	list := h.owed(w.ID)
	if len(list) != 2 || list[0].State != webhook.Dead || list[1].State != webhook.Dead || list[1].Tries != 10 {
		t.Errorf("calls: %+v", list)
	}
	h.answers(nil)
	if _, err := h.herald.Do(t.Context(), h.admin, w.ID, herald.Resume, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := h.herald.Do(t.Context(), h.admin, w.ID, herald.Again, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if n := h.step(); n != 1 || h.owed(w.ID)[1].State != webhook.Sent {
		t.Errorf("sent again: %d calls, %+v", n, h.owed(w.ID)[1])
	}
	if _, err := h.herald.Do(t.Context(), h.admin, w.ID, herald.Again, 999); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown call = %v", err)
	}
}

func TestASecretIsChangedWithoutAGap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), true)
	w := &webhook.Webhook{}
	old := h.hook(w)
	next, err := h.herald.Do(t.Context(), h.admin, w.ID, herald.Rotate, 0)
	if err != nil || next == old {
		t.Fatal(next == old, err)
	}
	sign := func(want ...string) {
		t.Helper()
		if _, err := h.herald.Do(t.Context(), h.admin, w.ID, herald.Test, 0); err != nil {
			t.Fatal(err)
		}
		h.step()
		c := h.heard()[len(h.heard())-1]
		if c.body.Type != webhook.Test {
			t.Errorf("type %s", c.body.Type)
		}
		if s, err := webhook.Sign(c.id, c.at, []byte(c.raw), want...); err != nil || c.signature != s {
			t.Errorf("signed %q, want %q", c.signature, s)
		}
	}
	sign(next, old)
	h.pass(25 * time.Hour)
	sign(next)
	stored, err := h.db.Reader().Webhooks().Webhook(t.Context(), scope.All(), w.ID)
	if err != nil || strings.Contains(string(stored.Sealed), next) {
		t.Errorf("the secret stands open in the store: %v", err)
	}
}

func TestInnerAddressesAreNotCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), false)
	for field, w := range map[string]*webhook.Webhook{
		"url":     {Name: "П", URL: h.site, Events: []webhook.Event{webhook.Opened}}, // no https
		"url ":    {Name: "П", URL: "https://user:word@example.org/", Events: []webhook.Event{webhook.Opened}},
		"name":    {URL: "https://example.org/", Events: []webhook.Event{webhook.Opened}},
		"events":  {Name: "П", URL: "https://example.org/"},
		"events ": {Name: "П", URL: "https://example.org/", Events: []webhook.Event{"incident.eaten"}},
		"source":  {Name: "П", URL: "https://example.org/", Events: []webhook.Event{webhook.Publish}},
	} {
		if _, err := h.herald.Save(t.Context(), h.admin, w, "", 0); fieldOf(err) != strings.TrimSpace(field) || fault.Sentence(err) == "" {
			t.Errorf("%q: %v at %q", field, err, fieldOf(err))
		}
	}
	w := &webhook.Webhook{URL: strings.Replace(h.site, "http://", "https://", 1)}
	h.hook(w)
	h.open(1)
	h.step()
	if d := h.owed(w.ID)[0]; len(h.heard()) != 0 || !strings.Contains(d.Error, "внутреннюю сеть") {
		t.Errorf("%d calls, %q", len(h.heard()), d.Error)
	}
	centre := account.Actor{ID: h.admin.ID, Role: lifecycle.Centre, Scope: scope.OfCentre(khakassia, "95702000")}
	if _, err := h.herald.Do(t.Context(), centre, w.ID, herald.Pause, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre pauses it: %v", err)
	}
	operator := account.Actor{ID: h.admin.ID, Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)}
	if _, err := h.herald.Do(t.Context(), operator, w.ID, herald.Pause, 0); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator pauses it: %v", err)
	}
}

func TestAPausedWebhookLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), true)
	w := &webhook.Webhook{}
	h.hook(w)
	do := func(deed herald.Deed) {
		t.Helper()
		if _, err := h.herald.Do(t.Context(), h.admin, w.ID, deed, 0); err != nil {
			t.Fatal(err)
		}
	}
	do(herald.Pause)
	h.open(2)
	if n := h.step(); n != 0 {
		t.Errorf("%d calls on a pause", n)
	}
	do(herald.Resume)
	if n := h.step(); n != 2 {
		t.Errorf("%d calls after the pause, want 2", n)
	}
	do(herald.Remove)
	if h.open(1); h.step() != 0 {
		t.Error("a removed webhook is called")
	}
}

func fieldOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Field
	}
	return ""
}
