package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// lessons implements lesson.Store.
type lessons struct{ t *tx }

// kept is what says that the agency of an incident took it and kept it.
const kept = "i.agency <> 0 AND i.state IN ('working', 'approval', 'answered', 'rework', 'closed') AND i.outcome NOT IN ('refused', 'duplicate')"

func (s lessons) Decisions(ctx context.Context, sc scope.Scope, limit int) (out []lesson.Decision, err error) {
	defer fault.Wrap(&err, "store.Decisions")
	given, err := s.corrections(ctx, sc)
	if err != nil {
		return nil, err
	}
	var w where
	w.and("i.outcome NOT IN ('refused', 'duplicate') AND i.topic NOT IN ('', ?)", string(topic.Undefined))
	w.and("(i.accepted_at <> 0 OR EXISTS (SELECT 1 FROM entry e WHERE e.incident = i.id AND e.action = 'correct' AND e.who <> 0 AND e.detail LIKE '%\"field\":\"topic\"%'))")
	w.and("m.gone = 0 AND m.erased_at = 0 AND t.text <> ''")
	w.scope("i", sc)
	err = s.t.link.query(ctx, `SELECT i.id, i.topic, i.centre, CASE WHEN `+kept+` THEN i.agency ELSE 0 END, i.proposed, t.text
		FROM incident i JOIN message m ON m.id = i.first_message JOIN message_words t ON t.message = m.id AND t.n = m.current`+w.String()+
		" ORDER BY i.opened_key DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var d lesson.Decision
		err := rows.Scan(&d.Incident, &d.Topic, &d.Centre, &d.Agency, &d.Proposed, &d.Text)
		was, by := given[d.Incident]
		d.Corrected = by && was != d.Topic
		out = append(out, d)
		return err
	})
	return out, err
}

// corrections returns the topic that stood before people gave another one, by incident.
func (s lessons) corrections(ctx context.Context, sc scope.Scope) (map[int64]topic.Code, error) {
	was := map[int64]topic.Code{}
	var w where
	w.and("e.action = 'correct' AND e.who <> 0")
	w.scope("i", sc)
	err := s.t.link.query(ctx, "SELECT e.incident, e.detail FROM entry e JOIN incident i ON i.id = e.incident"+w.String()+" ORDER BY e.id", w.args, func(rows *sql.Rows) error {
		var id int64
		var detail string
		if err := rows.Scan(&id, &detail); err != nil || detail == "" {
			return err
		}
		var d incident.Detail
		if err := json.Unmarshal([]byte(detail), &d); err != nil {
			return err
		}
		if _, known := was[id]; !known && d.Field == "topic" {
			was[id] = topic.Code(d.Was)
		}
		return nil
	})
	return was, err
}

func (s lessons) Kept(ctx context.Context, sc scope.Scope, t topic.Code, centre string, limit int) (out []int64, err error) {
	defer fault.Wrap(&err, "store.Kept(%s)", t)
	var w where
	w.and("i.topic = ?", string(t))
	w.and(kept)
	if centre != "" {
		w.and("i.centre = ?", centre)
	}
	w.scope("i", sc)
	err = s.t.link.query(ctx, "SELECT i.agency FROM incident i"+w.String()+" ORDER BY i.opened_key DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var a int64
		err := rows.Scan(&a)
		out = append(out, a)
		return err
	})
	return out, err
}

func taken(v *lesson.Version) error {
	return fault.New(fault.Conflict, "version %d of %s is there, or another one is active", v.Number, v.Subject).
		Say("Пока шла работа, версии изменил кто-то ещё. Посмотрите, какими они стали, и повторите.")
}

func (s lessons) Add(ctx context.Context, v *lesson.Version, model []byte) (err error) {
	defer fault.Wrap(&err, "store.AddLesson(%s, %d)", v.Subject, v.Number)
	figures, err := json.Marshal(v.Figures)
	if err != nil {
		return err
	}
	id, ok, err := s.t.link.insert(ctx, `INSERT INTO lesson (region, centre, agency, subject, number, state, reason, made_at, made_by, decided_at, decided_by,
		before, shipped, corrected, confirmed, data, figures) VALUES (`+marks(17)+`) ON CONFLICT DO NOTHING`,
		v.Place.Region, v.Place.Centre, v.Place.Agency, string(v.Subject), v.Number, string(v.State), v.Reason, micros(v.MadeAt), int64(v.MadeBy),
		micros(v.DecidedAt), int64(v.DecidedBy), v.Before, v.Shipped, v.Corrected, v.Confirmed, v.Data, string(figures))
	if err != nil {
		return err
	}
	if !ok {
		return taken(v)
	}
	v.ID = id
	_, err = s.t.link.exec(ctx, "INSERT INTO lesson_model (lesson, region, model) VALUES ($1, $2, $3)", id, v.Place.Region, model)
	return err
}

func (s lessons) Turn(ctx context.Context, v *lesson.Version, to lesson.State, who account.ID, at time.Time) (err error) {
	defer fault.Wrap(&err, "store.Turn(%s, %d)", v.Subject, v.Number)
	n, err := s.t.link.exec(ctx, `UPDATE lesson SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4 AND state = $5
		AND ($1 <> 'active' OR NOT EXISTS (SELECT 1 FROM lesson o WHERE o.region = $6 AND o.subject = $7 AND o.state = 'active'))`,
		string(to), int64(who), micros(at), v.ID, string(v.State), v.Place.Region, string(v.Subject))
	if err != nil {
		return err
	}
	if n == 0 {
		return taken(v)
	}
	v.State, v.DecidedBy, v.DecidedAt = to, who, at
	return nil
}

func (s lessons) Versions(ctx context.Context, region string, subject lesson.Subject) (out []lesson.Version, err error) {
	defer fault.Wrap(&err, "store.Lessons(%s)", subject)
	err = s.t.link.query(ctx, `SELECT id, region, centre, agency, subject, number, state, reason, made_at, made_by, decided_at, decided_by,
		before, shipped, corrected, confirmed, data, figures FROM lesson WHERE region = $1 AND subject = $2 ORDER BY number DESC`, []any{region, string(subject)},
		func(rows *sql.Rows) error {
			var v lesson.Version
			var figures string
			if err := rows.Scan(&v.ID, &v.Place.Region, &v.Place.Centre, &v.Place.Agency, &v.Subject, &v.Number, &v.State, &v.Reason, clock{&v.MadeAt}, &v.MadeBy,
				clock{&v.DecidedAt}, &v.DecidedBy, &v.Before, &v.Shipped, &v.Corrected, &v.Confirmed, &v.Data, &figures); err != nil {
				return err
			}
			err := json.Unmarshal([]byte(figures), &v.Figures)
			out = append(out, v)
			return err
		})
	return out, err
}

func (s lessons) ActiveNumber(ctx context.Context, region string, subject lesson.Subject) (n int, err error) {
	defer fault.Wrap(&err, "store.ActiveNumber(%s)", subject)
	_, err = s.t.link.one(ctx, "SELECT number FROM lesson WHERE region = $1 AND subject = $2 AND state = 'active'", []any{region, string(subject)}, &n)
	return n, err
}

func (s lessons) Model(ctx context.Context, region string, subject lesson.Subject, number int) (model []byte, err error) {
	defer fault.Wrap(&err, "store.Model(%s, %d)", subject, number)
	ok, err := s.t.link.one(ctx, "SELECT b.model FROM lesson v JOIN lesson_model b ON b.lesson = v.id WHERE v.region = $1 AND v.subject = $2 AND v.number = $3",
		[]any{region, string(subject), number}, &model)
	if err == nil && !ok {
		err = missing("version %d of %s is not here", number, subject)
	}
	return model, err
}

func (s lessons) ClaimNight(ctx context.Context, region, night string) (_ bool, err error) {
	defer fault.Wrap(&err, "store.ClaimNight(%s)", night)
	n, err := s.t.link.exec(ctx, `INSERT INTO lesson_night (region, night) VALUES ($1, $2)
		ON CONFLICT (region) DO UPDATE SET night = excluded.night WHERE lesson_night.night < excluded.night`, region, night)
	return n > 0, err
}
