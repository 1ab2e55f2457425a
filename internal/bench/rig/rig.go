// Package rig runs the real binary from outside, as an administrator and a
// stranger's program would: it builds it, makes an installation, imports, serves,
// pushes signed messages, signs in, kills, and counts what is in the store.
//
// Start with Build and NewCentre. The proofs of this package (what was
// acknowledged is there once, whatever killed the process) and the measurements
// of package bench stand on it.
package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"otklik/internal/config"
	"otklik/internal/ingest"
)

// Build compiles the binary of the working tree into dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "otklik")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", bin, "otklik/cmd/otklik")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building otklik: %w\n%s", err, out)
	}
	return bin, nil
}

// A Centre is an installation in a folder, with the binary that works on it.
type Centre struct {
	Bin, Dir        string
	Login, Password string   // of its administrator
	Wrap            []string // a program that runs the binary, with its arguments: strace …

	database string // URL of PostgreSQL, "" for SQLite
}

var password = regexp.MustCompile(`Вход: (\S+), пароль: (\S+) `)

// NewCentre makes an installation for a region, on the empty PostgreSQL database of that
// URL or, where it is "", on a SQLite file; edit may change its configuration.
func NewCentre(ctx context.Context, bin, dir, region, database string, edit func(*config.Config)) (*Centre, error) {
	c := &Centre{Bin: bin, Dir: dir, database: database}
	args := []string{"init", "--region", region, "--dir", dir}
	if database != "" {
		args = append(args, "--store", database)
	}
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("init: %w\n%s", err, out)
	}
	m := password.FindSubmatch(out)
	if m == nil {
		return nil, errors.New("init printed no password")
	}
	c.Login, c.Password = string(m[1]), string(m[2])
	if edit == nil {
		return c, nil
	}
	conf, err := config.Load(dir)
	if err != nil {
		return nil, err
	}
	edit(&conf)
	return c, config.Save(dir, conf)
}

// Copy copies the installation with its SQLite file into another folder. Nothing may run on it.
func (c *Centre) Copy(dir string) (*Centre, error) {
	if err := os.CopyFS(dir, os.DirFS(c.Dir)); err != nil {
		return nil, err
	}
	d := *c
	d.Dir = dir
	return &d, nil
}

// Command returns the command of the binary with these arguments. Like a
// service manager it ends with the context.
func (c *Centre) Command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append(append([]string(nil), c.Wrap...), c.Bin), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return Kill(cmd) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Kill ends the command and all its children as `kill -9` does.
func Kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// A File is a file to import.
type File struct{ Format, Path string }

// Import imports the files of one format in one run and returns its summary.
func (c *Centre) Import(ctx context.Context, format string, paths ...string) (ingest.Summary, error) {
	var out, errs bytes.Buffer
	cmd := c.Command(ctx, append([]string{"import", "--dir", c.Dir, "--format", format, "--json"}, paths...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return ingest.Summary{}, fmt.Errorf("import: %w\n%s", err, errs.Bytes())
	}
	return ParseSummary(out.Bytes())
}

// ParseSummary reads the last line that import printed and checks its sums.
func ParseSummary(out []byte) (s ingest.Summary, err error) {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &s); err != nil {
		return s, fmt.Errorf("the last line is no summary: %w", err)
	}
	if s.Read != s.Duplicate+s.NotOurs+s.Kept+s.Rejected {
		return s, fmt.Errorf("read is not duplicate + not_ours + kept + rejected: %+v", s)
	}
	if s.Kept != s.Opened+s.Attached+s.KeptWithoutIncident {
		return s, fmt.Errorf("kept is not opened + attached + kept_without_incident: %+v", s)
	}
	var reasons int64
	for _, n := range s.Reasons {
		reasons += n
	}
	if reasons != s.Rejected {
		return s, fmt.Errorf("the reasons do not add up to rejected: %+v", s)
	}
	return s, nil
}

// A Service is a running `otklik serve`.
type Service struct {
	URL  string
	Cmd  *exec.Cmd
	logs *tail
}

// Serve starts the service on a free port and returns when it said its address.
func (c *Centre) Serve(ctx context.Context) (*Service, error) {
	s := &Service{Cmd: c.Command(ctx, "serve", "--dir", c.Dir, "--addr", "127.0.0.1:0"), logs: &tail{}}
	s.Cmd.Stderr = s.logs
	out, err := s.Cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.Cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.LastIndex(line, "http://")
	if at < 0 {
		_ = Kill(s.Cmd)
		_ = s.Cmd.Wait()
		return nil, fmt.Errorf("serve said no address: %q, %w\n%s", line, err, s.logs)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
	s.URL = strings.TrimSpace(line[at:])
	return s, nil
}

// Kill ends the service as `kill -9` does and waits for its end.
func (s *Service) Kill() {
	_ = Kill(s.Cmd)
	_ = s.Cmd.Wait()
}

// Stop ends the service as a service manager does.
func (s *Service) Stop() error {
	if err := syscall.Kill(-s.Cmd.Process.Pid, syscall.SIGTERM); err != nil {
		return err
	}
	if err := s.Cmd.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, s.logs)
	}
	return nil
}

// Log returns the end of what the service logged.
func (s *Service) Log() string { return s.logs.String() }

// A tail keeps the end of a log.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if n := len(t.b); n > 16<<10 {
		t.b = append([]byte(nil), t.b[n-8<<10:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
