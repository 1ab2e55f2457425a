package storetest

import (
	"context"
	"database/sql"
	"fmt"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq" // the driver "postgres"
)

// A Cluster is a PostgreSQL for tests.
type Cluster struct {
	url  string // of the database in which databases are made
	dir  string // "" when somebody else runs the server
	cmd  *exec.Cmd
	next atomic.Int64
}

// StartPostgres starts a private PostgreSQL from the packages of Debian, or uses
// the server at the URL in OTKLIK_POSTGRES. The reason says what is missing and
// how to get it when there is none. Stop must be called.
func StartPostgres() (c *Cluster, reason string) {
	if url := os.Getenv("OTKLIK_POSTGRES"); url != "" {
		return &Cluster{url: url}, ""
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, "PostgreSQL is not installed: apt-get install postgresql, or set OTKLIK_POSTGRES to the URL of a server"
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "otklik-postgres-")
	if err != nil {
		return nil, err.Error()
	}
	c = &Cluster{dir: dir, url: "postgres://postgres@/postgres?host=" + dir}
	if err := c.start(bin); err != nil {
		c.Stop()
		return nil, "PostgreSQL does not start: " + err.Error()
	}
	return c, ""
}

// as runs a program of PostgreSQL, which refuses to be root.
func (c *Cluster) as(name string, args ...string) *exec.Cmd {
	if os.Getuid() != 0 {
		return exec.Command(name, args...)
	}
	return exec.Command("setpriv", append([]string{"--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT", name}, args...)...)
}

func (c *Cluster) start(bin string) error {
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "postgres:postgres", c.dir).CombinedOutput(); err != nil {
			return fmt.Errorf("chown: %w: %s", err, out)
		}
	}
	data := filepath.Join(c.dir, "data")
	if out, err := c.as(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	c.cmd = c.as(filepath.Join(bin, "postgres"), "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=300",
		"-c", "shared_buffers=64MB", "-c", "unix_socket_permissions=0777")
	if err := c.cmd.Start(); err != nil {
		return err
	}
	for range 100 { // pg_isready waits a moment by itself
		if exec.Command(filepath.Join(bin, "pg_isready"), "-h", c.dir, "-t", "1").Run() == nil {
			return nil
		}
		exec.Command("sleep", "0.1").Run()
	}
	return fmt.Errorf("no answer within ten seconds")
}

// Stop ends the server, if it is ours, and removes what it kept.
func (c *Cluster) Stop() {
	if c.cmd != nil && c.cmd.Process != nil {
		c.cmd.Process.Signal(os.Interrupt)
		c.cmd.Wait()
	}
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

// Database makes an empty database and returns its URL; it goes with the test.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	url, drop, err := c.Empty(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

// Empty makes an empty database and returns its URL and what removes it.
func (c *Cluster) Empty(ctx context.Context) (url string, drop func(), err error) {
	db, err := sql.Open("postgres", c.url)
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("otklik_test_%d_%d", os.Getpid(), c.next.Add(1))
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		db.Close()
		return "", nil, err
	}
	return named(c.url, name), func() {
		db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		db.Close()
	}, nil
}

// named returns url with another database.
func named(url, name string) string {
	u, err := neturl.Parse(url)
	if err != nil {
		return url
	}
	u.Path = "/" + name
	return u.String()
}
