package vkfake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/source/vk/vkfake"
)

// A visitor writes on a page of their own: the post has an address, and search finds it.
func TestAVisitorWritesElsewhere(t *testing.T) {
	t.Parallel()
	f, err := vkfake.New(vkfake.Options{Group: 5, Name: "Люди", ServiceToken: "t"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	ask := func(method, path string, form url.Values) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for _, bad := range []url.Values{{}, {"text": {" "}}, {"text": {strings.Repeat("я", 4001)}}, {"text": {"a\xff"}}, {"text": {"яма"}, "author": {strings.Repeat("я", 61)}}} {
		if status, page := ask(http.MethodPost, "/elsewhere", bad); status != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%.40v is answered %d", bad, status)
		}
	}
	status, page := ask(http.MethodPost, "/elsewhere", url.Values{"text": {"Яма в <Абакане>"}, "author": {"Анна"}})
	if status != http.StatusOK || !strings.Contains(page, "Яма в &lt;Абакане&gt;") || !strings.Contains(page, "Анна") {
		t.Errorf("%d, the page does not show the post", status)
	}
	_, found := ask(http.MethodPost, "/method/newsfeed.search", url.Values{"q": {"Абакан"}, "v": {"5.199"}, "access_token": {"t"}})
	if !strings.Contains(found, `"owner_id":500001`) {
		t.Fatalf("search finds %s", found)
	}
	for path, want := range map[string]int{"/wall500001_1": http.StatusOK, "/wall500002_1": http.StatusNotFound, "/wall500001_9": http.StatusNotFound} {
		if status, _ := ask(http.MethodGet, path, nil); status != want {
			t.Errorf("%s is answered %d, want %d", path, status, want)
		}
	}
}
