package store

import (
	"context"
	"database/sql"

	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// calls implements call.Store.
type calls struct{ t *tx }

func (s calls) Save(ctx context.Context, c *call.Call) (err error) {
	defer fault.Wrap(&err, "store.Save(call %d)", c.ID)
	if c.ID == 0 {
		_, err := s.t.link.returning(ctx, `INSERT INTO call (incident, message, region, why, state, at, whom, made_by, made_at) VALUES (`+marks(9)+`)
			ON CONFLICT (message) WHERE message <> 0 DO NOTHING RETURNING id`,
			[]any{c.Incident, c.Message, c.Scope.Region, c.Why, string(c.State), micros(c.At), c.Whom, int64(c.By), micros(c.MadeAt)}, &c.ID)
		if err != nil || c.ID == 0 {
			return err
		}
	} else {
		n, err := s.t.link.exec(ctx, "UPDATE call SET state = $2, whom = $3, made_by = $4, made_at = $5 WHERE id = $1",
			int64(c.ID), string(c.State), c.Whom, int64(c.By), micros(c.MadeAt))
		if err == nil && n == 0 {
			err = missing("call %d is not here", c.ID)
		}
		if err != nil {
			return err
		}
	}
	if c.Said == "" {
		return nil
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO call_words (call, region, said) VALUES ($1, $2, $3) ON CONFLICT (call) DO UPDATE SET said = excluded.said",
		int64(c.ID), c.Scope.Region, c.Said)
	return err
}

func (s calls) find(ctx context.Context, w *where, tail string) (out []call.Call, err error) {
	err = s.t.link.query(ctx, `SELECT c.id, c.incident, c.message, c.why, c.state, c.at, c.whom, coalesce(w.said, ''), c.made_by, c.made_at, i.region, i.centre, i.agency
		FROM call c JOIN incident i ON i.id = c.incident LEFT JOIN call_words w ON w.call = c.id`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var c call.Call
		err := rows.Scan(&c.ID, &c.Incident, &c.Message, &c.Why, &c.State, clock{&c.At}, &c.Whom, &c.Said, &c.By, clock{&c.MadeAt},
			&c.Scope.Region, &c.Scope.Centre, &c.Scope.Agency)
		out = append(out, c)
		return err
	})
	return out, err
}

func (s calls) Call(ctx context.Context, sc scope.Scope, id call.ID) (_ *call.Call, err error) {
	defer fault.Wrap(&err, "store.Call(%d)", id)
	var w where
	w.and("c.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s calls) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []call.Call, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("c.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY c.id")
}

func (s calls) Waiting(ctx context.Context, sc scope.Scope, limit int) (_ []call.Call, err error) {
	defer fault.Wrap(&err, "store.Waiting(calls)")
	var w where
	w.and("c.state = 'waiting'")
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY c.id LIMIT "+w.arg(limit))
}

func (s calls) Latest(ctx context.Context, sc scope.Scope, limit int) (_ []call.Call, err error) {
	defer fault.Wrap(&err, "store.Latest(calls)")
	var w where
	w.and("c.state <> 'waiting'")
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY c.id DESC LIMIT "+w.arg(limit))
}

func (s calls) Book(ctx context.Context, region string) (out []call.Contact, err error) {
	defer fault.Wrap(&err, "store.Book(%s)", region)
	err = s.t.link.query(ctx, "SELECT centre, name, phone, danger FROM contact WHERE region = $1 ORDER BY centre, turn", []any{region}, func(rows *sql.Rows) error {
		var c call.Contact
		err := rows.Scan(&c.Centre, &c.Name, &c.Phone, &c.Danger)
		out = append(out, c)
		return err
	})
	return out, err
}

func (s calls) SaveBook(ctx context.Context, region, centre string, list []call.Contact) (err error) {
	defer fault.Wrap(&err, "store.SaveBook(%s, %s)", region, centre)
	if _, err := s.t.link.exec(ctx, "DELETE FROM contact WHERE region = $1 AND centre = $2", region, centre); err != nil {
		return err
	}
	for k, c := range list {
		if _, err := s.t.link.exec(ctx, "INSERT INTO contact (region, centre, turn, name, phone, danger) VALUES ($1, $2, $3, $4, $5, $6)",
			region, centre, k, c.Name, c.Phone, string(c.Danger)); err != nil {
			return err
		}
	}
	return nil
}
