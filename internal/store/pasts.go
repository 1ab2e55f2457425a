package store

import (
	"context"
	"database/sql"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// saidLimit is how many characters of digests are kept of a case, the latest.
const saidLimit = "400"

func (s incidents) KeepPast(ctx context.Context, id incident.ID, p *message.Past) (err error) {
	defer fault.Wrap(&err, "store.KeepPast(%d)", id)
	_, err = s.t.link.exec(ctx, `INSERT INTO past (incident, region, key, number, status, topic, agency, said)
		VALUES ($1, coalesce((SELECT region FROM incident WHERE id = $1), ''), $2, $3, $4, $5, $6, $7)
		ON CONFLICT (incident) DO UPDATE SET key = excluded.key, number = excluded.number, status = excluded.status, topic = excluded.topic, agency = excluded.agency,
			said = substr(excluded.said || ' ' || past.said, 1, `+saidLimit+`)`,
		int64(id), p.Key, p.Number, p.Status, p.Topic, p.Agency, p.Digest())
	return err
}

func (s incidents) Past(ctx context.Context, sc scope.Scope, id incident.ID) (_ *message.Past, err error) {
	defer fault.Wrap(&err, "store.Past(%d)", id)
	if err := s.seen(ctx, sc, id); err != nil {
		return nil, err
	}
	var p message.Past
	ok, err := s.t.link.one(ctx, "SELECT key, number, status, topic, agency FROM past WHERE incident = $1", []any{int64(id)}, &p.Key, &p.Number, &p.Status, &p.Topic, &p.Agency)
	if err == nil && !ok {
		err = missing("incident %d began here", id)
	}
	return &p, err
}

func (s incidents) ByPast(ctx context.Context, region string, keys ...string) (out []incident.PastCase, err error) {
	defer fault.Wrap(&err, "store.ByPast(%d)", len(keys))
	seen := map[string]bool{}
	const step = 50
	for from := 0; from < len(keys); from += step {
		part := keys[from:min(from+step, len(keys))]
		var w where
		if region != "" {
			w.and("region = ?", region)
		}
		w.in("key", values(part)...)
		err := s.t.link.query(ctx, "SELECT incident, key, said FROM past"+w.String()+" ORDER BY incident", w.args, func(rows *sql.Rows) error {
			var c incident.PastCase
			err := rows.Scan((*int64)(&c.ID), &c.Key, &c.Said)
			if err == nil && !seen[c.Key] {
				seen[c.Key] = true
				out = append(out, c)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
