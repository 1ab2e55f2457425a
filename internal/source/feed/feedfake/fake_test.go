package feedfake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/source/feed/feedfake"
)

func body(t *testing.T, res *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A visitor comments on an article and answers a comment; both stand there after a
// restart, and under any prefix.
func TestVisitors(t *testing.T) {
	t.Parallel()
	o := feedfake.Options{Snapshot: filepath.Join(t.TempDir(), "news.json"), PerPage: 1}
	f, err := feedfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Publish("Ямы", "Где чинить?")
	srv := httptest.NewServer(http.StripPrefix("/fake/news", f))
	t.Cleanup(srv.Close)
	at := srv.URL + "/fake/news/"
	for _, form := range []url.Values{{"article": {"1"}, "author": {"Анна"}, "text": {"Яма <b>у школы</b>"}}, {"article": {"1"}, "text": {"И фонарь"}}, {"article": {"1"}, "to": {"3"}, "text": {"Подтверждаю"}}} {
		res, err := http.PostForm(at+"comment", form)
		if page := body(t, res, err); res.StatusCode != http.StatusOK || !strings.Contains(res.Request.URL.Path, "/fake/news/article-1") || form.Has("to") && (!strings.Contains(page, "Подтверждаю") || res.Request.URL.Query().Get("page") != "2") {
			t.Errorf("after %v, at %s: %d\n%s", form, res.Request.URL, res.StatusCode, page)
		}
	}
	for _, bad := range []url.Values{{"article": {"1"}}, {"article": {"1"}, "text": {strings.Repeat("я", 5000)}}, {"article": {"1"}, "text": {"\xff"}}} {
		res, err := http.PostForm(at+"comment", bad)
		if page := body(t, res, err); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%v: %d", bad, res.StatusCode)
		}
	}
	again, err := feedfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Delete(2); err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		again.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	if _, page := get("/article-1"); !strings.Contains(page, "И фонарь") || strings.Contains(page, "у школы") || !strings.Contains(page, "Подтверждаю") {
		t.Errorf("after a restart and a deletion:\n%s", page)
	}
	if _, page := get("/"); !strings.Contains(page, "article-1") || !strings.Contains(page, "комментариев: 2") {
		t.Errorf("the first page:\n%s", page)
	}
	if err := again.Delete(1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/article-1": http.StatusGone, "/article-7": http.StatusNotFound, "/none": http.StatusNotFound, "/robots.txt": http.StatusNotFound} {
		if code, _ := get(path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
}
