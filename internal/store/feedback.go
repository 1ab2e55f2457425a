package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// voices implements feedback.Store.
type voices struct{ t *tx }

func (s voices) Follows(ctx context.Context, source, thread, parent, author string, since time.Time) (f feedback.Followed, err error) {
	defer fault.Wrap(&err, "store.Follows(%s)", source)
	const finished = " AND i.is_open = 0 AND i.outcome <> 'duplicate' AND (i.answered_at >= $3 OR i.closed_at >= $3) ORDER BY m.id DESC LIMIT 1"
	from := micros(since)
	var found bool
	if parent != "" {
		found, err = s.t.link.one(ctx, `SELECT i.id, r.id FROM reply r JOIN message m ON m.id = r.message JOIN incident i ON i.id = r.incident
			WHERE r.native = $2 AND r.native <> '' AND m.source = $1`+finished, []any{source, parent, from}, &f.Incident, &f.Reply)
		if err == nil && !found {
			found, err = s.t.link.one(ctx, `SELECT i.id FROM message m JOIN incident i ON i.id = m.incident
				WHERE m.source = $1 AND m.native = $2`+finished, []any{source, parent, from}, &f.Incident)
		}
	}
	if thread != "" && author != "" {
		for _, column := range []string{"thread", "native"} { // in the thread, or its root
			if err != nil || found {
				break
			}
			found, err = s.t.link.one(ctx, `SELECT i.id FROM message m JOIN incident i ON i.id = m.incident
				WHERE m.source = $1 AND m.`+column+" = $2 AND m.author = $4"+finished, []any{source, thread, from, author}, &f.Incident)
		}
	}
	if err != nil || !found {
		return feedback.Followed{}, err
	}
	f.Speaker = feedback.Neighbour
	var one int
	mine, err := s.t.link.one(ctx, "SELECT 1 FROM message WHERE incident = $1 AND source = $2 AND author = $3 AND author <> '' LIMIT 1", []any{f.Incident, source, author}, &one)
	if mine {
		f.Speaker = feedback.Author
	}
	if f.Reply == 0 && err == nil { // the last that was published
		_, err = s.t.link.one(ctx, "SELECT id FROM reply WHERE incident = $1 AND state = 'published' AND purpose <> 'question' ORDER BY id DESC LIMIT 1", []any{f.Incident}, &f.Reply)
	}
	return f, err
}

func (s voices) Hear(ctx context.Context, v *feedback.Voice) (err error) {
	defer fault.Wrap(&err, "store.Hear(%d)", v.ID)
	evidence, err := json.Marshal(v.Evidence)
	if err != nil {
		return err
	}
	args := []any{v.Incident, v.Reply, v.Message, v.Place.Region, string(v.Speaker), string(v.Way), string(v.Meaning), v.Mark, v.Sure, string(evidence),
		string(v.State), micros(v.At), int64(v.By), micros(v.DecideAt), joined(v.Reasons)}
	if v.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO voice (incident, reply, message, region, speaker, way, meaning, mark, sure, evidence, state, at, decided_by, decided_at, reasons)
			VALUES (`+marks(15)+`) RETURNING id`, args, &v.ID)
	} else {
		var n int64
		n, err = s.t.link.exec(ctx, `UPDATE voice SET incident = $1, reply = $2, message = $3, region = $4, speaker = $5, way = $6, meaning = $7, mark = $8, sure = $9,
			evidence = $10, state = $11, at = $12, decided_by = $13, decided_at = $14, reasons = $15 WHERE id = $16`, append(args, int64(v.ID))...)
		if err == nil && n == 0 {
			err = missing("voice %d is not here", v.ID)
		}
	}
	if err != nil || v.Text == "" {
		return err
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO voice_words (voice, region, text) VALUES ($1, $2, $3) ON CONFLICT (voice) DO UPDATE SET text = excluded.text`,
		int64(v.ID), v.Place.Region, v.Text)
	return err
}

func (s voices) find(ctx context.Context, w *where, tail string) (out []feedback.Voice, err error) {
	err = s.t.link.query(ctx, `SELECT v.id, v.incident, v.reply, v.message, v.speaker, v.way, v.meaning, v.mark, v.sure, v.evidence, coalesce(w.text, ''), v.state,
		v.at, v.decided_by, v.decided_at, v.reasons, i.region, i.centre, i.agency
		FROM voice v JOIN incident i ON i.id = v.incident LEFT JOIN voice_words w ON w.voice = v.id`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var v feedback.Voice
		var evidence, reasons string
		if err := rows.Scan(&v.ID, &v.Incident, &v.Reply, &v.Message, &v.Speaker, &v.Way, &v.Meaning, &v.Mark, &v.Sure, &evidence, &v.Text, &v.State,
			clock{&v.At}, &v.By, clock{&v.DecideAt}, &reasons, &v.Place.Region, &v.Place.Centre, &v.Place.Agency); err != nil {
			return err
		}
		v.Reasons = feedback.ParseReasons(strings.Fields(reasons))
		err := json.Unmarshal([]byte(evidence), &v.Evidence)
		out = append(out, v)
		return err
	})
	return out, err
}

func (s voices) Voice(ctx context.Context, sc scope.Scope, id feedback.ID) (_ *feedback.Voice, err error) {
	defer fault.Wrap(&err, "store.Voice(%d)", id)
	var w where
	w.and("v.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s voices) ByMessage(ctx context.Context, message int64) (_ *feedback.Voice, err error) {
	defer fault.Wrap(&err, "store.ByMessage(%d)", message)
	var w where
	w.and("v.message = ? AND v.message <> 0", message)
	return singleValue(s.find(ctx, &w, ""))
}

func (s voices) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []feedback.Voice, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("v.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY v.id")
}

func (s voices) Waiting(ctx context.Context, sc scope.Scope, after feedback.ID, limit int) (_ []feedback.Voice, err error) {
	defer fault.Wrap(&err, "store.Waiting")
	var w where
	w.and("v.state = 'waiting' AND v.id > ?", int64(after))
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY v.id LIMIT "+w.arg(limit))
}

func (s voices) CountWaiting(ctx context.Context, sc scope.Scope, limit int) (n int, err error) {
	defer fault.Wrap(&err, "store.CountWaiting")
	var w where
	w.and("v.state = 'waiting'")
	w.scope("i", sc)
	_, err = s.t.link.one(ctx, "SELECT count(*) FROM (SELECT 1 FROM voice v JOIN incident i ON i.id = v.incident"+w.String()+" LIMIT "+w.arg(limit)+") x", w.args, &n)
	return n, err
}

func (s voices) Close(ctx context.Context, c *feedback.Closure) (err error) {
	defer fault.Wrap(&err, "store.Close(incident %d)", c.Incident)
	args := []any{c.Incident, c.Place.Region, string(c.Outcome), c.How, int64(c.By), micros(c.At), c.Agency, flag(c.Sampled),
		micros(c.CheckedAt), int64(c.CheckedBy), micros(c.FalseAt), string(c.FalseWhy), c.Repeat, c.Photo}
	if c.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO closure (incident, region, outcome, how, closed_by, at, by_agency, sampled, checked_at, checked_by, false_at, false_why, repeated, photo)
			VALUES (`+marks(14)+`) RETURNING id`, args, &c.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE closure SET incident = $1, region = $2, outcome = $3, how = $4, closed_by = $5, at = $6, by_agency = $7, sampled = $8,
		checked_at = $9, checked_by = $10, false_at = $11, false_why = $12, repeated = $13, photo = $14 WHERE id = $15`, append(args, c.ID)...)
	if err == nil && n == 0 {
		err = missing("closure %d is not here", c.ID)
	}
	return err
}

func (s voices) closures(ctx context.Context, w *where, tail string) (out []feedback.Closure, err error) {
	err = s.t.link.query(ctx, `SELECT c.id, c.incident, c.outcome, c.how, c.closed_by, c.at, c.by_agency, c.sampled, c.checked_at, c.checked_by, c.false_at, c.false_why, c.repeated, c.photo,
		i.region, i.centre, i.agency FROM closure c JOIN incident i ON i.id = c.incident`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var c feedback.Closure
		err := rows.Scan(&c.ID, &c.Incident, &c.Outcome, &c.How, &c.By, clock{&c.At}, &c.Agency, &c.Sampled, clock{&c.CheckedAt}, &c.CheckedBy,
			clock{&c.FalseAt}, &c.FalseWhy, &c.Repeat, &c.Photo, &c.Place.Region, &c.Place.Centre, &c.Place.Agency)
		out = append(out, c)
		return err
	})
	return out, err
}

func (s voices) LastClosure(ctx context.Context, id int64) (_ *feedback.Closure, err error) {
	defer fault.Wrap(&err, "store.LastClosure(%d)", id)
	var w where
	w.and("c.incident = ?", id)
	return singleValue(s.closures(ctx, &w, " ORDER BY c.id DESC LIMIT 1"))
}

func (s voices) Closures(ctx context.Context, id int64) (_ []feedback.Closure, err error) {
	defer fault.Wrap(&err, "store.Closures(%d)", id)
	var w where
	w.and("c.incident = ?", id)
	return s.closures(ctx, &w, " ORDER BY c.id")
}

// sampled says which closures wait for the controller: work began anew on the others.
const sampled = "c.sampled = 1 AND c.checked_at = 0 AND c.false_at = 0 AND i.is_open = 0"

func (s voices) Sampled(ctx context.Context, sc scope.Scope, limit int) (_ []feedback.Closure, err error) {
	defer fault.Wrap(&err, "store.Sampled")
	var w where
	w.and(sampled)
	w.scope("i", sc)
	return s.closures(ctx, &w, " ORDER BY c.id LIMIT "+w.arg(limit))
}

func (s voices) CountSampled(ctx context.Context, sc scope.Scope, limit int) (n int, err error) {
	defer fault.Wrap(&err, "store.CountSampled")
	var w where
	w.and(sampled)
	w.scope("i", sc)
	_, err = s.t.link.one(ctx, "SELECT count(*) FROM (SELECT 1 FROM closure c JOIN incident i ON i.id = c.incident"+w.String()+" LIMIT "+w.arg(limit)+") x", w.args, &n)
	return n, err
}

func (s voices) Issue(ctx context.Context, secret string, t *feedback.Ticket) (err error) {
	defer fault.Wrap(&err, "store.Issue(incident %d)", t.Incident)
	if t.Reads {
		if _, err := s.t.link.exec(ctx, "DELETE FROM ticket WHERE incident = $1 AND reply = $2 AND reads = 1 AND used_at = 0", t.Incident, t.Reply); err != nil {
			return err
		}
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO ticket (secret, incident, reply, region, expires, used_at, reads) VALUES ("+marks(7)+")",
		hashed(secret), t.Incident, t.Reply, t.Place.Region, micros(t.Expires), micros(t.UsedAt), flag(t.Reads))
	return err
}

func (s voices) Ticket(ctx context.Context, secret string) (_ *feedback.Ticket, err error) {
	defer fault.Wrap(&err, "store.Ticket")
	var t feedback.Ticket
	ok, err := s.t.link.one(ctx, `SELECT t.incident, t.reply, t.expires, t.used_at, t.reads, i.region, i.centre, i.agency FROM ticket t JOIN incident i ON i.id = t.incident WHERE t.secret = $1`,
		[]any{hashed(secret)}, &t.Incident, &t.Reply, clock{&t.Expires}, clock{&t.UsedAt}, &t.Reads, &t.Place.Region, &t.Place.Centre, &t.Place.Agency)
	if err == nil && !ok {
		err = missing("no such ticket")
	}
	return &t, err
}

func (s voices) Use(ctx context.Context, secret string, at time.Time) (fresh bool, err error) {
	defer fault.Wrap(&err, "store.Use")
	n, err := s.t.link.exec(ctx, "UPDATE ticket SET used_at = $2 WHERE secret = $1 AND used_at = 0", hashed(secret), micros(at))
	return n > 0, err
}

// joined writes reasons as they are stored.
func joined(list []feedback.Reason) string {
	codes := make([]string, len(list))
	for k, r := range list {
		codes[k] = string(r)
	}
	return strings.Join(codes, " ")
}
