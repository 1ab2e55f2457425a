package rig

import (
	"cmp"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	_ "github.com/lib/pq"  // the driver "postgres"
	_ "modernc.org/sqlite" // the proofs read the tables themselves
)

// Store returns the path of the SQLite file, or the URL of PostgreSQL.
func (c *Centre) Store() string { return cmp.Or(c.database, filepath.Join(c.Dir, "otklik.db")) }

// Postgres reports whether the store is a database of PostgreSQL.
func (c *Centre) Postgres() bool { return postgres(c.Store()) }

// Tables opens the tables of the store for reading beside the product: a proof does not
// look through the code whose work it judges.
func (c *Centre) Tables() (*sql.DB, error) { return open(c.Store()) }

// Hands opens the tables for changes, where a proof needs a state that people would need
// days for. Nothing may run on the store.
func (c *Centre) Hands() (*sql.DB, error) {
	if postgres(c.Store()) {
		return sql.Open("postgres", c.Store())
	}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: c.Store()}).EscapedPath()+"?_pragma=busy_timeout(10000)")
}

func open(store string) (*sql.DB, error) {
	if !postgres(store) {
		return sql.Open("sqlite", "file:"+(&url.URL{Path: store}).EscapedPath()+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	}
	u, err := url.Parse(store)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	q.Set("default_transaction_read_only", "on")
	u.RawQuery = q.Encode()
	return sql.Open("postgres", u.String())
}

func postgres(store string) bool {
	return strings.HasPrefix(store, "postgres://") || strings.HasPrefix(store, "postgresql://")
}
