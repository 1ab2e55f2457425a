package app

import (
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"otklik/internal/config"
	"otklik/internal/notify/push"
	"otklik/internal/store"
)

// The key of web push is made once, whoever asks first, and stays: with another one every
// subscription would be void.
func TestTheKeyOfWebPushIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "otklik.db")
	open := func() *App {
		t.Helper()
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return &App{Options: Options{Config: config.Config{Push: &config.Push{Subject: "mailto:a@example.ru"}}, Log: slog.New(slog.DiscardHandler)}, DB: db}
	}
	first, second := open(), open()
	keys := make([]string, 8)
	var wait sync.WaitGroup
	for k := range keys {
		wait.Go(func() {
			key, err := []*App{first, second}[k%2].pushKey(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			keys[k] = key.Public()
		})
	}
	wait.Wait()
	for _, k := range keys {
		if k == "" || k != keys[0] {
			t.Fatalf("keys differ: %v", keys)
		}
	}
	own, err := push.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	first.Config.Push.Key = config.Secret(own.Secret())
	if key, err := first.pushKey(t.Context()); err != nil || key.Public() != own.Public() {
		t.Errorf("the configured key: %v", err)
	}
	if err := first.DB.SaveSetting(t.Context(), "", pushSecret, []byte("сор")); err != nil {
		t.Fatal(err)
	}
	if _, err := second.pushKey(t.Context()); err == nil {
		t.Error("a key that cannot be read is made anew in silence")
	}
}
