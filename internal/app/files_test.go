package app

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/message"
)

func onDisk(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "files"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What a resident sent goes from the disk with the words, also when an old backup of the
// database comes back; what a crash left without a row goes at the next sweep.
func TestErasingTakesThePicturesToo(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	var skew time.Duration
	start := func() *App {
		t.Helper()
		a, err := Open(ctx, Options{Dir: dir, Config: config.Config{Region: "95000000", Store: "otklik.db"}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().Add(skew) }})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := start()
	text := "На улице Ленина в Абазе яма, засыпьте её наконец"
	m := message.Message{Source: "file:letters", Channel: message.File, Form: message.Record, Native: "1", Event: message.Written, Revision: message.HashOf(text), Text: text, Addressed: true,
		Attachments: []attachment.Ref{{Kind: attachment.Photo, URL: "photos/1.jpg"}}}
	if _, err := a.Intake.Take(ctx, []message.Message{m}, nil); err != nil {
		t.Fatal(err)
	}
	list, err := a.DB.Reader().Attachments().Wanted(ctx, []string{m.Source}, a.Now(), 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("wanted %v, %v", list, err)
	}
	keep := func(a *App) {
		t.Helper()
		err := a.Vault.Keep(ctx, strings.NewReader("%PDF-1.4 кто здесь живёт"), func(f attachment.File) error {
			one := list[0]
			one.File, one.State = f, attachment.Kept
			return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Attachments().Save(ctx, &one) })
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(a)
	a.Close()
	db := filepath.Join(dir, "otklik.db")
	backup, err := os.ReadFile(db)
	if err != nil || onDisk(t, dir) != 1 {
		t.Fatalf("%d files on the disk, %v", onDisk(t, dir), err)
	}
	files := filepath.Join(dir, "files")
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(files)); err != nil {
		t.Fatal(err)
	}
	a = start()
	if err := a.Forget(ctx, account.System(), "file:letters", "1"); err != nil {
		t.Fatal(err)
	}
	if n := onDisk(t, dir); n != 0 {
		t.Errorf("erased, and %d files stand on the disk", n)
	}
	a.Close()
	if err := os.WriteFile(db, backup, 0o600); err != nil { // both are restored
		t.Fatal(err)
	}
	if err := os.RemoveAll(files); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(files, os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, dir) != 1 {
		t.Fatal("the backup has no file: the test proves nothing")
	}
	a = start()
	if n := onDisk(t, dir); n != 0 {
		t.Errorf("a restored backup brings %d files back", n)
	}
	crash := os.ErrClosed
	if err := a.Vault.Keep(ctx, strings.NewReader("%PDF-1.4 никому"), func(attachment.File) error { return crash }); err == nil || onDisk(t, dir) != 1 {
		t.Fatalf("Keep = %v, %d files", err, onDisk(t, dir))
	}
	if err := a.sweepFiles(ctx); err != nil || onDisk(t, dir) != 1 {
		t.Errorf("a file of this minute was swept: %d left, %v", onDisk(t, dir), err)
	}
	skew = 2 * time.Hour
	if err := a.sweepFiles(ctx); err != nil || onDisk(t, dir) != 0 {
		t.Errorf("an orphan stays: %d, %v", onDisk(t, dir), err)
	}
	a.Close()
}
