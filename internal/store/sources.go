package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// sources implements source.Store. A row with a kind is kept by people; one without tells
// a state only.
type sources struct{ t *tx }

const sourceColumns = "s.id, s.number, s.kind, s.channel, s.name, s.url, s.territory, s.own, s.every, s.settings, s.key_name, s.answer_key, s.via, s.paused, s.fixed, s.added_at, s.version, s.region, s.centre, s.agency"

func (s sources) SaveSource(ctx context.Context, c *source.Source) (err error) {
	defer fault.Wrap(&err, "store.SaveSource(%s)", c.ID)
	args := []any{
		c.ID, c.Place.Region, c.Place.Centre, c.Place.Agency, string(c.Kind), string(c.Channel), c.Name, c.URL, c.Territory, flag(c.Own), c.Every.Microseconds(),
		string(c.Settings), c.Key, c.Answer, c.Via, flag(c.Paused), flag(c.Fixed), micros(c.AddedAt),
	}
	var number int64
	if c.Version == 0 {
		ok, err := s.t.link.returning(ctx, `INSERT INTO source (id, region, centre, agency, kind, channel, name, url, territory, own, every, settings, key_name, answer_key, via, paused, fixed, added_at,
			number, version, noted) VALUES (`+marks(18)+`, (SELECT coalesce(max(number), 0) + 1 FROM source), 1, 1)
			ON CONFLICT (id) DO UPDATE SET region = excluded.region, centre = excluded.centre, agency = excluded.agency, kind = excluded.kind, channel = excluded.channel,
			name = excluded.name, url = excluded.url, territory = excluded.territory, own = excluded.own, every = excluded.every, settings = excluded.settings, key_name = excluded.key_name,
			answer_key = excluded.answer_key, via = excluded.via, paused = excluded.paused, fixed = excluded.fixed, added_at = excluded.added_at, number = excluded.number, version = 1, noted = 1
			WHERE source.kind = '' RETURNING number`, args, &number)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "source %s is kept already", c.ID).Say("Этот источник уже добавлен.")
		}
		if err != nil {
			return err
		}
		c.Number, c.Version = number, 1
		return nil
	}
	n, err := s.t.link.exec(ctx, `UPDATE source SET region = $2, centre = $3, agency = $4, kind = $5, channel = $6, name = $7, url = $8, territory = $9, own = $10, every = $11, settings = $12,
		key_name = $13, answer_key = $14, via = $15, paused = $16, fixed = $17, added_at = $18, version = version + 1 WHERE id = $1 AND kind <> '' AND version = $19`, append(args, c.Version)...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "source %s is not at version %d", c.ID, c.Version).Say("Источник тем временем изменили или убрали. Откройте его снова и повторите.")
	}
	c.Version++
	return nil
}

func (s sources) find(ctx context.Context, w *where) (out []source.Source, err error) {
	w.and("s.kind <> ''")
	err = s.t.link.query(ctx, "SELECT "+sourceColumns+" FROM source s"+w.String()+" ORDER BY s.name, s.id", w.args, func(rows *sql.Rows) error {
		var c source.Source
		var every int64
		var settings string
		err := rows.Scan(&c.ID, &c.Number, &c.Kind, &c.Channel, &c.Name, &c.URL, &c.Territory, &c.Own, &every, &settings, &c.Key, &c.Answer, &c.Via, &c.Paused, &c.Fixed, clock{&c.AddedAt}, &c.Version,
			&c.Place.Region, &c.Place.Centre, &c.Place.Agency)
		c.Every = time.Duration(every) * time.Microsecond
		if settings != "" {
			c.Settings = []byte(settings)
		}
		out = append(out, c)
		return err
	})
	return out, err
}

func (s sources) Source(ctx context.Context, sc scope.Scope, number int64) (_ *source.Source, err error) {
	defer fault.Wrap(&err, "store.Source(%d)", number)
	var w where
	w.and("s.number = ?", number)
	w.scope("s", sc)
	return singleValue(s.find(ctx, &w))
}

func (s sources) Sources(ctx context.Context, sc scope.Scope) (_ []source.Source, err error) {
	defer fault.Wrap(&err, "store.Sources")
	var w where
	w.scope("s", sc)
	return s.find(ctx, &w)
}

func (s sources) RemoveSource(ctx context.Context, number int64) (err error) {
	defer fault.Wrap(&err, "store.RemoveSource(%d)", number)
	n, err := s.t.link.exec(ctx, "UPDATE source SET kind = '', number = 0, version = 0, settings = '', key_name = '', answer_key = '', via = '', paused = 0, error = '', failing_since = 0, noted = 0 WHERE number = $1 AND kind <> ''", number)
	if err == nil && n == 0 {
		err = missing("source %d is not here", number)
	}
	return err
}

func (s sources) Discover(ctx context.Context, via string, f source.Found, at time.Time, place scope.Place) (err error) {
	defer fault.Wrap(&err, "store.Discover(%s)", f.ID)
	if f.Lost {
		_, err = s.t.link.exec(ctx, `UPDATE source SET error = $3, failing_since = CASE WHEN failing_since = 0 THEN $4 ELSE failing_since END WHERE id = $1 AND via = $2`,
			f.ID, via, "Нас отсюда убрали: сообщения больше не приходят. Верните бота или уберите источник.", micros(at))
		return err
	}
	kind, _, _ := strings.Cut(f.ID, ":")
	taken := ""
	if f.Proposed { // one that is read by itself stays as it is
		taken = " WHERE source.number = 0 OR source.via <> ''"
	}
	_, err = s.t.link.exec(ctx, `INSERT INTO source (id, region, centre, agency, kind, channel, name, url, via, added_at, number, version, noted)
		VALUES (`+marks(10)+`, (SELECT coalesce(max(number), 0) + 1 FROM source), 1, 1)
		ON CONFLICT (id) DO UPDATE SET name = CASE WHEN excluded.name = '' THEN source.name ELSE excluded.name END, url = CASE WHEN excluded.url = '' THEN source.url ELSE excluded.url END,
		error = '', failing_since = 0, via = excluded.via, kind = excluded.kind, noted = 1,
		number = CASE WHEN source.number = 0 THEN excluded.number ELSE source.number END, version = CASE WHEN source.version = 0 THEN 1 ELSE source.version END`+taken,
		f.ID, place.Region, place.Centre, place.Agency, kind, string(f.Channel), f.Name, f.URL, via, micros(at))
	return err
}

func (s sources) SaveKey(ctx context.Context, k *source.Key) (err error) {
	defer fault.Wrap(&err, "store.SaveKey(%s)", k.Name)
	ok, err := s.t.link.returning(ctx, `INSERT INTO source_key (name, kind, rights, owner, sealed, added_at, region, centre, agency, was, was_until) VALUES (`+marks(11)+`)
		ON CONFLICT (name) DO UPDATE SET rights = excluded.rights, owner = excluded.owner, sealed = excluded.sealed, added_at = excluded.added_at, was = excluded.was, was_until = excluded.was_until
		WHERE source_key.kind = excluded.kind AND source_key.region = excluded.region AND source_key.centre = excluded.centre RETURNING number`,
		[]any{k.Name, string(k.Kind), k.Rights, k.Of, k.Sealed, micros(k.AddedAt), k.Place.Region, k.Place.Centre, k.Place.Agency, k.Was, micros(k.Until)}, &k.Number)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "a key of this name is of another network or place").At("name").Say("Ключ с таким названием уже есть, и он от другой сети или другого центра. Назовите этот иначе.")
	}
	return err
}

func (s sources) Keys(ctx context.Context, sc scope.Scope) (out []source.Key, err error) {
	defer fault.Wrap(&err, "store.Keys")
	var w where
	w.scope("k", sc)
	err = s.t.link.query(ctx, "SELECT k.number, k.name, k.kind, k.rights, k.owner, k.sealed, k.added_at, k.region, k.centre, k.agency, k.was, k.was_until FROM source_key k"+w.String()+" ORDER BY k.name", w.args, func(rows *sql.Rows) error {
		var k source.Key
		err := rows.Scan(&k.Number, &k.Name, &k.Kind, &k.Rights, &k.Of, &k.Sealed, clock{&k.AddedAt}, &k.Place.Region, &k.Place.Centre, &k.Place.Agency, &k.Was, clock{&k.Until})
		out = append(out, k)
		return err
	})
	return out, err
}

func (s sources) RemoveKey(ctx context.Context, number int64) (err error) {
	defer fault.Wrap(&err, "store.RemoveKey(%d)", number)
	n, err := s.t.link.exec(ctx, "DELETE FROM source_key WHERE number = $1 AND NOT EXISTS (SELECT 1 FROM source WHERE key_name = source_key.name OR answer_key = source_key.name)", number)
	if err != nil || n > 0 {
		return err
	}
	here, err := s.t.link.one(ctx, "SELECT number FROM source_key WHERE number = $1", []any{number}, &number)
	switch {
	case err != nil:
		return err
	case !here:
		return missing("key %d is not here", number)
	}
	return fault.New(fault.Conflict, "key %d is in use", number).Say("Ключом пользуется источник. Сначала выберите источнику другой ключ или уберите источник.")
}

func (s sources) Count(ctx context.Context, id string, h source.Hour) (err error) {
	defer fault.Wrap(&err, "store.Count(%s)", id)
	_, err = s.t.link.exec(ctx, `INSERT INTO source_hour (source, at, messages, kept, timed, lag, region) VALUES (`+marks(6)+`, coalesce((SELECT region FROM source WHERE id = $1), ''))
		ON CONFLICT (source, at) DO UPDATE SET messages = source_hour.messages + excluded.messages, kept = source_hour.kept + excluded.kept,
		timed = source_hour.timed + excluded.timed, lag = source_hour.lag + excluded.lag`,
		id, micros(h.At.Truncate(time.Hour)), h.Messages, h.Kept, h.Timed, h.Lag.Microseconds())
	return err
}

func (s sources) Hours(ctx context.Context, sc scope.Scope, id string, since time.Time) (out map[string][]source.Hour, err error) {
	defer fault.Wrap(&err, "store.Hours(%s)", id)
	var w where
	w.and("h.at >= ?", micros(since.Truncate(time.Hour)))
	if id != "" {
		w.and("h.source = ?", id)
	}
	w.scope("s", sc)
	out = map[string][]source.Hour{}
	err = s.t.link.query(ctx, "SELECT h.source, h.at, h.messages, h.kept, h.timed, h.lag FROM source_hour h JOIN source s ON s.id = h.source"+w.String()+" ORDER BY h.source, h.at", w.args, func(rows *sql.Rows) error {
		var h source.Hour
		var of string
		var lag int64
		err := rows.Scan(&of, clock{&h.At}, &h.Messages, &h.Kept, &h.Timed, &lag)
		h.Lag = time.Duration(lag) * time.Microsecond
		out[of] = append(out[of], h)
		return err
	})
	return out, err
}

func (s sources) ForgetHours(ctx context.Context, before time.Time) (err error) {
	defer fault.Wrap(&err, "store.ForgetHours")
	_, err = s.t.link.exec(ctx, "DELETE FROM source_hour WHERE at < $1", micros(before))
	return err
}
