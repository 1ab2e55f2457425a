package roster_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/roster"
	"otklik/internal/source"
)

// An oracle asks one riddle.
type oracle struct{ solved chan string }

func (o *oracle) Asked() (source.Riddle, bool) { return source.Riddle{Key: "1"}, true }
func (o *oracle) Picture(context.Context) ([]byte, string, error) {
	return []byte("png"), "image/png", nil
}

func (o *oracle) Solve(key, answer string) error {
	if key != "1" {
		return fault.New(fault.Conflict, "another")
	}
	o.solved <- answer
	return nil
}

// Who may change a source answers what its network asks, and the source is read again at once.
func TestARiddleIsSolvedByWhoMayChangeTheSource(t *testing.T) {
	t.Parallel()
	o := &oracle{make(chan string, 1)}
	w := &wall{id: "vk:-7"}
	c := open(t, roster.Fixed{Source: source.Source{ID: w.id, Kind: source.VK, Channel: message.VK, Name: "Из файла"}, Connection: source.Connection{Puller: w, Asker: o}},
		roster.Fixed{Source: source.Source{ID: "vk:-8", Kind: source.VK, Channel: message.VK, Name: "С тем же ключом"}, Connection: source.Connection{Asker: o}})
	started := func() (n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.all)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	defer func() { stop(); <-ran }()
	waitFor := func(n int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); started() < n; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d loops were started, want %d", started(), n)
			}
		}
	}
	waitFor(1)
	s, _ := c.Of(w.id)
	if r, ok := c.Asked(ctx, admin, s.Number); !ok || r.Key != "1" {
		t.Errorf("an administrator is asked %+v, %v", r, ok)
	}
	if _, ok := c.Asked(ctx, head, s.Number); ok {
		t.Error("the head of a centre is asked about a source of the region")
	}
	if _, _, err := c.Picture(ctx, head, s.Number); err == nil {
		t.Error("the head of a centre sees the picture")
	}
	if p, typ, err := c.Picture(ctx, admin, s.Number); err != nil || string(p) != "png" || typ != "image/png" {
		t.Errorf("the picture: %q %s %v", p, typ, err)
	}
	if err := c.Solve(ctx, admin, s.Number, "0", "кот"); !fault.Is(err, fault.Conflict) || started() != 1 {
		t.Errorf("another riddle: %v", err)
	}
	if err := c.Solve(ctx, admin, s.Number, "1", strings.Repeat("я", 65)); !fault.Is(err, fault.Invalid) || started() != 1 {
		t.Errorf("a long answer: %v", err)
	}
	if list, err := c.Riddles(ctx, head); err != nil || len(list) != 0 {
		t.Errorf("the head of a centre is told of %d captchas of the region, %v", len(list), err)
	}
	if list, err := c.Riddles(ctx, admin); err != nil || len(list) != 1 || list[0].Key != "1" || list[0].Source.ID != w.id || list[0].Sources != 2 {
		t.Errorf("what waits: %+v, %v", list, err)
	}
	must(t, c.Solve(ctx, admin, s.Number, "1", "кот"))
	if got := <-o.solved; got != "кот" {
		t.Errorf("the answer is %q", got)
	}
	waitFor(2)
	if err := c.Solve(ctx, head, s.Number, "1", "кот"); err == nil {
		t.Error("the head of a centre answers")
	}
}
