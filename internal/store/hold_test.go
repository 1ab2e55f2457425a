package store_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/store"
)

// TestOneServiceHoldsAFile: another process holds the database until it is killed
// by -9; beside it a command may open the file, a service may not.
func TestOneServiceHoldsAFile(t *testing.T) {
	t.Parallel()
	const env = "OTKLIK_TEST_HOLD"
	if path := os.Getenv(env); path != "" {
		if _, err := store.Hold(path); err != nil {
			t.Fatal(err)
		}
		fmt.Println("held")
		select {}
	}
	path := filepath.Join(t.TempDir(), "otklik.db")
	db := openAt(t, path)
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOneServiceHoldsAFile$")
	other.Env = append(os.Environ(), env+"="+path)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	link := filepath.Join(t.TempDir(), "by-another-name.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, "sqlite:" + path, link} {
		_, err := store.Hold(name)
		if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), fmt.Sprintf("%s.lock", path)) || !strings.Contains(fault.Sentence(err), fmt.Sprint(other.Process.Pid)) || fault.Hint(err) == "" {
			t.Errorf("Hold(%s) = %v, %q; want the file, the process and a hint", name, err, fault.Sentence(err))
		}
	}
	if err := db.SaveSetting(t.Context(), "95000000", "beside", []byte("1")); err != nil {
		t.Errorf("a command beside the service: %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	release, err := store.Hold(path)
	if err != nil {
		t.Fatalf("the holder was killed, and still: %v", err)
	}
	if _, err := store.Hold(path); !fault.Is(err, fault.Conflict) {
		t.Errorf("held twice by one process: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = store.Hold(path); err != nil {
		t.Fatalf("after the release: %v", err)
	}
	release()
}
