package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// suspicions implements incident.Suspicions.
type suspicions struct{ t *tx }

func (s suspicions) Suspect(ctx context.Context, q *incident.Suspicion) (err error) {
	defer fault.Wrap(&err, "store.Suspect(message %d)", q.Message)
	_, err = s.t.link.exec(ctx, "INSERT INTO suspicion (message, region, reasons, at) VALUES ("+marks(4)+") ON CONFLICT (message) DO NOTHING",
		q.Message, q.Place.Region, strings.Join(q.Reasons, " "), micros(q.At))
	return err
}

func (s suspicions) SuspicionsOf(ctx context.Context, sc scope.Scope, id incident.ID) (out []incident.Suspicion, err error) {
	defer fault.Wrap(&err, "store.SuspicionsOf(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, id); err != nil {
		return nil, err
	}
	err = s.t.link.query(ctx, `SELECT q.message, m.incident, q.reasons, q.at, q.settled_at, q.settled_by, q.spam, m.region, m.centre, m.agency
		FROM suspicion q JOIN message m ON m.id = q.message WHERE m.incident = $1 ORDER BY q.message`, []any{int64(id)}, func(rows *sql.Rows) error {
		var q incident.Suspicion
		var reasons string
		err := rows.Scan(&q.Message, &q.Incident, &reasons, clock{&q.At}, clock{&q.Settled}, &q.By, &q.Spam, &q.Place.Region, &q.Place.Centre, &q.Place.Agency)
		q.Reasons = strings.Fields(reasons)
		out = append(out, q)
		return err
	})
	return out, err
}

func (s suspicions) Settle(ctx context.Context, sc scope.Scope, id incident.ID, by account.ID, spam bool, now time.Time) (messages []int64, err error) {
	defer fault.Wrap(&err, "store.Settle(%d)", id)
	all, err := s.SuspicionsOf(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	for k := range all {
		if !all[k].Settled.IsZero() {
			continue
		}
		messages = append(messages, all[k].Message)
		if _, err := s.t.link.exec(ctx, "UPDATE suspicion SET settled_at = $2, settled_by = $3, spam = $4 WHERE message = $1", all[k].Message, micros(now), int64(by), flag(spam)); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

func (s suspicions) Suspects(ctx context.Context, sc scope.Scope, limit int) (int, error) {
	return incidents{s.t}.Count(ctx, sc, incident.Filter{Suspect: true}, limit)
}
