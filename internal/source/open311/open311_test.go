package open311_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/open311"
	"otklik/internal/source/open311/open311fake"
	"otklik/internal/source/sourcetest"
)

// A clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// open returns a city and what reads it.
func open(t *testing.T, o open311fake.Options, settings string) (*open311fake.Fake, *open311.City, *clock, string) {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	o.Now = c.now
	fake, err := open311fake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	return fake, city(t, srv.URL+"/open311/v2", settings, o.Key, c), c, srv.URL
}

func city(t *testing.T, endpoint, settings, key string, c *clock) *open311.City {
	t.Helper()
	con, err := open311.Open(source.Source{ID: "open311:city.example/v2", Settings: []byte(`{"endpoint":"` + endpoint + `"` + settings + `}`)}, source.Key{Secret: key}, open311.Options{Now: c.now, Inner: true})
	if err != nil {
		t.Fatal(err)
	}
	return con.Puller.(*open311.City)
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o        open311fake.Options
		settings string
	}{
		"JSON":             {open311fake.Options{Key: "key-of-ours"}, ""},
		"XML":              {open311fake.Options{Key: "key-of-ours"}, `,"format":"xml"`},
		"numbers, no page": {open311fake.Options{Key: "key-of-ours", Numbers: true, NoPages: true, NoZone: true}, `,"jurisdiction":"city.example"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
				fake, puller, clock, _ := open(t, c.o, c.settings)
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				dead := city(t, "http://"+l.Addr().String()+"/v2", c.settings, c.o.Key, clock)
				l.Close()
				return &sourcetest.Network{
					Puller: puller, Dead: dead, Secrets: []string{c.o.Key},
					Cannot: map[sourcetest.Lack]string{
						sourcetest.NoWrite: "GeoReport v2 has no answers to a request", sourcetest.NoTalk: "it has no comments", sourcetest.NoPast: "the first walk reads as far back as the settings say", sourcetest.NoLink: "a request has no page",
						sourcetest.NoDelete: "what a city hides simply is not in the list, as what its window leaves out", sourcetest.NoRestore: "see delete",
					},
					Post:    fake.Report,
					Edit:    fake.Edit,
					Delete:  fake.Hide,
					Restore: fake.Show,
					Advance: clock.advance,
					Spoil: func(s sourcetest.Spoil, _ bool) {
						fake.Fail(map[sourcetest.Spoil]open311fake.Trouble{
							sourcetest.Down: open311fake.Down, sourcetest.Later: open311fake.Busy, sourcetest.Person: open311fake.Closed, sourcetest.Garbage: open311fake.Garbage,
							sourcetest.Huge: open311fake.Huge, sourcetest.Odd: open311fake.Odd,
						}[s])
					},
				}
			})
		})
	}
}

// all polls until there is no more, and returns the last state of each request.
func all(t *testing.T, c *open311.City, cursor *[]byte) map[string]message.Message {
	t.Helper()
	out := map[string]message.Message{}
	for range 1000 {
		b, err := c.Poll(t.Context(), *cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			out[m.Native] = m
		}
		if *cursor = b.Cursor; !b.More {
			return out
		}
	}
	t.Fatal("the city never ends")
	return nil
}

func TestARequestAndItsEnd(t *testing.T) {
	t.Parallel()
	fake, c, clock, _ := open(t, open311fake.Options{}, "")
	old := fake.ReportAt("Разбита остановка", clock.now().Add(-20*24*time.Hour))
	fake.ReportAt("Давно забыто", clock.now().Add(-200*24*time.Hour))
	id := fake.Report("Не горит фонарь у школы")
	var cursor []byte
	got := all(t, c, &cursor)
	m := got[id]
	if len(got) != 2 || m.Text != "Не горит фонарь у школы" || m.Channel != message.City || m.Shared == nil || m.Shared.Lat != 53.72 || m.Past == nil || m.Past.Place != "улица Садовая, 4" || m.Past.Done() || !m.Addressed {
		t.Fatalf("%d requests, %+v, %+v", len(got), m, m.Past)
	}
	fake.Close(id, "Лампу заменили.")
	fake.Close(old, "Остановку починили.")
	clock.advance(time.Minute)
	after := all(t, c, &cursor)
	if p := after[id].Past; p == nil || !p.Done() || p.State != lifecycle.Closed || p.Answer != "Лампу заменили." || p.ClosedAt.IsZero() || !after[id].Revision.Time.After(m.Revision.Time) {
		t.Errorf("closed: %+v", p)
	}
	if _, early := after[old]; early {
		t.Error("old windows are read in each round")
	}
	clock.advance(25 * time.Hour)
	if p := all(t, c, &cursor)[old].Past; p == nil || !p.Done() {
		t.Errorf("the old one's end is not seen within a day: %+v", p)
	}
}

func TestACityWithoutPagesIsReadWhole(t *testing.T) {
	t.Parallel()
	fake, c, clock, _ := open(t, open311fake.Options{NoPages: true}, "")
	start := clock.now().Add(-48 * time.Hour)
	for k := range 2500 {
		fake.ReportAt(fmt.Sprint("Яма ", k), start.Add(time.Duration(k)*time.Minute))
	}
	var cursor []byte
	if got := all(t, c, &cursor); len(got) != 2500 {
		t.Errorf("%d of 2500 requests", len(got))
	}
	if n := fake.Asked(); n > 60 {
		t.Errorf("%d questions", n)
	}
}

func TestLinksAreRecognised(t *testing.T) {
	t.Parallel()
	_, _, _, base := open(t, open311fake.Options{}, "")
	l := open311.Links{Options: open311.Options{Inner: true}}
	for link, want := range map[string]string{
		base + "/open311/discovery.json":                                   base + "/open311/v2",
		base + "/open311/discovery.xml":                                    base + "/open311/v2",
		"https://city.example/open311/v2/":                                 "https://city.example/open311/v2",
		"https://city.example/georeport/v2/requests.json?status=open":      "https://city.example/georeport/v2",
		"https://city.example/api/services.xml?jurisdiction_id=example.ru": "https://city.example/api",
		"https://city.example/news/rss.xml":                                "",
		"https://city.example/":                                            "",
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		g, err := l.Recognise(t.Context(), u)
		switch {
		case err != nil:
			t.Errorf("%s: %v", link, err)
		case g == nil:
			if want != "" {
				t.Errorf("%s is not recognised", link)
			}
		case !strings.Contains(string(g.Settings), `"`+want+`"`) || g.Kind != source.City || !strings.HasPrefix(g.ID, "open311:"):
			t.Errorf("%s = %+v %s", link, g, g.Settings)
		case strings.Contains(link, "jurisdiction") && !strings.Contains(string(g.Settings), "example.ru"):
			t.Errorf("the jurisdiction is lost: %s", g.Settings)
		}
	}
}

func TestSettingsAndAddressesAreChecked(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{`{}`, `{"endpoint":"http://city.example/"}`, `{"endpoint":"https://a:b@city.example/"}`, `{"endpoint":"https://city.example/","format":"csv"}`,
		`{"endpoint":"https://city.example/","days":1000}`, `{"endpoint":"https://city.example/","zone":"Луна"}`, `{"endpoint":"https://city.example/","eaten":1}`, `[]`} {
		_, err := open311.Open(source.Source{ID: "open311:x", Settings: []byte(settings)}, source.Key{}, open311.Options{})
		if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("%s: %v", settings, err)
		}
	}
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	con, err := open311.Open(source.Source{ID: "open311:x", Settings: []byte(`{"endpoint":"` + srv.URL + `"}`)}, source.Key{}, open311.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := con.Puller.Poll(t.Context(), nil); err == nil || !strings.Contains(fmt.Sprint(source.Explained(err)), "inner") {
		t.Errorf("an inner address is asked: %v", err)
	}
}

func FuzzRequests(f *testing.F) {
	f.Add([]byte(`[{"service_request_id":7,"lat":"x","requested_datetime":null}]`), false)
	f.Add([]byte(`<service_requests><request><service_request_id>7</service_request_id></request></service_requests>`), true)
	f.Fuzz(func(t *testing.T, b []byte, asXML bool) {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) }))
		defer srv.Close()
		format := ""
		if asXML {
			format = `,"format":"xml"`
		}
		got, err := city(t, srv.URL, format, "", &clock{t: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}).Poll(t.Context(), nil)
		for _, m := range got.Messages {
			if err != nil || m.Native == "" || m.Text == "" {
				t.Errorf("%+v, %v", m, err)
			}
		}
	})
}
