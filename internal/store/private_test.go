package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"otklik/internal/store"
)

// Nobody but the owner reads what residents wrote, whatever the umask says; an
// older file loses the rights of everybody when it is opened.
func TestFilesOfTheDatabaseAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "centre")
	path := filepath.Join(dir, "otklik.db")
	release, err := store.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { release() })
	openAt(t, path)
	rights := func(name string) fs.FileMode {
		st, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return st.Mode().Perm()
	}
	if got := rights(dir); got != 0o700 {
		t.Errorf("the folder has %v, want 0700", got)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if got := rights(path + suffix); got != 0o600 {
			t.Errorf("otklik.db%s has %v, want 0600", suffix, got)
		}
	}
	old := filepath.Join(t.TempDir(), "old.db")
	if err := os.WriteFile(old, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(old, 0o644); err != nil { // whatever the umask made of it
		t.Fatal(err)
	}
	openAt(t, old)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if got := rights(old + suffix); got != 0o640 {
			t.Errorf("an older database%s has %v, want 0640", suffix, got)
		}
	}
}
