package vkfake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"otklik/internal/source/vk/vkfake"
)

var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func open(t *testing.T, o vkfake.Options) (*vkfake.Fake, *httptest.Server) {
	t.Helper()
	o.Group, o.Name, o.ServiceToken, o.CommunityToken = 1001, "Двор на Лесной", "s", "c"
	if o.Now == nil {
		o.Now = func() time.Time { return now }
	}
	f, err := vkfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/vk", f)) // under a prefix, as the demo may have it
	t.Cleanup(srv.Close)
	return f, srv
}

// call calls a method and returns what stands in response, or the error's code.
func call(t *testing.T, srv *httptest.Server, method, token string, params url.Values) (map[string]any, int) {
	t.Helper()
	if params == nil {
		params = url.Values{}
	}
	if token != "" {
		params.Set("access_token", token)
	}
	if !params.Has("v") {
		params.Set("v", "5.199")
	}
	resp, err := srv.Client().PostForm(srv.URL+"/vk/method/"+method, params)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: HTTP %d: errors of VK come with 200", method, resp.StatusCode)
	}
	var out struct {
		Response json.RawMessage `json:"response"`
		Error    struct {
			Code   int                 `json:"error_code"`
			Msg    string              `json:"error_msg"`
			Params []map[string]string `json:"request_params"`
		} `json:"error"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	if out.Error.Code != 0 && (out.Error.Msg == "" || len(out.Error.Params) == 0) {
		t.Errorf("error %d has neither text nor parameters", out.Error.Code)
	}
	var response map[string]any
	_ = json.Unmarshal(out.Response, &response)
	return response, out.Error.Code
}

func TestTokensAndErrors(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	f.Post(0, "Двор")
	wall := url.Values{"owner_id": {"-1001"}}
	for what, tt := range map[string]struct {
		method, token string
		params        url.Values
		want          int
	}{
		"service token reads":            {"wall.get", "s", wall, 0},
		"community token cannot read":    {"wall.get", "c", wall, 27},
		"service token cannot write":     {"wall.createComment", "s", wall, 28},
		"both know communities":          {"groups.getById", "c", url.Values{"group_id": {"1001"}}, 0},
		"unknown token":                  {"wall.get", "x", wall, 5},
		"no token":                       {"wall.get", "", wall, 5},
		"unknown method":                 {"wall.Get", "s", wall, 3},
		"no version":                     {"wall.get", "s", url.Values{"owner_id": {"-1001"}, "v": {""}}, 8},
		"a foreign wall":                 {"wall.get", "s", url.Values{"owner_id": {"-5"}}, 15},
		"comments of no post":            {"wall.getComments", "s", url.Values{"owner_id": {"-1001"}, "post_id": {"99"}}, 100},
		"a comment without words":        {"wall.createComment", "c", url.Values{"owner_id": {"-1001"}, "post_id": {"1"}, "from_group": {"1001"}}, 100},
		"a comment not as the community": {"wall.createComment", "c", url.Values{"owner_id": {"-1001"}, "post_id": {"1"}, "message": {"а"}}, 100},
	} {
		params := url.Values{}
		for k, v := range tt.params {
			params[k] = v
		}
		if _, code := call(t, srv, tt.method, tt.token, params); code != tt.want {
			t.Errorf("%s: error %d, want %d", what, code, tt.want)
		}
	}
}

func TestTooManyCalls(t *testing.T) {
	t.Parallel()
	clock := now
	_, srv := open(t, vkfake.Options{PerSecond: 3, Now: func() time.Time { return clock }})
	wall := func() int {
		_, code := call(t, srv, "wall.get", "s", url.Values{"owner_id": {"-1001"}})
		return code
	}
	for range 3 {
		if code := wall(); code != 0 {
			t.Fatalf("error %d among three calls", code)
		}
	}
	if code := wall(); code != 6 {
		t.Errorf("the fourth call of a second: error %d, want 6", code)
	}
	clock = clock.Add(time.Second)
	if code := wall(); code != 0 {
		t.Errorf("a second later: error %d", code)
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	anna := f.Person("Анна Петрова")
	post := f.Post(0, "Двор")
	first, err := f.Comment(post, 0, anna, strings.Repeat("я", 200))
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for range 12 {
		if last, err = f.Comment(post, first, anna, "И у нас"); err != nil {
			t.Fatal(err)
		}
	}
	deep, err := f.Comment(post, last, anna, "Третьего уровня не бывает")
	if err != nil {
		t.Fatal(err)
	}
	page := func(more url.Values) ([]any, map[string]any) {
		params := url.Values{"owner_id": {"-1001"}, "post_id": {"1"}, "extended": {"1"}}
		for k, v := range more {
			params[k] = v
		}
		r, code := call(t, srv, "wall.getComments", "s", params)
		if code != 0 {
			t.Fatalf("error %d", code)
		}
		return r["items"].([]any), r
	}
	items, r := page(nil)
	top := items[0].(map[string]any)
	if len(items) != 1 || r["count"] != 14.0 || r["current_level_count"] != 1.0 {
		t.Errorf("first level: %d items, count %v, level %v", len(items), r["count"], r["current_level_count"])
	}
	if got := len([]rune(top["text"].(string))); got != 91 {
		t.Errorf("without preview_length a text has %d characters, want 90 and an ellipsis", got)
	}
	if inner := top["thread"].(map[string]any); inner["count"] != 13.0 || len(inner["items"].([]any)) != 0 {
		t.Errorf("thread without thread_items_count = %v", inner)
	}
	items, _ = page(url.Values{"preview_length": {"0"}, "thread_items_count": {"50"}})
	top = items[0].(map[string]any)
	if inner := top["thread"].(map[string]any); len(inner["items"].([]any)) != 10 || len([]rune(top["text"].(string))) != 200 {
		t.Errorf("%d replies inside, want 10", len(inner["items"].([]any)))
	}
	items, _ = page(url.Values{"comment_id": {"2"}, "count": {"100"}, "sort": {"desc"}})
	newest := items[0].(map[string]any)
	if len(items) != 13 || newest["id"] != float64(deep) || newest["reply_to_comment"] != float64(last) || newest["parents_stack"].([]any)[0] != float64(first) {
		t.Errorf("%d replies, the newest %v", len(items), newest)
	}
	if err := f.Delete(first); err != nil {
		t.Fatal(err)
	}
	items, _ = page(nil)
	if gone := items[0].(map[string]any); gone["deleted"] != true || gone["text"] != nil || gone["from_id"] != nil {
		t.Errorf("a deleted comment with replies = %v", gone)
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wall.json")
	f, srv := open(t, vkfake.Options{Snapshot: file})
	var post int64
	f.Seed(func() {
		post = f.Post(0, "Двор")
		if _, err := os.Stat(file); err == nil {
			t.Error("a snapshot was written in the middle of the seed")
		}
	})
	write := url.Values{"owner_id": {"-1001"}, "post_id": {"1"}, "from_group": {"1001"}, "message": {"Починим"}, "guid": {"k"}}
	first, code := call(t, srv, "wall.createComment", "c", write)
	if code != 0 {
		t.Fatalf("error %d", code)
	}
	again, srv := open(t, vkfake.Options{Snapshot: file})
	if got := again.Wrote(post); len(got) != 1 || got[0] != "Починим" {
		t.Errorf("after a restart there stands %q", got)
	}
	repeat, code := call(t, srv, "wall.createComment", "c", write)
	if code != 0 || repeat["comment_id"] != first["comment_id"] || len(again.Wrote(post)) != 1 {
		t.Errorf("the same guid after a restart: %v, error %d", repeat, code)
	}
	next := again.Post(0, "Ещё")
	if got := again.Posts(); next != 3 || len(got) != 2 || got[0] != next {
		t.Errorf("the next id after a restart = %d, posts %v", next, got)
	}
}

// get returns a page.
func get(t *testing.T, srv *httptest.Server, path string, status int) *html.Node {
	t.Helper()
	resp, err := srv.Client().Get(srv.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return page(t, resp, status)
}

func page(t *testing.T, resp *http.Response, status int) *html.Node {
	t.Helper()
	defer resp.Body.Close()
	if resp.StatusCode != status {
		t.Fatalf("%s: HTTP %d, want %d", resp.Request.URL, resp.StatusCode, status)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("CSP = %q", csp)
	}
	doc, err := html.Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func texts(doc *html.Node, selector string) []string {
	var out []string
	for _, n := range cascadia.QueryAll(doc, cascadia.MustCompile(selector)) {
		var sb strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				sb.WriteString(d.Data)
			}
		}
		out = append(out, strings.Join(strings.Fields(sb.String()), " "))
	}
	return out
}

func TestVisitorWritesAComment(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	post := f.Post(0, "Что чинить в первую очередь? <b>Пишите</b>")
	if _, err := f.Comment(post, 0, f.Person("Анна"), "Яму у школы"); err != nil {
		t.Fatal(err)
	}
	wall := get(t, srv, "/vk/", http.StatusOK)
	if got := texts(wall, "article .text"); len(got) != 1 || got[0] != "Что чинить в первую очередь? <b>Пишите</b>" {
		t.Errorf("posts = %q", got)
	}
	if got := texts(wall, "article footer a"); len(got) != 2 || got[0] != "1 комментарий" {
		t.Errorf("links under the post = %q", got)
	}
	form := url.Values{"post": {"1"}, "to": {"2"}, "author": {"Олег"}, "text": {"И у почты тоже"}}
	resp, err := srv.Client().PostForm(srv.URL+"/vk/comment", form)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Request.URL.String(); got != srv.URL+"/vk/wall-1001_1?reply=3#c3" {
		t.Errorf("after writing the visitor stands at %s", got)
	}
	thread := page(t, resp, http.StatusOK)
	if got := texts(thread, ".replies .target .text"); len(got) != 1 || got[0] != "И у почты тоже" {
		t.Errorf("the written comment = %q", got)
	}
	if got := texts(thread, "label"); len(got) != 2 {
		t.Errorf("labels of the form = %q", got)
	}
	for what, bad := range map[string]url.Values{
		"no words":       {"post": {"1"}, "text": {"  "}},
		"too long":       {"post": {"1"}, "text": {strings.Repeat("я", 4001)}},
		"too long name":  {"post": {"1"}, "text": {"Яма"}, "author": {strings.Repeat("я", 61)}},
		"broken text":    {"post": {"1"}, "text": {"\xff"}},
		"deleted parent": {"post": {"1"}, "to": {"99"}, "text": {"Яма"}},
	} {
		resp, err := srv.Client().PostForm(srv.URL+"/vk/comment", bad)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(page(t, resp, http.StatusUnprocessableEntity), "[role=alert]"); len(got) != 1 {
			t.Errorf("%s: problem = %q", what, got)
		}
	}
	foreign, _ := http.NewRequest(http.MethodPost, srv.URL+"/vk/comment", strings.NewReader(form.Encode()))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Origin", "https://example.org")
	resp, err = srv.Client().Do(foreign)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: HTTP %d", resp.StatusCode)
	}
	if got := len(texts(get(t, srv, "/vk/wall-1001_1", http.StatusOK), ".comment")); got != 2 {
		t.Errorf("%d comments stand, want 2", got)
	}
}

func TestPagesThatAreNot(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	if got := texts(get(t, srv, "/vk/", http.StatusOK), "main"); !strings.Contains(got[0], "пусто") {
		t.Errorf("an empty wall says %q", got)
	}
	id := f.Post(0, "Двор")
	if err := f.CloseComments(id, true); err != nil {
		t.Fatal(err)
	}
	if got := texts(get(t, srv, "/vk/wall-1001_1", http.StatusOK), "form"); len(got) != 0 {
		t.Error("a form stands under a post whose comments are closed")
	}
	for _, path := range []string{"/vk/wall-1001_2", "/vk/wall-5_1", "/vk/wall-1001_x", "/vk/favicon.ico"} {
		get(t, srv, path, http.StatusNotFound)
	}
	resp, err := srv.Client().Get(srv.URL + "/vk/assets/wall.css")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	css, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(css), "prefers-color-scheme") {
		t.Errorf("the style sheet: HTTP %d, %d bytes", resp.StatusCode, len(css))
	}
}
