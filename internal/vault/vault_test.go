package vault_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/vault"
)

func photo(t testing.TB, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(t testing.TB) (*vault.Vault, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v, dir
}

func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func none(context.Context, []string) (map[string]bool, error) { return nil, nil }

func TestBytesAreThereBeforeTheRow(t *testing.T) {
	t.Parallel()
	v, dir := opened(t)
	var kept attachment.File
	err := v.Keep(t.Context(), bytes.NewReader(photo(t, 600)), func(f attachment.File) error {
		kept = f
		for _, h := range []string{f.Hash, f.Small} {
			r, err := v.Bytes(h)
			if err != nil {
				t.Fatalf("while the row is stored: %v", err)
			}
			r.Close()
		}
		settled, err := v.Forget(t.Context(), []string{f.Hash}, none)
		if len(settled) != 0 || err != nil {
			t.Errorf("what is being stored was let go: %v, %v", settled, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if kept.Kind != attachment.Photo || kept.Type != "image/jpeg" || kept.Width != 600 || kept.Bytes == 0 || kept.Small == kept.Hash {
		t.Errorf("kept %+v", kept)
	}
	if err := v.Keep(t.Context(), bytes.NewReader(photo(t, 600)), func(attachment.File) error { return nil }); err != nil || len(files(t, dir)) != 2 {
		t.Errorf("the same picture stands %d times on the disk, %v", len(files(t, dir)), err)
	}
	settled, err := v.Forget(t.Context(), []string{kept.Hash, kept.Small}, func(_ context.Context, h []string) (map[string]bool, error) {
		return map[string]bool{kept.Small: true}, nil
	})
	if len(settled) != 2 || err != nil {
		t.Errorf("settled %v, %v", settled, err)
	}
	if left := files(t, dir); len(left) != 1 || left[0] != kept.Small {
		t.Errorf("left %v, want what another row holds", left)
	}
	if _, err := v.Bytes(kept.Hash); !fault.Is(err, fault.NotFound) {
		t.Errorf("Bytes = %v", err)
	}
}

func TestAHashIsNoPath(t *testing.T) {
	t.Parallel()
	v, dir := opened(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{"", "..", "../secret", "a", strings.Repeat("a", 63) + "/", strings.Repeat("g", 64), strings.Repeat("A", 64)} {
		if f, err := v.Bytes(h); !fault.Is(err, fault.NotFound) {
			t.Errorf("Bytes(%q) = %v, %v", h, f, err)
		}
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	v, dir := opened(t)
	for name, c := range map[string]struct {
		r    io.Reader
		says string
	}{
		"nothing":        {strings.NewReader(""), "пустой"},
		"SVG":            {strings.NewReader(`<svg onload="alert(1)"/>`), "не принимается"},
		"HTML":           {strings.NewReader("<!doctype html>"), "не принимается"},
		"a program":      {strings.NewReader("MZ\x90\x00"), "не принимается"},
		"too large":      {io.MultiReader(bytes.NewReader(photo(t, 8)), bytes.NewReader(make([]byte, vault.MostPicture))), "больше 20 МБ"},
		"a large PDF":    {io.MultiReader(strings.NewReader("%PDF-1.7\n"), bytes.NewReader(make([]byte, vault.MostDocument))), "больше 10 МБ"},
		"a broken photo": {bytes.NewReader(photo(t, 64)[:200]), "повреждён"},
		"cut off":        {io.MultiReader(bytes.NewReader(photo(t, 8)), broken{}), "не целиком"},
	} {
		err := v.Keep(t.Context(), c.r, func(attachment.File) error { t.Errorf("%s: a row is stored", name); return nil })
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.says) {
			t.Errorf("%s: %v, sentence %q, want %q", name, err, fault.Sentence(err), c.says)
		}
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("refused, and on the disk: %v", left)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

// A crash between bytes and row leaves bytes; they go an hour later, others stay.
func TestSweepTakesWhatNoRowWants(t *testing.T) {
	t.Parallel()
	v, dir := opened(t)
	var orphan, wanted attachment.File
	crash := errors.New("killed")
	if err := v.Keep(t.Context(), bytes.NewReader(photo(t, 32)), func(f attachment.File) error { orphan = f; return crash }); !errors.Is(err, crash) {
		t.Fatal(err)
	}
	if err := v.Keep(t.Context(), strings.NewReader("%PDF-1.4 акт"), func(f attachment.File) error { wanted = f; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "new-123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	held := func(_ context.Context, hashes []string) (map[string]bool, error) {
		return map[string]bool{wanted.Hash: true}, nil
	}
	if n, err := v.Sweep(t.Context(), time.Now(), held); n != 0 || err != nil {
		t.Errorf("at once: %d, %v", n, err)
	}
	if n, err := v.Sweep(t.Context(), time.Now().Add(2*time.Hour), held); n != 3 || err != nil {
		t.Errorf("two hours later: %d, %v; want the picture, the small one and the half", n, err)
	}
	if left := files(t, dir); len(left) != 1 || left[0] != wanted.Hash {
		t.Errorf("left %v, want %s and not %s", left, wanted.Hash, orphan.Hash)
	}
}
