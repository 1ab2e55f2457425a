package rig_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
)

// slowed holds every flush of the service for so long, until the returned function is called.
func slowed(t *testing.T, s *rig.Service, delay time.Duration) (release func()) {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is missing (apt-get install strace): a slow disk is not made")
	}
	inject := fmt.Sprintf("inject=fsync,fdatasync:delay_enter=%d", delay.Microseconds())
	cmd := exec.CommandContext(t.Context(), path, "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject, "-p", fmt.Sprint(s.Cmd.Process.Pid))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	first, err := lines.ReadString('\n') // «strace: Process N attached with M threads»
	if err != nil || !strings.Contains(first, "attached") {
		rest, _ := io.ReadAll(lines)
		_ = cmd.Wait()
		t.Skipf("strace may not trace here (ptrace is forbidden?): %v %s%s", err, first, rest)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// TestASlowDiskAsksToComeAgain pushes to a centre whose disk takes longer for each flush than
// a sender waits: every call is answered 503 with Retry-After or 200, and after a kill
// everything that was answered 200 is there, and what was refused is taken once when it
// comes again.
func TestASlowDiskAsksToComeAgain(t *testing.T) {
	t.Parallel()
	c := newCentre(t, khakassia, func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	s := serve(t, c)
	texts := rig.Texts(37, 40)
	written := time.Now().Add(-time.Hour)
	message := func(k int) []rig.Pushed {
		return []rig.Pushed{{ID: fmt.Sprint("m", k), Text: texts[k].Text, PublishedAt: written}}
	}
	push := func(base string, k int) (status int, retry string) {
		r, err := rig.PushRequest(t.Context(), base, fmt.Sprint("call", k), message(k))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("call %d was not answered: %v", k, err)
			return 0, ""
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	for k := range 10 {
		if status, _ := push(s.URL, k); status != http.StatusOK {
			t.Fatalf("a call to a quick disk: %d", status)
		}
	}
	release := slowed(t, s, 11*time.Second)
	defer release()
	var mu sync.Mutex
	refused := map[int]bool{}
	var calls sync.WaitGroup
	for k := 10; k < len(texts); k++ {
		calls.Go(func() {
			switch status, retry := push(s.URL, k); {
			case status == http.StatusOK:
			case status == http.StatusServiceUnavailable && retry != "":
				mu.Lock()
				refused[k] = true
				mu.Unlock()
			default:
				t.Errorf("a slow disk is answered %d, Retry-After %q", status, retry)
			}
		})
	}
	calls.Wait()
	s.Kill()
	release()
	if len(refused) == 0 {
		t.Fatal("nobody was told to come again: the disk was not slow")
	}
	s = serve(t, c)
	defer s.Kill()
	for k := range texts {
		accepted, duplicate, err := rig.Push(t.Context(), http.DefaultClient, s.URL, fmt.Sprint("again", k), message(k))
		if err != nil || accepted+duplicate != 1 || accepted == 1 && !refused[k] {
			t.Errorf("call %d (refused: %v): now %d of it are new and %d known, %v", k, refused[k], accepted, duplicate, err)
		}
	}
}
