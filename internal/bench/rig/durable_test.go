package rig_test

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/lifecycle"
)

// traced makes the centre's commands run under strace.
func traced(t *testing.T, c *rig.Centre) (trace func() rig.Trace) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is missing (apt-get install strace): the order of flush and acknowledgement is not proved")
	}
	out := filepath.Join(t.TempDir(), "trace")
	args := rig.StraceArgs(out)
	if b, err := exec.CommandContext(t.Context(), args[0], append(args[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here (ptrace is forbidden?): %v %s", err, b)
	}
	c.Wrap = args
	return func() rig.Trace {
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tr, err := rig.ParseTrace(f)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
}

// TestAcknowledgedIsOnDisk proves for every path that acknowledges something on
// SQLite that the flush of the log has returned before the answer leaves.
func TestAcknowledgedIsOnDisk(t *testing.T) {
	t.Parallel()
	const wal = "otklik.db-wal"
	c := newCentre(t, khakassia, func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	if err := c.Hire(t.Context(), "irina", lifecycle.Operator); err != nil {
		t.Fatal(err)
	}
	trace := traced(t, c)
	s := serve(t, c)
	b, err := rig.SignIn(t.Context(), s.URL, "irina", rig.Person)
	if err != nil {
		t.Fatal(err)
	}
	// The server may read the first byte of a request alone: it looks whether the caller is still there.
	accepted, _, err := rig.Push(t.Context(), http.DefaultClient, s.URL, "call-1",
		[]rig.Pushed{{ID: "marker-of-the-push", Text: "По улице Пушкина, дом 7, прорвало трубу", PublishedAt: time.Now().Add(-time.Hour)}})
	if err != nil || accepted != 1 {
		t.Fatalf("push: %d, %v", accepted, err)
	}
	await(t, "the push is an incident", func() bool {
		status, _, err := b.Get(t.Context(), "/desk/incidents/1")
		return err == nil && status == http.StatusOK
	})
	post := func(path string, form url.Values) {
		t.Helper()
		if status, body, err := b.Post(t.Context(), path, form); err != nil || status != http.StatusOK && status != http.StatusSeeOther {
			t.Fatalf("%s: %d %v\n%.3000s", path, status, err, body)
		}
	}
	post("/desk/cards", url.Values{"text": {"Во дворе открыт люк, дом 5, marker-of-the-card"}, "caller": {"Мария"}, "phone": {"+7 900 000-00-00"}})
	post("/desk/incidents/1/claim", url.Values{})
	post("/desk/incidents/1/answer", url.Values{"text": {"Бригада выехала, marker-of-the-answer"}})
	post("/signout", url.Values{})
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	served := trace()
	for name, c := range map[string]struct{ after, fact, ack string }{
		"push":       {"OST /hooks/messages", "marker-of-the-push", `{\"accepted\":1`},
		"phone card": {"OST /desk/cards", "marker-of-the-card", "HTTP/1.1 200 OK"},
		"claim":      {"OST /desk/incidents/1/claim", "", "HTTP/1.1 303 See Other"},
		"answer":     {"OST /desk/incidents/1/answer", "marker-of-the-answer", "HTTP/1.1 303 See Other"},
		"sign-in":    {"OST /signin", "", "HTTP/1.1 303 See Other"},
		"sign-out":   {"OST /signout", "", "HTTP/1.1 303 See Other"},
	} {
		if err := served.Acknowledged(wal, c.after, c.fact, c.ack); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	letters := filepath.Join(t.TempDir(), "letters.csv")
	texts := rig.Texts(5, 600)
	texts[len(texts)-1].Text = "На улице Пушкина, дом 3, не горят фонари, marker-of-the-import"
	writeTexts(t, letters, texts)
	sum, err := c.Import(t.Context(), "csv", letters)
	if err != nil || sum.Kept == 0 {
		t.Fatalf("import: %+v, %v", sum, err)
	}
	imported := trace()
	for _, fact := range []string{"marker-of-the-import", ""} {
		if err := imported.Acknowledged(wal, "", fact, `{\"read\":600`); err != nil {
			t.Errorf("import: %v", err)
		}
	}
}

// TestTheProofOfFlushesCanFail shows the proof logs of processes that acknowledge
// too early.
func TestTheProofOfFlushesCanFail(t *testing.T) {
	t.Parallel()
	const (
		read  = `11 read(7<socket:[1]>, "POST /x", 4096) = 7` + "\n"
		store = `12 pwrite64(9</d/otklik.db-wal>, "..fact..", 8, 32) = 8` + "\n"
		flush = `12 fdatasync(9</d/otklik.db-wal>) = 0` + "\n"
		begin = `12 fdatasync(9</d/otklik.db-wal> <unfinished ...>` + "\n"
		end   = `12 <... fdatasync resumed>) = 0` + "\n"
		other = `12 fsync(8</d/otklik.db>) = 0` + "\n"
		bad   = `12 fdatasync(9</d/otklik.db-wal>) = -1 EIO (Input/output error)` + "\n"
		ack   = `11 write(7<socket:[1]>, "HTTP/1.1 200", 12) = 12` + "\n"
	)
	for name, c := range map[string]struct {
		log  string
		good bool
	}{
		"in order":                        {read + store + flush + ack, true},
		"begun, another call, ended":      {read + store + begin + read + end + ack, true},
		"no flush":                        {read + store + ack, false},
		"the flush after the answer":      {read + store + ack + flush, false},
		"the flush has not returned":      {read + store + begin + ack + end, false},
		"the flush was of another file":   {read + store + other + ack, false},
		"the flush failed":                {read + store + bad + ack, false},
		"flushed before it was written":   {read + flush + store + ack, false},
		"begun before it was written":     {read + begin + strings.Replace(store, "12", "13", 1) + end + ack, false},
		"written after the answer":        {read + ack + store + flush, false},
		"an answer to an earlier request": {ack + read + store + flush, false},
	} {
		tr, err := rig.ParseTrace(strings.NewReader(c.log))
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Acknowledged("otklik.db-wal", "POST /x", "fact", "HTTP/1.1 200"); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
