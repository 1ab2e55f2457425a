package vkfake_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/vk/vkfake"
)

// Calls of a day count by token, those inside of execute each, until the day ends.
func TestDailyQuota(t *testing.T) {
	t.Parallel()
	for _, rolling := range []bool{false, true} {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		q := &vkfake.Quota{PerDay: vkfake.Documented, Rolling: rolling, Now: func() time.Time { return now }}
		f, err := vkfake.New(vkfake.Options{Group: 7, ServiceToken: "a", UserToken: "b", Quota: q, Now: q.Now})
		if err != nil {
			t.Fatal(err)
		}
		call := func(token, method string, v url.Values) string {
			v.Set("v", "5.199")
			v.Set("access_token", token)
			r := httptest.NewRequest(http.MethodPost, "/method/"+method, strings.NewReader(v.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			return w.Body.String()
		}
		wall := func() url.Values { return url.Values{"owner_id": {"-7"}, "count": {"1"}} }
		for range 4999 {
			call("a", "wall.get", wall())
		}
		if a := call("a", "wall.get", wall()); strings.Contains(a, "error") {
			t.Fatalf("call 5,000 is refused: %s", a)
		}
		if a := call("a", "wall.get", wall()); !strings.Contains(a, `"error_code":29`) {
			t.Errorf("call 5,001 gives %s", a)
		}
		if a := call("b", "wall.get", wall()); strings.Contains(a, "error") {
			t.Errorf("another token pays: %s", a)
		}
		code := "return [" + strings.Repeat(`API.wall.get({"owner_id":-7,"count":1}),`, 25) + "];"
		for range 200 {
			call("b", "execute", url.Values{"code": {code}})
		}
		if a := call("b", "execute", url.Values{"code": {code}}); !strings.Contains(a, "execute_errors") || !strings.Contains(a, `"error_code":29`) || q.Used("b", "wall.get") != 5000 {
			t.Errorf("calls inside of execute are free: %d used", q.Used("b", "wall.get"))
		}
		now = now.Add(12*time.Hour + time.Minute) // past midnight in Moscow
		if a := call("a", "wall.get", wall()); strings.Contains(a, "error") == !rolling {
			t.Errorf("rolling %v: after midnight %s", rolling, a)
		}
	}
}
