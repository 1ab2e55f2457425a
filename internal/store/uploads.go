package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
)

// uploads implements attachment.Uploads.
type uploads struct{ t *tx }

const uploadColumns = "u.seal, u.region, u.size, u.title, u.kind, u.scanned, u.attachment, u.at, u.taken_at, u.lat, u.lon"

func scanUpload(rows *sql.Rows) (u attachment.Upload, err error) {
	err = rows.Scan(&u.Seal, &u.Region, &u.Size, &u.Title, &u.Kind, &u.Scanned, &u.Attachment, clock{&u.At}, clock{&u.TakenAt}, &u.Lat, &u.Lon)
	return u, err
}

func (s uploads) find(ctx context.Context, rest string, args ...any) (out []attachment.Upload, err error) {
	err = s.t.link.query(ctx, "SELECT "+uploadColumns+" FROM upload u"+rest, args, func(rows *sql.Rows) error {
		u, err := scanUpload(rows)
		out = append(out, u)
		return err
	})
	return out, err
}

func (s uploads) Begin(ctx context.Context, u *attachment.Upload) (err error) {
	defer fault.Wrap(&err, "store.Begin(upload)")
	_, err = s.t.link.exec(ctx, "INSERT INTO upload (seal, region, size, title, kind, scanned, at) VALUES ("+marks(7)+")",
		u.Seal, u.Region, u.Size, u.Title, string(u.Kind), flag(u.Scanned), micros(u.At))
	return err
}

func (s uploads) Upload(ctx context.Context, seal string) (_ *attachment.Upload, err error) {
	defer fault.Wrap(&err, "store.Upload")
	return singleValue(s.find(ctx, " WHERE u.seal = $1", seal))
}

func (s uploads) Whole(ctx context.Context, u *attachment.Upload) (err error) {
	defer fault.Wrap(&err, "store.Whole(upload)")
	n, err := s.t.link.exec(ctx, "UPDATE upload SET kind = $2, scanned = $3, taken_at = $4, lat = $5, lon = $6, title = $7 WHERE seal = $1",
		u.Seal, string(u.Kind), flag(u.Scanned), micros(u.TakenAt), u.Lat, u.Lon, u.Title)
	if err == nil && n == 0 {
		err = missing("the upload is not here")
	}
	return err
}

func (s uploads) Take(ctx context.Context, seal string, a attachment.ID, region string) (err error) {
	defer fault.Wrap(&err, "store.Take(upload for attachment %d)", a)
	n, err := s.t.link.exec(ctx, "UPDATE upload SET attachment = $2, region = $3 WHERE seal = $1 AND attachment = 0 AND kind <> ''", seal, int64(a), region)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "the upload is taken, or not whole")
	}
	return err
}

func (s uploads) Drop(ctx context.Context, seals ...string) (err error) {
	defer fault.Wrap(&err, "store.Drop(%d uploads)", len(seals))
	for _, seal := range seals {
		for _, table := range []string{"upload", "upload_gone"} {
			if _, err := s.t.link.exec(ctx, "DELETE FROM "+table+" WHERE seal = $1", seal); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s uploads) Due(ctx context.Context, now time.Time, limit int) (_ []attachment.Upload, err error) {
	defer fault.Wrap(&err, "store.Due(uploads)")
	return s.find(ctx, " JOIN attachment a ON a.id = u.attachment WHERE u.attachment <> 0 AND a.state = 'wanted' AND a.next_at <= $1 ORDER BY a.next_at, a.id LIMIT $2", micros(now), limit)
}

func (s uploads) Stale(ctx context.Context, before time.Time, limit int) (out []string, err error) {
	defer fault.Wrap(&err, "store.Stale(uploads)")
	err = s.t.link.query(ctx, `SELECT seal FROM upload WHERE attachment = 0 AND at < $1
		UNION SELECT u.seal FROM upload u WHERE u.attachment <> 0 AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = u.attachment AND a.state = 'wanted')
		UNION SELECT seal FROM upload_gone LIMIT $2`,
		[]any{micros(before), limit}, scanStrings(&out))
	return out, err
}

func (s uploads) Here(ctx context.Context, seals []string) (_ map[string]bool, err error) {
	defer fault.Wrap(&err, "store.Here(%d uploads)", len(seals))
	out := map[string]bool{}
	if len(seals) == 0 {
		return out, nil
	}
	var w where
	w.in("seal", values(seals)...)
	err = s.t.link.query(ctx, "SELECT seal FROM upload"+w.String(), w.args, func(rows *sql.Rows) error {
		var seal string
		err := rows.Scan(&seal)
		out[seal] = true
		return err
	})
	return out, err
}

func (s uploads) Load(ctx context.Context) (bytes int64, unscanned int, err error) {
	defer fault.Wrap(&err, "store.Load(uploads)")
	_, err = s.t.link.one(ctx, `SELECT coalesce((SELECT sum(size) FROM upload WHERE attachment = 0), 0), (SELECT count(*) FROM upload WHERE attachment <> 0 AND scanned = 0)`, nil, &bytes, &unscanned)
	return bytes, unscanned, err
}
