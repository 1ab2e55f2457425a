package store

import (
	"context"
	"database/sql"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// caller notes who left a number, or a name with a card, so that Calls().OpenOf finds
// them.
func (s messages) caller(ctx context.Context, m *message.Message) error {
	phone, name := message.Dialled(m.Contact), ""
	if m.Form == message.Card {
		name = message.CallerKey(m.AuthorName)
	}
	if m.Own || phone == "" && name == "" {
		return nil
	}
	_, err := s.t.link.exec(ctx, `INSERT INTO caller (message, region, phone, name) VALUES ($1, $2, $3, $4)
		ON CONFLICT (message) DO UPDATE SET phone = excluded.phone, name = excluded.name`, int64(m.ID), m.Place.Region, phone, name)
	return err
}

const callersOpen = 50 // incidents of one caller that are looked at

// OpenOf implements call.Store.
func (s calls) OpenOf(ctx context.Context, sc scope.Scope, phone, name string, limit int) (out []int64, err error) {
	defer fault.Wrap(&err, "store.OpenOf")
	if limit <= 0 || limit > callersOpen {
		limit = callersOpen
	}
	for _, by := range []struct{ column, value string }{{"phone", message.Dialled(phone)}, {"name", message.CallerKey(name)}} {
		if by.value == "" {
			continue
		}
		seen := map[int64]bool{}
		for _, id := range out {
			seen[id] = true
		}
		var w where
		w.and("c." + by.column + " <> ''") // says to both databases that the index holds it
		w.and("c."+by.column+" = ?", by.value)
		w.and("i.is_open = 1")
		w.scope("i", sc)
		err := s.t.link.query(ctx, "SELECT DISTINCT i.id, i.opened_key FROM caller c JOIN message m ON m.id = c.message JOIN incident i ON i.id = m.incident"+
			w.String()+" ORDER BY i.opened_key DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
			var id, key int64
			err := rows.Scan(&id, &key)
			if !seen[id] && len(out) < limit {
				out = append(out, id)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Left implements call.Store.
func (s calls) Left(ctx context.Context, sc scope.Scope, incident int64, ending string) (ok bool, err error) {
	defer fault.Wrap(&err, "store.Left(%d)", incident)
	if len(ending) != 4 {
		return false, nil
	}
	var w where
	w.and("m.incident = ?", incident)
	w.and("c.phone <> ''")
	w.and("substr(c.phone, length(c.phone) - 3) = ?", ending)
	w.scope("i", sc)
	var one int64
	return s.t.link.one(ctx, "SELECT 1 FROM message m JOIN incident i ON i.id = m.incident JOIN caller c ON c.message = m.id"+w.String()+" LIMIT 1", w.args, &one)
}
