package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/api"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/notify"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/topic"
	"otklik/internal/vault"
	"otklik/internal/watch"
)

const (
	khakassia, kursk  = "95000000", "38000000"
	abakan, chernogor = "95701000", "95715000"
	phoneWords        = "+7 900 123-45-67"
)

var (
	noon = time.Date(2026, time.November, 22, 5, 0, 0, 0, time.UTC)
	here = scope.Place{Region: khakassia, Centre: abakan}
)

// A world is the API over a real store and a real desk; only the judges are
// simple: a text with «Абакан» lies there, a phone is personal.
type world struct {
	t       *testing.T
	db      *store.DB
	desk    api.Desk
	real    *desk.Desk
	site    *site.Site
	api     *api.API
	lookout *lookout.Lookout
	handler http.Handler
	log     *lockedBuffer

	mu     sync.Mutex
	events []live.Event
	clock  time.Time
	vault  *vault.Vault
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type territories map[string]*place.Place

func (t territories) Keyed(place.Key) []*place.Place { return nil }
func (t territories) ByID(id string) (*place.Place, bool) {
	p, ok := t[id]
	return p, ok
}

var land = territories{
	khakassia: {ID: khakassia, Level: place.Region, Name: "Республика Хакасия", Region: khakassia},
	abakan:    {ID: abakan, Level: place.Municipality, Name: "Абакан", Region: khakassia, Municipality: abakan},
	chernogor: {ID: chernogor, Level: place.Municipality, Name: "Черногорск", Region: khakassia, Municipality: chernogor},
	kursk:     {ID: kursk, Level: place.Region, Name: "Курская область", Region: kursk},
}

func personal(text string) []message.Personal {
	if at := strings.Index(text, phoneWords); at >= 0 {
		return []message.Personal{{Start: at, End: at + len(phoneWords), Type: "phone"}}
	}
	return nil
}

func judge(m *message.Message) message.Reading {
	r := message.Reading{Kind: message.Complaint, Complaint: true, Concerns: true, Urgency: message.Normal, Personal: personal(m.Text),
		Topics: []message.TopicGuess{{Code: "roads.potholes", Score: 0.9}}, Index: strings.ToLower(strings.ReplaceAll(m.Text, ",", ""))}
	if at := strings.Index(m.Text, "Абакан"); at >= 0 {
		r.Places = []message.PlaceFound{{Start: at, End: at + len("Абакан"), Type: "settlement", ID: abakan + "001", Name: "Абакан",
			Region: khakassia, Municipality: abakan, Settlement: "Абакан", SettlementID: abakan + "001", Score: 1}}
	} else {
		r.Missing = []string{message.MissingPlace}
	}
	return r
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, log: &lockedBuffer{}, clock: noon}
	now := func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }
	var err error
	if w.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"), store.Clock(now)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	w.real = desk.New(desk.Options{Store: w.db, Read: judge, Topics: topic.Default, Places: land,
		Publishes: func(source string) bool { return strings.HasPrefix(source, "vk:") },
		Tell:      func(e live.Event) { w.mu.Lock(); defer w.mu.Unlock(); w.events = append(w.events, e) }, Now: now, Region: khakassia})
	w.desk = w.real
	if w.vault, err = vault.Open(filepath.Join(t.TempDir(), "files")); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	w.site = site.New(site.Options{Cases: w.db.Reader, Writer: w.db, Log: log, Now: now})
	w.lookout = lookout.New(lookout.Options{Store: w.db, Reader: analyzer(), Places: land, Personal: personal, Use: func([]watch.Rule) {}, Region: khakassia, Now: now,
		Of: func(m *message.Message) watch.Context {
			return watch.Context{Region: khakassia, Source: string(m.Channel)}
		}})
	w.serve(func(o *api.Options) {})
	return w
}

// serve makes the API anew with other options.
func (w *world) serve(with func(*api.Options)) {
	o := api.Options{
		Site: w.site, Cases: w.db.Reader, Writer: w.db, Desk: w.desk, Topics: topic.Default, Territory: land.ByID,
		Territories: func(code string) (list []*place.Place) {
			if code == khakassia {
				list = []*place.Place{land[abakan], land[chernogor], {Level: place.Street, Name: "Ленина"}}
			}
			return list
		},
		Lemmas: func(q string) (words [][]string) {
			for f := range strings.FieldsSeq(strings.ToLower(q)) {
				if f != "—" {
					words = append(words, []string{f})
				}
			}
			return words
		},
		Read: func(_ context.Context, region, text string) (*message.Reading, error) {
			r := judge(&message.Message{Text: text, Territory: region})
			return &r, nil
		},
		Posting:  w.posting(),
		Plan:     w.real.Plan,
		Files:    w.vault,
		Resume:   w.real.ResumeOutlet,
		Tables:   yesTables{},
		Personal: personal, Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }, Lookout: w.lookout,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	with(&o)
	var err error
	if w.api, err = api.New(o); err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", w.site.Handler(nil))
	mux.Handle("/api/", w.api.Handler())
	w.handler = mux
}

func (w *world) change(fn func(tx incident.Tx) error) {
	w.t.Helper()
	if err := w.db.Change(w.t.Context(), incident.People, fn); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an account and a token of it.
func (w *world) person(role lifecycle.Role, at scope.Place) (*account.Account, string) {
	w.t.Helper()
	a := &account.Account{Login: fmt.Sprintf("%s-%s-%s-%d", role, at.Region, at.Centre, at.Agency), Name: "Ирина Соколова", Role: role, Hash: "x", Place: at}
	secret := "secret-of-" + a.Login
	w.change(func(tx incident.Tx) error {
		if err := tx.Accounts().SaveAccount(w.t.Context(), a); err != nil {
			return err
		}
		return tx.Accounts().SaveToken(w.t.Context(), &account.Token{Owner: a.ID, Name: "проверка", Created: noon, Expires: noon.AddDate(1, 0, 0)}, secret)
	})
	return a, secret
}

// agencyOf makes an agency and returns its id.
func (w *world) agencyOf(short string, at scope.Place) int64 {
	g := agency.Agency{Name: "Организация " + short, Short: short, Place: at}
	w.change(func(tx incident.Tx) error { return tx.Agencies().SaveAgency(w.t.Context(), &g) })
	return g.ID
}

var letters int

var lettersMu sync.Mutex

// opened takes in a letter as intake would and opens an incident for it.
func (w *world) opened(text string, at scope.Place) *incident.Incident {
	w.t.Helper()
	lettersMu.Lock()
	letters++
	native := fmt.Sprintf("5_%d", letters)
	lettersMu.Unlock()
	var i *incident.Incident
	w.mu.Lock()
	w.clock = w.clock.Add(time.Minute)
	now := w.clock
	w.mu.Unlock()
	w.change(func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1001", Channel: message.VK, Form: message.Comment, Native: native, Revision: message.Revision{Time: now},
			Event: message.Written, AuthorName: "Вера Павлова", Contact: "vera@example.org", Text: text, URL: "https://vk.example/wall", PublishedAt: now, SeenAt: now,
			Territory: at.Centre, Place: at}
		r := judge(m)
		if _, err := tx.Messages().Keep(w.t.Context(), m, &r); err != nil {
			return err
		}
		i = &incident.Incident{State: lifecycle.New, Topic: "roads.potholes", Urgency: message.Normal, Kind: message.Complaint, Channel: message.VK,
			Place: at, Missing: r.Missing, First: m.ID, OpenedAt: now, UpdatedAt: now, PublishedAt: now}
		if err := tx.Incidents().Open(w.t.Context(), i); err != nil {
			return err
		}
		if err := tx.Incidents().Attach(w.t.Context(), i.ID, m.ID); err != nil {
			return err
		}
		i.Messages = 1
		return tx.Incidents().Save(w.t.Context(), i)
	})
	return i
}

// told returns the events since the last call.
func (w *world) told() []live.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	events := w.events
	w.events = nil
	return events
}

// An answer is what the API said.
type answer struct {
	*http.Response
	raw  []byte
	json map[string]any // of an object
	list []any          // of a list
}

// call sends a request; what may be nil, a string sent as it is, or a value sent as JSON.
func (w *world) call(token, method, path string, what any, head ...string) answer {
	w.t.Helper()
	var b []byte
	switch v := what.(type) {
	case nil:
	case string:
		b = []byte(v)
	default:
		var err error
		if b, err = json.Marshal(v); err != nil {
			w.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(b))
	if b != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for k := 0; k+1 < len(head); k += 2 {
		r.Header.Set(head[k], head[k+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{Response: rec.Result(), raw: rec.Body.Bytes()}
	if strings.Contains(a.Header.Get("Content-Type"), "json") && len(a.raw) > 0 {
		var v any
		if err := json.Unmarshal(a.raw, &v); err != nil {
			w.t.Fatalf("%s %s: no JSON: %v: %s", method, path, err, a.raw)
		}
		a.json, _ = v.(map[string]any)
		a.list, _ = v.([]any)
	}
	return a
}

// field returns a value of the answer: «topic.code», «incidents.0.id».
func (a answer) field(path string) any {
	var v any = a.json
	if a.list != nil {
		v = a.list
	}
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			n := 0
			if _, err := fmt.Sscan(part, &n); err != nil || n >= len(x) {
				return nil
			}
			v = x[n]
		default:
			return nil
		}
	}
	return v
}

// posting sends notices nowhere.
func (w *world) posting() *notify.Notifier {
	return notify.New(notify.Options{Store: w.db, Topics: topic.Default, Zone: func(scope.Place) *time.Location { return time.UTC }, Tell: func(live.Event) {},
		Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }, Log: slog.New(slog.DiscardHandler)})
}
