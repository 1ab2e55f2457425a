package store

import (
	"context"
	"database/sql"

	"otklik/internal/fault"
	"otklik/internal/reply"
)

// machines implements reply.Machines.
type machines struct{ t *tx }

func (s machines) SaveMachineDraft(ctx context.Context, d *reply.MachineDraft) (err error) {
	defer fault.Wrap(&err, "store.SaveMachineDraft(incident %d)", d.Incident)
	if _, err := s.t.link.returning(ctx, "INSERT INTO machine_draft (incident, region, kind, model, asked_by, at) VALUES ("+marks(6)+") RETURNING id",
		[]any{d.Incident, d.Place.Region, d.Kind, d.Model, int64(d.By), micros(d.At)}, &d.ID); err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO machine_words (draft, region, text) VALUES ($1, $2, $3)", d.ID, d.Place.Region, d.Text)
	return err
}

func (s machines) MachineDrafts(ctx context.Context, incident int64, limit int) (out []reply.MachineDraft, err error) {
	defer fault.Wrap(&err, "store.MachineDrafts(%d)", incident)
	err = s.t.link.query(ctx, `SELECT d.id, d.incident, d.kind, d.model, d.asked_by, d.at, coalesce(w.text, ''), i.region, i.centre, i.agency
		FROM machine_draft d JOIN incident i ON i.id = d.incident LEFT JOIN machine_words w ON w.draft = d.id WHERE d.incident = $1 ORDER BY d.id DESC LIMIT $2`, []any{incident, limit},
		func(rows *sql.Rows) error {
			var d reply.MachineDraft
			err := rows.Scan(&d.ID, &d.Incident, &d.Kind, &d.Model, &d.By, clock{&d.At}, &d.Text, &d.Place.Region, &d.Place.Centre, &d.Place.Agency)
			out = append(out, d)
			return err
		})
	return out, err
}
