package store

import (
	"context"
	"database/sql"
	"io/fs"
	"net/url"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"otklik/internal/incident"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/store/migration"
)

// Commits returns how many transactions the writer of a SQLite file has committed.
func (db *DB) Commits() int64 { return db.writer.commits.Load() }

// Explain returns the steps by which SQLite answers for a page of the queue.
func (db *DB) Explain(ctx context.Context, sc scope.Scope, f incident.Filter) (steps []string, err error) {
	f.Order, _ = parseOrder(f.Order)
	h := db.Reader().(*tx)
	q, args, err := incidents{h}.page(ctx, sc, &f, pageRows)
	if err != nil {
		return nil, err
	}
	err = h.link.query(ctx, "EXPLAIN QUERY PLAN "+q, args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	})
	return steps, err
}

// ExplainPublic returns the steps by which SQLite answers for public cases.
func (db *DB) ExplainPublic(ctx context.Context, sc scope.Scope, rule publicface.Rule, f publicface.Query) (steps []string, err error) {
	q, args := publicQuery(false, sc, rule, f)
	err = db.Reader().(*tx).link.query(ctx, "EXPLAIN QUERY PLAN "+q, args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	})
	return steps, err
}

// Columns returns the columns of every table.
func (db *DB) Columns(ctx context.Context) (map[string][]string, error) {
	q := `SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type <> 'shadow' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid`
	if db.d == postgresDialect {
		q = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	}
	out := map[string][]string{}
	err := db.Reader().(*tx).link.query(ctx, q, nil, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		out[table] = append(out[table], column)
		return err
	})
	return out, err
}

// Exec runs SQL as an administrator would.
func (db *DB) Exec(ctx context.Context, q string) error {
	_, err := db.writer.conn.ExecContext(ctx, q)
	return err
}

// CheckSettings opens a file with one pragma set otherwise and asks whether what is
// acknowledged would be durable.
func CheckSettings(path, otherwise string) error {
	name, _, _ := strings.Cut(otherwise, "(")
	rest := slices.DeleteFunc(slices.Clone(pragmas), func(p string) bool { return strings.HasPrefix(p, name+"(") })
	q := url.Values{"_pragma": append(rest, otherwise)}
	db, err := sql.Open("sqlite", "file:"+path+"?"+q.Encode())
	if err != nil {
		return err
	}
	defer db.Close()
	return checkSQLite(context.Background(), db)
}

// MakeAt makes a SQLite file as the program of an earlier migration did, and puts rows into it.
func MakeAt(ctx context.Context, path string, version int64, rows ...string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer db.Close()
	sub, err := fs.Sub(migration.SQLite, "sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := db.ExecContext(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// Pool returns the connections on which questions are asked.
func (db *DB) Pool() *sql.DB { return db.read }
