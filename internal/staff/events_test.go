package staff_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/scope"
	"otklik/internal/staff"
)

// stream opens the event stream as the visitor and returns its lines.
func stream(t *testing.T, w *world, v *visitor) (<-chan string, *http.Response) {
	t.Helper()
	return streamAt(t, w, v, "/desk/events")
}

func streamAt(t *testing.T, w *world, v *visitor, path string) (<-chan string, *http.Response) {
	t.Helper()
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+path, nil)
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
		if strings.HasPrefix(l, "data: ") && !strings.Contains(l, `"stream"`) {
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

// Signing out in one tab ends the stream of another at once, and what is clicked
// there next says why it leads to the sign-in page.
func TestSignOutEndsTheStreamsOfOtherTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	lines, _ := stream(t, w, v)
	for l := range lines {
		if strings.HasPrefix(l, ":") {
			break
		}
	}
	other := &visitor{t: t, handler: w.handler, cookies: maps.Clone(v.cookies)} // the page that is open still
	stop := make(chan struct{})
	go func() { // the stream listens right behind its greeting; anything it hears proves it
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				w.hub.Publish(live.Event{Incident: 41, Version: 2, Place: scope.Place{Region: khakassia, Centre: abakan}})
			}
		}
	}()
	for l := range lines {
		if strings.HasPrefix(l, "data: ") {
			break
		}
	}
	close(stop)
	v.post("/signout", nil)
	said := false
	for l := range lines { // ends, or the test hangs and says so
		said = said || l == "event: signedout"
	}
	if !said {
		t.Error("the stream ended without saying why")
	}
	maps.Copy(other.cookies, v.cookies) // tabs share what sign-out left
	r := other.get("/desk?state=new")
	if r.StatusCode != 303 {
		t.Fatalf("the next click = %d, want 303", r.StatusCode)
	}
	if got := text(other.page(r.Header.Get("Location")), ".said"); !strings.Contains(got, "Вы вышли из Отклика") || !strings.Contains(got, "та же страница") {
		t.Errorf("the sign-in page says %q", got)
	}
	r = other.post("/desk/incidents/1/accept", url.Values{"version": {"3"}})
	if got := text(other.page(r.Header.Get("Location")), ".said"); !strings.Contains(got, "Последнее действие не выполнено") {
		t.Errorf("after a deed the sign-in page says %q", got)
	}
	req := httptest.NewRequest("GET", "/desk/events", nil)
	req.Header.Set("Accept", "text/html, text/event-stream")
	if body := plain(parse(t, other.do(req))); !strings.Contains(body, "event: signedout") {
		t.Errorf("a stream that comes back reads %q", body)
	}
}

// A double click sends a form twice. Every form of the desk does its deed once,
// and both answers say the same.
func TestAFormSentTwiceDoesItsDeedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	for _, form := range []struct {
		path string
		form url.Values
		did  func() int
	}{
		{"/desk/cards", url.Values{"text": {"Яма на Мира, 5"}}, func() int { return len(w.desk.cards) }},
		{"/desk/incidents/1/accept", url.Values{"version": {"3"}}, func() int { return len(w.desk.done) }},
		{"/desk/incidents/1/claim", nil, func() int { return len(w.desk.done) }}, // an undo sends no version
		{"/desk/bulk/claim", url.Values{"id": {"2.3", "4.3"}}, func() int { return len(w.desk.done) / 2 }},
		{"/desk/views", url.Values{"name": {"Дороги"}, "query": {"state=new"}}, func() int { return len(w.views) }},
		{"/desk/messages/1/personal", nil, func() int {
			n := 0
			for _, e := range w.audit {
				if e.Deed == audit.ReadPersonal {
					n++
				}
			}
			return n
		}},
	} {
		before := form.did()
		var answers [2]string
		var twice sync.WaitGroup
		for n := range answers {
			twice.Go(func() {
				one := &visitor{t: t, handler: w.handler, cookies: maps.Clone(v.cookies)}
				r := one.post(form.path, form.form)
				body, _ := io.ReadAll(r.Body)
				answers[n] = fmt.Sprint(r.StatusCode, r.Header.Get("Location"), r.Header["Set-Cookie"], string(body))
			})
		}
		twice.Wait()
		if did := form.did() - before; did != 1 {
			t.Errorf("%s sent twice did its deed %d times", form.path, did)
		}
		if answers[0] != answers[1] || !strings.HasPrefix(answers[0], "200") && !strings.HasPrefix(answers[0], "303") {
			t.Errorf("%s sent twice answered\n%.300s\n%.300s", form.path, answers[0], answers[1])
		}
	}
	w.desk.fail = fault.New(fault.Conflict, "not now")
	v.post("/desk/incidents/3/accept", nil)
	w.desk.fail = nil
	before := len(w.desk.done)
	if r := v.post("/desk/incidents/3/accept", nil); r.StatusCode != 303 || len(w.desk.done) != before+1 {
		t.Errorf("what failed cannot be tried again: %d", r.StatusCode)
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
