package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/shift"
)

// checklists implements checklist.Store.
type checklists struct{ t *tx }

func (s checklists) SaveItem(ctx context.Context, i *checklist.Item) (err error) {
	defer fault.Wrap(&err, "store.SaveItem(%d)", i.ID)
	args := []any{i.Incident, int64(i.By), micros(i.At), micros(i.Due), micros(i.DoneAt), int64(i.DoneBy)}
	if i.ID == 0 {
		_, err = s.t.link.returning(ctx, "INSERT INTO check_item (incident, region, added_by, at, due_at, done_at, done_by) VALUES ($1, "+regionOf+", $2, $3, $4, $5, $6) RETURNING id", args, &i.ID)
	} else {
		_, err = s.t.link.exec(ctx, "UPDATE check_item SET added_by = $2, at = $3, due_at = $4, done_at = $5, done_by = $6 WHERE incident = $1 AND id = $7", append(args, i.ID)...)
	}
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO check_words (item, region, text) VALUES ($2, "+regionOf+", $3) ON CONFLICT (item) DO UPDATE SET text = excluded.text", i.Incident, i.ID, i.Text)
	return err
}

func (s checklists) find(ctx context.Context, cond string, id int64) (out []checklist.Item, err error) {
	err = s.t.link.query(ctx, `SELECT c.id, c.incident, coalesce(w.text, ''), c.added_by, c.at, c.due_at, c.done_at, c.done_by
		FROM check_item c LEFT JOIN check_words w ON w.item = c.id WHERE `+cond+` = $1 ORDER BY c.id`, []any{id}, func(rows *sql.Rows) error {
		var i checklist.Item
		err := rows.Scan(&i.ID, &i.Incident, &i.Text, &i.By, clock{&i.At}, clock{&i.Due}, clock{&i.DoneAt}, &i.DoneBy)
		out = append(out, i)
		return err
	})
	return out, err
}

func (s checklists) Item(ctx context.Context, id int64) (_ *checklist.Item, err error) {
	defer fault.Wrap(&err, "store.Item(%d)", id)
	return singleValue(s.find(ctx, "c.id", id))
}

func (s checklists) Items(ctx context.Context, incident int64) (_ []checklist.Item, err error) {
	defer fault.Wrap(&err, "store.Items(%d)", incident)
	return s.find(ctx, "c.incident", incident)
}

func (s checklists) Templates(ctx context.Context, region string) (out []checklist.Template, err error) {
	defer fault.Wrap(&err, "store.Templates(%s)", region)
	err = s.t.link.query(ctx, "SELECT topic, topic_group, items FROM checklist WHERE region = $1 ORDER BY topic_group, topic", []any{region}, func(rows *sql.Rows) error {
		var t checklist.Template
		var items string
		if err := rows.Scan(&t.Topic, &t.Group, &items); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(items), &t.Items)
		out = append(out, t)
		return err
	})
	return out, err
}

func (s checklists) SaveTemplate(ctx context.Context, region string, t checklist.Template) (err error) {
	defer fault.Wrap(&err, "store.SaveTemplate(%s)", region)
	if len(t.Items) == 0 {
		_, err = s.t.link.exec(ctx, "DELETE FROM checklist WHERE region = $1 AND topic = $2 AND topic_group = $3", region, string(t.Topic), t.Group)
		return err
	}
	items, err := json.Marshal(t.Items)
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO checklist (region, topic, topic_group, items) VALUES ($1, $2, $3, $4) ON CONFLICT (region, topic, topic_group) DO UPDATE SET items = excluded.items",
		region, string(t.Topic), t.Group, string(items))
	return err
}

// links implements incident.Links.
type links struct{ t *tx }

func (s links) Link(ctx context.Context, l *incident.Link) (err error) {
	defer fault.Wrap(&err, "store.Link(%d, %d)", l.From, l.To)
	var one int
	if had, err := s.t.link.one(ctx, "SELECT 1 FROM incident_link WHERE from_id = $1 AND to_id = $2 OR from_id = $2 AND to_id = $1", []any{int64(l.From), int64(l.To)}, &one); err != nil {
		return err
	} else if had {
		return fault.New(fault.Conflict, "incidents %d and %d are linked already", l.From, l.To).Say("Эти инциденты уже связаны.")
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO incident_link (from_id, region, to_id, kind, by_id, at) VALUES ($1, "+regionOf+", $2, $3, $4, $5)",
		int64(l.From), int64(l.To), string(l.Kind), int64(l.By), micros(l.At))
	return err
}

func (s links) Unlink(ctx context.Context, a, b incident.ID) (err error) {
	defer fault.Wrap(&err, "store.Unlink(%d, %d)", a, b)
	n, err := s.t.link.exec(ctx, "DELETE FROM incident_link WHERE from_id = $1 AND to_id = $2 OR from_id = $2 AND to_id = $1", int64(a), int64(b))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "incidents %d and %d are not linked", a, b).Say("Эти инциденты не связаны.")
	}
	return err
}

func (s links) LinksOf(ctx context.Context, id incident.ID) (out []incident.Link, err error) {
	defer fault.Wrap(&err, "store.LinksOf(%d)", id)
	err = s.t.link.query(ctx, "SELECT from_id, to_id, kind, by_id, at FROM incident_link WHERE from_id = $1 OR to_id = $1 ORDER BY at, from_id, to_id", []any{int64(id)}, func(rows *sql.Rows) error {
		var l incident.Link
		err := rows.Scan(&l.From, &l.To, &l.Kind, &l.By, clock{&l.At})
		out = append(out, l)
		return err
	})
	return out, err
}

// shifts implements shift.Store.
type shifts struct{ t *tx }

func (s shifts) SaveShift(ctx context.Context, h *shift.Shift) (err error) {
	defer fault.Wrap(&err, "store.SaveShift(%d)", h.ID)
	figures, err := json.Marshal(h.Figures)
	if err != nil {
		return err
	}
	args := []any{h.Place.Region, h.Place.Centre, h.Place.Agency, micros(h.OpenedAt), micros(h.ClosedAt), int64(h.ClosedBy), micros(h.AcceptedAt), int64(h.AcceptedBy), string(figures)}
	if h.ID == 0 {
		_, err = s.t.link.returning(ctx, "INSERT INTO shift (region, centre, agency, opened_at, closed_at, closed_by, accepted_at, accepted_by, figures) VALUES ("+marks(9)+") RETURNING id", args, &h.ID)
	} else {
		_, err = s.t.link.exec(ctx, `UPDATE shift SET region = $1, centre = $2, agency = $3, opened_at = $4, closed_at = $5, closed_by = $6, accepted_at = $7, accepted_by = $8, figures = $9
			WHERE id = $10`, append(args, h.ID)...)
	}
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO shift_words (shift, region, text) VALUES ($1, $2, $3) ON CONFLICT (shift) DO UPDATE SET text = excluded.text", h.ID, h.Place.Region, h.Note)
	return err
}

func (s shifts) Shifts(ctx context.Context, at scope.Place, limit int) (out []shift.Shift, err error) {
	defer fault.Wrap(&err, "store.Shifts")
	err = s.t.link.query(ctx, `SELECT h.id, h.region, h.centre, h.agency, h.opened_at, h.closed_at, h.closed_by, h.accepted_at, h.accepted_by, h.figures, coalesce(w.text, '')
		FROM shift h LEFT JOIN shift_words w ON w.shift = h.id WHERE h.region = $1 AND h.centre = $2 AND h.agency = $3 ORDER BY h.id DESC LIMIT $4`,
		[]any{at.Region, at.Centre, at.Agency, limit}, func(rows *sql.Rows) error {
			var h shift.Shift
			var figures string
			if err := rows.Scan(&h.ID, &h.Place.Region, &h.Place.Centre, &h.Place.Agency, clock{&h.OpenedAt}, clock{&h.ClosedAt}, &h.ClosedBy,
				clock{&h.AcceptedAt}, &h.AcceptedBy, &figures, &h.Note); err != nil {
				return err
			}
			err := json.Unmarshal([]byte(figures), &h.Figures)
			out = append(out, h)
			return err
		})
	return out, err
}
