package store

import (
	"context"
	"database/sql"

	"otklik/internal/fault"
	"otklik/internal/source"
)

func (s sources) Spend(ctx context.Context, list []source.Spent, forget int64) (err error) {
	defer fault.Wrap(&err, "store.Spend")
	for _, c := range list {
		if _, err := s.t.link.exec(ctx, `INSERT INTO source_spent (token, method, quarter, calls) VALUES (`+marks(4)+`)
			ON CONFLICT (token, method, quarter) DO UPDATE SET calls = excluded.calls`, c.Token, c.Method, c.Quarter, c.Calls); err != nil {
			return err
		}
	}
	_, err = s.t.link.exec(ctx, "DELETE FROM source_spent WHERE quarter < $1", forget)
	return err
}

func (s sources) Spent(ctx context.Context) (out []source.Spent, err error) {
	defer fault.Wrap(&err, "store.Spent")
	err = s.t.link.query(ctx, "SELECT token, method, quarter, calls FROM source_spent ORDER BY token, method, quarter", nil, func(rows *sql.Rows) error {
		var c source.Spent
		err := rows.Scan(&c.Token, &c.Method, &c.Quarter, &c.Calls)
		out = append(out, c)
		return err
	})
	return out, err
}
