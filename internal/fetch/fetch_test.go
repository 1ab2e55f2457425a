package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/store"
	"otklik/internal/vault"
)

func photo(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A house is a fetcher over a store with messages of one source.
type house struct {
	*Fetcher
	db  *store.DB
	now time.Time
	log bytes.Buffer
	n   int
}

func newHouse(t *testing.T, plain bool, hosts ...string) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	var err error
	if h.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h.Fetcher = New(Options{Store: h.db, Vault: v, Hosts: func() map[string][]string { return map[string][]string{"vk:-1": hosts} }, Now: func() time.Time { return h.now }, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Plain: plain})
	return h
}

// came stores a message of the source with a picture, and returns the picture's id.
func (h *house) came(t *testing.T, source, address string) attachment.ID {
	t.Helper()
	return h.brought(t, source, attachment.Ref{Kind: attachment.Photo, URL: address})
}

// named is came of a picture that has a name in place of an address.
func (h *house) named(t *testing.T, name string) attachment.ID {
	t.Helper()
	return h.brought(t, "vk:-1", attachment.Ref{Kind: attachment.Photo, Name: name})
}

func (h *house) brought(t *testing.T, source string, ref attachment.Ref) attachment.ID {
	t.Helper()
	h.n++
	var id attachment.ID
	err := h.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: source, Channel: message.VK, Native: fmt.Sprint(h.n), Event: message.Written, Revision: message.HashOf(fmt.Sprint(h.n)), Text: "яма",
			Attachments: []attachment.Ref{ref}, SeenAt: h.now}
		if _, err := tx.Messages().Keep(t.Context(), m, &message.Reading{}); err != nil {
			return err
		}
		list, err := tx.Attachments().OfMessages(t.Context(), int64(m.ID))
		if err == nil {
			id = list[0].ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) at(t *testing.T, id attachment.ID) *attachment.Attachment {
	t.Helper()
	a, err := h.db.Reader().Attachments().Attachment(t.Context(), scope.All(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (h *house) step(t *testing.T) int {
	t.Helper()
	n, err := h.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatANetworkAnswers(t *testing.T) {
	t.Parallel()
	shot := photo(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/good.jpg", func(w http.ResponseWriter, _ *http.Request) { w.Write(shot) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html><script>")) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	mux.HandleFunc("/down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		w.Write(shot)
		for range 22 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		w.Write(shot[:100])
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/good.jpg", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	h := newHouse(t, true, "127.0.0.1")
	for path, want := range map[string]struct {
		state attachment.State
		why   string
		next  time.Duration
	}{
		"/good.jpg": {attachment.Kept, "", 0}, "/moved": {attachment.Kept, "", 0}, "/none": {attachment.Lost, attachment.NotFound, 0},
		"/page": {attachment.Lost, attachment.Unfit, 0}, "/huge": {attachment.Lost, attachment.TooLarge, 0}, "/endless": {attachment.Lost, attachment.TooLarge, 0},
		"/away": {attachment.Lost, attachment.Forbidden, 0}, "/round": {attachment.Lost, attachment.Forbidden, 0},
		"/busy": {attachment.Wanted, "", 2 * time.Hour}, "/down": {attachment.Wanted, "", time.Minute}, "/short": {attachment.Wanted, "", time.Minute},
	} {
		id := h.came(t, "vk:-1", srv.URL+path)
		h.step(t)
		a := h.at(t, id)
		if a.State != want.state || a.Why != want.why || want.next != 0 && (a.Tries != 1 || !a.Next.Equal(h.now.Add(want.next))) {
			t.Errorf("%s: %s (%s), tries %d, next %v", path, a.State, a.Why, a.Tries, a.Next)
		}
		if a.State == attachment.Kept && (a.Hash == "" || a.Small == "" || a.Width != 64) {
			t.Errorf("%s: kept %+v", path, a.File)
		}
	}
	if h.step(t) != 0 {
		t.Error("what rests is tried at once")
	}
	if log := h.log.String(); strings.Contains(log, srv.URL) || strings.Contains(log, "good.jpg") {
		t.Errorf("the log has an address:\n%s", log)
	}
}

func TestWhatFailsIsGivenUp(t *testing.T) {
	t.Parallel()
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(500) }))
	t.Cleanup(srv.Close)
	h := newHouse(t, true, "127.0.0.1")
	id := h.came(t, "vk:-1", srv.URL+"/1.jpg")
	other := h.came(t, "vk:-2", srv.URL+"/2.jpg") // of no live source
	for range 20 {
		h.step(t)
		h.now = h.now.Add(40 * time.Hour)
	}
	if a := h.at(t, id); a.State != attachment.Lost || a.Why != attachment.GaveUp || asked != len(waits)+1 {
		t.Errorf("%s (%s) after %d requests", a.State, a.Why, asked)
	}
	if a := h.at(t, other); a.State != attachment.Wanted || a.Tries != 0 {
		t.Errorf("of another source: %+v", a)
	}
}

// Whatever a name resolves to, no machine of a private network is asked: not even one
// that the source's hosts name.
func TestNoPrivateAddressIsAsked(t *testing.T) {
	t.Parallel()
	asked := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := client(false)
	if _, err := c.Get(srv.URL); err == nil || !strings.Contains(err.Error(), ErrInner.Error()) {
		t.Errorf("this machine was asked: %v", err)
	}
	h := newHouse(t, false, "127.0.0.1", "localhost")
	for _, address := range []string{"https://127.0.0.1/1.jpg", "https://localhost/1.jpg", srv.URL + "/1.jpg", "http://" + at.Host + "/1.jpg"} {
		id := h.came(t, "vk:-1", address)
		h.step(t)
		if a := h.at(t, id); a.State != attachment.Lost || a.Why != attachment.Forbidden {
			t.Errorf("%s: %s (%s)", address, a.State, a.Why)
		}
	}
	if asked {
		t.Error("a request reached this machine")
	}
	for _, a := range []string{"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "ff02::1"} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"87.240.129.133", "2a00:1148:db00::1", "::ffff:87.240.129.133"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as private", a)
		}
	}
}

func TestOnlyTheHostsOfTheSource(t *testing.T) {
	t.Parallel()
	hosts := []string{"userapi.com", ""}
	for address, want := range map[string]bool{
		"https://sun1-30.userapi.com/a.jpg": true, "https://USERAPI.com./a.jpg": true, "https://userapi.com:443/a": true,
		"http://sun1.userapi.com/a.jpg": false, "https://userapi.com.evil.example/a": false, "https://evil-userapi.com/a": false, "https://evil.example/?userapi.com": false,
		"https://me@userapi.com/a": false, "https://userapi.com:8443/a": false, "ftp://userapi.com/a": false, "https://evil.example#.userapi.com": false, "https:///a": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := allowed(u, hosts, false); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestAnExportsFilesLieBesideIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, b := range map[string][]byte{"photos/1.jpg": photo(t), "photos/2.jpg": []byte("<svg/>")} {
		if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(t.TempDir(), "secret.jpg")
	if err := os.WriteFile(secret, photo(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "photos/3.jpg")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	h := newHouse(t, false)
	var ids []attachment.ID
	for _, name := range []string{"photos/1.jpg", "photos/2.jpg", "photos/3.jpg", "photos/4.jpg", "photos"} {
		ids = append(ids, h.came(t, "telegram:7", name))
	}
	web := h.came(t, "telegram:7", "https://a.example/1.jpg")
	kept, lost, err := h.Local(t.Context(), root, []string{"telegram:7"})
	if kept != 1 || lost != 4 || err != nil {
		t.Errorf("kept %d, lost %d, %v", kept, lost, err)
	}
	var why []string
	for _, id := range ids {
		why = append(why, h.at(t, id).Why)
	}
	if want := []string{"", attachment.Unfit, attachment.NoSource, attachment.NoSource, attachment.NoSource}; !slices.Equal(why, want) {
		t.Errorf("why = %q, want %q", why, want)
	}
	if a := h.at(t, web); a.State != attachment.Wanted {
		t.Errorf("of the web: %s", a.State)
	}
	if _, _, err := h.Local(t.Context(), nil, []string{"telegram:7"}); err != nil {
		t.Error(err)
	}
}

// TestSomeFilesAreAskedByName: their address holds a secret, is made for each try and
// stands nowhere.
func TestSomeFilesAreAskedByName(t *testing.T) {
	t.Parallel()
	shot := photo(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file/secret/1.jpg" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write(shot)
	}))
	t.Cleanup(srv.Close)
	h := newHouse(t, true, "127.0.0.1")
	busy := source.Fail(source.Later, "", "busy")
	busy.After = 2 * time.Hour
	for name, c := range map[string]struct {
		address string
		err     error
		state   attachment.State
		why     string
		next    time.Duration
	}{
		"good": {srv.URL + "/file/secret/1.jpg", nil, attachment.Kept, "", 0},
		"away": {"http://203.0.113.1/file/secret/1.jpg", nil, attachment.Lost, attachment.Forbidden, 0},
		"gone": {"", source.Fail(source.Permanent, "", "gone"), attachment.Lost, attachment.NotFound, 0},
		"busy": {"", busy, attachment.Wanted, "", 2 * time.Hour},
		"odd":  {"", errors.New("odd"), attachment.Wanted, "", time.Minute},
	} {
		h.Ask = func(_ context.Context, source, asked string) (string, error) {
			if source != "vk:-1" || asked != attachment.ByName+name {
				t.Errorf("asked for %s of %s", asked, source)
			}
			return c.address, c.err
		}
		id := h.named(t, attachment.ByName+name)
		h.step(t)
		a := h.at(t, id)
		if a.State != c.state || a.Why != c.why || c.next != 0 && !a.Next.Equal(h.now.Add(c.next)) {
			t.Errorf("%s: %s (%s), next %v", name, a.State, a.Why, a.Next)
		}
		if a.URL != "" || strings.Contains(h.log.String(), "secret") {
			t.Errorf("%s: the address was kept: %q", name, a.URL)
		}
	}
}
