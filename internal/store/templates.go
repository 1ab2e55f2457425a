package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/template"
)

// templates implements template.Store.
type templates struct{ t *tx }

const templateSelect = `SELECT t.id, t.code, v.name, v.kind, v.topic, v.topic_group, v.text, v.n, v.retired, v.made_by, v.at, t.region, t.centre, t.agency
	FROM reply_template t JOIN reply_template_version v ON v.template = t.id`

func (s templates) find(ctx context.Context, w *where, tail string) (out []template.Template, err error) {
	err = s.t.link.query(ctx, templateSelect+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var t template.Template
		err := rows.Scan(&t.ID, &t.Code, &t.Name, &t.Kind, &t.Topic, &t.Group, &t.Text, &t.Version, &t.Retired, &t.By, clock{&t.At}, &t.Place.Region, &t.Place.Centre, &t.Place.Agency)
		out = append(out, t)
		return err
	})
	return out, err
}

// seen lets through the region's templates, those of all regions, and those of
// agencies inside the scope.
func (s templates) seen(w *where, sc scope.Scope) {
	if !sc.Open() {
		w.and("1 = 0")
	}
	if sc.Region != "" {
		w.and("t.region IN ('', ?)", sc.Region)
	}
	if sc.Agency != 0 {
		w.and("t.agency IN (0, ?)", sc.Agency)
	}
	if sc.Centre != "" {
		w.and("(t.agency = 0 OR t.centre = ?)", sc.Centre)
	}
}

func (s templates) SaveTemplate(ctx context.Context, t *template.Template) (err error) {
	defer fault.Wrap(&err, "store.SaveTemplate(%d)", t.ID)
	next := t.Version + 1
	if t.ID == 0 {
		next = 1
		_, err = s.t.link.returning(ctx, "INSERT INTO reply_template (region, centre, agency, code, version) VALUES ("+marks(5)+") RETURNING id",
			[]any{t.Place.Region, t.Place.Centre, t.Place.Agency, t.Code, next}, &t.ID)
	} else {
		var n int64
		n, err = s.t.link.exec(ctx, "UPDATE reply_template SET version = $3 WHERE id = $1 AND version = $2", int64(t.ID), t.Version, next)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "template %d is not at version %d", t.ID, t.Version).
				Say("Этот шаблон только что изменил кто-то ещё. Посмотрите, каким он стал, и повторите.")
		}
	}
	if err != nil {
		return err
	}
	t.Version = next
	return s.version(ctx, t)
}

func (s templates) version(ctx context.Context, t *template.Template) error {
	_, err := s.t.link.exec(ctx, "INSERT INTO reply_template_version (template, n, region, name, kind, topic, topic_group, text, retired, made_by, at) VALUES ("+marks(11)+")",
		int64(t.ID), t.Version, t.Place.Region, t.Name, string(t.Kind), string(t.Topic), t.Group, t.Text, flag(t.Retired), int64(t.By), micros(t.At))
	return err
}

func (s templates) Template(ctx context.Context, sc scope.Scope, id template.ID) (_ *template.Template, err error) {
	defer fault.Wrap(&err, "store.Template(%d)", id)
	var w where
	w.and("t.id = ? AND v.n = t.version", int64(id))
	s.seen(&w, sc)
	return singleValue(s.find(ctx, &w, ""))
}

func (s templates) Templates(ctx context.Context, sc scope.Scope) (_ []template.Template, err error) {
	defer fault.Wrap(&err, "store.Templates")
	var w where
	w.and("v.n = t.version")
	s.seen(&w, sc)
	return s.find(ctx, &w, " ORDER BY v.name, t.id")
}

func (s templates) Versions(ctx context.Context, id template.ID) (_ []template.Template, err error) {
	defer fault.Wrap(&err, "store.Versions(%d)", id)
	var w where
	w.and("t.id = ?", int64(id))
	return s.find(ctx, &w, " ORDER BY v.n DESC")
}

// A mark counts for the reply that it names; one that names none, for those of its incident.
func (s templates) Tallies(ctx context.Context, sc scope.Scope) (_ map[template.ID]template.Tally, err error) {
	defer fault.Wrap(&err, "store.Tallies")
	var w where
	w.and("r.template <> 0 AND r.state = 'published'")
	w.scope("i", sc)
	out := map[template.ID]template.Tally{}
	err = s.t.link.query(ctx, `SELECT x.template, count(*), coalesce(sum(x.marks), 0), coalesce(sum(x.sum), 0) FROM (
			SELECT r.template AS template, (SELECT count(*) FROM voice v WHERE v.incident = r.incident AND v.reply IN (0, r.id) AND v.mark > 0) AS marks,
				(SELECT sum(v.mark) FROM voice v WHERE v.incident = r.incident AND v.reply IN (0, r.id) AND v.mark > 0) AS sum
			FROM reply r JOIN incident i ON i.id = r.incident`+w.String()+") x GROUP BY x.template", w.args, func(rows *sql.Rows) error {
		var id template.ID
		var t template.Tally
		var sum int
		if err := rows.Scan(&id, &t.Used, &t.Marks, &sum); err != nil {
			return err
		}
		if t.Marks > 0 {
			t.Mean = float64(sum) / float64(t.Marks)
		}
		out[id] = t
		return nil
	})
	return out, err
}

func (s templates) Bring(ctx context.Context, region string, list []template.Template, at time.Time) (n int, err error) {
	defer fault.Wrap(&err, "store.Bring")
	for _, t := range list {
		t.Place, t.At, t.Version = scope.Place{Region: region}, at, 1
		ok, err := s.t.link.returning(ctx, "INSERT INTO reply_template (region, code, version) VALUES ($1, $2, 1) ON CONFLICT (region, code) WHERE code <> '' DO NOTHING RETURNING id",
			[]any{region, t.Code}, &t.ID)
		if err != nil {
			return n, err
		}
		if !ok {
			continue
		}
		n++
		if err := s.version(ctx, &t); err != nil {
			return n, err
		}
	}
	return n, nil
}
