package store

import (
	"context"
	"database/sql"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/scope"
)

func (s accounts) findTokens(ctx context.Context, w *where) (out []account.Token, err error) {
	err = s.t.link.query(ctx, "SELECT t.id, t.owner, t.name, t.created_at, t.expires FROM token t JOIN account a ON a.id = t.owner"+
		w.String()+" ORDER BY t.id DESC", w.args, func(rows *sql.Rows) error {
		var t account.Token
		err := rows.Scan(&t.ID, &t.Owner, &t.Name, clock{&t.Created}, clock{&t.Expires})
		out = append(out, t)
		return err
	})
	return out, err
}

func (s accounts) Token(ctx context.Context, secret string) (_ *account.Token, err error) {
	defer fault.Wrap(&err, "store.Token")
	var w where
	w.and("t.hash = ?", hashed(secret))
	w.and("t.expires > ?", micros(s.t.db.opts.now()))
	return singleValue(s.findTokens(ctx, &w))
}

func (s accounts) Tokens(ctx context.Context, sc scope.Scope, owner account.ID) (_ []account.Token, err error) {
	defer fault.Wrap(&err, "store.Tokens(%d)", owner)
	var w where
	w.scope("a", sc)
	if owner != 0 {
		w.and("t.owner = ?", int64(owner))
	}
	return s.findTokens(ctx, &w)
}

func (s accounts) SaveToken(ctx context.Context, t *account.Token, secret string) (err error) {
	defer fault.Wrap(&err, "store.SaveToken")
	_, err = s.t.link.returning(ctx, `INSERT INTO token (owner, region, name, hash, created_at, expires)
		VALUES ($1, coalesce((SELECT region FROM account WHERE id = $1), ''), $2, $3, $4, $5) RETURNING id`,
		[]any{int64(t.Owner), t.Name, hashed(secret), micros(t.Created), micros(t.Expires)}, &t.ID)
	return err
}

func (s accounts) EndToken(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "store.EndToken(%d)", id)
	n, err := s.t.link.exec(ctx, "DELETE FROM token WHERE id = $1", id)
	if err == nil && n == 0 {
		err = missing("token %d is not here", id)
	}
	return err
}
