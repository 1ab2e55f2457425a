package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/fault"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
)

// neighbours implements neighbour.Store.
type neighbours struct{ t *tx }

func (s neighbours) SaveRequest(ctx context.Context, r *neighbour.Request) (err error) {
	defer fault.Wrap(&err, "store.SaveRequest(%d)", r.ID)
	words, err := json.Marshal(&r.Words)
	if err != nil {
		return err
	}
	st := &r.Standing
	args := []any{
		r.Incident, r.Source, r.Key, string(r.State), r.Service, r.Name, r.Number, r.Token, flag(r.Contact), r.Tries, micros(r.NextAt), micros(r.TriedAt), int64(r.By), micros(r.At), micros(r.SentAt),
		st.Status, st.Agency, micros(st.ExpectedAt), micros(st.UpdatedAt), micros(st.SeenAt),
	}
	if r.ID == 0 {
		id, _, err := s.t.link.insert(ctx, `INSERT INTO neighbour_request (region, incident, source, key, state, service, name, number, token, contact, tries, next_at, tried_at, who, at, sent_at, status, doer, expected_at, updated_at, seen_at)
			VALUES (coalesce((SELECT region FROM incident WHERE id = $1), ''), `+marks(20)+`)`, args...)
		if err != nil {
			return err
		}
		r.ID = neighbour.ID(id)
		_, err = s.t.link.exec(ctx, "INSERT INTO neighbour_words (request, region, body) VALUES ($1, coalesce((SELECT region FROM incident WHERE id = $2), ''), $3)", id, r.Incident, string(words))
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE neighbour_request SET incident = $1, source = $2, key = $3, state = $4, service = $5, name = $6, number = $7, token = $8, contact = $9, tries = $10, next_at = $11, tried_at = $12,
		who = $13, at = $14, sent_at = $15, status = $16, doer = $17, expected_at = $18, updated_at = $19, seen_at = $20 WHERE id = $21`, append(args, int64(r.ID))...)
	if err == nil && n == 0 {
		return missing("request %d is not here", r.ID)
	}
	if err == nil { // what was erased stays so
		_, err = s.t.link.exec(ctx, "UPDATE neighbour_words SET body = $2 WHERE request = $1", int64(r.ID), string(words))
	}
	return err
}

func (s neighbours) find(ctx context.Context, w *where, tail string) (out []neighbour.Request, err error) {
	err = s.t.link.query(ctx, `SELECT n.id, n.incident, n.source, n.key, n.state, n.service, n.name, n.number, n.token, n.contact, n.tries, n.next_at, n.tried_at, n.who, n.at, n.sent_at,
		n.status, n.doer, n.expected_at, n.updated_at, n.seen_at, coalesce(o.body, '{}'), i.region, i.centre, i.agency
		FROM neighbour_request n JOIN incident i ON i.id = n.incident LEFT JOIN neighbour_words o ON o.request = n.id`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var r neighbour.Request
		var words string
		st := &r.Standing
		err := rows.Scan(&r.ID, &r.Incident, &r.Source, &r.Key, &r.State, &r.Service, &r.Name, &r.Number, &r.Token, &r.Contact, &r.Tries, clock{&r.NextAt}, clock{&r.TriedAt}, &r.By, clock{&r.At}, clock{&r.SentAt},
			&st.Status, &st.Agency, clock{&st.ExpectedAt}, clock{&st.UpdatedAt}, clock{&st.SeenAt}, &words, &r.Place.Region, &r.Place.Centre, &r.Place.Agency)
		if err == nil {
			err = json.Unmarshal([]byte(words), &r.Words)
		}
		out = append(out, r)
		return err
	})
	return out, err
}

func (s neighbours) Request(ctx context.Context, sc scope.Scope, id neighbour.ID) (_ *neighbour.Request, err error) {
	defer fault.Wrap(&err, "store.Request(%d)", id)
	var w where
	w.and("n.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s neighbours) OfIncident(ctx context.Context, sc scope.Scope, incident int64) (_ []neighbour.Request, err error) {
	defer fault.Wrap(&err, "store.OfIncident(requests)")
	var w where
	w.and("n.incident = ?", incident)
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY n.id")
}

func (s neighbours) OfSource(ctx context.Context, sc scope.Scope, source string, limit int) (_ []neighbour.Request, err error) {
	defer fault.Wrap(&err, "store.OfSource(requests)")
	var w where
	w.and("n.source = ?", source)
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY n.id DESC LIMIT "+w.arg(limit))
}

func (s neighbours) Due(ctx context.Context, now time.Time, limit int) (_ []neighbour.Request, err error) {
	defer fault.Wrap(&err, "store.Due(requests)")
	var w where
	w.and("n.next_at > 0")
	w.and("n.next_at <= ?", micros(now))
	return s.find(ctx, &w, " ORDER BY n.next_at, n.id LIMIT "+w.arg(limit))
}

func (s neighbours) Known(ctx context.Context, key string) (_ bool, err error) {
	defer fault.Wrap(&err, "store.Known(request)")
	var one int
	return s.t.link.one(ctx, "SELECT 1 FROM neighbour_request WHERE key = $1", []any{key}, &one)
}

func (s neighbours) Interrupted(ctx context.Context, now time.Time) (_ int, err error) {
	defer fault.Wrap(&err, "store.Interrupted(requests)")
	n, err := s.t.link.exec(ctx, "UPDATE neighbour_request SET state = 'seeking', tries = 0, next_at = $1 WHERE state = 'sending'", micros(now))
	return int(n), err
}
