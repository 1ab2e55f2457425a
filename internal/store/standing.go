package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

// queries implements standing.Store.
type queries struct{ t *tx }

const standingColumns = "q.id, q.version, q.name, q.query, q.note, q.is_on, q.territories, q.unplaced, q.channels, q.owner, q.changed_by, q.changed_at, q.region, q.centre, q.agency, q.hits, q.last_hit"

func (s queries) find(ctx context.Context, w *where, tail string) (out []standing.Query, err error) {
	at := map[standing.ID]int{}
	err = s.t.link.query(ctx, "SELECT "+standingColumns+" FROM standing q"+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var q standing.Query
		var territories, channels string
		err := rows.Scan(&q.ID, &q.Version, &q.Name, &q.Text, &q.Note, &q.On, &territories, &q.Unplaced, &channels, &q.Owner, &q.ChangedBy,
			clock{&q.ChangedAt}, &q.Place.Region, &q.Place.Centre, &q.Place.Agency, &q.Hits, clock{&q.LastHit})
		q.Territories, q.Channels = fieldsOf(territories), fieldsOf(channels)
		at[q.ID] = len(out)
		out = append(out, q)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	err = s.t.link.query(ctx, "SELECT e.standing, e.must, e.text FROM standing_words e JOIN standing q ON q.id = e.standing"+w.String()+" ORDER BY e.standing, e.n", w.args,
		func(rows *sql.Rows) error {
			var id standing.ID
			var e standing.Example
			err := rows.Scan(&id, &e.Must, &e.Text)
			if n, ok := at[id]; ok {
				out[n].Examples = append(out[n].Examples, e)
			}
			return err
		})
	return out, err
}

// fieldsOf parts a list of codes; nil for none.
func fieldsOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Fields(s)
}

// directory lets a centre see what is its own and what is the region's.
func (w *where) directory(alias string, sc scope.Scope) {
	if !sc.Open() {
		w.and("1 = 0")
	}
	if sc.Region != "" {
		w.and(alias+".region = ?", sc.Region)
	}
	if sc.Centre != "" {
		w.and(alias+".centre IN ('', ?)", sc.Centre)
	}
}

func (s queries) Queries(ctx context.Context, sc scope.Scope) (_ []standing.Query, err error) {
	defer fault.Wrap(&err, "store.Queries")
	var w where
	w.directory("q", sc)
	return s.find(ctx, &w, " ORDER BY q.name_key, q.id")
}

func (s queries) Query(ctx context.Context, sc scope.Scope, id standing.ID) (_ *standing.Query, err error) {
	defer fault.Wrap(&err, "store.Query(%d)", id)
	var w where
	w.directory("q", sc)
	w.and("q.id = ?", int64(id))
	return singleValue(s.find(ctx, &w, ""))
}

func (s queries) SaveQuery(ctx context.Context, q *standing.Query) (err error) {
	defer fault.Wrap(&err, "store.SaveQuery(%d)", q.ID)
	args := []any{q.Place.Region, q.Place.Centre, q.Place.Agency, q.Name, standing.Key(q.Name), q.Text, q.Note, flag(q.On),
		strings.Join(q.Territories, " "), flag(q.Unplaced), strings.Join(q.Channels, " "), int64(q.Owner), int64(q.ChangedBy), micros(q.ChangedAt)}
	if q.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO standing (region, centre, agency, name, name_key, query, note, is_on, territories, unplaced, channels,
			owner, changed_by, changed_at, version) VALUES (`+marks(14)+`, 1) RETURNING id`, args, &q.ID)
		q.Version = 1
	} else {
		var n int64
		n, err = s.t.link.exec(ctx, `UPDATE standing SET region = $1, centre = $2, agency = $3, name = $4, name_key = $5, query = $6, note = $7, is_on = $8,
			territories = $9, unplaced = $10, channels = $11, owner = $12, changed_by = $13, changed_at = $14, version = version + 1
			WHERE id = $15 AND version = $16`, append(args, int64(q.ID), q.Version)...)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "standing query %d is not at version %d", q.ID, q.Version).
				Say("Правило только что изменил кто-то ещё. Посмотрите, каким оно стало, и внесите правку снова.")
		}
		q.Version++
	}
	if err != nil {
		return err
	}
	if _, err = s.t.link.exec(ctx, `INSERT INTO standing_version (standing, version, region, name, query, note, is_on, changed_by, changed_at,
		territories, unplaced, channels, knows_where, knows_words) VALUES (`+marks(14)+`)`, int64(q.ID), q.Version, q.Place.Region, q.Name, q.Text, q.Note, flag(q.On),
		int64(q.ChangedBy), micros(q.ChangedAt), strings.Join(q.Territories, " "), flag(q.Unplaced), strings.Join(q.Channels, " "), 1, 1); err != nil {
		return err
	}
	if _, err = s.t.link.exec(ctx, "DELETE FROM standing_words WHERE standing = $1", int64(q.ID)); err != nil {
		return err
	}
	for n, e := range q.Examples {
		if _, err = s.t.link.exec(ctx, "INSERT INTO standing_words (standing, n, region, must, text) VALUES ("+marks(5)+")",
			int64(q.ID), n+1, q.Place.Region, flag(e.Must), e.Text); err != nil {
			return err
		}
		if _, err = s.t.link.exec(ctx, "INSERT INTO standing_version_words (standing, version, n, region, must, text) VALUES ("+marks(6)+")",
			int64(q.ID), q.Version, n+1, q.Place.Region, flag(e.Must), e.Text); err != nil {
			return err
		}
	}
	return nil
}

func (s queries) DropQuery(ctx context.Context, id standing.ID) (err error) {
	defer fault.Wrap(&err, "store.DropQuery(%d)", id)
	for _, table := range []string{"standing_words", "standing_version_words", "standing_day", "standing_version"} {
		if _, err := s.t.link.exec(ctx, "DELETE FROM "+table+" WHERE standing = $1", int64(id)); err != nil {
			return err
		}
	}
	n, err := s.t.link.exec(ctx, "DELETE FROM standing WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		err = missing("standing query %d is not here", id)
	}
	return err
}

func (s queries) Versions(ctx context.Context, id standing.ID) (out []standing.Version, err error) {
	defer fault.Wrap(&err, "store.Versions(%d)", id)
	at := map[int]int{}
	err = s.t.link.query(ctx, `SELECT version, name, query, note, is_on, changed_by, changed_at, territories, unplaced, channels, knows_where, knows_words
		FROM standing_version WHERE standing = $1 ORDER BY version DESC`, []any{int64(id)},
		func(rows *sql.Rows) error {
			var v standing.Version
			var territories, channels string
			err := rows.Scan(&v.Version, &v.Name, &v.Text, &v.Note, &v.On, &v.ChangedBy, clock{&v.ChangedAt}, &territories, &v.Unplaced, &channels, &v.KnowsWhere, &v.KnowsWords)
			v.Territories, v.Channels = fieldsOf(territories), fieldsOf(channels)
			at[v.Version] = len(out)
			out = append(out, v)
			return err
		})
	if err != nil {
		return nil, err
	}
	err = s.t.link.query(ctx, "SELECT version, must, text FROM standing_version_words WHERE standing = $1 ORDER BY version, n", []any{int64(id)}, func(rows *sql.Rows) error {
		var version int
		var e standing.Example
		err := rows.Scan(&version, &e.Must, &e.Text)
		if n, ok := at[version]; ok {
			out[n].Examples = append(out[n].Examples, e)
		}
		return err
	})
	return out, err
}

func (s queries) ForgetExamples(ctx context.Context, id standing.ID) (n int64, err error) {
	defer fault.Wrap(&err, "store.ForgetExamples(%d)", id)
	const earlier = " WHERE standing = $1 AND version < (SELECT version FROM standing WHERE id = $1)"
	n, err = s.t.link.exec(ctx, "DELETE FROM standing_version_words"+earlier, int64(id))
	if err != nil {
		return 0, err
	}
	_, err = s.t.link.exec(ctx, "UPDATE standing_version SET knows_words = 0"+earlier, int64(id))
	return n, err
}

// CountHits implements standing.Store. A query that was dropped meanwhile is passed over.
func (s queries) CountHits(ctx context.Context, hits map[standing.ID]int64, at time.Time) (err error) {
	defer fault.Wrap(&err, "store.CountHits")
	day := micros(at.UTC().Truncate(24 * time.Hour))
	for _, id := range slices.Sorted(maps.Keys(hits)) { // in one order, so that two transactions never wait for each other
		n := hits[id]
		had, err := s.t.link.exec(ctx, "UPDATE standing SET hits = hits + $1, last_hit = $2 WHERE id = $3", n, micros(at), int64(id))
		if err != nil {
			return err
		}
		if had == 0 {
			continue
		}
		if _, err := s.t.link.exec(ctx, `INSERT INTO standing_day (standing, day, region, hits) VALUES ($1, $2, (SELECT region FROM standing WHERE id = $1), $3)
			ON CONFLICT (standing, day) DO UPDATE SET hits = standing_day.hits + $3`, int64(id), day, n); err != nil {
			return err
		}
	}
	return nil
}

func (s queries) Days(ctx context.Context, id standing.ID, since time.Time) (out []standing.Day, err error) {
	defer fault.Wrap(&err, "store.Days(%d)", id)
	err = s.t.link.query(ctx, "SELECT day, hits FROM standing_day WHERE standing = $1 AND day >= $2 ORDER BY day", []any{int64(id), micros(since)}, func(rows *sql.Rows) error {
		var d standing.Day
		err := rows.Scan(clock{&d.Day}, &d.Hits)
		out = append(out, d)
		return err
	})
	return out, err
}
