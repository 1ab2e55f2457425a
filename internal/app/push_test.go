package app

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"otklik/internal/config"
	"otklik/internal/fault"
	"otklik/internal/notice"
	"otklik/internal/notify/push"
	"otklik/internal/store"
)

// The key of web push is made once, whoever asks first, and stays: with another one every
// subscription would be void.
func TestTheKeyOfWebPushIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "otklik.db")
	open := func() *App {
		t.Helper()
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return &App{Options: Options{Dir: dir, Config: config.Config{Push: &config.Push{Subject: "mailto:a@example.ru"}}, Log: slog.New(slog.DiscardHandler)}, DB: db}
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
	made, err := first.pushKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own, err := push.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	first.Config.Push.Key = config.Secret(own.Secret())
	if key, err := first.pushKey(t.Context()); err != nil || key.Public() != own.Public() {
		t.Errorf("the configured key: %v", err)
	}
	if stored, err := first.DB.Setting(t.Context(), "", pushSecret); err != nil || bytes.Contains(stored, []byte(made.Secret())) {
		t.Errorf("the key stands open in the store: %d bytes, %v", len(stored), err)
	}
	// A database that was restored without otklik.key: nothing is made anew in silence,
	// and the rest of the product starts.
	second.Dir = t.TempDir()
	if _, err := second.pushKey(t.Context()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a key that cannot be opened = %v", err)
	}
	if err := second.openNotices(t.Context()); err != nil || second.Notices.Offers(notice.Push) {
		t.Errorf("openNotices = %v, browsers on: %v", err, second.Notices.Offers(notice.Push))
	}
	if err := first.openNotices(t.Context()); err != nil || first.Notices.PushKey() != own.Public() {
		t.Errorf("openNotices with a key of one's own = %v", err)
	}
}
