package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// PublicCases returns cases that everybody may know of (publicface.Rule.Hidden), newest
// first, with what a publicface.Face is made of. It reads along the index of what is asked for,
// never the whole table: a test looks at the plans.
func (db *DB) PublicCases(ctx context.Context, sc scope.Scope, rule publicface.Rule, q publicface.Query) (_ []publicface.Case, err error) {
	defer fault.Wrap(&err, "store.PublicCases")
	t := &tx{db: db, link: &link{d: db.d, run: db.read, stmts: db.asks}}
	text, args := publicQuery(db.d == postgresDialect, sc, rule, q)
	var out []publicface.Case
	err = t.link.query(ctx, text, args, func(rows *sql.Rows) error {
		out = append(out, publicface.Case{})
		return scanIncident(rows, &out[len(out)-1].Incident)
	})
	const step = 50
	for from := 0; err == nil && from < len(out); from += step {
		err = t.furnish(ctx, out[from:min(from+step, len(out))], step)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// publicQuery names the index to SQLite, which knows nothing of the LIMIT (see plan.go).
func publicQuery(postgres bool, sc scope.Scope, rule publicface.Rule, q publicface.Query) (string, []any) {
	var w where
	w.scope("i", sc)
	changed, along := false, "incident_opened"
	if len(q.Numbers) > 0 {
		along = "incident_number"
		w.in("i.number", values(q.Numbers)...)
	} else {
		if !q.Since.IsZero() {
			w.and("i.opened_key >= ?", openedKey(q.Since, 0))
		}
		if !q.Until.IsZero() {
			w.and("i.opened_key < ?", openedKey(q.Until.Add(1e6), 0)) // to the end of its millisecond
		}
		if changed = !q.ChangedSince.IsZero(); changed {
			w.and("i.updated_at >= ?", micros(q.ChangedSince))
		}
		if !q.ChangedUntil.IsZero() {
			w.and("i.updated_at <= ?", micros(q.ChangedUntil))
		}
		if len(q.Topics) == 1 {
			along = "incident_topic"
		}
		if len(q.Topics) > 0 {
			w.in("i.topic", texted(q.Topics)...)
		}
		switch q.State {
		case "open":
			w.and("i.is_open = 1")
		case "closed":
			w.and("i.is_open = 0")
		}
	}
	if !q.All || len(q.Numbers) == 0 {
		rows := rule.Rows()
		w.shown(&rows)
	}
	order := " ORDER BY i.opened_key DESC"
	if changed {
		order, along = " ORDER BY i.updated_at DESC, i.id DESC", "incident_changed"
	}
	limit := q.Limit
	if limit <= 0 || limit > publicface.Most {
		limit = publicface.Most
	}
	from := " FROM incident i"
	if !postgres {
		from += " INDEXED BY " + along
	}
	return "SELECT " + incidentColumns + from + w.String() + order + " LIMIT " + w.arg(limit) + " OFFSET " + w.arg(max(q.Offset, 0)), w.args
}

// not adds "column NOT IN (…)".
func (w *where) not(column string, args ...any) { w.in(column+" NOT", args...) }

func texted[T ~string](list []T) []any {
	out := make([]any, len(list))
	for k := range list {
		out[k] = string(list[k])
	}
	return out
}

// furnish adds what stands around the incidents of cases, at most step of them.
func (t *tx) furnish(ctx context.Context, cases []publicface.Case, step int) error {
	ids, firsts := make([]any, step), make([]any, step) // always as many: one prepared statement serves all
	at, leads := map[int64]*publicface.Case{}, map[message.ID]*publicface.Case{}
	for k := range ids {
		i := &cases[min(k, len(cases)-1)].Incident
		ids[k], firsts[k] = int64(i.ID), int64(i.First)
	}
	for k := range cases {
		at[int64(cases[k].Incident.ID)], leads[cases[k].Incident.First] = &cases[k], &cases[k]
	}
	var w where
	w.in("m.id", firsts...)
	err := t.link.query(ctx, "SELECT "+messageColumns+", coalesce(r.reading, '')"+messageJoins+w.String(), w.args, func(rows *sql.Rows) error {
		var body string
		m, err := scanMessage(rows, &body)
		if c := leads[m.ID]; err == nil && c != nil {
			c.First = m
			if body != "" {
				c.Reading = &message.Reading{}
				err = json.Unmarshal([]byte(body), c.Reading)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	w = where{}
	w.in("r.incident", ids...)
	w.and("r.state = ?", string(reply.Published))
	said, err := replies{t}.find(ctx, &w, " ORDER BY r.id")
	if err != nil {
		return err
	}
	if err := t.answers(ctx, at, said); err != nil {
		return err
	}
	w = where{}
	w.in("p.incident", ids...)
	w.and("p.state = 'open' AND p.vague = 0 AND p.until_at > 0")
	return t.link.query(ctx, "SELECT p.incident, min(p.until_at) FROM promise p"+w.String()+" GROUP BY p.incident", w.args, func(rows *sql.Rows) error {
		var id int64
		var until any
		if err := rows.Scan(&id, &until); err != nil {
			return err
		}
		return clock{&at[id].Promised}.Scan(until)
	})
}

// answers puts published replies with what they answer and their pictures into the cases.
func (t *tx) answers(ctx context.Context, at map[int64]*publicface.Case, said []reply.Reply) error {
	if len(said) == 0 {
		return nil
	}
	to := map[int64]*message.Message{}
	for k := range said {
		c, r := at[said[k].Incident], &said[k]
		a := publicface.Answer{Reply: *r}
		switch {
		case r.Message == 0:
		case c.First != nil && r.Message == int64(c.First.ID):
			a.To = c.First
		default:
			if to[r.Message] == nil {
				m, err := messages{t}.Message(ctx, scope.All(), message.ID(r.Message))
				if err != nil {
					return err
				}
				to[r.Message] = m
			}
			a.To = to[r.Message]
		}
		c.Answers = append(c.Answers, a)
	}
	for _, c := range at {
		if len(c.Answers) == 0 {
			continue
		}
		enclosed, err := files{t}.Enclosed(ctx, int64(c.Incident.ID))
		if err != nil {
			return err
		}
		for k := range c.Answers {
			c.Answers[k].Files = enclosed[int64(c.Answers[k].ID)]
		}
	}
	return nil
}
