package store

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"sync"
	"time"

	"otklik/internal/fault"
)

// A dialect is what differs between the databases.
type dialect struct {
	name         string
	forUpdate    string // locks the rows of a SELECT until the transaction ends
	skipLocked   string // the same, passing over rows that another transaction holds
	nextIncident string // SQL for the next incident id
	likeWords    string // condition: incident_search s holds the query in ?
	translate    func(error) error
	index        func(ctx context.Context, l *link, key int64, old, lemmas string) error
	match        func(words [][]string) string // the query in the engine's language
	conclude     bool                          // an interrupted statement ends the whole transaction
	lastID       bool                          // a result tells the id of the row inserted
	plans        bool                          // the queue's index is chosen by plan.go
}

// A runner is a pool, a connection or a transaction.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// A link runs SQL for one transaction, or for questions on the pool.
type link struct {
	d     *dialect
	run   runner
	stmts *stmts // nil where the driver keeps statements itself
	write bool
}

// deep returns the context for a statement. On a shared SQLite transaction a
// statement is never interrupted half-way, because that would undo the whole
// transaction, work of others included; a caller who has gone is noticed between
// statements.
func (l *link) deep(ctx context.Context) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.d.conclude && l.write {
		return context.WithoutCancel(ctx), nil
	}
	return ctx, nil
}

func (l *link) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	res, err := l.result(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (l *link) result(ctx context.Context, query string, args []any) (res sql.Result, err error) {
	if !l.write {
		return nil, readOnly()
	}
	if ctx, err = l.deep(ctx); err != nil {
		return nil, err
	}
	if s := l.stmts.prepared(ctx, query); s != nil {
		res, err = s.ExecContext(ctx, args...)
	} else {
		res, err = l.run.ExecContext(ctx, query, args...)
	}
	return res, l.d.translate(err)
}

// query calls scan for each row.
func (l *link) query(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) (err error) {
	if ctx, err = l.deep(ctx); err != nil {
		return err
	}
	var rows *sql.Rows
	if s := l.stmts.prepared(ctx, query); s != nil {
		rows, err = s.QueryContext(ctx, args...)
	} else {
		rows, err = l.run.QueryContext(ctx, query, args...)
	}
	if err != nil {
		return l.d.translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return l.d.translate(rows.Err())
}

// one scans the first row into dest; ok is false when there is none.
func (l *link) one(ctx context.Context, query string, args []any, dest ...any) (ok bool, err error) {
	err = l.query(ctx, query, args, func(rows *sql.Rows) error {
		if ok {
			return nil
		}
		ok = true
		return rows.Scan(dest...)
	})
	return ok && err == nil, err
}

// insert runs an INSERT of one row and returns its id; ok is false when a
// conflict that the statement tolerates left the row out. SQLite takes three
// times as long for RETURNING as for telling the last rowid.
func (l *link) insert(ctx context.Context, query string, args ...any) (id int64, ok bool, err error) {
	if !l.d.lastID {
		ok, err = l.returning(ctx, query+" RETURNING id", args, &id)
		return id, ok, err
	}
	res, err := l.result(ctx, query, args)
	if err != nil {
		return 0, false, err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return 0, false, err
	}
	id, err = res.LastInsertId()
	return id, err == nil, err
}

// returning is one for an INSERT, UPDATE or DELETE … RETURNING. An INSERT of one row
// that returns its number goes by insert.
func (l *link) returning(ctx context.Context, query string, args []any, dest ...any) (ok bool, err error) {
	if !l.write {
		return false, readOnly()
	}
	if q, ok := strings.CutSuffix(query, " RETURNING id"); ok && l.d.lastID && len(dest) == 1 && strings.HasPrefix(q, "INSERT INTO ") && !strings.Contains(q, "DO UPDATE") {
		if to := reflect.ValueOf(dest[0]).Elem(); to.Kind() == reflect.Int64 {
			id, ok, err := l.insert(ctx, q, args...)
			if ok {
				to.SetInt(id)
			}
			return ok, err
		}
	}
	return l.one(ctx, query, args, dest...)
}

// stmts keeps prepared statements by their text.
type stmts struct {
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)
	mu      sync.RWMutex
	held    map[string]*sql.Stmt
}

// manyStmts bounds the statements held: the queue's filters make many shapes.
const manyStmts = 400

func newStmts(prepare func(context.Context, string) (*sql.Stmt, error)) *stmts {
	return &stmts{prepare: prepare, held: map[string]*sql.Stmt{}}
}

// prepared returns the statement, or nil when it should be run as it is; what is
// wrong with it comes out then.
func (s *stmts) prepared(ctx context.Context, query string) *sql.Stmt {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	st, ok := s.held[query]
	full := len(s.held) >= manyStmts
	s.mu.RUnlock()
	if ok || full {
		return st
	}
	st, err := s.prepare(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.held[query]; ok {
		st.Close()
		return other
	}
	s.held[query] = st
	return st
}

func (s *stmts) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.held {
		st.Close()
	}
	clear(s.held)
}

// micros is how times are stored: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// flag is how truths are stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// A clock scans a stored time.
type clock struct{ t *time.Time }

// Scan implements sql.Scanner.
func (c clock) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fault.New(fault.Internal, "store: a time of type %T", src)
	}
	*c.t = time.Time{}
	if n != 0 {
		*c.t = time.UnixMicro(n).UTC()
	}
	return nil
}
