package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// Erase implements message.Store.
func (s messages) Erase(ctx context.Context, e message.Erasure) (err error) {
	defer fault.Wrap(&err, "store.Erase(%s)", e.Source)
	_, err = s.t.link.exec(ctx, "INSERT INTO erasure (source, native, region, centre, agency, at, who) VALUES ("+marks(7)+") ON CONFLICT (source, native) DO NOTHING",
		e.Source, e.Native, e.Place.Region, e.Place.Centre, e.Place.Agency, micros(e.At), e.Who)
	if err != nil {
		return err
	}
	for _, table := range []string{"inbox", "set_aside", "dropped"} {
		if _, err := s.t.link.exec(ctx, "DELETE FROM "+table+" WHERE source = $1 AND native = $2", e.Source, e.Native); err != nil {
			return err
		}
	}
	var id, of int64
	here, err := s.t.link.one(ctx, "SELECT id, incident FROM message WHERE source = $1 AND native = $2"+s.t.link.d.forUpdate, []any{e.Source, e.Native}, &id, &of)
	if err != nil || !here {
		return err
	}
	if err := s.strip(ctx, id); err != nil {
		return err
	}
	if err := (files{s.t}).forget(ctx, id); err != nil {
		return err
	}
	if err := (talks{s.t}).forgetTalk(ctx, id); err != nil {
		return err
	}
	for _, change := range []string{
		"DELETE FROM message_words WHERE message = $1",
		"DELETE FROM applicant WHERE message = $1",
		"DELETE FROM caller WHERE message = $1",
		"UPDATE reply_words SET text = '', reason = '', tried = '', override_reason = '', private = '', cleared = '' WHERE reply IN (SELECT id FROM reply WHERE message = $1)",
		"DELETE FROM voice_words WHERE voice IN (SELECT v.id FROM voice v JOIN reply r ON r.id = v.reply WHERE r.message = $1)",
		"UPDATE job_words SET text = '' WHERE job IN (SELECT id FROM job WHERE message = $1)",
		"UPDATE job SET state = 'cancelled' WHERE message = $1 AND state IN ('waiting', 'held', 'hand')",
		"DELETE FROM call_words WHERE call IN (SELECT id FROM call WHERE message = $1)",
	} {
		if _, err := s.t.link.exec(ctx, change, id); err != nil {
			return err
		}
	}
	if _, err := s.t.link.exec(ctx, "UPDATE message SET author = '', url = '', fingerprint = '', erased_at = $2 WHERE id = $1", id, micros(e.At)); err != nil {
		return err
	}
	if of == 0 {
		return nil
	}
	s.t.dirty = append(s.t.dirty, incident.ID(of))
	for _, change := range []string{ // colleagues quote
		"DELETE FROM past WHERE incident = $1",
		"DELETE FROM neighbour_words WHERE request IN (SELECT id FROM neighbour_request WHERE incident = $1)",
		"UPDATE neighbour_request SET state = 'dropped', next_at = 0 WHERE incident = $1 AND state = 'waiting'",
		"DELETE FROM precedent_term WHERE incident = $1",
		"DELETE FROM precedent WHERE incident = $1",
		"DELETE FROM machine_words WHERE draft IN (SELECT id FROM machine_draft WHERE incident = $1)",
		"UPDATE note_words SET text = '' WHERE note IN (SELECT id FROM note WHERE incident = $1)",
		"UPDATE check_words SET text = '' WHERE item IN (SELECT id FROM check_item WHERE incident = $1)",
	} {
		if _, err := s.t.link.exec(ctx, change, of); err != nil {
			return err
		}
	}
	// Where all who wrote are forgotten, a house or a landmark could still tell who
	// they were: the street stays, for the figures of places.
	n, err := s.t.link.exec(ctx, `UPDATE incident SET place_id = '', house = '', landmark = '', relation = '', lat = 0, lon = 0, radius = 0
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.incident = $1 AND m.erased_at = 0)`, of)
	if err != nil || n == 0 {
		return err
	}
	// Pictures of the place, too, tell where it is.
	if err := (files{s.t}).drop(ctx, "incident = $1", of); err != nil {
		return err
	}
	// Nor may a durable problem that nobody else wrote about.
	p, err := problems{s.t}.Of(ctx, of)
	if err != nil || p == 0 {
		return err
	}
	if err := (problems{s.t}).Link(ctx, 0, of, time.Time{}); err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "DELETE FROM problem WHERE id = $1 AND incidents = 0", int64(p))
	return err
}

// strip leaves of the readings of a message what Reading.Erased leaves.
func (s messages) strip(ctx context.Context, id int64) error {
	bodies := map[int64]string{}
	err := s.t.link.query(ctx, "SELECT n, reading FROM revision WHERE message = $1 AND reading <> ''", []any{id}, func(rows *sql.Rows) error {
		var n int64
		var body string
		err := rows.Scan(&n, &body)
		bodies[n] = body
		return err
	})
	if err != nil {
		return err
	}
	for n, body := range bodies {
		var r message.Reading
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return err
		}
		left, err := json.Marshal(r.Erased())
		if err != nil {
			return err
		}
		if _, err := s.t.link.exec(ctx, "UPDATE revision SET reading = $3 WHERE message = $1 AND n = $2", id, n, string(left)); err != nil {
			return err
		}
	}
	return nil
}

// Erasures implements message.Store.
func (s messages) Erasures(ctx context.Context, sc scope.Scope) (out []message.Erasure, err error) {
	defer fault.Wrap(&err, "store.Erasures")
	var w where
	w.scope("e", sc)
	err = s.t.link.query(ctx, "SELECT e.source, e.native, e.region, e.centre, e.agency, e.at, e.who FROM erasure e"+w.String()+" ORDER BY e.at, e.source, e.native", w.args,
		func(rows *sql.Rows) error {
			var e message.Erasure
			err := rows.Scan(&e.Source, &e.Native, &e.Place.Region, &e.Place.Centre, &e.Place.Agency, clock{&e.At}, &e.Who)
			out = append(out, e)
			return err
		})
	return out, err
}

// erased returns which of the messages of a source stand in the ledger.
func (s messages) erased(ctx context.Context, source string, natives ...any) (map[string]bool, error) {
	out := map[string]bool{}
	var w where
	w.and("source = ?", source)
	w.in("native", natives...)
	err := s.t.link.query(ctx, "SELECT native FROM erasure"+w.String(), w.args, func(rows *sql.Rows) error {
		var native string
		err := rows.Scan(&native)
		out[native] = true
		return err
	})
	return out, err
}

// Sweep takes erased words out of the write-ahead log of SQLite, where pages stand
// as they were until the log is begun anew. It is to be called after an erasure. A
// reader that is at work holds it up; then Close, or the next sweep, does it.
// PostgreSQL frees the space at its next VACUUM.
func (db *DB) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "store.Sweep")
	if db.writer == nil {
		return nil
	}
	var busy, pages, moved int
	return sqliteError(db.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved))
}
