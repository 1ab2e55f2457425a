package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/problem"
	"otklik/internal/scope"
)

// problems implements problem.Store.
type problems struct{ t *tx }

func (s problems) find(ctx context.Context, w *where, tail string) (out []problem.Problem, err error) {
	err = s.t.link.query(ctx, `SELECT p.id, p.topic_group, p.settlement, p.town, p.street, p.house, p.landmark, p.state, p.since, p.last_at, p.incidents,
		p.closed_at, p.closed_by, p.how, p.reason, p.reopened, p.region, p.centre, p.agency FROM problem p`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var p problem.Problem
		err := rows.Scan(&p.ID, &p.Group, &p.At.Settlement, &p.At.Town, &p.At.Street, &p.At.House, &p.At.Landmark, &p.State, clock{&p.Since}, clock{&p.LastAt}, &p.Incidents,
			clock{&p.ClosedAt}, &p.ClosedBy, &p.How, &p.Reason, &p.Reopened, &p.Scope.Region, &p.Scope.Centre, &p.Scope.Agency)
		out = append(out, p)
		return err
	})
	return out, err
}

func (s problems) Find(ctx context.Context, region, group string, at problem.Place) (_ *problem.Problem, err error) {
	defer fault.Wrap(&err, "store.Find(problem)")
	var w where
	w.and("p.region = ? AND p.topic_group = ? AND p.settlement = ? AND p.street = ? AND p.house = ? AND p.landmark = ?",
		region, group, at.Settlement, at.Street, at.House, at.Landmark)
	return singleValue(s.find(ctx, &w, ""))
}

func (s problems) Save(ctx context.Context, p *problem.Problem) (err error) {
	defer fault.Wrap(&err, "store.Save(problem %d)", p.ID)
	args := []any{p.Scope.Region, p.Scope.Centre, p.Scope.Agency, p.Group, p.At.Settlement, p.At.Town, p.At.Street, p.At.House, p.At.Landmark, string(p.State),
		micros(p.Since), micros(p.LastAt), p.Incidents, micros(p.ClosedAt), int64(p.ClosedBy), p.How, p.Reason, p.Reopened}
	if p.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO problem (region, centre, agency, topic_group, settlement, town, street, house, landmark, state,
			since, last_at, incidents, closed_at, closed_by, how, reason, reopened) VALUES (`+marks(18)+`) RETURNING id`, args, &p.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE problem SET region = $1, centre = $2, agency = $3, topic_group = $4, settlement = $5, town = $6, street = $7, house = $8, landmark = $9,
		state = $10, since = $11, last_at = $12, incidents = $13, closed_at = $14, closed_by = $15, how = $16, reason = $17, reopened = $18 WHERE id = $19`, append(args, int64(p.ID))...)
	if err == nil && n == 0 {
		err = missing("problem %d is not here", p.ID)
	}
	return err
}

func (s problems) Problem(ctx context.Context, sc scope.Scope, id problem.ID) (_ *problem.Problem, err error) {
	defer fault.Wrap(&err, "store.Problem(%d)", id)
	var w where
	w.and("p.id = ?", int64(id))
	w.scope("p", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s problems) List(ctx context.Context, sc scope.Scope, f problem.Filter) (_ []problem.Problem, err error) {
	defer fault.Wrap(&err, "store.List(problems)")
	var w where
	w.scope("p", sc)
	if f.Open {
		w.and("p.state = 'open'")
	}
	if f.Group != "" {
		w.and("p.topic_group = ?", f.Group)
	}
	if f.Centre != "" {
		w.and("p.centre = ?", f.Centre)
	}
	if f.AfterID != 0 {
		w.and("(p.since > ? OR p.since = ? AND p.id > ?)", micros(f.After), micros(f.After), int64(f.AfterID))
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	return s.find(ctx, &w, " ORDER BY p.since, p.id LIMIT "+w.arg(f.Limit))
}

func (s problems) Link(ctx context.Context, id problem.ID, incident int64, opened time.Time) (err error) {
	defer fault.Wrap(&err, "store.Link(%d, incident %d)", id, incident)
	was, err := s.Of(ctx, incident)
	if err != nil || was == id {
		return err
	}
	if was != 0 {
		if _, err := s.t.link.exec(ctx, "DELETE FROM problem_incident WHERE incident = $1", incident); err != nil {
			return err
		}
	}
	if id != 0 {
		if _, err := s.t.link.exec(ctx, `INSERT INTO problem_incident (incident, problem, region, opened)
			SELECT $1, p.id, p.region, $3 FROM problem p WHERE p.id = $2`, incident, int64(id), micros(opened)); err != nil {
			return err
		}
	}
	for _, p := range []problem.ID{was, id} {
		if p == 0 {
			continue
		}
		if _, err := s.t.link.exec(ctx, `UPDATE problem SET incidents = (SELECT count(*) FROM problem_incident x WHERE x.problem = $1),
			last_at = (SELECT coalesce(max(x.opened), 0) FROM problem_incident x WHERE x.problem = $1) WHERE id = $1`, int64(p)); err != nil {
			return err
		}
	}
	return nil
}

func (s problems) Of(ctx context.Context, incident int64) (id problem.ID, err error) {
	defer fault.Wrap(&err, "store.Of(incident %d)", incident)
	_, err = s.t.link.one(ctx, "SELECT problem FROM problem_incident WHERE incident = $1", []any{incident}, &id)
	return id, err
}

func (s problems) Incidents(ctx context.Context, id problem.ID) (out []int64, err error) {
	defer fault.Wrap(&err, "store.Incidents(problem %d)", id)
	err = s.t.link.query(ctx, "SELECT incident FROM problem_incident WHERE problem = $1 ORDER BY opened, incident", []any{int64(id)}, func(rows *sql.Rows) error {
		var i int64
		err := rows.Scan(&i)
		out = append(out, i)
		return err
	})
	return out, err
}
