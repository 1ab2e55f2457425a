package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// tick moves the clock and returns how often it was moved.
func (w *world) tick() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(time.Microsecond)
	return w.clock.UnixMicro()
}

// signedIn makes an account with a password, signs it in as a browser does, and
// returns it with the cookie.
func (w *world) signedIn(role lifecycle.Role, at scope.Place) (*account.Account, string) {
	w.t.Helper()
	hash, err := argon2id.CreateHash("длинный пароль", &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		w.t.Fatal(err)
	}
	a := &account.Account{Login: fmt.Sprintf("browser-%d", w.tick()), Name: "Вход", Role: role, Hash: hash, Place: at}
	w.change(func(tx incident.Tx) error { return tx.Accounts().SaveAccount(w.t.Context(), a) })
	form := url.Values{"login": {a.Login}, "password": {"длинный пароль"}}
	r := httptest.NewRequest("POST", "/signin", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.Name == w.site.SessionCookie() {
			return a, c.Name + "=" + c.Value
		}
	}
	w.t.Fatalf("sign-in = %d, without a session", rec.Code)
	return nil, ""
}

func TestATokenFromFirstToLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opened("Абакан, яма", here)
	me, cookie := w.signedIn(lifecycle.Operator, here)
	made := w.call("", "POST", "/api/v1/tokens", map[string]any{"name": " выгрузка ", "days": 30}, "Cookie", cookie)
	secret, _ := made.field("token").(string)
	if made.StatusCode != 201 || !strings.HasPrefix(secret, "otklik_") || len(secret) < 30 || made.field("name") != "выгрузка" || made.field("account") != float64(me.ID) {
		t.Fatalf("POST = %d %s", made.StatusCode, made.raw)
	}
	if got := w.call(secret, "GET", "/api/v1/me", nil); got.StatusCode != 200 || got.field("by") != "token" || got.field("id") != float64(me.ID) {
		t.Fatalf("me by the token = %d %s", got.StatusCode, got.raw)
	}
	if got := w.call(secret, "GET", "/api/v1/incidents", nil); got.field("incidents.0.id") != 1.0 {
		t.Errorf("the token does not see its account's scope: %s", got.raw)
	}
	if got := w.call(secret, "GET", "/api/v1/tokens", nil); got.StatusCode != 200 || len(got.list) != 1 || bytes.Contains(got.raw, []byte(secret)) {
		t.Errorf("the list = %d %s; want one token without its secret", got.StatusCode, got.raw)
	}
	if got := w.call(secret, "POST", "/api/v1/tokens", map[string]any{"name": "ещё"}); got.StatusCode != 403 {
		t.Errorf("a token made a token: %d", got.StatusCode)
	}
	stored, err := w.db.Reader().Accounts().Tokens(t.Context(), scope.All(), 0)
	if err != nil || len(stored) != 1 || strings.Contains(fmt.Sprintf("%+v", stored), secret) {
		t.Errorf("the store has %+v, %v", stored, err)
	}
	if got := w.call(secret, "DELETE", fmt.Sprintf("/api/v1/tokens/%v", made.field("id")), nil); got.StatusCode != 204 || len(got.raw) != 0 {
		t.Errorf("DELETE = %d %s", got.StatusCode, got.raw)
	}
	if got := w.call(secret, "GET", "/api/v1/me", nil); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("a revoked token = %d, WWW-Authenticate %q", got.StatusCode, got.Header.Get("WWW-Authenticate"))
	}
	w.audited([]string{"changed token:1", "changed token:1"})
	w.quiet(secret)
}

func TestATokenEndsWithTimeAndWithItsAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, secret := w.person(lifecycle.Operator, here)
	w.mu.Lock()
	w.clock = noon.AddDate(1, 0, 0)
	w.mu.Unlock()
	if got := w.call(secret, "GET", "/api/v1/me", nil); got.StatusCode != 401 {
		t.Errorf("after its last day = %d", got.StatusCode)
	}
	w.mu.Lock()
	w.clock = noon
	w.mu.Unlock()
	if got := w.call(secret, "GET", "/api/v1/me", nil); got.StatusCode != 200 {
		t.Fatalf("before it = %d", got.StatusCode)
	}
	a.Disabled = true
	w.change(func(tx incident.Tx) error { return tx.Accounts().SaveAccount(t.Context(), a) })
	if got := w.call(secret, "GET", "/api/v1/me", nil); got.StatusCode != 401 {
		t.Errorf("of a disabled account = %d", got.StatusCode)
	}
}

func TestWhoMakesTokensForWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inside, _ := w.person(lifecycle.Operator, here)
	outside, _ := w.person(lifecycle.Operator, scope.Place{Region: kursk})
	_, operator := w.signedIn(lifecycle.Operator, scope.Place{Region: khakassia})
	admin, adminCookie := w.signedIn(lifecycle.Admin, scope.Place{Region: khakassia})
	for _, c := range []struct {
		name   string
		cookie string
		body   map[string]any
		status int
		field  any
	}{
		{"an administrator, for an account inside", adminCookie, map[string]any{"name": "x", "account": inside.ID}, 201, nil},
		{"an administrator, for herself", adminCookie, map[string]any{"name": "x", "account": admin.ID}, 201, nil},
		{"an administrator, for an account outside", adminCookie, map[string]any{"name": "x", "account": outside.ID}, 422, "account"},
		{"an administrator, for an account that is none", adminCookie, map[string]any{"name": "x", "account": 999}, 422, "account"},
		{"an operator, for another", operator, map[string]any{"name": "x", "account": inside.ID}, 403, "account"},
		{"a token without a name", operator, map[string]any{"name": "  "}, 422, "name"},
		{"a token for ever", operator, map[string]any{"name": "x", "days": 10000}, 422, "days"},
	} {
		if got := w.call("", "POST", "/api/v1/tokens", c.body, "Cookie", c.cookie); got.StatusCode != c.status || got.field("field") != c.field {
			t.Errorf("%s = %d %s, want %d, field %v", c.name, got.StatusCode, got.raw, c.status, c.field)
		}
	}
	if got := w.call("", "GET", "/api/v1/tokens?all=1", nil, "Cookie", adminCookie); len(got.list) != 3 || bytes.Contains(got.raw, []byte(`"account":`+fmt.Sprint(outside.ID))) {
		t.Errorf("the administrator's list = %s", got.raw)
	}
	if got := w.call("", "GET", "/api/v1/tokens?all=1", nil, "Cookie", operator); got.StatusCode != 403 {
		t.Errorf("an operator lists all tokens: %d", got.StatusCode)
	}
}

func TestTheSessionIsForOurOwnPagesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opened("Абакан, яма", here)
	_, cookie := w.signedIn(lifecycle.Operator, here)
	const claim = "/api/v1/incidents/1/actions/claim"
	for _, head := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		got := w.call("", "POST", claim, nil, append(head, "Cookie", cookie)...)
		if got.StatusCode != http.StatusForbidden || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v = %d %s", head, got.StatusCode, got.raw)
		}
	}
	if events := w.told(); len(events) != 0 {
		t.Errorf("a forged request told %v", events)
	}
	if got := w.call("", "POST", claim, nil, "Cookie", cookie, "Sec-Fetch-Site", "same-origin"); got.StatusCode != 200 {
		t.Errorf("from our own page = %d %s", got.StatusCode, got.raw)
	}
	if got := w.call("", "GET", "/api/v1/me", nil, "Cookie", cookie+"x"); got.StatusCode != 401 {
		t.Errorf("another cookie = %d", got.StatusCode)
	}
	if got := w.call("wrong", "GET", "/api/v1/me", nil, "Cookie", cookie); got.StatusCode != 401 {
		t.Errorf("a wrong token beside a good session = %d", got.StatusCode)
	}
	if _, err := w.db.Reader().Accounts().Token(t.Context(), ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("the empty token = %v", err)
	}
}
