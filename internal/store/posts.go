package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/notice"
	"otklik/internal/scope"
)

// posts implements notice.Posts.
type posts struct{ t *tx }

func (s posts) Unrouted(ctx context.Context, limit int) (_ []notice.Notice, err error) {
	defer fault.Wrap(&err, "store.Unrouted")
	return s.t.noticesBy(ctx, " WHERE n.routed = 0 ORDER BY n.id LIMIT $1"+s.t.link.d.skipLocked, []any{limit})
}

func (s posts) Route(ctx context.Context, id notice.ID, list []notice.Delivery) (err error) {
	defer fault.Wrap(&err, "store.Route(%d)", id)
	for k := range list {
		d := &list[k]
		if _, err = s.t.link.exec(ctx, `INSERT INTO notice_delivery (notice, account, region, channel, state, next_at)
			VALUES ($1, $2, coalesce((SELECT region FROM account WHERE id = $2), ''), $3, $4, $5) ON CONFLICT (notice, channel) DO NOTHING`,
			int64(id), int64(d.Account), string(d.Channel), string(d.State), micros(d.NextAt)); err != nil {
			return err
		}
	}
	_, err = s.t.link.exec(ctx, "UPDATE notice SET routed = 1 WHERE id = $1", int64(id))
	return err
}

func (s posts) Due(ctx context.Context, by notice.Channel, now time.Time, limit int) (out []notice.Box, err error) {
	defer fault.Wrap(&err, "store.Due(notices)")
	for _, query := range []string{
		"SELECT account FROM notice_delivery WHERE state = 'sending' AND lease_until <= $1 AND channel = $2 GROUP BY account ORDER BY min(lease_until) LIMIT $3",
		"SELECT account FROM notice_delivery WHERE state = 'waiting' AND next_at <= $1 AND channel = $2 GROUP BY account ORDER BY min(next_at) LIMIT $3",
	} {
		err = s.t.link.query(ctx, query, []any{micros(now), string(by), limit}, func(rows *sql.Rows) error {
			b := notice.Box{Channel: by}
			err := rows.Scan(&b.Account)
			for _, had := range out {
				if had == b {
					return err
				}
			}
			out = append(out, b)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s posts) deliveries(ctx context.Context, rest string, args []any) (out []notice.Delivery, err error) {
	err = s.t.link.query(ctx, "SELECT d.id, d.notice, d.account, d.channel, d.state, d.batch, d.tries, d.next_at, d.error, d.sent_at FROM notice_delivery d"+rest, args, func(rows *sql.Rows) error {
		var d notice.Delivery
		err := rows.Scan(&d.ID, &d.Notice, &d.Account, &d.Channel, &d.State, &d.Batch, &d.Tries, clock{&d.NextAt}, &d.Error, clock{&d.SentAt})
		out = append(out, d)
		return err
	})
	return out, err
}

func (s posts) Take(ctx context.Context, b notice.Box, now, lease time.Time, limit int) (_ []notice.Delivery, err error) {
	defer fault.Wrap(&err, "store.Take(%s of account %d)", b.Channel, b.Account)
	box := []any{int64(b.Account), string(b.Channel), micros(now)}
	batch := int64(0) // one that was interrupted comes back as it was, or nobody could tell that it is the same message
	if _, err := s.t.link.one(ctx, "SELECT batch FROM notice_delivery WHERE account = $1 AND channel = $2 AND state = 'sending' AND lease_until <= $3 ORDER BY batch LIMIT 1", box, &batch); err != nil {
		return nil, err
	}
	var list []notice.Delivery
	if batch == 0 { // a batch that failed is tried again as the batch that it was
		if _, err := s.t.link.one(ctx, "SELECT batch FROM notice_delivery WHERE account = $1 AND channel = $2 AND state = 'waiting' AND next_at <= $3 AND batch > 0 ORDER BY batch LIMIT 1", box, &batch); err != nil {
			return nil, err
		}
	}
	if batch != 0 {
		// asked again, because another process may have taken it since
		list, err = s.deliveries(ctx, " WHERE d.account = $1 AND d.channel = $2 AND d.batch = $4 AND (d.state = 'sending' AND d.lease_until <= $3 OR d.state = 'waiting' AND d.next_at <= $3) ORDER BY d.id"+
			s.t.link.d.skipLocked, append(box, batch))
	} else {
		list, err = s.deliveries(ctx, " WHERE d.account = $1 AND d.channel = $2 AND d.state = 'waiting' AND d.next_at <= $3 AND d.batch = 0 ORDER BY d.id LIMIT $4"+s.t.link.d.skipLocked, append(box, limit))
	}
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if batch == 0 {
		batch = list[0].ID
	}
	for k := range list {
		d := &list[k]
		d.Interrupted = d.State == notice.Sending
		d.Batch, d.State = batch, notice.Sending
		if _, err := s.t.link.exec(ctx, "UPDATE notice_delivery SET state = 'sending', batch = $2, lease_until = $3, tries = tries + 1 WHERE id = $1", d.ID, batch, micros(lease)); err != nil {
			return nil, err
		}
		d.Tries++
	}
	return list, nil
}

func (s posts) Interrupted(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "store.Interrupted(notices)")
	k, err := s.t.link.exec(ctx, "UPDATE notice_delivery SET lease_until = 0 WHERE state = 'sending'")
	return int(k), err
}

func (s posts) Settle(ctx context.Context, list []notice.Delivery) (err error) {
	defer fault.Wrap(&err, "store.Settle(%d deliveries)", len(list))
	for k := range list {
		d := &list[k]
		if _, err = s.t.link.exec(ctx, "UPDATE notice_delivery SET state = $2, batch = $3, tries = $4, next_at = $5, error = $6, sent_at = $7, lease_until = 0 WHERE id = $1",
			d.ID, string(d.State), d.Batch, d.Tries, micros(d.NextAt), d.Error, micros(d.SentAt)); err != nil {
			return err
		}
	}
	return nil
}

func (s posts) ByIDs(ctx context.Context, ids []notice.ID) (_ []notice.Notice, err error) {
	defer fault.Wrap(&err, "store.ByIDs(%d)", len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	var w where
	args := make([]any, len(ids))
	for k := range ids {
		args[k] = int64(ids[k])
	}
	w.in("n.id", args...)
	return s.t.noticesBy(ctx, w.String()+" ORDER BY n.id", w.args)
}

func (s posts) Choice(ctx context.Context, who account.ID) (c notice.Choice, err error) {
	defer fault.Wrap(&err, "store.Choice(%d)", who)
	list, err := s.choices(ctx, " WHERE account = $1", int64(who))
	if err != nil || len(list) > 0 {
		return append(list, c)[0], err
	}
	return notice.Default(who), nil
}

func (s posts) choices(ctx context.Context, rest string, args ...any) (out []notice.Choice, err error) {
	err = s.t.link.query(ctx, "SELECT account, region, choice, digested FROM notice_choice"+rest, args, func(rows *sql.Rows) error {
		var c notice.Choice
		var data []byte
		if err := rows.Scan(&c.Account, &c.Region, &data, clock{&c.Digested}); err != nil {
			return err
		}
		err := json.Unmarshal(data, &c)
		out = append(out, c)
		return err
	})
	return out, err
}

func (s posts) SaveChoice(ctx context.Context, c notice.Choice) (err error) {
	defer fault.Wrap(&err, "store.SaveChoice(%d)", c.Account)
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO notice_choice (account, region, choice, digest, digested) VALUES ($1, coalesce((SELECT region FROM account WHERE id = $1), ''), $2, $3, $4)
		ON CONFLICT (account) DO UPDATE SET choice = excluded.choice, digest = excluded.digest, digested = excluded.digested`,
		int64(c.Account), string(data), string(c.Digest), micros(c.Digested))
	return err
}

func (s posts) Digests(ctx context.Context, before time.Time, limit int) (_ []notice.Choice, err error) {
	defer fault.Wrap(&err, "store.Digests")
	return s.choices(ctx, " WHERE digest <> '' AND digested < $1 ORDER BY digested, account LIMIT $2"+s.t.link.d.skipLocked, micros(before), limit)
}

func (s posts) addresses(ctx context.Context, rest string, args ...any) (out []notice.Address, err error) {
	err = s.t.link.query(ctx, "SELECT a.id, a.account, a.region, a.channel, a.target, a.label, a.state, a.code_until, a.tries, a.why, a.at FROM notice_address a"+rest, args, func(rows *sql.Rows) error {
		var a notice.Address
		err := rows.Scan(&a.ID, &a.Account, &a.Region, &a.Channel, &a.To, &a.Label, &a.State, clock{&a.CodeUntil}, &a.Tries, &a.Why, clock{&a.At})
		out = append(out, a)
		return err
	})
	return out, err
}

func (s posts) Addresses(ctx context.Context, who account.ID) (_ []notice.Address, err error) {
	defer fault.Wrap(&err, "store.Addresses(%d)", who)
	return s.addresses(ctx, " WHERE a.account = $1 ORDER BY a.id", int64(who))
}

func (s posts) Address(ctx context.Context, id int64) (_ *notice.Address, err error) {
	defer fault.Wrap(&err, "store.Address(%d)", id)
	return singleValue(s.addresses(ctx, " WHERE a.id = $1", id))
}

func (s posts) ByCode(ctx context.Context, c notice.Channel, code string, now time.Time) (_ *notice.Address, err error) {
	defer fault.Wrap(&err, "store.ByCode(%s)", c)
	return singleValue(s.addresses(ctx, " WHERE a.channel = $1 AND a.code = $2 AND a.code_until > $3", string(c), hashed(code), micros(now)))
}

func (s posts) ByTarget(ctx context.Context, c notice.Channel, to string) (_ []notice.Address, err error) {
	defer fault.Wrap(&err, "store.ByTarget(%s)", c)
	return s.addresses(ctx, " WHERE a.channel = $1 AND a.target = $2 ORDER BY a.id", string(c), to)
}

func (s posts) SaveAddress(ctx context.Context, a *notice.Address) (err error) {
	defer fault.Wrap(&err, "store.SaveAddress(%d)", a.ID)
	code := ""
	if a.Code != "" {
		code = hashed(a.Code)
	}
	if a.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO notice_address (account, region, channel, target, label, state, code, code_until, tries, why, at)
			VALUES ($1, coalesce((SELECT region FROM account WHERE id = $1), ''), $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
			[]any{int64(a.Account), string(a.Channel), a.To, a.Label, string(a.State), code, micros(a.CodeUntil), a.Tries, a.Why, micros(a.At)}, &a.ID)
		return err
	}
	// A code that is waited for stays until the address is proved.
	n, err := s.t.link.exec(ctx, `UPDATE notice_address SET target = $2, label = $3, state = $4, code = CASE WHEN $5 <> '' THEN $5 WHEN $4 = 'unproved' THEN code ELSE '' END,
		code_until = $6, tries = $7, why = $8, at = $9 WHERE id = $1`,
		a.ID, a.To, a.Label, string(a.State), code, micros(a.CodeUntil), a.Tries, a.Why, micros(a.At))
	if err == nil && n == 0 {
		err = missing("address %d is not here", a.ID)
	}
	return err
}

func (s posts) DropAddress(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "store.DropAddress(%d)", id)
	_, err = s.t.link.exec(ctx, "DELETE FROM notice_address WHERE id = $1", id)
	return err
}

func (s posts) Trouble(ctx context.Context, sc scope.Scope, since time.Time) (t notice.Trouble, err error) {
	defer fault.Wrap(&err, "store.Trouble")
	var w where
	w.and("a.state = 'broken' AND a.target <> ''") // what was forgotten is its owner's affair
	w.scope("p", sc)
	if t.Broken, err = s.addresses(ctx, " JOIN account p ON p.id = a.account"+w.String()+" ORDER BY a.at DESC, a.id LIMIT 50", w.args...); err != nil {
		return t, err
	}
	var c where
	c.and("(d.state IN ('waiting', 'sending') OR d.next_at >= ?)", micros(since))
	c.scope("p", sc)
	err = s.t.link.query(ctx, "SELECT d.channel, d.state, count(*), max(d.error) FROM notice_delivery d JOIN account p ON p.id = d.account"+c.String()+" GROUP BY d.channel, d.state ORDER BY d.channel, d.state", c.args, func(rows *sql.Rows) error {
		var n notice.Count
		err := rows.Scan(&n.Channel, &n.State, &n.N, &n.Error)
		t.By = append(t.By, n)
		return err
	})
	return t, err
}
