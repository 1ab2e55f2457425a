package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/internal/classify"
)

// Who finds a model file must see when it was made.
func TestTrainWritesTheDateOnTheCard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table, out := filepath.Join(dir, "a.csv"), filepath.Join(dir, "own.model")
	if err := os.WriteFile(table, []byte("text,label\nяма на дороге,дороги\nнет воды в доме,вода\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	made := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 7*3600))
	var said, failed bytes.Buffer
	w := world{bytes.NewReader(nil), &said, &failed, func() time.Time { return made }}
	if code := run([]string{"train", "--data", table, "--label", "label", "--out", out}, w); code != 0 {
		t.Fatalf("train = %d: %s", code, failed.String())
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := classify.ReadModel(f)
	if err != nil || !m.Card.Made.Equal(made) || m.Card.Own != 2 {
		t.Errorf("the card is %+v, %v, want it made at %v of 2 examples", m.Card, err, made)
	}
}
