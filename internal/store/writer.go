package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// A writer owns the one connection that changes a SQLite file. Changes that wait
// at the same time share one transaction, and so one fsync: each runs between
// two savepoints, one that fails is undone alone, and nobody is told of success
// before the COMMIT of all has returned. People's changes run before machines'.
type writer struct {
	db    *DB
	conn  *sql.Conn
	stmts *stmts

	people  chan *change
	machine chan *change
	mu      sync.RWMutex // held for reading while a change is handed over
	closed  bool
	done    chan struct{}
	commits atomic.Int64 // transactions that shared one fsync each
}

// A change waits for its turn.
type change struct {
	ctx    context.Context
	fn     func(incident.Tx) error
	lane   incident.Lane
	result chan error

	err      error  // what fn returned
	panicked string // what fn panicked with, and where
}

// together is how many changes share one transaction at most.
const together = 64

// moment is how long a transaction goes on taking changes in.
const moment = 5 * time.Millisecond

func startWriter(ctx context.Context, db *DB) (*writer, error) {
	w := &writer{db: db, people: make(chan *change), machine: make(chan *change), done: make(chan struct{})}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	go w.loop()
	return w, nil
}

func (w *writer) connect(ctx context.Context) error {
	conn, err := w.db.write.Conn(ctx)
	if err != nil {
		return sqliteError(err)
	}
	w.conn, w.stmts = conn, newStmts(conn.PrepareContext)
	return nil
}

// do hands a change over and waits for its end. A caller who leaves before the
// turn came changes nothing; after that the end is awaited, so that the answer is true.
func (w *writer) do(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	c := &change{ctx: ctx, fn: fn, lane: lane, result: make(chan error, 1)}
	to := w.people
	if lane == incident.Machine {
		to = w.machine
	}
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return fault.New(fault.Unavailable, "the store is closed").Say("Программа завершает работу. Повторите через минуту.")
	}
	select {
	case to <- c:
		w.mu.RUnlock()
	case <-ctx.Done():
		w.mu.RUnlock()
		return ctx.Err()
	}
	err := <-c.result
	if c.panicked != "" {
		panic(c.panicked)
	}
	return err
}

func (w *writer) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	close(w.people)
	<-w.done
	w.stmts.close()
	w.conn.Close()
}

// next returns a waiting change, people first, or nil when the store closes.
func (w *writer) next() *change {
	if c, ok := w.waiting(w.people); ok {
		return c
	}
	select {
	case c := <-w.people:
		return c
	case c := <-w.machine:
		return c
	}
}

// more returns one more change for the transaction under way, nil for none.
// People never wait for machines that came after them, and nobody waits for
// more than a moment's worth of others.
func (w *writer) more(held []*change, since time.Time) *change {
	if len(held) == together || time.Since(since) > moment {
		return nil
	}
	if c, ok := w.waiting(w.people); ok {
		return c
	}
	if held[len(held)-1].lane == incident.Machine {
		c, _ := w.waiting(w.machine)
		return c
	}
	return nil
}

func (w *writer) waiting(lane chan *change) (c *change, ok bool) {
	select {
	case c := <-lane:
		return c, true
	default:
		return nil, false
	}
}

func (w *writer) loop() {
	defer close(w.done)
	for c := w.next(); c != nil; c = w.next() {
		w.batch(c)
	}
}

// batch runs first and what waits behind it in one transaction.
func (w *writer) batch(first *change) {
	ctx := context.Background()
	since := time.Now()
	if err := w.sql(ctx, "BEGIN IMMEDIATE"); err != nil {
		first.end(sqliteError(err))
		return
	}
	var held []*change
	for c := first; c != nil; c = w.more(held, since) {
		held = append(held, c)
		if lost := w.savepoint(c); lost != nil {
			w.refuse(held, lost)
			return
		}
	}
	if err := w.sql(ctx, "COMMIT"); err != nil {
		_ = w.sql(ctx, "ROLLBACK") // what failed first is the error to tell
		w.refuse(held, sqliteError(err))
		return
	}
	w.commits.Add(1)
	for _, c := range held {
		c.end(c.err)
	}
}

// refuse tells all changes of a lost transaction: those that failed by themselves
// why they did, the others that they were not stored.
func (w *writer) refuse(held []*change, cause error) {
	if fault.KindOf(cause) != fault.Unavailable {
		cause = fault.New(fault.Unavailable, "store: the transaction was lost: %w", cause).
			Say("Изменение не сохранено: база данных недоступна. Повторите.")
	}
	for _, c := range held {
		if c.err == nil {
			c.err = cause
		}
		c.end(c.err)
	}
}

// savepoint runs one change so that it leaves all of itself or nothing, and sets
// its err. lost says that the engine gave up the whole transaction (disk full,
// I/O): nothing of it stands, work of others included.
func (w *writer) savepoint(c *change) (lost error) {
	ctx := context.Background()
	if c.err = c.ctx.Err(); c.err != nil {
		return nil
	}
	if err := w.sql(ctx, "SAVEPOINT one"); err != nil {
		c.err = sqliteError(err)
		return c.err
	}
	h := &tx{db: w.db, link: &link{d: w.db.d, run: w.conn, stmts: w.stmts, write: true}}
	if c.err = c.run(h); c.err == nil {
		c.err = h.flush(ctx)
	}
	h.link.write = false // a handle that outlives its function changes nothing
	if c.err != nil {
		if err := w.sql(ctx, "ROLLBACK TO one"); err != nil { // there is no such savepoint: the transaction is gone
			_ = w.sql(ctx, "ROLLBACK") // what failed first is the error to tell
			return c.err
		}
	}
	if err := w.sql(ctx, "RELEASE one"); err != nil {
		_ = w.sql(ctx, "ROLLBACK") // what failed first is the error to tell
		return sqliteError(err)
	}
	return nil
}

// run calls the function. A panic ends the change; it goes on in the caller.
func (c *change) run(h incident.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.panicked = fmt.Sprintf("%v\n\nin a change of the store:\n%s", p, debug.Stack())
			err = fault.New(fault.Internal, "store: a change panicked")
		}
	}()
	return c.fn(h)
}

func (c *change) end(err error) { c.result <- err }

func (w *writer) sql(ctx context.Context, query string) error {
	if s := w.stmts.prepared(ctx, query); s != nil {
		_, err := s.ExecContext(ctx)
		return err
	}
	_, err := w.conn.ExecContext(ctx, query)
	return err
}
