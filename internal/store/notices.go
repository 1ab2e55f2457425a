package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/scope"
)

// notices implements notice.Store.
type notices struct{ t *tx }

func (s notices) Roster(ctx context.Context, at scope.Place, roles ...lifecycle.Role) (out []notice.Person, err error) {
	defer fault.Wrap(&err, "store.Roster")
	var w where
	w.and("a.region = ?", at.Region)
	names := make([]any, len(roles))
	for k, r := range roles {
		names[k] = string(r)
	}
	w.in("a.role", names...)
	w.and("a.disabled = 0")
	w.and("(a.agency = 0 OR a.agency = ?)", at.Agency)
	w.and("(a.centre = '' OR a.centre = ? OR a.agency <> 0)", at.Centre)
	err = s.t.link.query(ctx, "SELECT a.id, a.role, a.agency FROM account a"+w.String()+" ORDER BY a.id", w.args, func(rows *sql.Rows) error {
		var p notice.Person
		err := rows.Scan(&p.ID, &p.Role, &p.Agency)
		out = append(out, p)
		return err
	})
	return out, err
}

func (s notices) Write(ctx context.Context, list []notice.Notice) (err error) {
	defer fault.Wrap(&err, "store.Write(%d notices)", len(list))
	for k := range list {
		n := &list[k]
		if _, err = s.t.link.exec(ctx, `INSERT INTO notice (account, region, kind, what, cause, incident, step, due, subject, at)
			VALUES ($1, coalesce((SELECT region FROM account WHERE id = $1), ''), $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, cause) DO NOTHING`,
			int64(n.Account), string(n.Kind), n.What, n.Cause, n.Incident, string(n.Step), micros(n.Due), n.Subject, micros(n.At)); err != nil {
			return err
		}
	}
	return nil
}

const noticeColumns = "SELECT n.id, n.account, n.region, n.kind, n.what, n.cause, n.incident, n.step, n.due, n.subject, n.at, n.seen_at FROM notice n"

func (t *tx) noticesBy(ctx context.Context, rest string, args []any) (out []notice.Notice, err error) {
	err = t.link.query(ctx, noticeColumns+rest, args, func(rows *sql.Rows) error {
		var n notice.Notice
		err := rows.Scan(&n.ID, &n.Account, &n.Region, &n.Kind, &n.What, &n.Cause, &n.Incident, &n.Step, clock{&n.Due}, &n.Subject, clock{&n.At}, clock{&n.SeenAt})
		out = append(out, n)
		return err
	})
	return out, err
}

func (s notices) Notices(ctx context.Context, who account.ID, f notice.Filter) (_ []notice.Notice, err error) {
	defer fault.Wrap(&err, "store.Notices(%d)", who)
	var w where
	w.and("n.account = ?", int64(who))
	if f.Unseen {
		w.and("n.seen_at = 0")
	}
	if f.Kind != "" {
		w.and("n.kind = ?", string(f.Kind))
	}
	if f.About != 0 {
		w.and("n.incident = ?", f.About)
	}
	if f.After != 0 {
		w.and("n.id < ?", int64(f.After))
	}
	return s.t.noticesBy(ctx, w.String()+" ORDER BY n.id DESC LIMIT "+w.arg(f.Limit), w.args)
}

func (s notices) Unseen(ctx context.Context, who account.ID, limit int) (n int, err error) {
	defer fault.Wrap(&err, "store.Unseen(%d)", who)
	_, err = s.t.link.one(ctx, "SELECT count(*) FROM (SELECT 1 FROM notice WHERE account = $1 AND seen_at = 0 LIMIT $2) AS unseen", []any{int64(who), limit}, &n)
	return n, err
}

func (s notices) See(ctx context.Context, who account.ID, about int64, now time.Time) (_ int, err error) {
	defer fault.Wrap(&err, "store.See(%d)", who)
	query, args := "UPDATE notice SET seen_at = $2 WHERE account = $1 AND seen_at = 0", []any{int64(who), micros(now)}
	if about != 0 {
		query, args = query+" AND incident = $3", append(args, about)
	}
	n, err := s.t.link.exec(ctx, query, args...)
	return int(n), err
}

func (s notices) Forget(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "store.Forget(notices)")
	const some = "(SELECT id FROM notice WHERE at < $1 ORDER BY at LIMIT 2000)" // people wait no longer for it
	if _, err := s.t.link.exec(ctx, "DELETE FROM notice_delivery WHERE notice IN "+some, micros(before)); err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "DELETE FROM notice WHERE id IN "+some, micros(before))
	return err
}
