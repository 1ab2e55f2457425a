package herald_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"otklik/internal/webhook"
)

const killed = "OTKLIK_HERALD_KILLED" // path of the store, for the process that is killed

// TestAKillLosesNoCall kills, by kill -9 and in the middle of its calls, a process that opens
// incidents and calls, again and again. In the end everything that happened was told, under
// as many ids as there are lines.
func TestAKillLosesNoCall(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(killed); path != "" {
		h := newHouse(t, path, true)
		for {
			h.pass(time.Minute)
			h.open(2)
			h.step()
		}
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	path := memory(t)
	h := newHouse(t, path, true)
	w := &webhook.Webhook{}
	h.hook(w)
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	for round := 1; round <= 4; round++ {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestAKillLosesNoCall$")
		c.Env = append(os.Environ(), killed+"="+path)
		enough := make(chan struct{})
		h.answersAfter(round*9, enough)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-enough:
		case <-ctx.Done():
			t.Error("the process makes no calls")
		}
		_ = c.Process.Signal(syscall.SIGKILL)
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the process ended by itself: %v", err)
		}
		stop()
	}
	h.answers(nil)
	again := newHouse(t, path, true)
	again.pass(24 * time.Hour) // what was under way is due
	for again.step() > 0 {
	}
	waits, err := again.db.Reader().Webhooks().Waits(t.Context(), w.ID)
	if err != nil || waits != 0 {
		t.Errorf("%d calls wait (%v)", waits, err)
	}
	stored, err := again.db.Reader().Webhooks().Owed(t.Context(), w.ID, 0, 100_000)
	if err != nil || len(stored) < 36 {
		t.Fatalf("%d calls are owed, %v", len(stored), err)
	}
	ids := map[string]bool{}
	for _, c := range h.heard() {
		ids[c.id] = true
	}
	lost := 0
	hook, err := again.db.Reader().Webhooks().Webhooks(t.Context(), again.admin.Scope)
	if err != nil || len(hook) != 1 {
		t.Fatal(err)
	}
	for _, d := range stored {
		if !ids[fmt.Sprintf("%s_%d", hook[0].Tag, d.ID)] {
			lost++
		}
	}
	if lost > 0 || len(ids) != len(stored) {
		t.Errorf("of %d calls %d are lost; %d ids were heard", len(stored), lost, len(ids))
	}
}

// answersAfter takes calls, and closes enough when there were so many.
func (h *house) answersAfter(n int, enough chan struct{}) {
	var once sync.Once
	h.answers(func(k int, _ http.ResponseWriter, _ *http.Request) {
		if k >= n {
			once.Do(func() { close(enough) })
		}
	})
}
