package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/web"
)

// site is a site of the handlers that also notes what was asked.
func site(t *testing.T, robots string, pages map[string]http.HandlerFunc) (base *url.URL, asked func() string) {
	t.Helper()
	var mu sync.Mutex
	var list []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		list = append(list, r.URL.RequestURI())
		mu.Unlock()
		if r.URL.Path == "/robots.txt" && robots != "" {
			if robots == "down" {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			_, _ = io.WriteString(w, robots)
			return
		}
		if h := pages[r.URL.Path]; h != nil {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	base, err := url.Parse(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	return base, func() string { mu.Lock(); defer mu.Unlock(); s := strings.Join(list, " "); list = nil; return s }
}

func page(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for k := 0; k < len(header); k += 2 {
			w.Header().Set(header[k], header[k+1])
		}
		w.WriteHeader(code)
	}
}

func get(t *testing.T, c *web.Client, base *url.URL, path string) (*web.Answer, error) {
	t.Helper()
	return c.Get(t.Context(), web.Request{URL: web.Address(base, path), Limit: 1 << 20})
}

func TestWhatASiteAnswers(t *testing.T) {
	t.Parallel()
	base, _ := site(t, "", map[string]http.HandlerFunc{
		"/good": page("Яма"), "/gone": status(410), "/busy": status(429, "Retry-After", "0"), "/down": status(502), "/closed": status(403), "/odd": status(418),
		"/moved": status(301, "Location", "good"), "/forever": status(308, "Location", "/moved"), "/now": status(302, "Location", "/moved"), "/round": status(301, "Location", "/round"),
		"/nowhere": status(301), "/out": status(302, "Location", "file:///etc/passwd"), "/huge": func(w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"/bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 64<<20))
			_ = z.Close()
		},
		"/zipped": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte("Яма"))
			_ = z.Close()
		},
		"/short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			_, _ = w.Write([]byte("я"))
		},
		"/same": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			if r.Header.Get("If-None-Match") == `"1"` {
				w.WriteHeader(http.StatusNotModified)
			}
		},
	})
	c := &web.Client{Inner: true, Gap: -1}
	for path, want := range map[string]string{
		"good": "200 Яма", "none": "404 ", "gone": "410 ", "moved": "200 Яма moved to /good", "forever": "200 Яма moved to /good", "now": "200 Яма", "zipped": "200 Яма",
		"busy": "later", "down": "later", "closed": "person", "odd": "permanent", "round": "later", "nowhere": "later", "out": "permanent", "huge": "later", "bomb": "later", "short": "later",
	} {
		a, err := get(t, c, base, path)
		got := ""
		var e *source.Error
		switch {
		case errors.As(err, &e):
			got = string(e.Trouble)
			if e.Sentence == "" || strings.Contains(err.Error(), base.Host) {
				t.Errorf("%s: %v (%s)", path, err, e.Sentence)
			}
		case err != nil:
			got = err.Error()
		default:
			got = fmt.Sprintf("%d %s", a.Status, a.Body)
			if a.Moved != nil {
				got += " moved to " + a.Moved.Path
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	a, err := c.Get(t.Context(), web.Request{URL: web.Address(base, "same")})
	if err != nil || a.Same() {
		t.Fatal(a, err)
	}
	if a, err = c.Get(t.Context(), web.Request{URL: web.Address(base, "same"), ETag: a.ETag}); err != nil || !a.Same() {
		t.Errorf("what has not changed: %+v, %v", a, err)
	}
}

func TestRobotsAreObeyed(t *testing.T) {
	t.Parallel()
	pages := map[string]http.HandlerFunc{"/a": page("a"), "/private/b": page("b"), "/private/open": page("o"), "/x.php": page("x"), "/to": status(302, "Location", "/private/b")}
	for _, tt := range []struct{ robots, allowed, barred string }{
		{"", "a private/b x.php", ""},
		{"User-agent: *\nDisallow: /private/\nAllow: /private/open$\nDisallow: /*.php$", "a private/open x.php?id=5", "private/b x.php to private/open?x"},
		{"User-agent: otklik\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "private/b", "a"},
		{"User-agent: other\nUser-Agent: Otklik/2 \nDisallow: /a # ours too\nUser-agent: third\nDisallow: /private", "private/b", "a"},
		{"User-agent: *\nDisallow:", "a", ""},
		{"<html>Нет такой страницы</html>\xff\x00", "a", ""},
		{"User-agent: *\nDisallow: /" + strings.Repeat("*a", 200), "a", ""},
	} {
		base, asked := site(t, tt.robots, pages)
		c := &web.Client{Inner: true, Gap: -1}
		for _, p := range strings.Fields(tt.allowed) {
			if a, err := get(t, c, base, p); err != nil || a.Gone() {
				t.Errorf("%q bars %s: %v", tt.robots, p, err)
			}
		}
		for _, p := range strings.Fields(tt.barred) {
			var e *source.Error
			if _, err := get(t, c, base, p); !errors.Is(err, web.ErrBarred) || !errors.As(err, &e) || e.Trouble != source.Permanent {
				t.Errorf("%q does not bar %s: %v", tt.robots, p, err)
			}
		}
		if n := strings.Count(asked(), "robots.txt"); n != 1 {
			t.Errorf("robots.txt was asked %d times", n)
		}
	}
	base, asked := site(t, "down", pages)
	c := &web.Client{Inner: true, Gap: -1}
	if _, err := get(t, c, base, "a"); err == nil || strings.Contains(asked(), "/a") {
		t.Errorf("a site that cannot say what it allows was read: %v", err)
	}
}

// A host that asks to come later is left alone, others are not.
func TestAHostRests(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	base, asked := site(t, "", map[string]http.HandlerFunc{"/busy": status(503, "Retry-After", "3600"), "/a": page("a")})
	c := &web.Client{Inner: true, Gap: -1, Now: func() time.Time { return now }}
	for range 2 {
		var e *source.Error
		if _, err := get(t, c, base, "busy"); !errors.As(err, &e) || e.After != time.Hour {
			t.Errorf("a busy host: %v", err)
		}
	}
	if got := asked(); got != "/robots.txt /busy" {
		t.Errorf("asked %s", got)
	}
	now = now.Add(2 * time.Hour)
	if _, err := get(t, c, base, "a"); err != nil {
		t.Error(err)
	}
}

func TestRequestsToAHostKeepTheirDistance(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var at []time.Time
	note := func(w http.ResponseWriter, _ *http.Request) { mu.Lock(); at = append(at, time.Now()); mu.Unlock() }
	base, _ := site(t, "User-agent: *\nCrawl-delay: 0.2", map[string]http.HandlerFunc{"/a": note})
	c := &web.Client{Inner: true, Gap: 20 * time.Millisecond}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := get(t, c, base, "a"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for k := 1; k < len(at); k++ {
		if d := at[k].Sub(at[k-1]); d < 190*time.Millisecond {
			t.Errorf("requests %d and %d are %v apart", k, k+1, d)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, web.Request{URL: base}); !errors.Is(err, context.Canceled) {
		t.Errorf("under a cancelled context: %v", err)
	}
}

func TestNoPrivateNetworkIsAsked(t *testing.T) {
	t.Parallel()
	base, asked := site(t, "", map[string]http.HandlerFunc{"/a": page("a")})
	c := &web.Client{Gap: -1}
	for _, a := range []string{base.String() + "a", "http://localhost:" + base.Port() + "/a", "http://[::1]:" + base.Port() + "/", "http://169.254.169.254/latest/meta-data", "http://name:word@news.example/"} {
		var e *source.Error
		if _, err := get(t, c, nil, a); !errors.As(err, &e) || e.Trouble != source.Permanent {
			t.Errorf("%s: %v", a, err)
		}
	}
	if got := asked(); got != "" {
		t.Errorf("asked %s", got)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("\xff\xfe<\x00"), "text/html; charset=utf-16")
	f.Add([]byte("<meta charset=koi8-r>\xc1\xc2"), "")
	f.Add([]byte("я"), "charset")
	f.Fuzz(func(t *testing.T, b []byte, header string) {
		r, err := web.Text(bytes.NewReader(b), header)
		if err != nil {
			return
		}
		out, err := io.ReadAll(r)
		if err != nil || bytes.Contains(out, []byte{0xff}) {
			t.Errorf("Text(%q, %q) = %q, %v", b, header, out, err)
		}
	})
}
