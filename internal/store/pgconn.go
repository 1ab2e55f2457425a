package store

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// A keeping makes connections to PostgreSQL that keep the statements they have
// prepared: pq by itself has each one read and described by the server again,
// which takes a round trip more.
type keeping struct{ driver.Connector }

// Connect implements driver.Connector.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, orGone(ctx, err)
	}
	return &keeper{pgConn: c.(pgConn), held: map[string]pgStmt{}}, nil
}

// A pgConn is what a connection of pq can do.
type pgConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

type pgStmt interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

// A keeper is one connection. database/sql lets one goroutine in at a time.
type keeper struct {
	pgConn
	held map[string]pgStmt
}

// QueryContext implements driver.QueryerContext.
func (k *keeper) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.prepared(ctx, query, args)
	if err != nil {
		return nil, orGone(ctx, err)
	}
	var rows driver.Rows
	if s == nil {
		rows, err = k.pgConn.QueryContext(ctx, query, args)
	} else {
		rows, err = s.QueryContext(ctx, args)
	}
	if err != nil {
		return nil, k.failed(ctx, query, err)
	}
	return rows, nil
}

// ExecContext implements driver.ExecerContext.
func (k *keeper) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.prepared(ctx, query, args)
	if err != nil {
		return nil, orGone(ctx, err)
	}
	var res driver.Result
	if s == nil {
		res, err = k.pgConn.ExecContext(ctx, query, args)
	} else {
		res, err = s.ExecContext(ctx, args)
	}
	if err != nil {
		return nil, k.failed(ctx, query, err)
	}
	return res, nil
}

// prepared returns the statement, nil when the query should be sent as it is:
// without arguments it may be several statements, and a migration is.
func (k *keeper) prepared(ctx context.Context, query string, args []driver.NamedValue) (pgStmt, error) {
	if s := k.held[query]; s != nil || len(args) == 0 || len(k.held) >= manyStmts {
		return s, nil
	}
	s, err := k.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	kept := s.(pgStmt)
	k.held[query] = kept
	return kept, nil
}

// failed lets go of a statement that the server no longer knows, or whose tables
// another process has changed since. The next transaction prepares it again.
func (k *keeper) failed(ctx context.Context, query string, err error) error {
	var e *pq.Error
	if errors.As(err, &e) && (e.Code == "26000" || e.Code == "0A000") {
		delete(k.held, query)
	}
	return orGone(ctx, err)
}

// orGone says that the caller has gone, where that is why a statement failed.
func orGone(ctx context.Context, err error) error {
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	return err
}
