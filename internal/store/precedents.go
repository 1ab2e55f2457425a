package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"

	"otklik/internal/fault"
	"otklik/internal/precedent"
	"otklik/internal/scope"
)

// precedents implements precedent.Store.
type precedents struct{ t *tx }

func (s precedents) Keep(ctx context.Context, p precedent.Precedent, terms []int64) (err error) {
	defer fault.Wrap(&err, "store.Keep(precedent %d)", p.Incident)
	_, err = s.t.link.exec(ctx, `INSERT INTO precedent (incident, reply, region, topic, settlement, mark, at) VALUES (`+marks(7)+`)
		ON CONFLICT (incident) DO UPDATE SET reply = excluded.reply, region = excluded.region, topic = excluded.topic, settlement = excluded.settlement, mark = excluded.mark, at = excluded.at`,
		p.Incident, p.Reply, p.Place.Region, string(p.Topic), p.Settlement, int(math.Round(p.Mark*100)), micros(p.At))
	if err != nil {
		return err
	}
	if _, err := s.t.link.exec(ctx, "DELETE FROM precedent_term WHERE incident = $1", p.Incident); err != nil {
		return err
	}
	for _, term := range terms {
		if _, err := s.t.link.exec(ctx, "INSERT INTO precedent_term (term, incident, region) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", term, p.Incident, p.Place.Region); err != nil {
			return err
		}
	}
	return nil
}

func (s precedents) Forget(ctx context.Context, incident int64) (err error) {
	defer fault.Wrap(&err, "store.Forget(precedent %d)", incident)
	for _, table := range []string{"precedent_term", "precedent"} {
		if _, err := s.t.link.exec(ctx, "DELETE FROM "+table+" WHERE incident = $1", incident); err != nil {
			return err
		}
	}
	return nil
}

// How far a search goes. A word that more than common have is taken to be no rarer
// than that; the rarest words lead to the newest hits of each.
const (
	common   = 2000
	rarest   = 8
	hits     = 300 // of one word
	byWords  = 150 // candidates
	byPlace  = 60
	byTopic  = 60
	reckoned = 100_000 // how many precedents the weights reckon with
)

func (s precedents) Candidates(ctx context.Context, sc scope.Scope, q precedent.Query) (_ []precedent.Precedent, err error) {
	defer fault.Wrap(&err, "store.Candidates")
	shared, err := s.shared(ctx, q)
	if err != nil {
		return nil, err
	}
	best := slices.SortedFunc(maps.Keys(shared), func(a, b int64) int { return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(b, a)) })
	ids := best[:min(byWords, len(best))]
	if q.Topic != "" {
		near, err := s.newest(ctx, "region = $1 AND topic = $2 AND settlement = $3", byPlace, q.Region, string(q.Topic), q.Settlement)
		if err != nil {
			return nil, err
		}
		same, err := s.newest(ctx, "region = $1 AND topic = $2", byTopic, q.Region, string(q.Topic))
		if err != nil {
			return nil, err
		}
		ids = slices.Concat(ids, near, same)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == q.Not })
	if len(ids) == 0 {
		return nil, nil
	}
	var w where
	w.in("p.incident", values(ids)...)
	w.and("i.is_open = 0")
	w.scope("i", sc)
	var out []precedent.Precedent
	err = s.t.link.query(ctx, `SELECT p.incident, p.reply, p.topic, p.settlement, i.street, i.house, i.verified_at <> 0, p.mark, p.at, i.region, i.centre, i.agency
		FROM precedent p JOIN incident i ON i.id = p.incident`+w.String()+" ORDER BY p.incident DESC", w.args, func(rows *sql.Rows) error {
		var p precedent.Precedent
		var mark int
		err := rows.Scan(&p.Incident, &p.Reply, &p.Topic, &p.Settlement, &p.Street, &p.House, &p.Verified, &mark, clock{&p.At}, &p.Place.Region, &p.Place.Centre, &p.Place.Agency)
		p.Mark, p.Shared = float64(mark)/100, shared[p.Incident]
		out = append(out, p)
		return err
	})
	return out, err
}

// shared returns what part of the weight of the rarest words each hit has.
func (s precedents) shared(ctx context.Context, q precedent.Query) (map[int64]float64, error) {
	type word struct {
		term int64
		of   int
	}
	var words []word
	whole := 0.0
	for _, term := range q.Terms {
		w := word{term: term}
		if _, err := s.t.link.one(ctx, "SELECT count(*) FROM (SELECT 1 FROM precedent_term WHERE region = $1 AND term = $2 LIMIT $3) x", []any{q.Region, term, common}, &w.of); err != nil {
			return nil, err
		}
		if w.of > 0 { // a word that no precedent has says nothing about them
			words = append(words, w)
		}
	}
	slices.SortStableFunc(words, func(a, b word) int { return a.of - b.of })
	words = words[:min(rarest, len(words))]
	shared := map[int64]float64{}
	for _, w := range words {
		weight := precedent.Weight(w.of, reckoned)
		whole += weight
		err := s.t.link.query(ctx, "SELECT incident FROM precedent_term WHERE region = $1 AND term = $2 ORDER BY incident DESC LIMIT $3", []any{q.Region, w.term, hits}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			shared[id] += weight
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for id := range shared {
		shared[id] /= whole
	}
	return shared, nil
}

func (s precedents) newest(ctx context.Context, cond string, limit int, args ...any) (ids []int64, err error) {
	w := where{args: args}
	err = s.t.link.query(ctx, "SELECT incident FROM precedent WHERE "+cond+" ORDER BY incident DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

func (s precedents) Unknown(ctx context.Context, after int64, limit int) (ids []int64, err error) {
	defer fault.Wrap(&err, "store.Unknown(%d)", after)
	err = s.t.link.query(ctx, `SELECT i.id FROM incident i WHERE i.id > $1 AND i.is_open = 0 AND i.outcome NOT IN ('duplicate', 'refused')
		AND (i.verified_at <> 0 OR EXISTS (SELECT 1 FROM voice v WHERE v.incident = i.id AND v.mark >= 4)) AND NOT EXISTS (SELECT 1 FROM precedent p WHERE p.incident = i.id)
		ORDER BY i.id LIMIT $2`, []any{after, limit}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
