package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/source"
)

func (s sources) AskBack(ctx context.Context, b *source.Backfill) (err error) {
	defer fault.Wrap(&err, "store.AskBack(%s)", b.Source)
	_, err = s.t.link.exec(ctx, `INSERT INTO source_back (source, since, state, position, reached, messages, kept, error, asked_by, asked_at, ended_at, region)
		VALUES (`+marks(11)+`, coalesce((SELECT region FROM source WHERE id = $1), ''))
		ON CONFLICT (source) DO UPDATE SET since = excluded.since, state = excluded.state, position = excluded.position, reached = excluded.reached, messages = excluded.messages,
		kept = excluded.kept, error = excluded.error, asked_by = excluded.asked_by, asked_at = excluded.asked_at, ended_at = excluded.ended_at, region = excluded.region`,
		b.Source, micros(b.Since), string(b.State), b.Position, micros(b.Reached), b.Messages, b.Kept, b.Error, b.By, micros(b.AskedAt), micros(b.EndedAt))
	return err
}

func (s sources) StepBack(ctx context.Context, b *source.Backfill) (err error) {
	defer fault.Wrap(&err, "store.StepBack(%s)", b.Source)
	n, err := s.t.link.exec(ctx, `UPDATE source_back SET state = $2, position = $3, reached = $4, messages = $5, kept = $6, error = $7, ended_at = $8
		WHERE source = $1 AND state = $9 AND asked_at = $10`,
		b.Source, string(b.State), b.Position, micros(b.Reached), b.Messages, b.Kept, b.Error, micros(b.EndedAt), string(source.BackRuns), micros(b.AskedAt))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "the past of %s is not being read", b.Source).Say("Чтение прошлого уже закончилось или остановлено.")
	}
	return err
}

func (s sources) Backfills(ctx context.Context, sc scope.Scope) (_ map[string]*source.Backfill, err error) {
	defer fault.Wrap(&err, "store.Backfills")
	var w where
	w.scope("s", sc)
	out := map[string]*source.Backfill{}
	err = s.t.link.query(ctx, `SELECT b.source, b.since, b.state, b.position, b.reached, b.messages, b.kept, b.error, b.asked_by, b.asked_at, b.ended_at
		FROM source_back b JOIN source s ON s.id = b.source`+w.String(), w.args, func(rows *sql.Rows) error {
		b := &source.Backfill{}
		err := rows.Scan(&b.Source, clock{&b.Since}, &b.State, &b.Position, clock{&b.Reached}, &b.Messages, &b.Kept, &b.Error, &b.By, clock{&b.AskedAt}, clock{&b.EndedAt})
		out[b.Source] = b
		return err
	})
	return out, err
}

func (s sources) Mention(ctx context.Context, m source.Mention) (err error) {
	defer fault.Wrap(&err, "store.Mention")
	_, err = s.t.link.exec(ctx, `INSERT INTO source_mention (region, centre, agency, link, count, example, first_at, last_at) VALUES (`+marks(8)+`)
		ON CONFLICT (region, centre, link) DO UPDATE SET count = source_mention.count + excluded.count, last_at = excluded.last_at,
		example = CASE WHEN excluded.example = '' THEN source_mention.example ELSE excluded.example END`,
		m.Place.Region, m.Place.Centre, m.Place.Agency, m.Link, m.Count, m.Example, micros(m.First), micros(m.Last))
	return err
}

func (s sources) Mentioned(ctx context.Context, sc scope.Scope, count, limit int) (out []source.Mention, err error) {
	defer fault.Wrap(&err, "store.Mentioned")
	var w where
	w.and("m.never = 0 AND m.count >= ?", count)
	w.scope("m", sc)
	err = s.t.link.query(ctx, "SELECT m.link, m.count, m.example, m.first_at, m.last_at, m.region, m.centre, m.agency FROM source_mention m"+w.String()+
		" ORDER BY m.count DESC, m.link, m.centre LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var m source.Mention
		err := rows.Scan(&m.Link, &m.Count, &m.Example, clock{&m.First}, clock{&m.Last}, &m.Place.Region, &m.Place.Centre, &m.Place.Agency)
		out = append(out, m)
		return err
	})
	return out, err
}

func (s sources) NeverMention(ctx context.Context, sc scope.Scope, link string) (err error) {
	defer fault.Wrap(&err, "store.NeverMention")
	var w where
	w.and("link = ?", link)
	w.scope("source_mention", sc)
	n, err := s.t.link.exec(ctx, "UPDATE source_mention SET never = 1"+w.String(), w.args...)
	if err == nil && n == 0 {
		err = missing("no message mentions the link")
	}
	return err
}

func (s sources) ForgetMentions(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "store.ForgetMentions")
	_, err = s.t.link.exec(ctx, "DELETE FROM source_mention WHERE last_at < $1 AND never = 0", micros(before))
	return err
}
