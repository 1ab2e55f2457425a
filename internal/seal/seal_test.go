package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/seal"
)

func TestWhatIsSealedOpensUnderItsNameAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), seal.Name)
	box, err := seal.Keyed(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the key: %v, %v", info, err)
	}
	sealed := box.Seal("группа", "vk1.a.secret")
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("the secret stands in what is kept")
	}
	if bytes.Equal(sealed, box.Seal("группа", "vk1.a.secret")) {
		t.Error("two seals of one secret are equal")
	}
	again, err := seal.Keyed(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("группа", sealed); err != nil || got != "vk1.a.secret" {
		t.Errorf("Open = %q, %v", got, err)
	}
	other, err := seal.Of(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	cut := sealed[:len(sealed)-1]
	for name, open := range map[string]func() (string, error){
		"another name": func() (string, error) { return again.Open("другая", sealed) },
		"another key":  func() (string, error) { return other.Open("группа", sealed) },
		"cut off":      func() (string, error) { return again.Open("группа", cut) },
		"nothing":      func() (string, error) { return again.Open("группа", nil) },
	} {
		if got, err := open(); err == nil || got != "" || fault.Sentence(err) == "" {
			t.Errorf("%s: opened as %q, %v", name, got, err)
		}
	}
}

func TestAKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), seal.Name)
	boxes := make([]*seal.Box, 8)
	var all sync.WaitGroup
	for k := range boxes {
		all.Go(func() {
			var err error
			if boxes[k], err = seal.Keyed(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sealed := boxes[0].Seal("n", "s")
	for _, b := range boxes[1:] {
		if _, err := b.Open("n", sealed); err != nil {
			t.Error("two processes that start at once use different keys")
		}
	}
	if left, _ := filepath.Glob(path + ".new*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(path, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Keyed(path); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken file: %v", err)
	}
}
