package pagefake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source/page/pagefake"
)

// body reads a page as the browser does.
func body(t *testing.T, res *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(charmap.Windows1251.NewDecoder().Reader(res.Body))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A visitor opens a topic and answers; both stand there after a restart, and
// under any prefix.
func TestVisitors(t *testing.T) {
	t.Parallel()
	o := pagefake.Options{Snapshot: filepath.Join(t.TempDir(), "forum.json"), Name: "Форум двора"}
	f, err := pagefake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/fake/forum", f))
	t.Cleanup(srv.Close)
	at := srv.URL + "/fake/forum/"
	res, err := http.PostForm(at+"write", url.Values{"author": {"Анна"}, "title": {"Ямы"}, "text": {"Яма <b>у школы</b> ⚡"}})
	page := body(t, res, err)
	if !strings.Contains(page, "Яма &lt;b&gt;у школы&lt;/b&gt; &#9889;") || !strings.Contains(res.Request.URL.Path, "/fake/forum/topic.php") {
		t.Errorf("after a new topic, at %s:\n%s", res.Request.URL, page)
	}
	res, err = http.PostForm(at+"write", url.Values{"t": {"1"}, "to": {"2"}, "text": {"Подтверждаю"}})
	if page = body(t, res, err); !strings.Contains(page, "Анна писал(а):") || !strings.Contains(page, "Гость") {
		t.Errorf("after an answer:\n%s", page)
	}
	for _, bad := range []url.Values{{"text": {""}}, {"t": {"1"}, "text": {strings.Repeat("я", 5000)}}, {"title": {"т"}, "text": {"\xff"}}} {
		res, err := http.PostForm(at+"write", bad)
		if page := body(t, res, err); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%v: %d", bad, res.StatusCode)
		}
	}
	again, err := pagefake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	again.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/topic.php?t=1", nil))
	if page := body(t, w.Result(), nil); !strings.Contains(page, "Подтверждаю") {
		t.Errorf("after a restart:\n%s", page)
	}
	for _, path := range []string{"/topic.php?t=7", "/topic.php?t=1&page=9", "/none"} {
		w := httptest.NewRecorder()
		again.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
