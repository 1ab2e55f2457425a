package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// ring implements message.Ring.
type ring struct{ t *tx }

// slot is what the ring holds of a message.
type slot struct {
	id, time int64
	key, run string
}

// slots returns what the ring holds of the messages, by native id.
func (s ring) slots(ctx context.Context, source string, natives []string) (map[string]slot, error) {
	held := map[string]slot{}
	const step = 200
	for part := range slices.Chunk(natives, step) {
		var w where
		w.and("source = ?", source)
		args := values(part)
		for len(args)&(len(args)-1) != 0 && len(args) < step { // few shapes of the statement
			args = append(args, part[0])
		}
		w.in("native", args...)
		err := s.t.link.query(ctx, "SELECT id, native, key, time, run FROM dropped"+w.String(), w.args, func(rows *sql.Rows) error {
			var one slot
			var native string
			err := rows.Scan(&one.id, &native, &one.key, &one.time, &one.run)
			held[native] = one
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return held, nil
}

func (s ring) Drop(ctx context.Context, run string, list []message.Message) (err error) {
	defer fault.Wrap(&err, "store.Drop(%d messages)", len(list))
	bySource := map[string][]string{}
	for k := range list {
		bySource[list[k].Source] = append(bySource[list[k].Source], list[k].Native)
	}
	held := map[string]map[string]slot{}
	for source, natives := range bySource {
		if held[source], err = s.slots(ctx, source, natives); err != nil {
			return err
		}
	}
	added := false
	var again []any // ids
	for k := range list {
		m := &list[k]
		if len(m.Text) > message.RingText {
			continue
		}
		name, at := key(m.Revision, m.Event), micros(m.Revision.Time)
		was, here := held[m.Source][m.Native]
		if here && (was.key == name || at != 0 && was.time > at) {
			if was.run != run && was.key == name { // this run counts it now, and corrects its count when it is recalled
				again = append(again, was.id)
			}
			continue
		}
		payload, err := message.Encode(m)
		if err != nil {
			return err
		}
		if here {
			_, err = s.t.link.exec(ctx, "UPDATE dropped SET key = $3, time = $4, thread = $5, run = $6, payload = $7 WHERE source = $1 AND native = $2",
				m.Source, m.Native, name, at, m.Thread, run, payload)
		} else {
			added = true
			_, err = s.t.link.exec(ctx, `INSERT INTO dropped (region, centre, agency, source, native, thread, key, time, at, run, payload)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (source, native) DO NOTHING`,
				m.Place.Region, m.Place.Centre, m.Place.Agency, m.Source, m.Native, m.Thread, name, at, micros(m.SeenAt), run, payload)
		}
		if err != nil {
			return err
		}
		held[m.Source][m.Native] = slot{key: name, time: at, run: run}
	}
	for part := range slices.Chunk(again, 200) {
		var w where
		mark := w.arg(run)
		w.in("id", part...)
		if _, err := s.t.link.exec(ctx, "UPDATE dropped SET run = "+mark+w.String(), w.args...); err != nil {
			return err
		}
	}
	if !added {
		return nil
	}
	// What is due is ours already, and only waits to be taken in.
	_, err = s.t.link.exec(ctx, "DELETE FROM dropped WHERE id <= (SELECT max(id) FROM dropped) - $1 AND due = 0", message.RingSize)
	return err
}

func (s ring) ClaimThread(ctx context.Context, source, thread string) (err error) {
	defer fault.Wrap(&err, "store.ClaimThread(%s)", source)
	_, err = s.t.link.exec(ctx, "UPDATE dropped SET due = 1 WHERE source = $1 AND thread = $2 AND thread <> ''", source, thread)
	return err
}

func (s ring) Kept(ctx context.Context, source string, refs []message.Ref) (err error) {
	defer fault.Wrap(&err, "store.Kept(%s)", source)
	natives := make([]string, len(refs))
	for k := range refs {
		natives[k] = refs[k].Native
	}
	held, err := s.slots(ctx, source, natives)
	if err != nil || len(held) == 0 {
		return err
	}
	for _, r := range refs {
		was, here := held[r.Native]
		if !here {
			continue
		}
		at := micros(r.Revision.Time)
		query := "UPDATE dropped SET due = 1 WHERE id = $1"
		switch {
		case was.key == key(r.Revision, r.Event), r.Event == message.Deleted && (at == 0 || was.time <= at):
			query = "DELETE FROM dropped WHERE id = $1"
			delete(held, r.Native)
		case r.Event == message.Deleted: // an older deletion: the text stands, and says nothing to us
			continue
		}
		if _, err := s.t.link.exec(ctx, query, was.id); err != nil {
			return err
		}
	}
	return nil
}

func (s ring) Due(ctx context.Context, limit int) (out []message.Dropped, err error) {
	defer fault.Wrap(&err, "store.Due")
	err = s.t.link.query(ctx, "SELECT id, key, run, payload FROM dropped WHERE due = 1 ORDER BY id LIMIT $1", []any{limit}, func(rows *sql.Rows) error {
		var d message.Dropped
		var payload []byte
		err := rows.Scan(&d.ID, &d.Key, &d.Run, &payload)
		if m, bad := message.Decode(payload); bad == nil {
			d.Message = m
		}
		out = append(out, d)
		return err
	})
	return out, err
}

func (s ring) Remove(ctx context.Context, list []message.Dropped) (err error) {
	defer fault.Wrap(&err, "store.Remove")
	for k := range list {
		if _, err := s.t.link.exec(ctx, "DELETE FROM dropped WHERE id = $1 AND key = $2", list[k].ID, list[k].Key); err != nil {
			return err
		}
	}
	return nil
}

// Seen implements message.Ring. Ids grow with arrival on both sides, so that no
// index by time is needed: the last ids are read and merged.
func (s ring) Seen(ctx context.Context, sc scope.Scope, since time.Time, limit int) (out []message.Seen, err error) {
	defer fault.Wrap(&err, "store.Seen")
	if limit <= 0 || limit > message.RingSize {
		limit = message.RingSize
	}
	var kept, dropped where
	kept.and("m.id > (SELECT coalesce(max(id), 0) FROM message) - ?", message.RingSize)
	kept.and("m.seen_at >= ?", micros(since))
	kept.and("m.form <> ?", string(message.Card))
	kept.and("m.current <> 0 AND m.gone = 0")
	if sc != scope.All() {
		seenThrough(&kept, sc)
	}
	q := "SELECT " + messageColumns + ", m.incident" + messageJoins + kept.String() + " ORDER BY m.id DESC LIMIT " + kept.arg(limit)
	err = s.t.link.query(ctx, q, kept.args, func(rows *sql.Rows) error {
		one := message.Seen{Kept: true}
		one.Message, err = scanMessage(rows, &one.Incident)
		out = append(out, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	dropped.and("d.at >= ?", micros(since))
	dropped.scope("d", sc)
	q = "SELECT d.payload FROM dropped d" + dropped.String() + " ORDER BY d.id DESC LIMIT " + dropped.arg(limit)
	err = s.t.link.query(ctx, q, dropped.args, func(rows *sql.Rows) error {
		var payload []byte
		if err := rows.Scan(&payload); err != nil {
			return err
		}
		if m, bad := message.Decode(payload); bad == nil {
			out = append(out, message.Seen{Message: m})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b message.Seen) int { return cmp.Compare(micros(b.Message.SeenAt), micros(a.Message.SeenAt)) })
	return out[:min(len(out), limit)], nil
}

func (s ring) Forget(ctx context.Context, before time.Time) (n int, err error) {
	defer fault.Wrap(&err, "store.Forget")
	rows, err := s.t.link.exec(ctx, "DELETE FROM dropped WHERE at < $1 AND due = 0", micros(before))
	return int(rows), err
}
