package demo_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"otklik/internal/demo"
)

// A visitor looks at the demo with a browser that knows no JavaScript.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	resp, err := v.http.Get(v.url(path))
	return v.body(resp, err, path)
}

func (v *visitor) post(path string, form url.Values) string {
	v.t.Helper()
	resp, err := v.http.PostForm(v.url(path), form)
	return v.body(resp, err, path)
}

func (v *visitor) url(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return v.base + path
}

func (v *visitor) body(resp *http.Response, err error, path string) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s\n%.2000s", path, resp.Status, b)
	}
	return string(b)
}

// patience is long: the machine may be ten times slower than usual.
const patience = 3 * time.Minute

// await asks until it gets an answer.
func await[T any](t *testing.T, what string, ask func() (T, bool)) T {
	t.Helper()
	deadline := time.After(patience)
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		if v, ok := ask(); ok {
			tick.Stop()
			return v
		}
		select {
		case <-deadline:
			t.Fatalf("%s: not within %v", what, patience)
		case <-tick.C:
		}
	}
}

// start runs a demo until the test ends.
func start(t *testing.T, o demo.Options) (*demo.Demo, *visitor) {
	t.Helper()
	d, err := demo.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	jar, _ := cookiejar.New(nil)
	return d, &visitor{t, d.Address(), &http.Client{Jar: jar}}
}

func memory() string {
	b, _ := os.ReadFile("/proc/self/status")
	return strings.Join(regexp.MustCompile(`Vm(HWM|RSS):\s+(\d+ kB)`).FindAllString(string(b), -1), ", ")
}

// TestAVisitorAnswersAComment is the demo's promise: a comment arrives on the
// fake wall, becomes an incident with evidence, is answered in a form, and the
// reply stands in the thread.
func TestAVisitorAnswersAComment(t *testing.T) {
	t.Parallel()
	began := time.Now()
	d, v := start(t, demo.Options{Addr: "127.0.0.1:0", First: time.Millisecond})
	v.get("/")
	t.Logf("history in %v, first page after %v, %s", d.Seeded.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), memory())

	line := d.Line()
	if page := v.get("/signin"); !strings.Contains(page, line.Users["operator"].Person) {
		t.Error("the sign-in page offers no operator")
	}
	v.post("/signin", url.Values{"login": {line.Users["operator"].Name}, "password": {line.Users["operator"].Password}})

	thread := line.FakeNetworks[0]
	wall := v.get(thread)
	post := await(t, "a post on the wall", func() (string, bool) {
		wall = v.get(thread)
		m := regexp.MustCompile(`href="(wall-1001_\d+)"`).FindStringSubmatch(wall)
		if m == nil {
			return "", false
		}
		return m[1], true
	})
	const words = "Во дворе дома Пушкина 45 в Абакане второй день открыт люк, крышки нет, рядом детская площадка"
	v.post(thread+"comment", url.Values{"post": {strings.Split(post, "_")[1]}, "author": {"Гость"}, "text": {words}})

	incident := await(t, "the visitor's comment in the queue", func() (string, bool) {
		page := v.get("/desk?q=" + url.QueryEscape("крышки детская площадка второй день"))
		m := regexp.MustCompile(`data-id="(\d+)"`).FindStringSubmatch(page)
		if m == nil {
			return "", false
		}
		return "/desk/incidents/" + m[1], true
	})
	page := v.get(incident)
	if !strings.Contains(page, "Пушкина") || !strings.Contains(page, "mark mark-place") {
		t.Errorf("the incident's page shows no evidence")
	}
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)
	if version == nil {
		t.Fatalf("no form with a version on the page")
	}
	const answer = "Здравствуйте! Люк закрыт сегодня, бригада была на месте в 14:00."
	v.post(incident+"/answer", url.Values{"version": {version[1]}, "text": {answer}, "purpose": {"final"}})
	await(t, "the reply in the thread", func() (string, bool) {
		page := v.get(thread + post)
		return page, strings.Contains(page, answer)
	})

	v.post("/signout", nil)
	v.post("/signin", url.Values{"login": {"phone"}, "password": {demo.Password}})
	card := v.post("/desk/cards", url.Values{"text": {"Упало дерево, перегородило въезд во двор"}, "address": {"Черногорск, Мира 10"}, "caller": {"Мария"}})
	if !regexp.MustCompile(`\d{3}[\s -]\d{3}[\s -]\d{2}|\d{8}`).MatchString(card) {
		t.Error("the answer to a phone card shows no number")
	}
}

// TestADirectoryIsUsedAgain: with a folder of its own the demo goes on where it
// ended, its threads included, and a temporary one leaves nothing behind.
func TestADirectoryIsUsedAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	first, err := demo.Open(t.Context(), demo.Options{Dir: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if first.Seeded == 0 {
		t.Error("an empty folder got no history")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := demo.Open(t.Context(), demo.Options{Dir: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if second.Seeded != 0 {
		t.Error("a folder with history was seeded again")
	}
	if second.Networks[0].URL != first.Networks[0].URL {
		t.Errorf("the network moved from %s to %s: links of the history are dead", first.Networks[0].URL, second.Networks[0].URL)
	}
}
