package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/fault"
	"otklik/internal/talk"
)

func (s talks) lines(ctx context.Context, rest string, args ...any) (out []talk.Line, err error) {
	err = s.t.link.query(ctx, `SELECT l.id, l.talk, l.round, l.at, l.kind, l.key, l.message, l.incident, l.text, l.buttons, l.point, l.asks, l.urgent, l.state, l.tries, l.next_at, l.native, l.note,
		t.source, t.thread FROM talk_line l JOIN talk t ON t.id = l.talk`+rest, args, func(rows *sql.Rows) error {
		var l talk.Line
		var buttons string
		err := rows.Scan(&l.ID, &l.Talk, &l.Round, clock{&l.At}, &l.Kind, &l.Key, &l.Message, &l.Incident, &l.Text, &buttons, &l.Point, &l.Asks, &l.Urgent, &l.State, &l.Tries,
			clock{&l.NextAt}, &l.Native, &l.Note, &l.Source, &l.Thread)
		if err == nil && buttons != "" {
			err = json.Unmarshal([]byte(buttons), &l.Buttons)
		}
		out = append(out, l)
		return err
	})
	return out, err
}

func (s talks) Write(ctx context.Context, l *talk.Line) (err error) {
	defer fault.Wrap(&err, "store.Write(line of talk %d)", l.Talk)
	buttons := ""
	if len(l.Buttons) > 0 {
		b, err := json.Marshal(l.Buttons)
		if err != nil {
			return err
		}
		buttons = string(b)
	}
	_, err = s.t.link.returning(ctx, `INSERT INTO talk_line (talk, round, at, kind, key, message, incident, text, buttons, point, asks, urgent, state, next_at, region, source)
		VALUES (`+marks(14)+`, coalesce((SELECT region FROM talk WHERE id = $1), ''), coalesce((SELECT source FROM talk WHERE id = $1), '')) RETURNING id`,
		[]any{int64(l.Talk), l.Round, micros(l.At), string(l.Kind), l.Key, int64(l.Message), l.Incident, l.Text, buttons, flag(l.Point), flag(l.Asks), flag(l.Urgent), string(l.State), micros(l.NextAt)}, &l.ID)
	return err
}

func (s talks) Supersede(ctx context.Context, id talk.ID) (err error) {
	defer fault.Wrap(&err, "store.Supersede(talk %d)", id)
	_, err = s.t.link.exec(ctx, "UPDATE talk_line SET state = 'dropped' WHERE talk = $1 AND state = 'waiting' AND asks = 1 AND tries = 0", int64(id))
	return err
}

func (s talks) Due(ctx context.Context, now time.Time) (out []string, err error) {
	defer fault.Wrap(&err, "store.Due(talks)")
	err = s.t.link.query(ctx, "SELECT DISTINCT source FROM talk_line WHERE state = 'waiting' AND next_at <= $1 ORDER BY source", []any{micros(now)}, scanStrings(&out))
	return out, err
}

func (s talks) Take(ctx context.Context, source string, now time.Time) (_ *talk.Line, err error) {
	defer fault.Wrap(&err, "store.Take(talks of %s)", source)
	if !s.t.link.write {
		return nil, readOnly()
	}
	var id int64
	ok, err := s.t.link.returning(ctx, `UPDATE talk_line SET state = 'sending', tries = tries + 1 WHERE id = (
			SELECT l.id FROM talk_line l WHERE l.source = $1 AND l.state = 'waiting' AND l.next_at <= $2
			AND NOT EXISTS (SELECT 1 FROM talk_line e WHERE e.talk = l.talk AND (e.state = 'sending' OR e.state = 'waiting' AND e.id < l.id AND e.urgent >= l.urgent))
			ORDER BY l.urgent DESC, l.next_at, l.id LIMIT 1) RETURNING id`, []any{source, micros(now)}, &id)
	if err == nil && !ok {
		err = missing("nothing is due")
	}
	if err != nil {
		return nil, err
	}
	return singleValue(s.lines(ctx, " WHERE l.id = $1", id))
}

func (s talks) Settle(ctx context.Context, l *talk.Line) (err error) {
	defer fault.Wrap(&err, "store.Settle(line %d)", l.ID)
	n, err := s.t.link.exec(ctx, "UPDATE talk_line SET state = $2, tries = $3, next_at = $4, native = $5, note = $6 WHERE id = $1",
		l.ID, string(l.State), l.Tries, micros(l.NextAt), l.Native, l.Note)
	if err == nil && n == 0 {
		err = missing("line %d is not here", l.ID)
	}
	return err
}

func (s talks) Silence(ctx context.Context, id talk.ID, note string) (err error) {
	defer fault.Wrap(&err, "store.Silence(talk %d)", id)
	_, err = s.t.link.exec(ctx, "UPDATE talk_line SET state = 'dead', note = $2 WHERE talk = $1 AND state = 'waiting'", int64(id), note)
	return err
}

func (s talks) Interrupted(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "store.Interrupted(talks)")
	rows, err := s.t.link.exec(ctx, "UPDATE talk_line SET state = 'unknown' WHERE state = 'sending'")
	return int(rows), err
}

func (s talks) Belongs(ctx context.Context, id talk.ID, round int, of int64) (err error) {
	defer fault.Wrap(&err, "store.Belongs(talk %d)", id)
	_, err = s.t.link.exec(ctx, "UPDATE talk_line SET incident = $3 WHERE talk = $1 AND round = $2 AND incident = 0", int64(id), round, of)
	return err
}
