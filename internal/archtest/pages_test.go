package archtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPagesAreShort: templ alone writes three times the machine code, and the
// binary has a limit. That a page is not older than its .templ file is asked by `make check`.
func TestPagesAreShort(t *testing.T) {
	t.Parallel()
	pages := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_templ.go") {
			return err
		}
		pages++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(b, []byte("templruntime")) {
			t.Errorf("%s is as `templ generate` leaves it: run `make generate` or `go run ./cmd/otklik-pages`", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 50 {
		t.Errorf("%d pages found: this test sees nothing", pages)
	}
}
