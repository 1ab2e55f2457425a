package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A command that is cut off says so by its exit code, also while it waits for
// input or computes: an answer that is half there must not look whole.
func TestACommandThatIsCutOffFails(t *testing.T) {
	t.Parallel()
	bin, dir := program(t), t.TempDir()
	named(t, dir)
	if out, err := in(t.Context(), bin, dir, "otklik init --region Хакасия --dir centre").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line, says := range map[string]string{
		"read --region Хакасия":                       "остановлено",
		"import --dir centre --format jsonl --json -": "остановлено",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, filepath.Join(bin, "otklik"), strings.Fields(line)...)
			cmd.Dir = dir
			var errs, out bytes.Buffer
			cmd.Stderr, cmd.Stdout = &errs, &out
			input, err := cmd.StdinPipe() // stays open
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// What stands in the pipe was taken once the program has caught signals: it reads after.
			if _, err := io.WriteString(input, strings.Repeat("{\"id\":\"1\",\"text\":\"яма\"}\n", 20_000)); err != nil && !errors.Is(err, syscall.EPIPE) {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(errs.String(), says) {
				t.Errorf("%s: %v, want exit code 1 and «%s»:\n%s", line, err, says, errs.String())
			}
		})
	}
}
