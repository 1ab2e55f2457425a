package store

import (
	"context"
	"database/sql"
	"errors"

	"otklik/internal/fault"
)

// A Lease is held by one process at a time, and ends with it.
type Lease struct{ conn *sql.Conn }

// publishing is the number of PostgreSQL's advisory lock of the outbox.
const publishing = 0x6f746b6c6b

// Alone returns the lease of the one process that publishes from this database,
// nil while another process holds it. On PostgreSQL it is a lock of a session.
// On SQLite nobody else is expected: Hold keeps other services away.
func (db *DB) Alone(ctx context.Context) (_ *Lease, err error) {
	defer fault.Wrap(&err, "store.Alone")
	if db.writer != nil {
		return &Lease{}, nil
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, postgresError(err)
	}
	var got bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(publishing)).Scan(&got); err != nil || !got {
		return nil, errors.Join(postgresError(err), conn.Close())
	}
	return &Lease{conn}, nil
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
	_, _ = l.conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock($1)", int64(publishing)) // a session that is lost holds nothing
	_ = l.conn.Close()
	l.conn = nil
}
