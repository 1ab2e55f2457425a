package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/talk"
)

// talks implements talk.Store.
type talks struct{ t *tx }

const talkColumns = "t.id, t.source, t.thread, t.round, t.state, t.due, t.blocked, t.at, t.region, t.centre, t.agency"

func (s talks) find(ctx context.Context, rest string, args ...any) (out []talk.Talk, err error) {
	err = s.t.link.query(ctx, "SELECT "+talkColumns+" FROM talk t"+rest, args, func(rows *sql.Rows) error {
		var one talk.Talk
		var state string
		var round int
		err := rows.Scan(&one.ID, &one.Source, &one.Thread, &round, &state, clock{&one.Due}, clock{&one.Blocked}, clock{&one.At}, &one.Place.Region, &one.Place.Centre, &one.Place.Agency)
		if err == nil && state != "" {
			err = json.Unmarshal([]byte(state), &one.State)
		}
		one.State.Round = round // it outlives the erasing of the state
		out = append(out, one)
		return err
	})
	return out, err
}

func (s talks) lock() string {
	if !s.t.link.write {
		return ""
	}
	return s.t.link.d.forUpdate
}

func (s talks) Talk(ctx context.Context, source, thread string, place scope.Place) (_ *talk.Talk, err error) {
	defer fault.Wrap(&err, "store.Talk(%s)", source)
	if s.t.link.write {
		if _, err := s.t.link.exec(ctx, "INSERT INTO talk (region, centre, agency, source, thread) VALUES ("+marks(5)+") ON CONFLICT (source, thread) DO NOTHING",
			place.Region, place.Centre, place.Agency, source, thread); err != nil {
			return nil, err
		}
	}
	return singleValue(s.find(ctx, " WHERE t.source = $1 AND t.thread = $2"+s.lock(), source, thread))
}

func (s talks) ByID(ctx context.Context, id talk.ID) (_ *talk.Talk, err error) {
	defer fault.Wrap(&err, "store.Talk(%d)", id)
	return singleValue(s.find(ctx, " WHERE t.id = $1"+s.lock(), int64(id)))
}

func (s talks) SaveTalk(ctx context.Context, t *talk.Talk) (err error) {
	defer fault.Wrap(&err, "store.SaveTalk(%d)", t.ID)
	state, err := json.Marshal(t.State)
	if err != nil {
		return err
	}
	n, err := s.t.link.exec(ctx, "UPDATE talk SET round = $2, state = $3, due = $4, blocked = $5, at = $6 WHERE id = $1",
		int64(t.ID), t.State.Round, string(state), micros(t.Due), micros(t.Blocked), micros(t.At))
	if err == nil && n == 0 {
		err = missing("talk %d is not here", t.ID)
	}
	return err
}

func (s talks) Silent(ctx context.Context, now time.Time, limit int) (out []talk.ID, err error) {
	defer fault.Wrap(&err, "store.Silent")
	err = s.t.link.query(ctx, "SELECT id FROM talk WHERE due > 0 AND due <= $1 ORDER BY due, id LIMIT $2", []any{micros(now), limit}, func(rows *sql.Rows) error {
		var id talk.ID
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func (s talks) About(ctx context.Context, id talk.ID, of int64, at time.Time) (err error) {
	defer fault.Wrap(&err, "store.About(talk %d)", id)
	_, err = s.t.link.exec(ctx, `INSERT INTO talk_incident (region, talk, incident, at) VALUES (coalesce((SELECT region FROM talk WHERE id = $1), ''), $1, $2, $3)
		ON CONFLICT (talk, incident) DO NOTHING`, int64(id), of, micros(at))
	return err
}

func (s talks) Incidents(ctx context.Context, id talk.ID, limit int) (out []int64, err error) {
	defer fault.Wrap(&err, "store.Incidents(talk %d)", id)
	err = s.t.link.query(ctx, "SELECT incident FROM talk_incident WHERE talk = $1 ORDER BY at DESC, incident DESC LIMIT $2", []any{int64(id), limit}, func(rows *sql.Rows) error {
		var of int64
		err := rows.Scan(&of)
		out = append(out, of)
		return err
	})
	return out, err
}

func (s talks) Of(ctx context.Context, of int64) (_ []talk.Talk, err error) {
	defer fault.Wrap(&err, "store.Of(incident %d)", of)
	return s.find(ctx, " JOIN talk_incident c ON c.talk = t.id WHERE c.incident = $1 ORDER BY t.id", of)
}

func (s talks) Stands(ctx context.Context, sc scope.Scope) (out []talk.Stand, err error) {
	defer fault.Wrap(&err, "store.Stands")
	var w where
	w.scope("t", sc)
	err = s.t.link.query(ctx, `SELECT t.source, count(*), sum(CASE WHEN t.blocked > 0 THEN 1 ELSE 0 END),
		coalesce((SELECT count(*) FROM talk_line l WHERE l.source = t.source AND l.state = 'waiting'), 0), coalesce((SELECT count(*) FROM talk_line l WHERE l.source = t.source AND l.state = 'unknown'), 0)
		FROM talk t`+w.String()+" GROUP BY t.source ORDER BY t.source", w.args, func(rows *sql.Rows) error {
		var one talk.Stand
		err := rows.Scan(&one.Source, &one.Talks, &one.Blocked, &one.Waiting, &one.Unknown)
		out = append(out, one)
		return err
	})
	return out, err
}

func (s talks) SaveEdit(ctx context.Context, e *talk.Edit) (err error) {
	defer fault.Wrap(&err, "store.SaveEdit(%s)", e.Key)
	_, err = s.t.link.returning(ctx, `INSERT INTO talk_text (region, key, n, words, made_by, at)
		VALUES ($1, $2, (SELECT coalesce(max(n), 0) + 1 FROM talk_text WHERE region = $1 AND key = $2), $3, $4, $5) RETURNING n`,
		[]any{e.Region, string(e.Key), e.Words, int64(e.By), micros(e.At)}, &e.Number)
	return err
}

func (s talks) edits(ctx context.Context, rest string, args ...any) (out []talk.Edit, err error) {
	err = s.t.link.query(ctx, "SELECT e.region, e.key, e.n, e.words, e.made_by, e.at FROM talk_text e"+rest, args, func(rows *sql.Rows) error {
		var e talk.Edit
		err := rows.Scan(&e.Region, &e.Key, &e.Number, &e.Words, &e.By, clock{&e.At})
		out = append(out, e)
		return err
	})
	return out, err
}

func (s talks) Edits(ctx context.Context, region string, key talk.Key) (_ []talk.Edit, err error) {
	defer fault.Wrap(&err, "store.Edits(%s)", key)
	return s.edits(ctx, " WHERE e.region = $1 AND e.key = $2 ORDER BY e.n DESC", region, string(key))
}

func (s talks) Book(ctx context.Context, region string) (_ talk.Book, err error) {
	defer fault.Wrap(&err, "store.Book(talk)")
	list, err := s.edits(ctx, " WHERE e.region = $1 AND e.n = (SELECT max(n) FROM talk_text WHERE region = $1 AND key = e.key)", region)
	book := talk.Book{}
	for _, e := range list {
		book[e.Key] = e.Words
	}
	return book, err
}

// forgetTalk takes away what was said in the matters that a message belongs to. The thread
// stays: it is where we write when the person does.
func (s talks) forgetTalk(ctx context.Context, message int64) error {
	for _, change := range []string{
		`UPDATE talk SET state = '', due = 0 WHERE id IN (SELECT l.talk FROM talk_line l WHERE l.message = $1 AND l.round = talk.round)`,
		`UPDATE talk_line SET text = '', buttons = '', state = CASE WHEN state = 'waiting' THEN 'dead' ELSE state END
			WHERE EXISTS (SELECT 1 FROM talk_line m WHERE m.message = $1 AND m.talk = talk_line.talk AND m.round = talk_line.round)`,
	} {
		if _, err := s.t.link.exec(ctx, change, message); err != nil {
			return err
		}
	}
	return nil
}

func (s talks) Lines(ctx context.Context, sc scope.Scope, of int64, limit int) (_ []talk.Line, err error) {
	defer fault.Wrap(&err, "store.Lines(incident %d)", of)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(of)); err != nil {
		return nil, err
	}
	return s.lines(ctx, " WHERE l.incident = $1 ORDER BY l.id LIMIT $2", of, limit)
}
