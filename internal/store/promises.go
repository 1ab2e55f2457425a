package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/promise"
	"otklik/internal/scope"
)

// promises implements promise.Store.
type promises struct{ t *tx }

// A promise is seen by whoever sees its incident now: its place is read there.
const promiseSelect = `SELECT p.id, p.incident, p.reply, p.span_start, p.span_end, p.sentence_start, p.sentence_end, p.from_at, p.until_at, p.vague, p.why, p.state,
	p.before_id, p.moved_to, p.reason, p.settled_by, p.made_at, p.settled_at, p.remind_at, p.reminded, p.checked, p.region, p.centre, p.agency
	FROM promise p JOIN incident i ON i.id = p.incident`

func (s promises) find(ctx context.Context, w *where, tail string) (out []promise.Promise, err error) {
	err = s.t.link.query(ctx, promiseSelect+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var p promise.Promise
		err := rows.Scan(&p.ID, &p.Incident, &p.Reply, &p.Span.Start, &p.Span.End, &p.Sentence.Start, &p.Sentence.End, clock{&p.From}, clock{&p.Until}, &p.Vague, &p.Why, &p.State,
			&p.Before, &p.MovedTo, &p.Reason, &p.By, clock{&p.MadeAt}, clock{&p.Settled}, clock{&p.RemindAt}, &p.Reminded, &p.Checked, &p.Place.Region, &p.Place.Centre, &p.Place.Agency)
		out = append(out, p)
		return err
	})
	return out, err
}

func (s promises) SavePromise(ctx context.Context, p *promise.Promise) (err error) {
	defer fault.Wrap(&err, "store.SavePromise(%d)", p.ID)
	args := []any{p.Incident, p.Reply, p.Place.Region, p.Place.Centre, p.Place.Agency, p.Span.Start, p.Span.End, p.Sentence.Start, p.Sentence.End, micros(p.From), micros(p.Until),
		flag(p.Vague), p.Why, string(p.State), int64(p.Before), int64(p.MovedTo), p.Reason, int64(p.By), micros(p.MadeAt), micros(p.Settled), micros(p.RemindAt), flag(p.Reminded), flag(p.Checked)}
	if p.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO promise (incident, reply, region, centre, agency, span_start, span_end, sentence_start, sentence_end, from_at, until_at,
			vague, why, state, before_id, moved_to, reason, settled_by, made_at, settled_at, remind_at, reminded, checked) VALUES (`+marks(23)+`) RETURNING id`, args, &p.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE promise SET incident = $1, reply = $2, region = $3, centre = $4, agency = $5, span_start = $6, span_end = $7, sentence_start = $8, sentence_end = $9,
		from_at = $10, until_at = $11, vague = $12, why = $13, state = $14, before_id = $15, moved_to = $16, reason = $17, settled_by = $18, made_at = $19, settled_at = $20,
		remind_at = $21, reminded = $22, checked = $23 WHERE id = $24`, append(args, int64(p.ID))...)
	if err == nil && n == 0 {
		err = missing("promise %d is not here", p.ID)
	}
	return err
}

func (s promises) Promise(ctx context.Context, sc scope.Scope, id promise.ID) (_ *promise.Promise, err error) {
	defer fault.Wrap(&err, "store.Promise(%d)", id)
	var w where
	w.and("p.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s promises) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []promise.Promise, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("p.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY p.id")
}

const promiseRows = 200

func (s promises) Calendar(ctx context.Context, sc scope.Scope, f promise.Filter) (_ []promise.Promise, err error) {
	defer fault.Wrap(&err, "store.Calendar")
	var w where
	w.scope("i", sc)
	order := " ORDER BY p.until_at, p.id"
	if f.Vague {
		w.and("p.vague = 1")
		order = " ORDER BY p.id DESC"
	} else {
		w.and("p.vague = 0")
		if sc.Region != "" {
			w.and("p.region = ?", sc.Region) // says that promise_day holds the answer
		}
	}
	if !f.From.IsZero() {
		w.and("p.until_at >= ?", micros(f.From))
	}
	if !f.Until.IsZero() {
		w.and("p.until_at < ?", micros(f.Until))
	}
	if f.Agency != 0 {
		w.and("p.agency = ?", f.Agency)
	}
	if f.State != "" {
		w.and("p.state = ?", string(f.State))
	} else {
		w.and("p.state <> 'dropped'")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = promiseRows
	}
	return s.find(ctx, &w, order+" LIMIT "+w.arg(min(limit, mostRows)))
}

func (s promises) Due(ctx context.Context, now time.Time, limit int) (out []promise.Promise, err error) {
	defer fault.Wrap(&err, "store.Due")
	var day, soon where
	day.and("p.state = 'open' AND p.vague = 0 AND p.checked = 0 AND p.until_at < ?", micros(now))
	soon.and("p.state = 'open' AND p.vague = 0 AND p.reminded = 0 AND p.remind_at > 0 AND p.remind_at <= ?", micros(now))
	soon.and("p.until_at >= ?", micros(now))
	for _, w := range []*where{&day, &soon} {
		if len(out) >= limit {
			break
		}
		part, err := s.find(ctx, w, " ORDER BY p.until_at, p.id LIMIT "+w.arg(limit-len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

func (s promises) Tally(ctx context.Context, sc scope.Scope, since, now time.Time) (out []promise.Tally, err error) {
	defer fault.Wrap(&err, "store.Tally")
	var w where
	w.scope("i", sc)
	w.and("p.made_at >= ?", micros(since))
	w.and("p.state <> 'dropped'")
	at := w.arg(micros(now))
	err = s.t.link.query(ctx, `SELECT p.agency, count(*), sum(CASE WHEN p.vague = 0 AND p.state = 'open' AND p.until_at >= `+at+` THEN 1 ELSE 0 END),
		sum(CASE WHEN p.vague = 0 AND p.state = 'open' AND p.until_at < `+at+` THEN 1 ELSE 0 END), sum(CASE WHEN p.state = 'kept' THEN 1 ELSE 0 END),
		sum(CASE WHEN p.state = 'broken' THEN 1 ELSE 0 END), sum(CASE WHEN p.state = 'moved' THEN 1 ELSE 0 END), sum(p.vague)
		FROM promise p JOIN incident i ON i.id = p.incident`+w.String()+" GROUP BY p.agency ORDER BY p.agency", w.args, func(rows *sql.Rows) error {
		var c promise.Tally
		err := rows.Scan(&c.Agency, &c.Made, &c.Waiting, &c.Overdue, &c.Kept, &c.Broken, &c.Moved, &c.Vague)
		out = append(out, c)
		return err
	})
	return out, err
}
