package store

import (
	"context"
	"database/sql"
	"iter"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/place"
)

// Places yields the imported places of a region (OKTMO, 8 digits) by id. It
// reads in pages, so that an import may go on meanwhile.
func (db *DB) Places(ctx context.Context, region string) iter.Seq2[place.Place, error] {
	return func(yield func(place.Place, error) bool) {
		l := &link{d: db.d, run: db.read, stmts: db.asks}
		const page = 2000
		last := ""
		for {
			got := make([]place.Place, 0, page)
			err := l.query(ctx, `SELECT id, level, name, type, region, municipality, settlement, lat, lon, population, zone, aliases
				FROM place WHERE region = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{region, last, page}, func(rows *sql.Rows) error {
				var p place.Place
				err := rows.Scan(&p.ID, &p.Level, &p.Name, &p.Type, &p.Region, &p.Municipality, &p.Settlement, &p.Lat, &p.Lon, &p.Population, &p.Zone, &p.Aliases)
				got = append(got, p)
				return err
			})
			if err != nil {
				yield(place.Place{}, err)
				return
			}
			for _, p := range got {
				if !yield(p, nil) {
					return
				}
			}
			if len(got) < page {
				return
			}
			last = got[len(got)-1].ID
		}
	}
}

// SavePlaces stores imported places, or replaces those with the same id, in one
// transaction.
func (db *DB) SavePlaces(ctx context.Context, places []place.Place) (err error) {
	defer fault.Wrap(&err, "store.SavePlaces(%d)", len(places))
	return db.Change(ctx, incident.Machine, func(h incident.Tx) error {
		for i := range places {
			p := &places[i]
			_, err := h.(*tx).link.exec(ctx, `INSERT INTO place (id, level, name, type, region, municipality, settlement, lat, lon, population, zone, aliases)
				VALUES (`+marks(12)+`) ON CONFLICT (id) DO UPDATE SET level = excluded.level, name = excluded.name, type = excluded.type,
				region = excluded.region, municipality = excluded.municipality, settlement = excluded.settlement,
				lat = excluded.lat, lon = excluded.lon, population = excluded.population, zone = excluded.zone, aliases = excluded.aliases`,
				p.ID, string(p.Level), p.Name, p.Type, p.Region, p.Municipality, p.Settlement, p.Lat, p.Lon, p.Population, p.Zone, p.Aliases)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Setting returns what is set under the key for a region ("" for the whole
// installation). It is NotFound when nothing is.
func (db *DB) Setting(ctx context.Context, region, key string) (value []byte, err error) {
	return SettingsOf(db.Reader()).Value(ctx, region, key)
}

// SaveSetting sets a value, JSON by custom: taxonomy versions, watches, what is
// configured at run time.
func (db *DB) SaveSetting(ctx context.Context, region, key string, value []byte) (err error) {
	return db.Change(ctx, incident.People, func(h incident.Tx) error {
		return SettingsOf(h).Save(ctx, region, key, value)
	})
}

// Settings are the settings inside of one transaction.
type Settings struct{ t *tx }

// SettingsOf returns the settings as a transaction of this store sees and
// changes them, so that they change together with what else it does.
func SettingsOf(h incident.Tx) Settings { return Settings{h.(*tx)} }

// Value is DB.Setting.
func (s Settings) Value(ctx context.Context, region, key string) (value []byte, err error) {
	defer fault.Wrap(&err, "store.Setting(%s)", key)
	ok, err := s.t.link.one(ctx, "SELECT value FROM setting WHERE region = $1 AND key = $2", []any{region, key}, &value)
	if err == nil && !ok {
		err = missing("nothing is set under %q", key)
	}
	return value, err
}

// Save is DB.SaveSetting.
func (s Settings) Save(ctx context.Context, region, key string, value []byte) (err error) {
	defer fault.Wrap(&err, "store.SaveSetting(%s)", key)
	_, err = s.t.link.exec(ctx, `INSERT INTO setting (region, key, value, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (region, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, region, key, value, micros(s.t.db.opts.now()))
	return err
}

// Add sets a value under a key that is free. It is a Conflict when the key is
// taken, so that of two who number a version alike one is refused.
func (s Settings) Add(ctx context.Context, region, key string, value []byte) (err error) {
	defer fault.Wrap(&err, "store.AddSetting(%s)", key)
	n, err := s.t.link.exec(ctx, `INSERT INTO setting (region, key, value, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (region, key) DO NOTHING`, region, key, value, micros(s.t.db.opts.now()))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "something is set under %q already", key)
	}
	return err
}
