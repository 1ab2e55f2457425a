package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/reply"
)

// handWindow is how many of the newest replies and jobs are looked at: without it every
// look would go through all that was ever answered.
const handWindow = 20_000

// ByHand implements reply.Store.
func (s replies) ByHand(ctx context.Context, sources []string, since time.Time, limit int) (out []reply.Job, err error) {
	defer fault.Wrap(&err, "store.ByHand")
	if len(sources) == 0 {
		return nil, nil
	}
	of := make([]any, len(sources))
	for k, id := range sources {
		of[k] = id
	}
	var w where
	w.and("r.id > (SELECT coalesce(max(id), 0) FROM reply) - ?", handWindow)
	w.and("r.state = 'published' AND r.native = '' AND r.message <> 0 AND r.published_at >= ?", micros(since))
	w.in("m.source", of...)
	err = s.t.link.query(ctx, `SELECT r.id, r.incident, r.message, m.source, CASE WHEN m.thread = '' THEN m.native ELSE m.thread END, m.native, w.text, i.region, i.centre, i.agency
		FROM reply r JOIN message m ON m.id = r.message JOIN reply_words w ON w.reply = r.id JOIN incident i ON i.id = r.incident`+w.String()+
		" AND w.text <> '' ORDER BY r.id DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		j := reply.Job{State: reply.ByHand}
		err := rows.Scan(&j.Reply, &j.Incident, &j.Message, &j.Source, &j.Thread, &j.Parent, &j.Text, &j.Place.Region, &j.Place.Centre, &j.Place.Agency)
		out = append(out, j)
		return err
	})
	if err != nil {
		return nil, err
	}
	var many where // of fan-outs
	many.and("j.id > (SELECT coalesce(max(id), 0) FROM job) - ?", handWindow)
	many.and("j.state = 'hand' AND jw.text <> ''")
	many.in("j.source", of...)
	jobs, err := s.t.jobs(ctx, &many, "", " ORDER BY j.id DESC LIMIT "+many.arg(limit))
	return append(out, jobs...), err
}
