package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/scope"
)

// accounts implements account.Store.
type accounts struct{ t *tx }

func (s accounts) find(ctx context.Context, w *where, tail string) (out []account.Account, err error) {
	err = s.t.link.query(ctx, "SELECT a.id, a.login, a.name, a.role, a.hash, a.disabled, a.region, a.centre, a.agency FROM account a"+w.String()+tail, w.args,
		func(rows *sql.Rows) error {
			var a account.Account
			err := rows.Scan(&a.ID, &a.Login, &a.Name, &a.Role, &a.Hash, &a.Disabled, &a.Place.Region, &a.Place.Centre, &a.Place.Agency)
			out = append(out, a)
			return err
		})
	return out, err
}

func (s accounts) Accounts(ctx context.Context, sc scope.Scope) (_ []account.Account, err error) {
	defer fault.Wrap(&err, "store.Accounts")
	var w where
	w.scope("a", sc)
	return s.find(ctx, &w, " ORDER BY a.name, a.id")
}

func (s accounts) Account(ctx context.Context, id account.ID) (_ *account.Account, err error) {
	defer fault.Wrap(&err, "store.Account(%d)", id)
	var w where
	w.and("a.id = ?", int64(id))
	return singleValue(s.find(ctx, &w, ""))
}

func (s accounts) ByLogin(ctx context.Context, login string) (_ *account.Account, err error) {
	defer fault.Wrap(&err, "store.ByLogin")
	var w where
	w.and("a.login = ?", login)
	return singleValue(s.find(ctx, &w, ""))
}

func (s accounts) SaveAccount(ctx context.Context, a *account.Account) (err error) {
	defer fault.Wrap(&err, "store.SaveAccount(%d)", a.ID)
	args := []any{a.Login, a.Name, string(a.Role), a.Hash, flag(a.Disabled), a.Place.Region, a.Place.Centre, a.Place.Agency}
	if a.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO account (login, name, role, hash, disabled, region, centre, agency) VALUES (`+marks(8)+`) RETURNING id`, args, &a.ID)
	} else {
		var n int64
		n, err = s.t.link.exec(ctx, `UPDATE account SET login = $1, name = $2, role = $3, hash = $4, disabled = $5, region = $6, centre = $7, agency = $8
			WHERE id = $9`, append(args, int64(a.ID))...)
		if err == nil && n == 0 {
			err = missing("account %d is not here", a.ID)
		}
	}
	if fault.Is(err, fault.Conflict) {
		err = fault.New(fault.Conflict, "the login is taken").At("login").Say("Такое имя для входа уже занято. Выберите другое.")
	}
	return err
}

// hashed is what is stored of a token: who reads the database cannot sign in with it.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (s accounts) Session(ctx context.Context, token string) (data []byte, found bool, err error) {
	defer fault.Wrap(&err, "store.Session")
	found, err = s.t.link.one(ctx, "SELECT data FROM session WHERE token = $1 AND expires > $2", []any{hashed(token), micros(s.t.db.opts.now())}, &data)
	return data, found, err
}

func (s accounts) SaveSession(ctx context.Context, v account.Session) (err error) {
	defer fault.Wrap(&err, "store.SaveSession")
	data := v.Data
	if data == nil {
		data = []byte{}
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO session (token, data, expires) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`, hashed(v.Token), data, micros(v.Expires))
	return err
}

func (s accounts) EndSession(ctx context.Context, token string) (err error) {
	defer fault.Wrap(&err, "store.EndSession")
	_, err = s.t.link.exec(ctx, "DELETE FROM session WHERE token = $1", hashed(token))
	return err
}

func (s accounts) EndExpired(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "store.EndExpired")
	if _, err = s.t.link.exec(ctx, "DELETE FROM session WHERE expires <= $1", micros(now)); err == nil {
		_, err = s.t.link.exec(ctx, "DELETE FROM token WHERE expires <= $1", micros(now))
	}
	return err
}

func (s accounts) Views(ctx context.Context, owner account.ID) (out []account.View, err error) {
	defer fault.Wrap(&err, "store.Views(%d)", owner)
	err = s.t.link.query(ctx, "SELECT id, owner, name, query FROM view WHERE owner = $1 ORDER BY name, id", []any{int64(owner)}, func(rows *sql.Rows) error {
		var v account.View
		err := rows.Scan(&v.ID, &v.Owner, &v.Name, &v.Query)
		out = append(out, v)
		return err
	})
	return out, err
}

func (s accounts) SaveView(ctx context.Context, v *account.View) (err error) {
	defer fault.Wrap(&err, "store.SaveView(%d)", v.ID)
	if v.ID == 0 {
		_, err = s.t.link.returning(ctx, `INSERT INTO view (owner, region, name, query)
			VALUES ($1, coalesce((SELECT region FROM account WHERE id = $1), ''), $2, $3) RETURNING id`, []any{int64(v.Owner), v.Name, v.Query}, &v.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, "UPDATE view SET name = $1, query = $2 WHERE id = $3 AND owner = $4", v.Name, v.Query, v.ID, int64(v.Owner))
	if err == nil && n == 0 {
		err = missing("view %d is not here", v.ID)
	}
	return err
}

func (s accounts) DeleteView(ctx context.Context, owner account.ID, id int64) (err error) {
	defer fault.Wrap(&err, "store.DeleteView(%d)", id)
	n, err := s.t.link.exec(ctx, "DELETE FROM view WHERE id = $1 AND owner = $2", id, int64(owner))
	if err == nil && n == 0 {
		err = missing("view %d is not here", id)
	}
	return err
}

// trail implements audit.Store.
type trail struct{ t *tx }

func (s trail) Record(ctx context.Context, e audit.Entry) (err error) {
	defer fault.Wrap(&err, "store.Record(%s)", e.Deed)
	_, err = s.t.link.exec(ctx, "INSERT INTO audit (region, centre, agency, at, who, deed, subject) VALUES ("+marks(7)+")",
		e.Place.Region, e.Place.Centre, e.Place.Agency, micros(e.At), int64(e.Who), string(e.Deed), e.Subject)
	return err
}

func (s trail) Entries(ctx context.Context, sc scope.Scope, limit int) (out []audit.Entry, err error) {
	defer fault.Wrap(&err, "store.Entries")
	var w where
	w.scope("a", sc)
	q := "SELECT a.id, a.at, a.who, a.deed, a.subject, a.region, a.centre, a.agency FROM audit a" + w.String() + " ORDER BY a.id DESC LIMIT " + w.arg(limit)
	err = s.t.link.query(ctx, q, w.args, func(rows *sql.Rows) error {
		var e audit.Entry
		err := rows.Scan(&e.ID, clock{&e.At}, &e.Who, &e.Deed, &e.Subject, &e.Place.Region, &e.Place.Centre, &e.Place.Agency)
		out = append(out, e)
		return err
	})
	return out, err
}
