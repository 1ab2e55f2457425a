package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// replies implements reply.Store.
type replies struct{ t *tx }

const replySelect = `SELECT r.id, r.incident, r.message, r.purpose, r.state, coalesce(w.text, ''), r.written_by, r.approved_by, coalesce(w.reason, ''),
	r.created_at, r.approved_at, r.published_at, r.url, r.native, coalesce(w.tried, ''), r.lint_score, r.lint_doubt, r.lint_rules, coalesce(w.override_reason, ''), r.template, r.template_version, r.machine, coalesce(w.private, ''), coalesce(w.cleared, ''), i.region, i.centre, i.agency
	FROM reply r JOIN incident i ON i.id = r.incident LEFT JOIN reply_words w ON w.reply = r.id`

func (s replies) find(ctx context.Context, w *where, tail string) (out []reply.Reply, err error) {
	err = s.t.link.query(ctx, replySelect+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var r reply.Reply
		var score int
		var rules string
		err := rows.Scan(&r.ID, &r.Incident, &r.Message, &r.Purpose, &r.State, &r.Text, &r.By, &r.ApprovedBy, &r.Reason,
			clock{&r.CreatedAt}, clock{&r.ApprovedAt}, clock{&r.PublishedAt}, &r.URL, &r.Native, texts{&r.Tried}, &score, &r.Lint.Doubt, &rules, &r.Lint.Override, &r.Template, &r.TemplateVersion, &r.Machine, &r.Private, &r.Cleared, &r.Place.Region, &r.Place.Centre, &r.Place.Agency)
		if r.Lint.Read = score >= 0; r.Lint.Read {
			r.Lint.Score, r.Lint.Rules = score, strings.Fields(rules)
		}
		out = append(out, r)
		return err
	})
	return out, err
}

func (s replies) SaveReply(ctx context.Context, r *reply.Reply) (err error) {
	defer fault.Wrap(&err, "store.SaveReply(%d)", r.ID)
	score := -1
	if r.Lint.Read {
		score = r.Lint.Score
	}
	rules := strings.Join(r.Lint.Rules, " ")
	if r.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO reply (incident, message, region, centre, agency, purpose, state, written_by, approved_by,
			created_at, approved_at, published_at, url, native, lint_score, lint_doubt, lint_rules, template, template_version, machine) VALUES (`+marks(20)+`) RETURNING id`,
			[]any{r.Incident, r.Message, r.Place.Region, r.Place.Centre, r.Place.Agency, string(r.Purpose), string(r.State), int64(r.By), int64(r.ApprovedBy),
				micros(r.CreatedAt), micros(r.ApprovedAt), micros(r.PublishedAt), r.URL, r.Native, score, flag(r.Lint.Doubt), rules, r.Template, r.TemplateVersion, r.Machine}, &r.ID)
	} else {
		var n int64
		n, err = s.t.link.exec(ctx, `UPDATE reply SET message = $2, region = $3, centre = $4, agency = $5, purpose = $6, state = $7, written_by = $8,
			approved_by = $9, created_at = $10, approved_at = $11, published_at = $12, url = $13, native = $14, lint_score = $15, lint_doubt = $16, lint_rules = $17, template = $18, template_version = $19, machine = $20 WHERE id = $1`,
			int64(r.ID), r.Message, r.Place.Region, r.Place.Centre, r.Place.Agency, string(r.Purpose), string(r.State), int64(r.By),
			int64(r.ApprovedBy), micros(r.CreatedAt), micros(r.ApprovedAt), micros(r.PublishedAt), r.URL, r.Native, score, flag(r.Lint.Doubt), rules, r.Template, r.TemplateVersion, r.Machine)
		if err == nil && n == 0 {
			err = missing("reply %d is not here", r.ID)
		}
	}
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO reply_words (reply, region, text, reason, tried, override_reason, private, cleared) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (reply) DO UPDATE SET text = excluded.text, reason = excluded.reason, tried = excluded.tried, override_reason = excluded.override_reason,
		private = excluded.private, cleared = excluded.cleared`,
		int64(r.ID), r.Place.Region, r.Text, r.Reason, texts{&r.Tried}.String(), r.Lint.Override, r.Private, r.Cleared)
	return err
}

func (s replies) Reply(ctx context.Context, sc scope.Scope, id reply.ID) (_ *reply.Reply, err error) {
	defer fault.Wrap(&err, "store.Reply(%d)", id)
	var w where
	w.and("r.id = ?", int64(id))
	w.scope("i", sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s replies) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []reply.Reply, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("r.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY r.id")
}

func (s replies) Unclear(ctx context.Context, sc scope.Scope, limit int) (out []int64, err error) {
	defer fault.Wrap(&err, "store.Unclear")
	var w where
	w.and("j.unclear = 1 AND j.state <> 'sent'")
	w.and("r.state IN ('approved', 'failed')")
	w.scope("i", sc)
	err = s.t.link.query(ctx, "SELECT DISTINCT j.incident FROM job j JOIN reply r ON r.id = j.reply JOIN incident i ON i.id = j.incident"+w.String()+" ORDER BY j.incident LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func (s replies) Drafts(ctx context.Context, sc scope.Scope, limit int) (_ []reply.Reply, err error) {
	defer fault.Wrap(&err, "store.Drafts")
	var w where
	w.and("r.state = 'draft'")
	w.and("i.is_open = 1")
	w.scope("i", sc)
	return s.find(ctx, &w, " ORDER BY r.created_at, r.id LIMIT "+w.arg(limit))
}

func (s replies) ByReceipt(ctx context.Context, source, native string) (_ *reply.Reply, err error) {
	defer fault.Wrap(&err, "store.ByReceipt(%s)", source)
	var w where
	w.and("r.native = ? AND r.native <> ''", native)
	w.and("EXISTS (SELECT 1 FROM message m WHERE m.id = r.message AND m.source = ?)", source)
	found, err := s.find(ctx, &w, "")
	if err != nil || len(found) > 0 || native == "" {
		return singleValue(found, err)
	}
	var many where // of a fan-out: its receipts stand at the jobs
	many.and("r.id IN (SELECT j.reply FROM job j WHERE j.native = ? AND j.native <> '' AND j.source = ?)", native, source)
	return singleValue(s.find(ctx, &many, ""))
}

func (s replies) Recent(ctx context.Context, agency, notIncident int64, limit int) (out []string, err error) {
	defer fault.Wrap(&err, "store.Recent(agency %d)", agency)
	err = s.t.link.query(ctx, `SELECT w.text FROM reply r JOIN reply_words w ON w.reply = r.id
		WHERE r.agency = $1 AND r.published_at > 0 AND r.incident <> $2 AND r.purpose <> 'question' ORDER BY r.published_at DESC LIMIT $3`, []any{agency, notIncident, limit}, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		out = append(out, text)
		return err
	})
	return out, err
}

func (s replies) Doubts(ctx context.Context, sc scope.Scope, since time.Time) (out []reply.Doubts, err error) {
	defer fault.Wrap(&err, "store.Doubts")
	var w where
	w.scope("i", sc)
	w.and("r.published_at >= ? AND r.published_at > 0 AND r.lint_score >= 0", micros(since))
	err = s.t.link.query(ctx, "SELECT r.agency, count(*), sum(r.lint_doubt) FROM reply r JOIN incident i ON i.id = r.incident"+w.String()+" GROUP BY r.agency ORDER BY r.agency", w.args,
		func(rows *sql.Rows) error {
			var d reply.Doubts
			err := rows.Scan(&d.Agency, &d.Published, &d.Doubted)
			out = append(out, d)
			return err
		})
	return out, err
}

func (s replies) Enqueue(ctx context.Context, j *reply.Job) (err error) {
	defer fault.Wrap(&err, "store.Enqueue(reply %d)", j.Reply)
	if j.State == "" {
		j.State = reply.Waiting
	}
	ok, err := s.t.link.returning(ctx, "INSERT INTO job ("+jobStored+") VALUES ("+marks(jobFields)+") ON CONFLICT (key) DO NOTHING RETURNING id", jobArgs(j), &j.ID)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "a job with the key of reply %d stands in the outbox", j.Reply).Say("Этот ответ уже отправляется.")
	}
	return err
}

func (s replies) Interrupted(ctx context.Context, now time.Time) (n int, err error) {
	defer fault.Wrap(&err, "store.Interrupted")
	rows, err := s.t.link.exec(ctx, "UPDATE job SET state = 'waiting', unclear = 1, next_at = $1, tried_at = $1 WHERE state = 'sending'", micros(now))
	return int(rows), err
}

// texts is a list of texts as it is stored: JSON, nothing for none.
type texts struct{ list *[]string }

// Scan implements sql.Scanner.
func (t texts) Scan(src any) error {
	*t.list = nil
	s, ok := src.(string)
	if !ok {
		return fault.New(fault.Internal, "store: texts of type %T", src)
	}
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), t.list)
}

func (t texts) String() string {
	if len(*t.list) == 0 {
		return ""
	}
	b, err := json.Marshal(*t.list)
	if err != nil {
		panic("store: strings cannot be written as JSON: " + err.Error())
	}
	return string(b)
}
