package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

// webhooks implements webhook.Store.
type webhooks struct{ t *tx }

// tell queues what a line of history is news of, in its own transaction: whatever wrote the
// line, no webhook misses it, and a line that is rolled back tells nobody. A due time that
// has passed is told once, however many people hear of it.
func (s webhooks) tell(ctx context.Context, e *incident.Entry) error {
	list, due := e.Events()
	if len(list) == 0 {
		return nil
	}
	var one int // most centres call nobody, and a statement that writes costs several that ask
	if listens, err := s.t.link.one(ctx, "SELECT 1 FROM webhook WHERE state <> 'off' LIMIT 1", nil, &one); err != nil || !listens {
		return err
	}
	for _, event := range list {
		_, err := s.t.link.exec(ctx, `INSERT INTO webhook_delivery (region, webhook, event, incident, entry, due, at, next_at)
			SELECT i.region, w.id, CAST($1 AS TEXT), i.id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($5 AS BIGINT) FROM webhook w JOIN incident i ON i.id = $2
			WHERE w.state <> 'off' AND w.events LIKE $6 AND (w.region = '' OR w.region = i.region) AND (w.centre = '' OR w.centre = i.centre) AND (w.agency = 0 OR w.agency = i.agency)
			AND (w.source = '' OR EXISTS (SELECT 1 FROM message m WHERE m.incident = i.id AND m.source = w.source))
			AND (CAST($4 AS BIGINT) = 0 OR NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook = w.id AND d.incident = i.id AND d.due = CAST($4 AS BIGINT)))`,
			string(event), int64(e.Incident), e.ID, micros(due), micros(e.At), "% "+string(event)+" %")
		if err != nil {
			return err
		}
	}
	return nil
}

const webhookColumns = "w.id, w.region, w.centre, w.agency, w.version, w.name, w.url, w.events, w.source, w.personal, w.state, w.why, w.failing_since, w.last_at, w.tag, w.sealed, w.was, w.was_until, w.added_at"

func (s webhooks) SaveWebhook(ctx context.Context, w *webhook.Webhook) (err error) {
	defer fault.Wrap(&err, "store.SaveWebhook(%d)", w.ID)
	args := []any{
		w.Place.Region, w.Place.Centre, w.Place.Agency, w.Name, w.URL, w.Packed(), w.Source, flag(w.Personal), string(w.State), w.Why, micros(w.FailingSince), micros(w.LastAt),
		w.Tag, w.Sealed, w.Was, micros(w.WasUntil), micros(w.AddedAt),
	}
	if w.Version == 0 {
		id, _, err := s.t.link.insert(ctx, `INSERT INTO webhook (region, centre, agency, name, url, events, source, personal, state, why, failing_since, last_at, tag, sealed, was, was_until, added_at)
			VALUES (`+marks(17)+`)`, args...)
		if err == nil {
			w.ID, w.Version = webhook.ID(id), 1
		}
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE webhook SET region = $1, centre = $2, agency = $3, name = $4, url = $5, events = $6, source = $7, personal = $8, state = $9, why = $10, failing_since = $11,
		last_at = $12, tag = $13, sealed = $14, was = $15, was_until = $16, added_at = $17, version = version + 1 WHERE id = $18 AND version = $19`, append(args, int64(w.ID), w.Version)...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "webhook %d is not at version %d", w.ID, w.Version).Say("Получателя вызовов тем временем изменили или убрали. Откройте его снова и повторите.")
	}
	w.Version++
	return nil
}

func (s webhooks) find(ctx context.Context, w *where) (out []webhook.Webhook, err error) {
	err = s.t.link.query(ctx, "SELECT "+webhookColumns+" FROM webhook w"+w.String()+" ORDER BY w.name, w.id", w.args, func(rows *sql.Rows) error {
		var h webhook.Webhook
		var events string
		err := rows.Scan(&h.ID, &h.Place.Region, &h.Place.Centre, &h.Place.Agency, &h.Version, &h.Name, &h.URL, &events, &h.Source, &h.Personal, &h.State, &h.Why, clock{&h.FailingSince}, clock{&h.LastAt},
			&h.Tag, &h.Sealed, &h.Was, clock{&h.WasUntil}, clock{&h.AddedAt})
		h.Unpack(events)
		out = append(out, h)
		return err
	})
	return out, err
}

func (s webhooks) Webhook(ctx context.Context, sc scope.Scope, id webhook.ID) (_ *webhook.Webhook, err error) {
	defer fault.Wrap(&err, "store.Webhook(%d)", id)
	var w where
	w.and("w.id = ?", int64(id))
	w.scope("w", sc)
	return singleValue(s.find(ctx, &w))
}

func (s webhooks) Webhooks(ctx context.Context, sc scope.Scope) (_ []webhook.Webhook, err error) {
	defer fault.Wrap(&err, "store.Webhooks")
	var w where
	w.scope("w", sc)
	return s.find(ctx, &w)
}

func (s webhooks) Fare(ctx context.Context, id webhook.ID, failing, last time.Time, off string) (err error) {
	defer fault.Wrap(&err, "store.Fare(webhook %d)", id)
	if off == "" {
		_, err = s.t.link.exec(ctx, "UPDATE webhook SET failing_since = $2, last_at = $3 WHERE id = $1", int64(id), micros(failing), micros(last))
		return err
	}
	if _, err = s.t.link.exec(ctx, "UPDATE webhook SET failing_since = $2, last_at = $3, state = 'off', why = $4, version = version + 1 WHERE id = $1", int64(id), micros(failing), micros(last), off); err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "UPDATE webhook_delivery SET state = 'dead', error = $2 WHERE webhook = $1 AND state = 'waiting'", int64(id), off)
	return err
}

func (s webhooks) RemoveWebhook(ctx context.Context, id webhook.ID) (err error) {
	defer fault.Wrap(&err, "store.RemoveWebhook(%d)", id)
	if _, err := s.t.link.exec(ctx, "DELETE FROM webhook_delivery WHERE webhook = $1", int64(id)); err != nil {
		return err
	}
	n, err := s.t.link.exec(ctx, "DELETE FROM webhook WHERE id = $1", int64(id))
	if err == nil && n == 0 {
		err = missing("webhook %d is not here", id)
	}
	return err
}

func (s webhooks) Owe(ctx context.Context, d *webhook.Delivery) (err error) {
	defer fault.Wrap(&err, "store.Owe(webhook %d)", d.Webhook)
	id, ok, err := s.t.link.insert(ctx, `INSERT INTO webhook_delivery (region, webhook, event, incident, entry, job_key, reply, at, next_at)
		VALUES (coalesce((SELECT region FROM webhook WHERE id = $1), ''), $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		int64(d.Webhook), string(d.Event), d.Incident, d.Entry, d.Key, d.Reply, micros(d.At), micros(d.NextAt))
	if ok {
		d.ID, d.State = id, webhook.Waiting
	}
	return err
}

func (s webhooks) Due(ctx context.Context, now time.Time) (out []webhook.ID, err error) {
	defer fault.Wrap(&err, "store.Due(webhooks)")
	err = s.t.link.query(ctx, `SELECT w.id FROM webhook w WHERE w.state = 'on'
		AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook = w.id AND d.state = 'waiting' AND d.next_at <= $1) ORDER BY w.id`, []any{micros(now)}, func(rows *sql.Rows) error {
		var id webhook.ID
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

const deliveryColumns = "d.id, d.webhook, d.event, d.incident, d.entry, d.job_key, d.reply, d.due, d.at, d.state, d.tries, d.next_at, d.sent_at, d.status, d.error, d.took, d.answered_at, d.native, d.answer_url, d.refusal"

func (s webhooks) owed(ctx context.Context, tail string, args ...any) (out []webhook.Delivery, err error) {
	err = s.t.link.query(ctx, "SELECT "+deliveryColumns+" FROM webhook_delivery d"+tail, args, func(rows *sql.Rows) error {
		var d webhook.Delivery
		var took int64
		err := rows.Scan(&d.ID, &d.Webhook, &d.Event, &d.Incident, &d.Entry, &d.Key, &d.Reply, clock{&d.Due}, clock{&d.At}, &d.State, &d.Tries, clock{&d.NextAt}, clock{&d.SentAt}, &d.Status, &d.Error, &took,
			clock{&d.Answer.At}, &d.Answer.Native, &d.Answer.URL, &d.Answer.Refusal)
		d.Took = time.Duration(took) * time.Microsecond
		out = append(out, d)
		return err
	})
	return out, err
}

func (s webhooks) Heads(ctx context.Context, id webhook.ID, now time.Time, limit int) (_ []webhook.Delivery, err error) {
	defer fault.Wrap(&err, "store.Heads(webhook %d)", id)
	return s.owed(ctx, ` WHERE d.webhook = $1 AND d.state = 'waiting' AND d.next_at <= $2 AND (d.incident = 0 OR NOT EXISTS
		(SELECT 1 FROM webhook_delivery e WHERE e.webhook = d.webhook AND e.incident = d.incident AND e.state = 'waiting' AND e.id < d.id)) ORDER BY d.id LIMIT $3`, int64(id), micros(now), limit)
}

func (s webhooks) Settle(ctx context.Context, d *webhook.Delivery) (err error) {
	defer fault.Wrap(&err, "store.Settle(delivery %d)", d.ID)
	_, err = s.t.link.exec(ctx, "UPDATE webhook_delivery SET state = $2, tries = $3, next_at = $4, sent_at = $5, status = $6, error = $7, took = $8 WHERE id = $1", // it may have been removed with its webhook
		d.ID, string(d.State), d.Tries, micros(d.NextAt), micros(d.SentAt), d.Status, d.Error, d.Took.Microseconds())
	return err
}

func (s webhooks) Owed(ctx context.Context, id webhook.ID, before int64, limit int) (_ []webhook.Delivery, err error) {
	defer fault.Wrap(&err, "store.Owed(webhook %d)", id)
	return s.owed(ctx, " WHERE d.webhook = $1 AND (CAST($2 AS BIGINT) = 0 OR d.id < CAST($2 AS BIGINT)) ORDER BY d.id DESC LIMIT $3", int64(id), before, limit)
}

func (s webhooks) Waits(ctx context.Context, id webhook.ID) (n int, err error) {
	defer fault.Wrap(&err, "store.Waits(webhook %d)", id)
	_, err = s.t.link.one(ctx, "SELECT count(*) FROM webhook_delivery WHERE webhook = $1 AND state = 'waiting'", []any{int64(id)}, &n)
	return n, err
}

func (s webhooks) OfJob(ctx context.Context, j *reply.Job) (_ *webhook.Delivery, err error) {
	defer fault.Wrap(&err, "store.OfJob(%d)", j.ID)
	d, err := singleValue(s.owed(ctx, " WHERE d.job_key = $1 AND d.job_key <> ''", j.Key))
	if fault.Is(err, fault.NotFound) && j.Reply != 0 { // a fan-out's reply stands under many messages: only the one of this
		return singleValue(s.owed(ctx, ` WHERE d.reply = $1 AND d.reply > 0 AND d.answered_at > 0 AND d.refusal = ''
			AND EXISTS (SELECT 1 FROM job o WHERE o.key = d.job_key AND o.source = $2 AND o.parent = $3) ORDER BY d.id DESC LIMIT 1`, int64(j.Reply), j.Source, j.Parent))
	}
	return d, err
}

func (s webhooks) JobOf(ctx context.Context, key string) (_ *reply.Job, err error) {
	defer fault.Wrap(&err, "store.JobOf")
	var w where
	w.and("j.key = ?", key)
	return singleValue(s.t.jobs(ctx, &w, "", ""))
}

func (s webhooks) Answered(ctx context.Context, source, key string, a webhook.Answer) (known bool, err error) {
	defer fault.Wrap(&err, "store.Answered")
	const mine = "job_key = $1 AND job_key <> '' AND EXISTS (SELECT 1 FROM webhook w WHERE w.id = webhook_delivery.webhook AND w.source = $2)"
	n, err := s.t.link.exec(ctx, "UPDATE webhook_delivery SET answered_at = $3, native = $4, answer_url = $5, refusal = $6 WHERE answered_at = 0 AND "+mine, key, source, micros(a.At), a.Native, a.URL, a.Refusal)
	if err != nil || n > 0 {
		return n > 0, err
	}
	var one int
	return s.t.link.one(ctx, "SELECT 1 FROM webhook_delivery WHERE "+mine, []any{key, source}, &one)
}

func (s webhooks) Hasten(ctx context.Context, now time.Time) (_ int, err error) {
	defer fault.Wrap(&err, "store.Hasten")
	n, err := s.t.link.exec(ctx, `UPDATE job SET next_at = CAST($1 AS BIGINT) WHERE state = 'waiting' AND unclear = 1 AND next_at > CAST($1 AS BIGINT)
		AND key IN (SELECT d.job_key FROM webhook_delivery d WHERE d.job_key <> '' AND (d.answered_at > 0 OR d.state = 'dead'))`, micros(now))
	return int(n), err
}

func (s webhooks) ForgetCalls(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "store.ForgetCalls")
	_, err = s.t.link.exec(ctx, "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE state <> 'waiting' AND at < $1 ORDER BY at LIMIT 2000)", micros(before))
	return err
}
