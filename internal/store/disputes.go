package store

import (
	"context"
	"database/sql"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// disputes implements incident.Disputes.
type disputes struct{ t *tx }

func (s disputes) SaveDispute(ctx context.Context, d *incident.Dispute) (err error) {
	defer fault.Wrap(&err, "store.SaveDispute(%d)", d.Incident)
	_, err = s.t.link.exec(ctx, `INSERT INTO dispute (incident, region, hops, state, since, decided_at, decided_by)
		VALUES ($1, coalesce((SELECT region FROM incident WHERE id = $1), ''), $2, $3, $4, $5, $6)
		ON CONFLICT (incident) DO UPDATE SET hops = excluded.hops, state = excluded.state, since = excluded.since,
		decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
		int64(d.Incident), d.Hops, string(d.State), micros(d.Since), micros(d.DecidedAt), int64(d.DecidedBy))
	return err
}

func (s disputes) Disputes(ctx context.Context, sc scope.Scope, state incident.DisputeState, limit int) (out []incident.Dispute, err error) {
	defer fault.Wrap(&err, "store.Disputes(%s)", state)
	var w where
	w.and("d.state = ?", string(state))
	w.and("i.is_open = 1")
	w.scope("i", sc)
	order := " ORDER BY d.since, d.incident LIMIT "
	if state == incident.Arbitrated {
		order = " ORDER BY d.decided_at DESC, d.incident LIMIT "
	}
	limited := w.arg(limit)
	err = s.t.link.query(ctx, `SELECT d.incident, d.hops, d.state, d.since, d.decided_at, d.decided_by
		FROM dispute d JOIN incident i ON i.id = d.incident`+w.String()+order+limited, w.args, func(rows *sql.Rows) error {
		var d incident.Dispute
		err := rows.Scan(&d.Incident, &d.Hops, &d.State, clock{&d.Since}, clock{&d.DecidedAt}, &d.DecidedBy)
		out = append(out, d)
		return err
	})
	return out, err
}
