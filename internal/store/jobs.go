package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// The columns of a job as Enqueue stores and scanJob reads them.
const (
	jobStored = "reply, incident, region, centre, agency, source, thread, parent, key, state, unclear, tries, next_at, error, fanout, message, turn, urgent, tried_at, sent_at, native, url, proof, note"
	jobFields = 24
	jobRead   = "j.id, j.reply, j.incident, j.region, j.centre, j.agency, j.source, j.thread, j.parent, j.key, j.state, j.unclear, j.tries, j.next_at, j.error, " +
		"j.fanout, j.message, j.turn, j.urgent, j.tried_at, j.sent_at, j.native, j.url, j.proof, j.note"
	// jobWords says what a job publishes: words of its own, of a fan-out, or its reply's.
	jobWords = "coalesce(CASE WHEN j.fanout <> 0 THEN jw.text ELSE w.text END, ''), CASE WHEN j.fanout <> 0 THEN '' ELSE coalesce(w.tried, '') END"
	jobFrom  = " FROM job j LEFT JOIN job_words jw ON jw.job = j.id LEFT JOIN reply_words w ON w.reply = j.reply"
)

func jobArgs(j *reply.Job) []any {
	return []any{int64(j.Reply), j.Incident, j.Place.Region, j.Place.Centre, j.Place.Agency, j.Source, j.Thread, j.Parent, j.Key,
		string(j.State), flag(j.Unclear), j.Tries, micros(j.NextAt), j.Error, int64(j.Fanout), j.Message, j.Turn, flag(j.Urgent), micros(j.TriedAt), micros(j.SentAt), j.Native, j.URL, j.Proof, j.Note}
}

func scanJob(rows *sql.Rows, more ...any) (j reply.Job, err error) {
	to := append([]any{&j.ID, &j.Reply, &j.Incident, &j.Place.Region, &j.Place.Centre, &j.Place.Agency, &j.Source, &j.Thread, &j.Parent, &j.Key,
		&j.State, &j.Unclear, &j.Tries, clock{&j.NextAt}, &j.Error, &j.Fanout, &j.Message, &j.Turn, &j.Urgent, clock{&j.TriedAt}, clock{&j.SentAt}, &j.Native, &j.URL, &j.Proof, &j.Note}, more...)
	err = rows.Scan(to...)
	return j, err
}

// jobs returns jobs with their words.
func (t *tx) jobs(ctx context.Context, w *where, from, tail string) (out []reply.Job, err error) {
	err = t.link.query(ctx, "SELECT "+jobRead+", "+jobWords+jobFrom+from+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var text string
		var tried []string
		j, err := scanJob(rows, &text, texts{&tried})
		j.Text, j.Tried = text, tried
		out = append(out, j)
		return err
	})
	return out, err
}

func (s replies) Job(ctx context.Context, id reply.ID) (_ *reply.Job, err error) {
	defer fault.Wrap(&err, "store.Job(reply %d)", id)
	var w where
	w.and("j.reply = ? AND j.fanout = 0", int64(id))
	w.in("j.state", string(reply.Waiting), string(reply.Sending), string(reply.Unknown))
	return singleValue(s.t.jobs(ctx, &w, "", " ORDER BY j.id DESC"))
}

func (s replies) JobByID(ctx context.Context, sc scope.Scope, id int64) (_ *reply.Job, err error) {
	defer fault.Wrap(&err, "store.JobByID(%d)", id)
	var w where
	w.and("j.id = ?", id)
	w.scope("i", sc)
	return singleValue(s.t.jobs(ctx, &w, " JOIN incident i ON i.id = j.incident", ""))
}

func (s replies) Due(ctx context.Context, now time.Time) (out []string, err error) {
	defer fault.Wrap(&err, "store.Due")
	err = s.t.link.query(ctx, "SELECT DISTINCT source FROM job WHERE state = 'waiting' AND next_at <= $1 ORDER BY source", []any{micros(now)}, scanStrings(&out))
	return out, err
}

// Take implements reply.Store. It does not count the try: the caller does, and
// stores it with Settle.
func (s replies) Take(ctx context.Context, now time.Time, limit int) ([]reply.Job, error) {
	return s.TakeOf(ctx, "", now, limit)
}

// TakeOf implements reply.Store.
func (s replies) TakeOf(ctx context.Context, source string, now time.Time, limit int) (out []reply.Job, err error) {
	defer fault.Wrap(&err, "store.Take(%s)", source)
	if !s.t.link.write {
		return nil, readOnly()
	}
	args, of := []any{micros(now), limit}, ""
	if source != "" {
		args, of = append(args, source), " AND source = $3"
	}
	var ids []any
	err = s.t.link.query(ctx, `UPDATE job SET state = 'sending', tried_at = CASE WHEN unclear = 1 THEN tried_at ELSE $1 END WHERE id IN (
			SELECT id FROM job WHERE state = 'waiting' AND next_at <= $1`+of+` ORDER BY turn, next_at, id LIMIT $2`+s.t.link.d.skipLocked+`)
		RETURNING id`,
		args, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var w where
	w.in("j.id", ids...)
	if out, err = s.t.jobs(ctx, &w, "", ""); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b reply.Job) int {
		return cmp.Or(cmp.Compare(a.Turn, b.Turn), a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (s replies) Settle(ctx context.Context, j *reply.Job) (err error) {
	defer fault.Wrap(&err, "store.Settle(%d)", j.ID)
	n, err := s.t.link.exec(ctx, `UPDATE job SET state = $2, unclear = $3, tries = $4, next_at = $5, error = $6, turn = $7, urgent = $8, tried_at = $9, sent_at = $10,
		native = $11, url = $12, proof = $13, note = $14 WHERE id = $1`,
		j.ID, string(j.State), flag(j.Unclear), j.Tries, micros(j.NextAt), j.Error, j.Turn, flag(j.Urgent), micros(j.TriedAt), micros(j.SentAt), j.Native, j.URL, j.Proof, j.Note)
	if err == nil && n == 0 {
		err = missing("job %d is not here", j.ID)
	}
	return err
}

func (s replies) Spent(ctx context.Context, source string, since time.Time) (n int, err error) {
	defer fault.Wrap(&err, "store.Spent(%s)", source)
	_, err = s.t.link.one(ctx, "SELECT CAST(coalesce(sum(tries), 0) AS BIGINT) FROM job WHERE source = $1 AND tried_at >= $2 AND tries > 0", []any{source, micros(since)}, &n)
	return n, err
}

// recallable is a job that surely has not left.
const recallable = "state IN ('waiting', 'held', 'hand') AND tries = 0 AND unclear = 0"

func (s replies) Recall(ctx context.Context, id reply.ID) (taken bool, err error) {
	defer fault.Wrap(&err, "store.Recall(reply %d)", id)
	if _, err = s.t.link.exec(ctx, "DELETE FROM job_words WHERE job IN (SELECT id FROM job WHERE reply = $1 AND "+recallable+")", int64(id)); err != nil {
		return false, err
	}
	n, err := s.t.link.exec(ctx, "DELETE FROM job WHERE reply = $1 AND "+recallable, int64(id))
	if err != nil || n == 0 {
		return false, err
	}
	var left int
	if _, err = s.t.link.one(ctx, "SELECT count(*) FROM job WHERE reply = $1 AND fanout <> 0", []any{int64(id)}, &left); err == nil && left > 0 {
		err = fault.New(fault.Conflict, "%d jobs of reply %d have left", left, id).
			Say("Отозвать целиком уже нельзя: часть ответов ушла. Приостановите рассылку или отмените то, что ещё не ушло.")
	}
	return err == nil, err
}
