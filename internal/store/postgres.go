package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/lib/pq"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

func openPostgres(ctx context.Context, url string, o options) (_ *DB, err error) {
	cfg, err := pq.NewConfig(url)
	if err != nil { // the error of the parser may hold the password
		return nil, fault.New(fault.Invalid, "the URL of PostgreSQL cannot be read").Mend("write postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	cfg = cfg.Clone()
	if cfg.SSLMode == "" {
		cfg.SSLMode = pq.SSLModePrefer // as psql does
	}
	cfg.ApplicationName = "otklik"
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.Runtime["timezone"] = "UTC"
	// A generic plan of a prepared search walks the whole index: 336 ms against 8 ms, measured.
	cfg.Runtime["plan_cache_mode"] = "force_custom_plan"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the URL of PostgreSQL cannot be used").Mend("write postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	db := &DB{opts: o, d: postgresDialect}
	db.read = sql.OpenDB(keeping{connector})
	db.write = db.read
	db.read.SetMaxOpenConns(o.readers + 8)
	db.read.SetMaxIdleConns(o.readers + 8)
	defer func() {
		if err != nil {
			db.read.Close()
		}
	}()
	if err := checkPostgres(ctx, db.read); err != nil {
		return nil, err
	}
	return db, migrate(ctx, db.read, "postgres")
}

// checkPostgres asserts that what is acknowledged is durable. "local", "remote_write"
// and the like flush the server's own log before the acknowledgement, "off" does not.
func checkPostgres(ctx context.Context, c *sql.DB) error {
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var got string
		if err := c.QueryRowContext(ctx, "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			return postgresError(err)
		}
		if got == "off" {
			return holds("PostgreSQL", setting, got, "on", "set "+setting+" = on in postgresql.conf and restart the server")
		}
	}
	return nil
}

var postgresDialect = &dialect{
	name:         "postgres",
	forUpdate:    " FOR UPDATE",
	skipLocked:   " FOR UPDATE SKIP LOCKED",
	nextIncident: "SELECT nextval('incident_id_seq')",
	likeWords:    "s.lemmas @@ CAST(? AS tsquery)",
	translate:    postgresError,
	index:        indexPostgres,
	match:        matchPostgres,
}

// changeNow runs fn in a transaction of its own, again when PostgreSQL asks for it.
func (db *DB) changeNow(ctx context.Context, fn func(incident.Tx) error) error {
	for try := 0; ; try++ {
		err := db.changeOnce(ctx, fn)
		var e *pq.Error
		if again := errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01"); !again || try == 9 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try+1) * 5 * time.Millisecond):
		}
	}
}

func (db *DB) changeOnce(ctx context.Context, fn func(incident.Tx) error) error {
	t, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return postgresError(err)
	}
	defer t.Rollback() // after Commit it does nothing
	h := &tx{db: db, link: &link{d: db.d, run: t, write: true}}
	if err := fn(h); err != nil {
		return err
	}
	if err := h.flush(ctx); err != nil {
		return err
	}
	return postgresError(t.Commit())
}

// postgresError gives err its kind. The text of a pq.Error may quote a row in its
// Detail, which Error does not print.
func postgresError(err error) error {
	var e *pq.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		switch class := e.Code[:2]; {
		case e.Code == "23505":
			return fault.New(fault.Conflict, "store: %w", err)
		case class == "22", class == "23", class == "54": // a value that the database does not take
			return fault.New(fault.Invalid, "store: %w", err)
		case class == "42": // a mistake in our SQL
			return err
		}
		// Everything else is no fault of what was to be stored: a full disk, a server
		// that stops, is only read from, or gave up a conflict.
		return fault.New(fault.Unavailable, "store: %w", err).
			Say("База данных недоступна. Сообщите администратору.").Mend("look into the log of PostgreSQL")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrTxDone):
		return err
	}
	var n net.Error
	if errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, net.ErrClosed) {
		return fault.New(fault.Unavailable, "PostgreSQL cannot be reached, or the connection was lost").
			Say("База данных не отвечает.").Mend("check that PostgreSQL runs and that host, port, name and password are right")
	}
	return err
}

func indexPostgres(ctx context.Context, l *link, key int64, _, lemmas string) error {
	if lemmas == "" {
		_, err := l.exec(ctx, "DELETE FROM incident_search WHERE rowid = $1", key)
		return err
	}
	_, err := l.exec(ctx, `INSERT INTO incident_search (rowid, lemmas) VALUES ($1, array_to_tsvector(string_to_array(btrim($2), ' ')))
		ON CONFLICT (rowid) DO UPDATE SET lemmas = excluded.lemmas`, key, lemmas)
	return err
}

// matchPostgres writes the query as a tsquery. Tokens hold no quotes and no
// backslashes (see token), and go by no dictionary: the lemmas are words already.
func matchPostgres(words [][]string) string {
	var b strings.Builder
	for i, alternatives := range words {
		if i > 0 {
			b.WriteString(" & ")
		}
		b.WriteByte('(')
		for k, w := range alternatives {
			if k > 0 {
				b.WriteString(" | ")
			}
			b.WriteString("'" + w + "'")
		}
		b.WriteByte(')')
	}
	return b.String()
}
