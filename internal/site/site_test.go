package site_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A fake keeps one account, the sessions and the audit; other parts of a
// transaction panic when they are called.
type fake struct {
	incident.Tx
	mu       sync.Mutex
	person   account.Account
	sessions map[string]account.Session
	deeds    []audit.Deed
}

func (f *fake) Accounts() account.Store { return fakeAccounts{f: f} }
func (f *fake) Audit() audit.Store      { return fakeAudit{f} }
func (f *fake) Change(_ context.Context, _ incident.Lane, do func(incident.Tx) error) error {
	return do(f)
}

type fakeAccounts struct {
	account.Store
	f *fake
}

func (a fakeAccounts) Account(_ context.Context, id account.ID) (*account.Account, error) {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	if id != a.f.person.ID {
		return nil, fault.New(fault.NotFound, "nobody")
	}
	p := a.f.person
	return &p, nil
}

func (a fakeAccounts) ByLogin(_ context.Context, login string) (*account.Account, error) {
	if login != a.f.person.Login {
		return nil, fault.New(fault.NotFound, "nobody")
	}
	return a.Account(context.Background(), a.f.person.ID)
}

func (a fakeAccounts) Session(_ context.Context, token string) ([]byte, bool, error) {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	s, ok := a.f.sessions[token]
	return s.Data, ok, nil
}

func (a fakeAccounts) SaveSession(_ context.Context, s account.Session) error {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	a.f.sessions[s.Token] = s
	return nil
}

func (a fakeAccounts) EndSession(_ context.Context, token string) error {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	delete(a.f.sessions, token)
	return nil
}

type fakeAudit struct{ f *fake }

func (a fakeAudit) Record(_ context.Context, e audit.Entry) error {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	a.f.deeds = append(a.f.deeds, e.Deed)
	return nil
}

func (a fakeAudit) Entries(context.Context, scopeOf, int) ([]audit.Entry, error) { return nil, nil }

type desk struct {
	*fake
	site    *site.Site
	handler http.Handler
	log     *bytes.Buffer
	now     time.Time
}

func newDesk(t *testing.T, secure bool) *desk {
	t.Helper()
	hash, err := argon2id.CreateHash("верный пароль", &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{log: &bytes.Buffer{}, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		fake: &fake{person: account.Account{ID: 7, Login: "irina", Name: "Ирина", Role: lifecycle.Operator, Hash: hash}, sessions: map[string]account.Session{}}}
	d.site = site.New(site.Options{Cases: func() incident.Tx { return d.fake }, Writer: d.fake, Now: func() time.Time { return d.now }, Secure: secure,
		Log:    slog.New(slog.NewTextHandler(d.log, nil)),
		Behind: site.Proxies{Header: "X-Forwarded-For", Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}})
	d.handler = d.site.Handler([]site.Route{
		{Method: "GET", Pattern: "/desk", Access: site.Access{Right: lifecycle.SeeQueue}, Handler: func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.WriteString(w, "вошла: "+site.Who(r.Context()).Name)
			return err
		}},
		{Method: "GET", Pattern: "/people", Access: site.Access{Right: lifecycle.ManagePeople}, Handler: func(http.ResponseWriter, *http.Request) error { return nil }},
		{Method: "GET", Pattern: "/fail/{kind}", Access: site.Access{Open: true}, Handler: func(_ http.ResponseWriter, r *http.Request) error {
			switch k := r.PathValue("kind"); k {
			case "panic":
				panic("слова жителя")
			case "plain":
				return errors.New("disk full")
			default:
				return fault.New(fault.Kind(k), "engineers' words").Say("Слова для людей.")
			}
		}},
	})
	return d
}

func (d *desk) call(method, path string, form url.Values, cookies ...*http.Cookie) *http.Response {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, r)
	return rec.Result()
}

func read(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

func TestSignInOpensASessionAndSignOutEndsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	if r := d.call("GET", "/desk", nil); r.StatusCode != 303 || r.Header.Get("Location") != "/signin?next=%2Fdesk" {
		t.Fatalf("nobody at /desk = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	r := d.call("POST", "/signin", url.Values{"login": {" Irina "}, "password": {"верный пароль"}, "next": {"/desk?at=5"}})
	if r.StatusCode != 303 || r.Header.Get("Location") != "/desk?at=5" || len(r.Cookies()) != 1 {
		t.Fatalf("sign-in = %d %s %v", r.StatusCode, r.Header.Get("Location"), r.Cookies())
	}
	c := r.Cookies()[0]
	if c.Name != "__Host-otklik" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie = %+v", c)
	}
	if _, kept := d.sessions[c.Value]; kept || len(d.sessions) != 1 {
		t.Error("the store holds the token itself, not its hash")
	}
	if got := read(d.call("GET", "/desk", nil, c)); got != "вошла: Ирина" {
		t.Errorf("signed in, /desk = %q", got)
	}
	again := d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"верный пароль"}}, c)
	if next := again.Cookies()[0]; next.Value == c.Value || d.call("GET", "/desk", nil, c).StatusCode != 303 {
		t.Error("the token of before the sign-in lives on")
	} else {
		c = next
	}
	d.call("POST", "/signout", url.Values{}, c)
	if r := d.call("GET", "/desk", nil, c); r.StatusCode != 303 {
		t.Errorf("after sign-out /desk = %d", r.StatusCode)
	}
	want := []audit.Deed{audit.SignedIn, audit.SignedIn, audit.SignedOut}
	if len(d.deeds) != 3 || d.deeds[0] != want[0] || d.deeds[1] != want[1] || d.deeds[2] != want[2] {
		t.Errorf("audit = %v, want %v", d.deeds, want)
	}
}

func TestDisabledAccountIsOutAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	c := d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"верный пароль"}}).Cookies()[0]
	d.person.Disabled = true
	if r := d.call("GET", "/desk", nil, c); r.StatusCode != 303 {
		t.Errorf("a disabled account at /desk = %d", r.StatusCode)
	}
	if r := d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"верный пароль"}}); r.StatusCode != 422 {
		t.Errorf("a disabled account signs in: %d", r.StatusCode)
	}
}

func TestSignInSlowsDownGuessing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	guess := func() int {
		return d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"наугад"}}).StatusCode
	}
	for range 6 {
		if got := guess(); got != 422 {
			t.Fatalf("a wrong password = %d, want 422", got)
		}
		d.now = d.now.Add(time.Second)
		if len(d.deeds) == 5 {
			break
		}
	}
	if got := guess(); got != 429 {
		t.Fatalf("the sixth guess = %d, want 429", got)
	}
	r := d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"верный пароль"}})
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("while waiting, even the right password = %d", r.StatusCode)
	}
	if body := read(r); !strings.Contains(body, "Подождите") || !strings.Contains(body, `value="irina"`) {
		t.Error("the page does not say to wait, or forgot the login")
	}
	d.now = d.now.Add(time.Minute)
	if r := d.call("POST", "/signin", url.Values{"login": {"irina"}, "password": {"верный пароль"}}); r.StatusCode != 303 {
		t.Errorf("after the wait = %d, want 303", r.StatusCode)
	}
}

func TestNextLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"/desk?at=1": "/desk?at=1", "https://evil.example": "/desk", "//evil.example": "/desk", `/\evil.example`: "/desk", "": "/desk", "desk": "/desk", "/": "/"} {
		if got := site.Local(in, "/desk"); got != want {
			t.Errorf("Local(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestErrorsBecomePagesForPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for kind, status := range map[string]int{"not_found": 404, "invalid": 422, "conflict": 409, "forbidden": 403, "unavailable": 503, "too_large": 413, "internal": 500, "plain": 500, "panic": 500} {
		r := d.call("GET", "/fail/"+kind, nil)
		body := read(r)
		if r.StatusCode != status {
			t.Errorf("%s = %d, want %d", kind, r.StatusCode, status)
		}
		if strings.Contains(body, "engineers") || strings.Contains(body, "disk full") || strings.Contains(body, "слова жителя") {
			t.Errorf("%s: the page shows what is not for people", kind)
		}
		if status != 500 && !strings.Contains(body, "<h1>Слова для людей</h1>") {
			t.Errorf("%s: the heading is not its sentence without a full stop", kind)
		}
		if !strings.Contains(body, r.Header.Get("X-Request-Id")) {
			t.Errorf("%s: no code to tell the administrator", kind)
		}
	}
	if strings.Contains(d.log.String(), "слова жителя") {
		t.Error("a panic's value stands in the log")
	}
	if r := d.call("GET", "/nowhere", nil); r.StatusCode != 404 || !strings.Contains(read(r), "Отклик") {
		t.Error("an unknown path has no page of ours")
	}
}

// A form of an older page, an address typed by hand: a page says what to do, a
// program gets the same as JSON.
func TestAnUnknownDeedIsAnsweredInWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	r := d.call("POST", "/fail/plain", url.Values{})
	body := read(r)
	if r.StatusCode != 405 || r.Header.Get("Allow") == "" || !strings.Contains(body, "<h1>Такого действия здесь нет</h1>") || !strings.Contains(body, "обновите страницу") {
		t.Errorf("an unknown deed = %d, Allow %q: %s", r.StatusCode, r.Header.Get("Allow"), body)
	}
	req := httptest.NewRequest("POST", "/fail/plain", nil)
	req.Header.Set("Accept", "application/json")
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	var said struct {
		Status        int
		Title, Detail string
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &said); err != nil || rec.Code != 405 || said.Status != 405 || said.Title == "" || said.Detail == "" {
		t.Errorf("a program gets %d %s (%v)", rec.Code, rec.Body, err)
	}
}

func TestTheVisitorIsWhoOurProxiesSay(t *testing.T) {
	t.Parallel()
	ours := site.Proxies{Header: "X-Forwarded-For", Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	for name, c := range map[string]struct {
		proxies   site.Proxies
		from      string
		forwarded []string
		want      string
	}{
		"no proxy is configured":     {site.Proxies{}, "203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		"our proxy":                  {ours, "127.0.0.1:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		"a chain of ours":            {ours, "127.0.0.1:4711", []string{"198.51.100.1, 10.1.2.3"}, "198.51.100.1"},
		"made up on the left":        {ours, "127.0.0.1:4711", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
		"two headers are one list":   {ours, "127.0.0.1:4711", []string{"192.0.2.66", "198.51.100.1"}, "198.51.100.1"},
		"a stranger makes it up":     {ours, "203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		"rubbish":                    {ours, "127.0.0.1:4711", []string{"unknown"}, "127.0.0.1"},
		"rubbish behind our own":     {ours, "127.0.0.1:4711", []string{"198.51.100.1, ;, 10.1.2.3"}, "10.1.2.3"},
		"no header":                  {ours, "127.0.0.1:4711", nil, "127.0.0.1"},
		"with a port":                {ours, "127.0.0.1:4711", []string{"198.51.100.1:99"}, "198.51.100.1"},
		"IPv6":                       {ours, "127.0.0.1:4711", []string{"[2001:db8::7]:99"}, "2001:db8::7"},
		"IPv4 inside IPv6 is one":    {ours, "[::ffff:127.0.0.1]:4711", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"a socket of the machine":    {ours, "@", []string{"198.51.100.1"}, "@"},
		"the visitor is of our nets": {ours, "127.0.0.1:4711", []string{"10.9.9.9"}, "10.9.9.9"},
	} {
		r := httptest.NewRequest("POST", "/signin", nil)
		r.RemoteAddr = c.from
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := c.proxies.Visitor(r); got != c.want {
			t.Errorf("%s: Visitor = %s, want %s", name, got, c.want)
		}
	}
}

// Behind a proxy everybody comes from one connection: who guesses passwords
// slows down themselves alone.
func TestBehindAProxyOnlyTheGuesserWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	from := func(visitor, login, password string) int {
		r := httptest.NewRequest("POST", "/signin", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", visitor)
		r.RemoteAddr = "127.0.0.1:4711"
		rec := httptest.NewRecorder()
		d.handler.ServeHTTP(rec, r)
		return rec.Code
	}
	for n := range 12 {
		from("203.0.113.9", fmt.Sprint("name", n), "наугад")
	}
	if got := from("203.0.113.9", "irina", "верный пароль"); got != 429 {
		t.Errorf("the guesser goes on: %d, want 429", got)
	}
	if got := from("198.51.100.1", "irina", "верный пароль"); got != 303 {
		t.Errorf("somebody else behind the same proxy = %d, want 303", got)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	const csp = "default-src 'self'; object-src 'none'; base-uri 'none'; img-src 'self' data:; frame-ancestors 'none'"
	for _, path := range []string{"/signin", "/desk", "/fail/plain", "/fail/panic", site.Asset("tabler.css")} {
		h := d.call("GET", path, nil).Header
		if h.Get("Content-Security-Policy") != csp || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
	body := read(d.call("GET", "/signin", nil))
	for _, bad := range []string{"<style", " style=", "<script>", "onclick", "http://", "https://", "//cdn"} {
		if strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func TestForgedRequestIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	r := httptest.NewRequest("POST", "/signout", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, r)
	if rec.Code != 403 {
		t.Errorf("a forged post = %d, want 403", rec.Code)
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for _, name := range []string{"tabler.css", "tabler-auto.css", "site.css", "desk.css", "desk.js", "htmx.js", "hx-sse.js", "golos-cyrillic.woff2", "favicon.svg", "maplibre.mjs", "maplibre-worker.mjs", "maplibre.css", "pmtiles.js"} {
		req := httptest.NewRequest("GET", site.Asset(name), nil)
		req.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
		rec := httptest.NewRecorder()
		d.handler.ServeHTTP(rec, req)
		if rec.Code != 200 || !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s = %d %v", name, rec.Code, rec.Header())
		}
		if strings.HasSuffix(name, ".css") {
			z, err := gzip.NewReader(rec.Body)
			if err != nil {
				t.Fatalf("%s is not compressed: %v", name, err)
			}
			css, _ := io.ReadAll(z)
			if bytes.Contains(css, []byte("url(http")) || bytes.Contains(css, []byte("@import")) {
				t.Errorf("%s asks another host", name)
			}
		}
	}
	if r := d.call("GET", "/assets/tabler-000000000000.css", nil); r.StatusCode != 404 {
		t.Errorf("an old name = %d, want 404", r.StatusCode)
	}
}

func TestDarkThemeWithoutScript(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	auto := read(d.call("GET", site.Asset("tabler-auto.css"), nil))
	if !strings.Contains(auto, "[data-bs-theme=auto]") || strings.Contains(auto, "[data-bs-theme=dark]") || strings.Count(auto, "{") != strings.Count(auto, "}") {
		t.Error("tabler-auto.css is not the dark rules for the theme auto")
	}
	body := read(d.call("GET", "/signin", nil))
	if !strings.Contains(body, `data-bs-theme="auto"`) || !strings.Contains(body, `media="(prefers-color-scheme: dark)"`) {
		t.Error("the page does not follow the system's theme")
	}
	r := d.call("POST", "/theme", url.Values{"theme": {"dark"}, "back": {"/signin"}})
	body = read(d.call("GET", "/signin", nil, r.Cookies()...))
	if !strings.Contains(body, `data-bs-theme="dark"`) || strings.Contains(body, "tabler-auto") {
		t.Error("the chosen theme was not kept")
	}
}
