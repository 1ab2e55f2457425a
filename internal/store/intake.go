package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// intake implements message.Intake.
type intake struct{ t *tx }

func (s intake) Cursor(ctx context.Context, source string) (cursor []byte, err error) {
	defer fault.Wrap(&err, "store.Cursor(%s)", source)
	_, err = s.t.link.one(ctx, "SELECT cursor FROM source WHERE id = $1", []any{source}, &cursor)
	return cursor, err
}

func (s intake) SetCursor(ctx context.Context, source string, cursor []byte, at time.Time) (err error) {
	defer fault.Wrap(&err, "store.SetCursor(%s)", source)
	_, err = s.t.link.exec(ctx, `INSERT INTO source (id, cursor, cursor_at) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor, cursor_at = excluded.cursor_at`, source, cursor, micros(at))
	return err
}

func (s intake) Push(ctx context.Context, source, call string, items []message.Pushed, at time.Time) (accepted int, err error) {
	defer fault.Wrap(&err, "store.Push(%s)", source)
	if call != "" {
		if again, err := s.Called(ctx, source, call, at); again || err != nil {
			return 0, err
		}
	}
	refs := make([]message.Ref, len(items))
	for i := range items {
		refs[i] = items[i].Ref
	}
	has, err := messages{s.t}.Has(ctx, source, refs)
	if err != nil {
		return 0, err
	}
	for i := range items {
		name := key(items[i].Revision, items[i].Event)
		if nameless(items[i].Revision, items[i].Event) {
			// It is news unless it repeats what holds, or what waits in the inbox last.
			var last string
			waits, err := s.t.link.one(ctx, "SELECT key FROM inbox WHERE source = $1 AND native = $2 ORDER BY id DESC LIMIT 1", []any{source, items[i].Native}, &last)
			if err != nil {
				return 0, err
			}
			name += "-"
			if waits {
				has[i] = strings.HasPrefix(last, name)
			}
			name += fmt.Sprintf("%d-%d", micros(at), i)
		}
		if has[i] {
			continue
		}
		n, err := s.t.link.exec(ctx, `INSERT INTO inbox (source, native, key, payload, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (source, native, key) DO NOTHING`, source, items[i].Native, name, items[i].Payload, micros(at))
		if err != nil {
			return 0, err
		}
		accepted += int(n)
	}
	return accepted, nil
}

// Called implements message.Intake.
func (s intake) Called(ctx context.Context, source, key string, at time.Time) (again bool, err error) {
	defer fault.Wrap(&err, "store.Called(%s)", source)
	fresh, err := s.t.link.exec(ctx, "INSERT INTO inbox_call (source, key, at) VALUES ($1, $2, $3) ON CONFLICT (source, key) DO NOTHING", source, key, micros(at))
	return err == nil && fresh == 0, err
}

func (s intake) ForgetCalled(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	defer fault.Wrap(&err, "store.ForgetCalled")
	return s.t.link.exec(ctx, "DELETE FROM inbox_call WHERE (source, key) IN (SELECT source, key FROM inbox_call WHERE at < $1 ORDER BY at LIMIT $2)", micros(before), limit)
}

func (s intake) Inbox(ctx context.Context, limit int) (out []message.InboxItem, err error) {
	defer fault.Wrap(&err, "store.Inbox")
	err = s.t.link.query(ctx, "SELECT id, source, payload, at, tries FROM inbox ORDER BY id LIMIT $1", []any{limit}, func(rows *sql.Rows) error {
		var it message.InboxItem
		err := rows.Scan(&it.ID, &it.Source, &it.Payload, clock{&it.At}, &it.Tries)
		out = append(out, it)
		return err
	})
	return out, err
}

func (s intake) Done(ctx context.Context, ids ...int64) (err error) {
	defer fault.Wrap(&err, "store.Done")
	for _, id := range ids {
		if _, err := s.t.link.exec(ctx, "DELETE FROM inbox WHERE id = $1", id); err != nil {
			return err
		}
	}
	return nil
}

func (s intake) Retry(ctx context.Context, id int64) (tries int, err error) {
	defer fault.Wrap(&err, "store.Retry(%d)", id)
	ok, err := s.t.link.returning(ctx, "UPDATE inbox SET tries = tries + 1 WHERE id = $1 RETURNING tries", []any{id}, &tries)
	if err == nil && !ok {
		err = missing("inbox item %d is not here", id)
	}
	return tries, err
}

func (s intake) SetAside(ctx context.Context, a *message.SetAside) (err error) {
	defer fault.Wrap(&err, "store.SetAside(%s)", a.Source)
	sum := sha256.Sum256(a.Payload)
	payload := a.Payload
	if payload == nil {
		payload = []byte{}
	}
	args := []any{a.Source, a.Native, a.Line, hex.EncodeToString(sum[:8])}
	ok, err := s.t.link.returning(ctx, `INSERT INTO set_aside (source, native, line, digest, reason, error, payload, at, region, centre, agency)
		VALUES (`+marks(11)+`) ON CONFLICT (source, native, line, digest) DO NOTHING RETURNING id`,
		append(args, a.Reason, a.Error, payload, micros(a.At), a.Place.Region, a.Place.Centre, a.Place.Agency), &a.ID)
	if err == nil && !ok {
		_, err = s.t.link.one(ctx, "SELECT id FROM set_aside WHERE source = $1 AND native = $2 AND line = $3 AND digest = $4", args, &a.ID)
	}
	return err
}

func (s intake) Aside(ctx context.Context, sc scope.Scope, limit int) (out []message.SetAside, err error) {
	defer fault.Wrap(&err, "store.Aside")
	var w where
	w.scope("a", sc)
	q := `SELECT a.id, a.source, a.native, a.reason, a.error, a.payload, a.line, a.at, a.region, a.centre, a.agency FROM set_aside a` +
		w.String() + " ORDER BY a.id"
	if limit > 0 {
		q += " LIMIT " + w.arg(limit)
	}
	err = s.t.link.query(ctx, q, w.args, func(rows *sql.Rows) error {
		var a message.SetAside
		err := rows.Scan(&a.ID, &a.Source, &a.Native, &a.Reason, &a.Error, &a.Payload, &a.Line, clock{&a.At}, &a.Place.Region, &a.Place.Centre, &a.Place.Agency)
		out = append(out, a)
		return err
	})
	return out, err
}

func (s intake) Replayed(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "store.Replayed(%d)", id)
	n, err := s.t.link.exec(ctx, "DELETE FROM set_aside WHERE id = $1", id)
	if err == nil && n == 0 {
		err = missing("set aside item %d is not here", id)
	}
	return err
}

// Note implements message.Intake. A state without ReadAt tells of a failed read: the
// time of the last good one stays. Messages is counted when asked. How a source is
// called and whose it is stays as people keep it.
func (s intake) Note(ctx context.Context, n message.SourceState) (err error) {
	defer fault.Wrap(&err, "store.Note(%s)", n.ID)
	keep := func(columns ...string) string {
		var b strings.Builder
		for _, c := range columns {
			fmt.Fprintf(&b, "%s = CASE WHEN source.kind = '' THEN excluded.%[1]s ELSE source.%[1]s END, ", c)
		}
		return b.String()
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO source (id, region, centre, agency, channel, name, url, territory, read_at, error, failing_since, noted)
		VALUES (`+marks(11)+`, 1) ON CONFLICT (id) DO UPDATE SET `+keep("region", "centre", "agency", "channel", "name", "url", "territory")+`
		read_at = CASE WHEN excluded.read_at = 0 THEN source.read_at ELSE excluded.read_at END, error = excluded.error,
		failing_since = CASE WHEN excluded.error = '' THEN 0 WHEN source.failing_since > 0 THEN source.failing_since ELSE excluded.failing_since END, noted = 1`,
		n.ID, n.Place.Region, n.Place.Centre, n.Place.Agency, string(n.Channel), n.Name, n.URL, n.Territory, micros(n.ReadAt), n.Error, micros(n.Since))
	return err
}

func (s intake) Sources(ctx context.Context, sc scope.Scope) (out []message.SourceState, err error) {
	defer fault.Wrap(&err, "store.Sources")
	var w where
	w.and("s.noted = 1")
	w.scope("s", sc)
	err = s.t.link.query(ctx, `SELECT s.id, s.channel, s.name, s.url, s.territory, s.read_at, s.error, s.failing_since, s.region, s.centre, s.agency,
		(SELECT count(*) FROM message m WHERE m.source = s.id) FROM source s`+w.String()+" ORDER BY s.name, s.id", w.args, func(rows *sql.Rows) error {
		var n message.SourceState
		err := rows.Scan(&n.ID, &n.Channel, &n.Name, &n.URL, &n.Territory, clock{&n.ReadAt}, &n.Error, clock{&n.Since}, &n.Place.Region, &n.Place.Centre, &n.Place.Agency, &n.Messages)
		out = append(out, n)
		return err
	})
	return out, err
}
