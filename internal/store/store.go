// Package store keeps everything in one database: SQLite in a file for a region,
// PostgreSQL by URL for a country. The SQL is written once in the common subset
// of both; what differs stands in sqlite.go and postgres.go.
//
// Start with Open. Questions go to DB.Reader, which answers from a pool and
// waits for nobody; changes go through DB.Change, which runs a function in one
// transaction and returns after the transaction is durable. Both hand out an
// incident.Tx, whose stores implement the contracts that stand beside the types
// (incident.Store, message.Store, …); their semantics are proved on both
// databases by package storetest.
//
// Residents' words stand in erasable tables only (message_words, incident_words
// with its full-text index, reply_words, and the payloads of inbox,
// set_aside and dropped); docs/store.md draws the schema.
package store

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// A DB is an open database.
type DB struct {
	opts   options
	d      *dialect
	read   *sql.DB
	write  *sql.DB // the same as read on PostgreSQL
	asks   *stmts  // prepared questions of the read pool
	writer *writer // nil on PostgreSQL, whose server orders writers itself
	stats  stats
}

type options struct {
	readers int
	now     func() time.Time
	log     *slog.Logger
}

// An Option changes how a database is opened.
type Option func(*options)

// Readers sets how many questions are answered at the same time (default 8).
func Readers(n int) Option { return func(o *options) { o.readers = n } }

// Clock sets the clock by which sessions expire (default time.Now).
func Clock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// Log sets where the store says what an administrator should know (default: nowhere).
func Log(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// Open opens the database at url, makes it when it is not there, and brings its
// tables to the newest version. url is "sqlite:PATH", a plain path, or
// "postgres://…". It is Unavailable, with a hint, when the database would not
// keep what it acknowledges (see dialect.check).
func Open(ctx context.Context, url string, opts ...Option) (db *DB, err error) {
	defer fault.Wrap(&err, "store.Open")
	o := options{readers: 8, now: time.Now, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		db, err = openPostgres(ctx, url, o)
	} else {
		db, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), o)
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Reader returns the view for questions: each sees the newest committed state.
// A change through it fails.
func (db *DB) Reader() incident.Tx {
	return &tx{db: db, link: &link{d: db.d, run: db.read, stmts: db.asks}}
}

// Change runs fn in one transaction and returns after it is durable, or after
// nothing of it has happened. fn must touch nothing but tx and its own variables,
// because it is run again when the database asks for it, and it must be short:
// others wait. It must not call Change. People go before machines.
func (db *DB) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	if db.writer != nil {
		return db.writer.do(ctx, lane, fn)
	}
	return db.changeNow(ctx, fn)
}

// Close waits for the changes under way and closes the database.
func (db *DB) Close() error {
	if db.writer != nil {
		db.writer.stop()
	}
	if db.asks != nil {
		db.asks.close()
	}
	err := db.read.Close()
	if db.write != db.read {
		if werr := db.write.Close(); err == nil {
			err = werr
		}
	}
	return err
}
