package staff_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/scope"
	"otklik/internal/staff"
)

// stream opens the event stream as the visitor and returns its lines.
func stream(t *testing.T, w *world, v *visitor) (<-chan string, *http.Response) {
	t.Helper()
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/desk/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.cookies {
		req.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(res.Body); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	return lines, res
}

func TestEventsSayWhatChangedInsideTheScopeAndEndAtShutdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accounts = append(w.accounts, &account.Account{ID: 80, Login: "mcu", Name: "МЦУ", Role: lifecycle.Centre, Hash: hash(), Place: scope.Place{Region: khakassia, Centre: chernogor}})
	lines, res := stream(t, w, w.as(t, "mcu"))
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type = %q", got)
	}
	for l := range lines { // the greeting: from here on the stream listens
		if strings.HasPrefix(l, ":") {
			break
		}
	}
	// The listener is registered right behind the greeting; publish until it hears.
	stop := make(chan struct{})
	go func() {
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				w.hub.Publish(live.Event{Incident: 41, Version: 2, Place: scope.Place{Region: khakassia, Centre: abakan}})
				w.hub.Publish(live.Event{Incident: 42, Version: 17, Opened: true, Place: scope.Place{Region: khakassia, Centre: chernogor}})
			}
		}
	}()
	seen := false
	for l := range lines {
		if strings.Contains(l, `"incident":41`) {
			t.Error("an event of another centre came through")
		}
		if strings.HasPrefix(l, "data: ") {
			seen = true
			if l != `data: {"incident":42,"version":17,"opened":true}` {
				t.Errorf("event = %s", l)
			}
			break
		}
	}
	close(stop)
	if !seen {
		t.Error("no event came")
	}
	close(w.closing)
	for range lines { // ends, or the test hangs and says so
	}
}

func TestFreshCountsWhatTheFilterLetsThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	p := v.page("/desk?urgency=danger")
	fresh := attr(p, "#events", "data-fresh")
	if !strings.Contains(fresh, "urgency=danger") {
		t.Fatalf("the line asks %q", fresh)
	}
	if got := text(v.page(fresh), "body"); got != "" {
		t.Errorf("nothing is new, yet it says %q", got)
	}
	w.mu.Lock()
	for _, n := range []int{0, 9, 1} { // two dangers, one not
		w.incidents[n].OpenedAt = clock.Add(time.Second)
	}
	w.mu.Unlock()
	p = v.page(fresh)
	if got := text(p, ".fresh-line"); !strings.HasPrefix(got, "2 новых — показать") {
		t.Errorf("the line says %q", got)
	}
	if got := attr(p, ".fresh-line", "href"); got != "/desk?urgency=danger" {
		t.Errorf("the line leads to %q", got)
	}
}

func TestAccountsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := parse(t, v.post("/desk/people", url.Values{"name": {"Новый Человек"}, "login": {"Noviy"}, "role": {"operator"}}))
	secret := text(p, ".secret")
	if len(secret) < 12 {
		t.Fatalf("the new password = %q", secret)
	}
	if r := w.visitor(t).post("/signin", url.Values{"login": {"noviy"}, "password": {secret}}); r.StatusCode != 303 {
		t.Errorf("the new person signs in: %d", r.StatusCode)
	}
	if r := v.post("/desk/people", url.Values{"name": {"Ещё"}, "login": {"noviy"}, "role": {"operator"}}); r.StatusCode != 422 {
		t.Errorf("a login twice = %d, want 422", r.StatusCode)
	}
	v.post("/desk/people/4/disable", nil)
	if a, _ := w.Accounts().Account(t.Context(), 4); !a.Disabled {
		t.Error("the account was not disabled")
	}
	v.post("/desk/people/12/disable", nil)
	if a, _ := w.Accounts().Account(t.Context(), 12); a.Login != "admin" || a.Disabled {
		t.Errorf("an administrator disabled the own account %+v", a)
	}
}

func TestRulesAreOrderedAndNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	first := func() string { return text(v.page("/desk/rules"), ".rule:first-child strong") }
	stamp := attr(v.page("/desk/rules"), "input[name=stamp]", "value")
	v.post("/desk/rules/up", url.Values{"stamp": {stamp}, "rule": {"2"}})
	if got := first(); got != "→ Абаканские тепловые сети" {
		t.Errorf("first rule = %q", got)
	}
	if r := v.post("/desk/rules/delete", url.Values{"stamp": {stamp}, "rule": {"2"}}); r.StatusCode != 409 {
		t.Errorf("a change of an older list = %d, want 409", r.StatusCode)
	}
	stamp = attr(v.page("/desk/rules"), "input[name=stamp]", "value")
	r := v.post("/desk/rules/add", url.Values{"stamp": {stamp}, "agency": {"Черногорск"}, "territory": {chernogor}, "at": {"1"}})
	if r.StatusCode != 303 || first() != "→ Администрация города Черногорска" {
		t.Errorf("add = %d, first rule = %q", r.StatusCode, first())
	}
}

func BenchmarkQueuePage(b *testing.B) {
	w := newWorld(b)
	v := w.as(b, "operator")
	v.page("/desk")
	b.ReportAllocs()
	for b.Loop() {
		if r := v.get("/desk"); r.StatusCode != 200 {
			b.Fatal(r.StatusCode)
		}
	}
}

func BenchmarkQueueRows(b *testing.B) {
	w := newWorld(b)
	page := staff.PageForTest(b, w.staff, w.house.accounts[0])
	b.ReportAllocs()
	for b.Loop() {
		if err := staff.Queue(page).Render(b.Context(), discard{}); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
