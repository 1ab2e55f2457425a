package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"otklik/internal/bench/rig"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"otklik": main}) }

// TestStories runs the stories of testdata/script: what a person types, and
// what the program answers.
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"letters": letters, "long": long, "bytes": rawBytes, "smalldisk": smallDisk, "moredisk": moreDisk,
			"signin": signIn, "call": call, "form": postForm, "number": numberOf,
			"network": openNetwork, "post": post, "says": says, "replies": replies, "thread": thread, "await": await, "day": day, "hire": hire,
		},
		Setup: func(e *testscript.Env) error {
			e.Values[visitorsKey{}] = visitors{}
			e.Values[networkKey{}] = &network{}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "tmpfs":
				return mayMount(t), nil
			case "devfull":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

// letters FILE N writes N generated messages.
func letters(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	write := rig.WriteCSV
	if strings.HasSuffix(args[0], ".jsonl") {
		write = rig.WriteJSONL
	}
	ts.Check(write(f, rig.Texts(30, n)))
}

// long FILE MB inserts so many megabytes of words for the word LONG.
func long(ts *testscript.TestScript, _ bool, args []string) {
	mb, err := strconv.Atoi(args[1])
	ts.Check(err)
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	before, after, ok := strings.Cut(string(b), "LONG")
	if !ok {
		ts.Fatalf("%s holds no LONG", args[0])
	}
	ts.Check(os.WriteFile(path, []byte(before+strings.Repeat("яма ", mb<<20/7)+after), 0o600))
}

// bytes FILE unquotes what stands in the file: \xff and the like become bytes.
func rawBytes(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	s, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(string(b), "\n", `\n`), `"`, `\"`) + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(path, []byte(s), 0o600))
}

func mayMount(t *testing.T) bool {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Logf("no small disk can be mounted here (%v): run as root for the story of the full disk", err)
		return false
	}
	return syscall.Unmount(dir, 0) == nil
}

// smalldisk DIR SIZE mounts a disk of its own at DIR.
func smallDisk(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+args[1]))
	ts.Defer(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// moredisk DIR SIZE makes the disk larger.
func moreDisk(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mount("tmpfs", ts.MkAbs(args[0]), "tmpfs", syscall.MS_REMOUNT, "size="+args[1]))
}

// program returns a folder in which this test binary is called otklik.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "otklik")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	return dir
}
