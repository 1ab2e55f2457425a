package pushfake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/pushfake"
	"otklik/internal/webhook"
)

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jZW50cmU="

// call makes a call of the centre to the fake.
func call(t *testing.T, f *pushfake.Fake, id string, at time.Time, body, with string) *httptest.ResponseRecorder {
	t.Helper()
	signature, err := webhook.Sign(id, at, []byte(body), with)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestTheProgramHearsOnlyTheCentre(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	said := ""
	centre := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		want, _ := webhook.Sign(r.Header.Get("webhook-id"), now, b, secret)
		if r.Header.Get("webhook-signature") == want {
			said = string(b)
		}
	}))
	defer centre.Close()
	o := pushfake.Options{Name: "Портал", Centre: centre.URL, Secret: secret, Now: func() time.Time { return now }, Snapshot: filepath.Join(t.TempDir(), "portal.json")}
	f, err := pushfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Trust(secret)
	if err := f.Write("Анна", "Яма на Лесной"); err != nil || !strings.Contains(said, "Яма на Лесной") {
		t.Errorf("a message: %v, the centre heard %q", err, said)
	}
	publish := `{"type": "reply.publish", "data": {"reply": {"key": "k1", "text": "Засыпали", "to": {"id": "gorod-1"}}}}`
	for _, tt := range []struct {
		name, id, body, with string
		at                   time.Time
		want                 int
	}{
		{"another secret", "evt_1", publish, "whsec_YW5vdGhlcg==", now, http.StatusUnauthorized},
		{"an old call", "evt_1", publish, secret, now.Add(-6 * time.Minute), http.StatusUnauthorized},
		{"no id", "", publish, secret, now, http.StatusUnauthorized},
		{"no JSON", "evt_1", "{", secret, now, http.StatusBadRequest},
		{"as it should be", "evt_1", publish, secret, now, http.StatusOK},
		{"the same again", "evt_1", publish, secret, now, http.StatusOK},
	} {
		if got := call(t, f, tt.id, tt.at, tt.body, tt.with); got.Code != tt.want || tt.want == http.StatusOK && !strings.Contains(got.Body.String(), "reply-gorod-1") {
			t.Errorf("%s: %d %s", tt.name, got.Code, got.Body)
		}
	}
	opened := `{"type": "incident.opened", "data": {"incident": {"number": "550-227-12", "status": "новый"}, "messages": [{"id": "gorod-1"}]}}`
	call(t, f, "evt_2", now, opened, secret)
	again, err := pushfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	again.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, want := range []string{"Яма на Лесной", "Засыпали", "550-227-12", "принято центром", "reply.publish"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page after a restart lacks %q:\n%s", want, w.Body)
		}
	}
	if got := again.Calls(); len(got) != 2 {
		t.Errorf("%d calls are remembered, want 2: one came twice", len(got))
	}
	empty := httptest.NewRequest(http.MethodPost, "/write", strings.NewReader("text=+"))
	empty.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	if again.ServeHTTP(w, empty); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Напишите, что случилось") {
		t.Errorf("an empty message: %d", w.Code)
	}
	centre.Close()
	if err := again.Write("Анна", "Ещё яма"); err == nil {
		t.Error("a centre that is gone took a message")
	}
}
