package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// fanouts implements reply.Fanouts.
type fanouts struct{ t *tx }

func (s fanouts) find(ctx context.Context, w *where, tail string) (out []reply.Fanout, err error) {
	err = s.t.link.query(ctx, `SELECT f.id, f.incident, f.reply, f.state, f.auto, f.due_on, f.made_at, f.made_by, f.stood_at, f.ended_at, i.region, i.centre, i.agency
		FROM fanout f JOIN incident i ON i.id = f.incident`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var f reply.Fanout
		err := rows.Scan(&f.ID, &f.Incident, &f.Reply, &f.State, &f.Auto, &f.Due, clock{&f.MadeAt}, &f.MadeBy, clock{&f.StoodAt}, clock{&f.EndedAt}, &f.Place.Region, &f.Place.Centre, &f.Place.Agency)
		out = append(out, f)
		return err
	})
	return out, err
}

func (s fanouts) SaveFanout(ctx context.Context, f *reply.Fanout) (err error) {
	defer fault.Wrap(&err, "store.SaveFanout(%d)", f.ID)
	args := []any{f.Incident, int64(f.Reply), f.Place.Region, f.Place.Centre, f.Place.Agency, string(f.State), flag(f.Auto), f.Due, micros(f.MadeAt), int64(f.MadeBy), micros(f.StoodAt), micros(f.EndedAt)}
	if f.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO fanout (incident, reply, region, centre, agency, state, auto, due_on, made_at, made_by, stood_at, ended_at)
			VALUES (`+marks(12)+`) RETURNING id`, args, &f.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE fanout SET incident = $1, reply = $2, region = $3, centre = $4, agency = $5, state = $6, auto = $7, due_on = $8, made_at = $9,
		made_by = $10, stood_at = $11, ended_at = $12 WHERE id = $13`, append(args, int64(f.ID))...)
	if err == nil && n == 0 {
		err = missing("fan-out %d is not here", f.ID)
	}
	return err
}

func (s fanouts) Fanout(ctx context.Context, sc scope.Scope, id reply.FanoutID) (_ *reply.Fanout, err error) {
	defer fault.Wrap(&err, "store.Fanout(%d)", id)
	if s.t.link.write && s.t.link.d.forUpdate != "" {
		if _, err := s.t.link.one(ctx, "SELECT id FROM fanout WHERE id = $1"+s.t.link.d.forUpdate, []any{int64(id)}, new(int64)); err != nil {
			return nil, err
		}
	}
	var w where
	w.and("f.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s fanouts) OfReply(ctx context.Context, id reply.ID) (_ *reply.Fanout, err error) {
	defer fault.Wrap(&err, "store.OfReply(%d)", id)
	var w where
	w.and("f.reply = ?", int64(id))
	return singleValue(s.find(ctx, &w, " ORDER BY f.id DESC"))
}

func (s fanouts) FanoutsOf(ctx context.Context, sc scope.Scope, id int64) (_ []reply.Fanout, err error) {
	defer fault.Wrap(&err, "store.FanoutsOf(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("f.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY f.id DESC")
}

func (s fanouts) FanoutsTo(ctx context.Context, message int64) (_ []reply.Fanout, err error) {
	defer fault.Wrap(&err, "store.FanoutsTo(message %d)", message)
	var w where
	w.and("f.state IN ('running', 'paused') AND f.id IN (SELECT fanout FROM job WHERE message = ? AND message <> 0)", message)
	return s.find(ctx, &w, " ORDER BY f.id")
}

// atOnce is how many jobs one statement stores.
const atOnce = 50

func (s fanouts) EnqueueAll(ctx context.Context, jobs []reply.Job) (n int, err error) {
	defer fault.Wrap(&err, "store.EnqueueAll(%d jobs)", len(jobs))
	for len(jobs) > 0 {
		part := jobs[:min(len(jobs), atOnce)]
		jobs = jobs[len(part):]
		stored, err := s.enqueue(ctx, part)
		n += stored
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s fanouts) enqueue(ctx context.Context, jobs []reply.Job) (int, error) {
	var w where
	var rows, words []string
	at := map[string]int{}
	for k := range jobs {
		var row []string
		for _, v := range jobArgs(&jobs[k]) {
			row = append(row, w.arg(v))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
		at[jobs[k].Key] = k
	}
	ids := map[int64]int{}
	err := s.t.link.query(ctx, "INSERT INTO job ("+jobStored+") VALUES "+strings.Join(rows, ", ")+" ON CONFLICT (key) DO NOTHING RETURNING id, key", w.args, func(rows *sql.Rows) error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		ids[id] = at[key]
		return err
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var said where
	for id, k := range ids {
		jobs[k].ID = id
		words = append(words, "("+said.arg(id)+", "+said.arg(jobs[k].Place.Region)+", "+said.arg(jobs[k].Text)+")")
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO job_words (job, region, text) VALUES "+strings.Join(words, ", "), said.args...)
	return len(ids), err
}

func (s fanouts) Progress(ctx context.Context, id reply.FanoutID) (p reply.Progress, err error) {
	defer fault.Wrap(&err, "store.Progress(%d)", id)
	err = s.t.link.query(ctx, "SELECT state, count(*), CAST(sum(CASE WHEN proof IN ('receipt', 'read_back') THEN 1 ELSE 0 END) AS BIGINT), coalesce(min(next_at), 0) FROM job WHERE fanout = $1 AND fanout <> 0 GROUP BY state",
		[]any{int64(id)}, func(rows *sql.Rows) error {
			var state reply.JobState
			var n, proven int
			var next time.Time
			if err := rows.Scan(&state, &n, &proven, clock{&next}); err != nil {
				return err
			}
			p.All += n
			switch state {
			case reply.Waiting:
				p.Waiting, p.Next = n, next
			case reply.Held:
				p.Held = n
			case reply.Sending:
				p.Sending = n
			case reply.Sent:
				p.Sent, p.Proven = n, proven
			case reply.Unknown:
				p.Unknown = n
			case reply.Dead:
				p.Failed = n
			case reply.ByHand:
				p.Hand = n
			case reply.Dropped:
				p.Cancelled = n
			}
			return nil
		})
	return p, err
}

func (s fanouts) Jobs(ctx context.Context, f reply.JobFilter) (_ []reply.Job, err error) {
	defer fault.Wrap(&err, "store.Jobs(incident %d)", f.Incident)
	var w where
	w.and("j.incident = ? AND j.id > ?", f.Incident, f.After)
	if f.Fanout != 0 {
		w.and("j.fanout = ? AND j.fanout <> 0", int64(f.Fanout))
	}
	if f.State != "" {
		w.and("j.state = ?", string(f.State))
	}
	return s.t.jobs(ctx, &w, "", " ORDER BY j.id LIMIT "+w.arg(f.Limit))
}

func (s fanouts) Shift(ctx context.Context, id reply.FanoutID, from, to reply.JobState, next time.Time, urgent bool) (_ int, err error) {
	defer fault.Wrap(&err, "store.Shift(%d)", id)
	n, err := s.t.link.exec(ctx, `UPDATE job SET state = $3, next_at = CASE WHEN CAST($4 AS BIGINT) = 0 THEN next_at ELSE CAST($4 AS BIGINT) END,
		urgent = CASE WHEN CAST($5 AS BIGINT) = 1 THEN 1 ELSE urgent END WHERE fanout = $1 AND fanout <> 0 AND state = $2`, int64(id), string(from), string(to), micros(next), flag(urgent))
	return int(n), err
}

func (s fanouts) Reopen(ctx context.Context, source, thread string, now time.Time) (_ int, err error) {
	defer fault.Wrap(&err, "store.Reopen(%s)", source)
	n, err := s.t.link.exec(ctx, "UPDATE job SET next_at = $3 WHERE source = $1 AND thread = $2 AND state = 'waiting' AND error LIKE 'shut,%' AND next_at > $3", source, thread, micros(now))
	return int(n), err
}

func (s fanouts) Drop(ctx context.Context, id reply.FanoutID, from reply.JobState) (_ int, err error) {
	defer fault.Wrap(&err, "store.Drop(%d)", id)
	n, err := s.t.link.exec(ctx, `UPDATE job SET state = CASE WHEN unclear = 1 THEN 'unknown' ELSE 'cancelled' END WHERE fanout = $1 AND fanout <> 0 AND state = $2`, int64(id), string(from))
	return int(n), err
}

func (s fanouts) Left(ctx context.Context, id reply.FanoutID) (left bool, err error) {
	defer fault.Wrap(&err, "store.Left(%d)", id)
	var one int
	left, err = s.t.link.one(ctx, "SELECT 1 FROM job WHERE fanout = $1 AND fanout <> 0 AND state IN ('waiting', 'held', 'sending') LIMIT 1", []any{int64(id)}, &one)
	return left, err
}

func (s fanouts) Covered(ctx context.Context, id reply.FanoutID) (out []reply.Job, err error) {
	defer fault.Wrap(&err, "store.Covered(%d)", id)
	err = s.t.link.query(ctx, "SELECT message, source, thread, parent FROM job WHERE fanout = $1 AND fanout <> 0 AND state <> 'cancelled'", []any{int64(id)}, func(rows *sql.Rows) error {
		var j reply.Job
		err := rows.Scan(&j.Message, &j.Source, &j.Thread, &j.Parent)
		out = append(out, j)
		return err
	})
	return out, err
}

func (s fanouts) Mass(ctx context.Context, id int64) (_ *reply.Mass, err error) {
	defer fault.Wrap(&err, "store.Mass(%d)", id)
	var out []reply.Mass
	err = s.t.link.query(ctx, "SELECT incident, at, who, why, region, centre, agency FROM mass WHERE incident = $1", []any{id}, func(rows *sql.Rows) error {
		var m reply.Mass
		err := rows.Scan(&m.Incident, clock{&m.At}, &m.Who, &m.Why, &m.Place.Region, &m.Place.Centre, &m.Place.Agency)
		out = append(out, m)
		return err
	})
	return singleValue(out, err)
}

func (s fanouts) SetMass(ctx context.Context, m reply.Mass) (err error) {
	defer fault.Wrap(&err, "store.SetMass(%d)", m.Incident)
	_, err = s.t.link.exec(ctx, "INSERT INTO mass (incident, at, who, why, region, centre, agency) VALUES ("+marks(7)+") ON CONFLICT (incident) DO NOTHING",
		m.Incident, micros(m.At), int64(m.Who), m.Why, m.Place.Region, m.Place.Centre, m.Place.Agency)
	return err
}

func (s fanouts) ClearMass(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "store.ClearMass(%d)", id)
	_, err = s.t.link.exec(ctx, "DELETE FROM mass WHERE incident = $1", id)
	return err
}

func (s fanouts) outlets(ctx context.Context, w *where) (out []reply.Outlet, err error) {
	err = s.t.link.query(ctx, "SELECT o.source, o.waits, o.sentence, o.code, o.since, o.rest_until, o.floods, o.spacing, o.region, o.centre, o.agency FROM outlet o"+w.String()+" ORDER BY o.source",
		w.args, func(rows *sql.Rows) error {
			var o reply.Outlet
			var spacing int64
			err := rows.Scan(&o.Source, &o.Waits, &o.Sentence, &o.Code, clock{&o.Since}, clock{&o.RestUntil}, &o.Floods, &spacing, &o.Place.Region, &o.Place.Centre, &o.Place.Agency)
			o.Spacing = time.Duration(spacing) * time.Microsecond
			out = append(out, o)
			return err
		})
	return out, err
}

func (s fanouts) Outlet(ctx context.Context, source string) (_ reply.Outlet, err error) {
	defer fault.Wrap(&err, "store.Outlet(%s)", source)
	var w where
	w.and("o.source = ?", source)
	found, err := s.outlets(ctx, &w)
	if err != nil || len(found) == 0 {
		return reply.Outlet{Source: source}, err
	}
	return found[0], nil
}

func (s fanouts) Outlets(ctx context.Context, sc scope.Scope) (_ []reply.Outlet, err error) {
	defer fault.Wrap(&err, "store.Outlets")
	var w where
	w.scope("o", sc)
	return s.outlets(ctx, &w)
}

func (s fanouts) SaveOutlet(ctx context.Context, o reply.Outlet) (err error) {
	defer fault.Wrap(&err, "store.SaveOutlet(%s)", o.Source)
	_, err = s.t.link.exec(ctx, `INSERT INTO outlet (source, waits, sentence, code, since, rest_until, floods, spacing, region, centre, agency) VALUES (`+marks(11)+`)
		ON CONFLICT (source) DO UPDATE SET waits = excluded.waits, sentence = excluded.sentence, code = excluded.code, since = excluded.since, rest_until = excluded.rest_until,
		floods = excluded.floods, spacing = excluded.spacing, region = excluded.region, centre = excluded.centre, agency = excluded.agency`,
		o.Source, flag(o.Waits), o.Sentence, o.Code, micros(o.Since), micros(o.RestUntil), o.Floods, o.Spacing.Microseconds(), o.Place.Region, o.Place.Centre, o.Place.Agency)
	return err
}
