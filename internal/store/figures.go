package store

import (
	"context"
	"database/sql"
	"sort"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// overdue is a running answer whose time is over at a moment that stands behind it.
const overdue = "i.mark = 2 AND i.answer_due > 0 AND i.answer_due <= "

// result lets through what stands so in the figures.
func (w *where) result(r incident.Result, now time.Time) {
	switch r {
	case "":
	case incident.Waits:
		w.and("i.mark = 2")
		w.and("NOT (i.answer_due > 0 AND i.answer_due <= ?)", micros(now))
	case incident.InTime:
		w.and("i.mark IN (3, 4)")
	case incident.NotInTime:
		w.and("(i.mark >= 5 OR "+overdue+"?)", micros(now))
	case incident.Checked:
		w.and("i.mark IN (4, 6, 8)")
	case incident.NotChecked:
		w.and("(i.mark IN (3, 5, 7) OR "+overdue+"?)", micros(now))
	default:
		w.and("(i.mark >= 3 OR "+overdue+"?)", micros(now))
	}
}

func (s clocks) UnjudgedAfter(ctx context.Context, after incident.ID, limit int) (_ []incident.Incident, err error) {
	defer fault.Wrap(&err, "store.UnjudgedAfter(%d)", after)
	var w where
	w.and("i.id > ?", int64(after))
	w.and("i.is_open = 0 AND i.mark = 2 AND i.answer_at = 0 AND i.answer_due = 0")
	return s.incidents(ctx, w.String()+" ORDER BY i.id LIMIT "+w.arg(limit), w.args)
}

// Figures counts ranges of an index: for each agency, group or municipality that there
// is and each mark, what was opened in the time. Grouping all rows takes five times as long.
func (s clocks) Figures(ctx context.Context, sc scope.Scope, q incident.FigureQuery) (out []incident.Figures, err error) {
	defer fault.Wrap(&err, "store.Figures(%s)", q.By)
	split, ok := map[incident.Split]struct{ column, index string }{
		incident.ByAgency: {"agency", "incident_by_agency"}, incident.ByGroup: {"topic_group", "incident_by_group"}, incident.ByCentre: {"centre", "incident_by_centre"},
		incident.ByChannel: {"channel", "incident_by_channel"}}[q.By]
	if !ok {
		return nil, fault.New(fault.Invalid, "figures by %q", q.By).At("by")
	}
	var w where
	w.and("i." + split.column + " = k.name")
	w.and("i.mark = m.mark")
	w.and("i.opened_key >= ?", openedKey(q.Since, 0))
	w.and("i.opened_key < ?", openedKey(q.Until, 0))
	w.scope("i", sc)
	if q.Agency != 0 {
		w.and("i.agency = ?", q.Agency)
	}
	if q.Group != "" {
		w.and("i.topic_group = ?", q.Group)
	}
	if q.Centre != "" {
		w.and("i.centre = ?", q.Centre)
	}
	if q.Channel != "" {
		w.and("i.channel = ?", string(q.Channel))
	}
	from := "(SELECT count(*) FROM " + s.over(split.index) + w.String()
	late := "CASE WHEN m.mark = 2 THEN " + from + " AND " + overdue + w.arg(micros(q.Now)) + ") ELSE 0 END"
	ask := "WITH RECURSIVE k(name) AS (SELECT min(" + split.column + ") FROM incident UNION ALL SELECT (SELECT min(n." + split.column + ") FROM incident n WHERE n." + split.column +
		" > k.name) FROM k WHERE k.name IS NOT NULL), m(mark) AS (VALUES (1), (2), (3), (4), (5), (6), (7), (8))" +
		" SELECT k.name, m.mark, " + from + "), " + late + " FROM k CROSS JOIN m WHERE k.name IS NOT NULL ORDER BY k.name, m.mark"
	var f incident.Figures
	done := func() {
		if f.Came > 0 {
			out = append(out, f)
		}
	}
	err = s.t.link.query(ctx, ask, w.args, func(rows *sql.Rows) error {
		var next incident.Figures
		to := map[incident.Split]any{incident.ByAgency: &next.Agency, incident.ByGroup: &next.Group, incident.ByCentre: &next.Centre, incident.ByChannel: &next.Channel}[q.By]
		var mark incident.Mark
		var n, late int
		if err := rows.Scan(to, &mark, &n, &late); err != nil {
			return err
		}
		if next.Agency != f.Agency || next.Group != f.Group || next.Centre != f.Centre || next.Channel != f.Channel {
			done()
			f = next
		}
		f.Count(mark, n, late)
		return nil
	})
	done()
	if err != nil || q.By != incident.ByChannel {
		return out, err
	}
	for k := range out {
		if err := s.waited(ctx, sc, q, &out[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// waited fills how long people of a channel waited, from the same index.
func (s clocks) waited(ctx context.Context, sc scope.Scope, q incident.FigureQuery, f *incident.Figures) error {
	var w where
	w.and("i.channel = ?", string(f.Channel))
	w.and("i.mark IN (1, 2, 3, 4, 5, 6, 7, 8)") // without what stands in no figure
	w.and("i.opened_key >= ?", openedKey(q.Since, 0))
	w.and("i.opened_key < ?", openedKey(q.Until, 0))
	w.scope("i", sc)
	if q.Agency != 0 {
		w.and("i.agency = ?", q.Agency)
	}
	if q.Group != "" {
		w.and("i.topic_group = ?", q.Group)
	}
	if q.Centre != "" {
		w.and("i.centre = ?", q.Centre)
	}
	w.and("(i.answered_at <> 0 OR i.verified_at <> 0)")
	var answered, solved []int
	err := s.t.link.query(ctx, "SELECT i.opened_key, i.answered_at, i.verified_at FROM "+s.over("incident_by_channel")+w.String(), w.args, func(rows *sql.Rows) error {
		var key, first, seen int64
		err := rows.Scan(&key, &first, &seen)
		opened := key >> openedBits * int64(time.Millisecond/time.Microsecond)
		if first != 0 {
			answered = append(answered, int(max(first-opened, 1)))
		}
		if seen != 0 {
			solved = append(solved, int(max(seen-opened, 1)))
		}
		return err
	})
	f.FirstAnswer, f.Solved = middle(answered), middle(solved)
	return err
}

// middle returns the median of microseconds, the lower one of an even number; 0 of none.
func middle(list []int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sort.Ints(list)
	return time.Duration(list[(len(list)-1)/2]) * time.Microsecond
}
