package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"otklik/internal/fault"
)

// pragmas of every connection. synchronous=FULL makes COMMIT wait for fsync of
// the WAL; secure_delete overwrites what was erased; the caches are small,
// because the file itself is mapped and the whole product must fit a small machine.
var pragmas = []string{
	"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)",
	"temp_store(MEMORY)", "cache_size(-8000)", "mmap_size(268435456)", "journal_size_limit(67108864)", "wal_autocheckpoint(2000)",
}

func openSQLite(ctx context.Context, path string, o options) (_ *DB, err error) {
	if path == "" {
		return nil, fault.New(fault.Invalid, "no path of a database").Mend("give sqlite:PATH or postgres://USER@HOST/NAME")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "the folder of the database cannot be made: %w", err).
			Say("Папку базы данных создать нельзя.").Mend("check that the path exists and is writable")
	}
	private(path)
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
	db := &DB{opts: o, d: sqliteDialect}
	if db.write, err = sql.Open("sqlite", dsn+q.Encode()); err != nil {
		return nil, err
	}
	db.write.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			db.write.Close()
		}
	}()
	if err := checkSQLite(ctx, db.write); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db.write, "sqlite"); err != nil {
		return nil, err
	}
	q.Add("_pragma", "query_only(1)")
	if db.read, err = sql.Open("sqlite", dsn+q.Encode()); err != nil {
		return nil, err
	}
	db.read.SetMaxOpenConns(o.readers)
	db.read.SetMaxIdleConns(o.readers)
	db.asks = newStmts(db.read.PrepareContext)
	if db.writer, err = startWriter(ctx, db); err != nil {
		db.read.Close()
		return nil, err
	}
	return db, nil
}

// private makes the file of the database readable for its owner alone, since it
// holds personal data; SQLite gives the files beside it the same rights. From a
// file that is here already it takes the rights of everybody, and leaves those of
// the group: somebody may back it up. What it cannot do SQLite fails at as well,
// and says so. A file that is here is not opened: to close it would end the
// locks of this process on it.
func private(path string) {
	if path == ":memory:" {
		return
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err == nil {
			_ = f.Close() // nothing was written
		}
		return
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() && st.Mode()&0o007 != 0 {
			_ = os.Chmod(name, st.Mode()&^0o007) // another's file: that is for its owner to mend
		}
	}
}

// checkSQLite asserts that what is acknowledged is durable.
func checkSQLite(ctx context.Context, c *sql.DB) error {
	for _, want := range []struct{ pragma, value, hint string }{
		{"journal_mode", "wal", "the file system must support shared memory; do not put the database on a network share"},
		{"synchronous", "2", "synchronous=FULL is required"},
		{"secure_delete", "1", "secure_delete is required"},
		{"foreign_keys", "1", "foreign_keys is required"},
	} {
		var got string
		if err := c.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return sqliteError(err)
		}
		if err := holds("SQLite", want.pragma, got, want.value, want.hint); err != nil {
			return err
		}
	}
	return nil
}

// holds says that a setting of the database is not what durability needs.
func holds(engine, setting, got, want, hint string) error {
	if strings.EqualFold(got, want) {
		return nil
	}
	return fault.New(fault.Unavailable, "%s: %s is %q, not %q: what is acknowledged could be lost", engine, setting, got, want).
		Say("База данных настроена так, что подтверждённое может пропасть. Работа не начата.").Mend(hint)
}

var sqliteDialect = &dialect{
	name:         "sqlite",
	nextIncident: "SELECT coalesce(max(id), 0) + 1 FROM incident",
	likeWords:    "s.incident_search MATCH ?",
	translate:    sqliteError,
	index:        indexSQLite,
	match:        matchSQLite,
	conclude:     true,
	lastID:       true,
	plans:        true,
}

// sqliteError gives err its kind.
func sqliteError(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_CONSTRAINT:
		if c := e.Code(); c == lib.SQLITE_CONSTRAINT_UNIQUE || c == lib.SQLITE_CONSTRAINT_PRIMARYKEY {
			return fault.New(fault.Conflict, "store: %w", err)
		}
		return fault.New(fault.Invalid, "store: %w", err)
	case lib.SQLITE_FULL:
		return fault.New(fault.Unavailable, "store: %w", err).
			Say("На диске кончилось место. Это изменение не сохранено; всё сохранённое раньше цело.").Mend("free space on the disk of the database and try again")
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "store: %w", err).
			Say("База данных занята. Повторите через минуту.").Mend("another program holds the database: end it")
	case lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_PERM, lib.SQLITE_NOMEM, lib.SQLITE_PROTOCOL, lib.SQLITE_INTERRUPT, lib.SQLITE_ABORT:
		return fault.New(fault.Unavailable, "store: %w", err).
			Say("База данных недоступна. Сообщите администратору.").Mend("check the disk, the rights and the path of the database")
	}
	return err
}

// indexSQLite replaces what the full-text index holds of an incident. FTS5
// without a copy of the content wants the old words to take them out.
func indexSQLite(ctx context.Context, l *link, key int64, old, lemmas string) error {
	if old != "" {
		if _, err := l.exec(ctx, "INSERT INTO incident_search (incident_search, rowid, lemmas) VALUES ('delete', $1, $2)", key, old); err != nil {
			return err
		}
	}
	if lemmas == "" {
		return nil
	}
	_, err := l.exec(ctx, "INSERT INTO incident_search (rowid, lemmas) VALUES ($1, $2)", key, lemmas)
	return err
}

// matchSQLite writes the query for FTS5. Tokens hold no quotes (see token).
func matchSQLite(words [][]string) string {
	var b strings.Builder
	for i, alternatives := range words {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteByte('(')
		for k, w := range alternatives {
			if k > 0 {
				b.WriteString(" OR ")
			}
			fmt.Fprintf(&b, `"%s"`, w)
		}
		b.WriteByte(')')
	}
	return b.String()
}
