package store

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func (s incidents) KeepPast(ctx context.Context, id incident.ID, p *message.Past) (err error) {
	defer fault.Wrap(&err, "store.KeepPast(%d)", id)
	_, err = s.t.link.exec(ctx, `INSERT INTO past (incident, region, key, number, status, topic, agency)
		VALUES ($1, coalesce((SELECT region FROM incident WHERE id = $1), ''), $2, $3, $4, $5, $6)
		ON CONFLICT (incident) DO UPDATE SET key = excluded.key, number = excluded.number, status = excluded.status, topic = excluded.topic, agency = excluded.agency`,
		int64(id), p.Key, p.Number, p.Status, p.Topic, p.Agency)
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

func (s incidents) ByPast(ctx context.Context, region, key string) (_ incident.ID, err error) {
	defer fault.Wrap(&err, "store.ByPast")
	var id int64
	_, err = s.t.link.one(ctx, "SELECT incident FROM past WHERE region = $1 AND key = $2 ORDER BY incident LIMIT 1", []any{region, key}, &id)
	return incident.ID(id), err
}
