package store

import (
	"context"
	"database/sql"
	"errors"

	"otklik/internal/fault"
)

// A Lease is held by one process at a time, and ends with it.
type Lease struct {
	conn *sql.Conn
	work Work
}

// Work is what one process at a time does: the number of an advisory lock of PostgreSQL.
type Work int64

// Works.
const (
	Publishing Work = 0x6f746b6c6b + iota
	Notifying
	Calling
	Talking
	Handing
	Posting
)

// Alone returns the lease of the one process that does the work on this database,
// nil while another process holds it. On PostgreSQL it is a lock of a session.
// On SQLite nobody else is expected: Hold keeps other services away.
func (db *DB) Alone(ctx context.Context, w Work) (_ *Lease, err error) {
	defer fault.Wrap(&err, "store.Alone")
	if db.writer != nil {
		return &Lease{}, nil
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, postgresError(err)
	}
	var got bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(w)).Scan(&got); err != nil || !got {
		return nil, errors.Join(postgresError(err), conn.Close())
	}
	return &Lease{conn, w}, nil
}

// Check reports whether the lease is still held: it ends with its session.
func (l *Lease) Check(ctx context.Context) error {
	if l.conn == nil {
		return nil
	}
	return postgresError(l.conn.PingContext(ctx))
}

// Release gives the lease back.
func (l *Lease) Release() {
	if l.conn == nil {
		return
	}
	_, _ = l.conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock($1)", int64(l.work)) // a session that is lost holds nothing
	_ = l.conn.Close()
	l.conn = nil
}
