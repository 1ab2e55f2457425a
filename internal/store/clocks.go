package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// clocks implements incident.Clocks.
type clocks struct{ t *tx }

// never is the due_key of what is not due.
const never = 1 << 62

// dueKey orders incidents by what is due first; what is not due comes last.
func dueKey(due time.Time) int64 {
	if due.IsZero() {
		return never
	}
	return micros(due)
}

// A dueClock reads a due_key.
type dueClock struct{ t *time.Time }

func (c dueClock) Scan(src any) error {
	if n, ok := src.(int64); ok && n == never {
		*c.t = time.Time{}
		return nil
	}
	return clock(c).Scan(src)
}

// clockFields are the columns of an incident.Clock, in the order of clockArgs.
const clockFields = "regime, regime_hand, due_step, due_state, due_key, alarm_at, rung, answer_due, answer_at"

// clockColumns is what scanIncident reads of a clock.
const clockColumns = "i.regime, i.regime_hand, i.due_step, i.due_state, i.due_key, i.alarm_at, i.rung, i.answer_due, i.answer_at"

func clockArgs(c *incident.Clock) []any {
	return []any{string(c.Regime), flag(c.ByHand), string(c.Step), string(c.State), dueKey(c.Due), micros(c.Alarm), c.Rung, micros(c.AnswerDue), micros(c.AnswerAt)}
}

func clockDest(c *incident.Clock) []any {
	return []any{&c.Regime, &c.ByHand, &c.Step, &c.State, dueClock{&c.Due}, clock{&c.Alarm}, &c.Rung, clock{&c.AnswerDue}, clock{&c.AnswerAt}}
}

func (s clocks) Ringing(ctx context.Context, now time.Time, limit int) (_ []incident.Incident, err error) {
	defer fault.Wrap(&err, "store.Ringing")
	var w where
	w.and("i.alarm_at > 0")
	w.and("i.alarm_at <= ?", micros(now))
	return s.incidents(ctx, w.String()+" ORDER BY i.calm, i.due_key, i.id LIMIT "+w.arg(limit), w.args)
}

func (s clocks) OpenAfter(ctx context.Context, after incident.ID, limit int) (_ []incident.Incident, err error) {
	defer fault.Wrap(&err, "store.OpenAfter(%d)", after)
	var w where
	w.and("i.id > ?", int64(after))
	w.and("i.is_open = 1")
	return s.incidents(ctx, w.String()+" ORDER BY i.id LIMIT "+w.arg(limit), w.args)
}

func (s clocks) incidents(ctx context.Context, rest string, args []any) (out []incident.Incident, err error) {
	err = s.t.link.query(ctx, "SELECT "+incidentColumns+" FROM incident i"+rest, args, func(rows *sql.Rows) error {
		out = append(out, incident.Incident{})
		return scanIncident(rows, &out[len(out)-1])
	})
	return out, err
}

func (s clocks) SaveClock(ctx context.Context, i *incident.Incident, alarm time.Time) (_ bool, err error) {
	defer fault.Wrap(&err, "store.SaveClock(%d)", i.ID)
	var w where
	w.args = append(clockArgs(&i.Clock), int(i.Mark()))
	w.and("id = ?", int64(i.ID))
	w.and("version = ?", i.Version)
	w.and("alarm_at = ?", micros(alarm))
	n, err := s.t.link.exec(ctx, "UPDATE incident SET ("+clockFields+", mark) = ("+clockMarks+")"+w.String(), w.args...)
	return n == 1, err
}

var clockMarks = marks(len(clockArgs(&incident.Clock{})) + 1)

func (s clocks) Histories(ctx context.Context, ids []incident.ID) (_ map[incident.ID][]incident.Entry, err error) {
	defer fault.Wrap(&err, "store.Histories(%d)", len(ids))
	out := make(map[incident.ID][]incident.Entry, len(ids))
	const step = 50
	for from := 0; from < len(ids); from += step {
		part := ids[from:min(from+step, len(ids))]
		var w where
		args := make([]any, step) // always as many, so that one prepared statement serves all
		for k := range args {
			args[k] = int64(part[min(k, len(part)-1)])
		}
		w.in("incident", args...)
		err := s.t.link.query(ctx, "SELECT id, incident, version, at, who, action, from_state, to_state, detail FROM entry"+w.String()+" ORDER BY incident, id",
			w.args, func(rows *sql.Rows) error {
				var e incident.Entry
				var detail []byte
				if err := rows.Scan(&e.ID, &e.Incident, &e.Version, clock{&e.At}, &e.Who, &e.Action, &e.From, &e.To, &detail); err != nil {
					return err
				}
				err := json.Unmarshal(detail, &e.Detail)
				out[e.Incident] = append(out[e.Incident], e)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s clocks) Authors(ctx context.Context, id incident.ID) (n int, err error) {
	defer fault.Wrap(&err, "store.Authors(%d)", id)
	_, err = s.t.link.one(ctx, `SELECT count(DISTINCT CASE WHEN author = '' THEN 'message ' || CAST(id AS TEXT) ELSE source || ' ' || author END)
		FROM message WHERE incident = $1 AND own = 0`, []any{int64(id)}, &n)
	return n, err
}

// highRung is the rung from which an escalation leaves the agency's workroom. It stands in
// watched, which are the words of the index incident_watched too.
const (
	highRung = 3
	watched  = "(i.state IN ('approval', 'rework') OR i.due_state = 'paused' OR i.rung >= 3)"
)

// Board counts what is due over one index, and the few that wait, stand or were raised
// over another, in the order of both: a sum of all conditions over all open incidents takes
// ten times as long.
func (s clocks) Board(ctx context.Context, sc scope.Scope, now, soon time.Time) (out []incident.BoardLine, err error) {
	defer fault.Wrap(&err, "store.Board")
	lines := map[int64]*incident.BoardLine{}
	line := func(agency int64) *incident.BoardLine {
		if lines[agency] == nil {
			lines[agency] = &incident.BoardLine{Agency: agency}
		}
		return lines[agency]
	}
	for _, part := range []struct {
		after, until time.Time
		of           func(l *incident.BoardLine) *int
	}{
		{time.Time{}, now, func(l *incident.BoardLine) *int { return &l.Overdue }},
		{now, soon, func(l *incident.BoardLine) *int { return &l.Soon }},
	} {
		var w where
		w.and("i.is_open = 1")
		w.and("i.due_key <= ?", micros(part.until))
		if !part.after.IsZero() {
			w.and("i.due_key > ?", micros(part.after))
		}
		w.scope("i", sc)
		err := s.t.link.query(ctx, "SELECT i.agency, count(*) FROM "+s.over("incident_board")+w.String()+" GROUP BY "+boardLines(sc), w.args, func(rows *sql.Rows) error {
			var agency int64
			var n int
			err := rows.Scan(&agency, &n)
			*part.of(line(agency)) += n // an agency may stand in two regions
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := s.watched(ctx, sc, now, line); err != nil {
		return nil, err
	}
	for agency, l := range lines {
		if *l != (incident.BoardLine{Agency: agency}) {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(a, b incident.BoardLine) int { return cmp.Compare(a.Agency, b.Agency) })
	return out, nil
}

// boardLines are what the board groups by, in the order of its indexes. Within one region its
// code is left out: comparing it costs PostgreSQL two fifths of the time.
func boardLines(sc scope.Scope) string {
	if sc.Region != "" {
		return "i.agency"
	}
	return "i.region, i.agency"
}

// watched counts the few that wait for approval, are in rework, stand or were raised.
func (s clocks) watched(ctx context.Context, sc scope.Scope, now time.Time, line func(int64) *incident.BoardLine) error {
	var w where
	w.and("i.is_open = 1")
	w.and(watched)
	w.scope("i", sc)
	late := w.arg(micros(now))
	return s.t.link.query(ctx, "SELECT i.agency, i.state, i.due_state, i.rung, count(*), count(CASE WHEN i.due_key <= "+late+" THEN 1 END) FROM "+s.over("incident_watched")+w.String()+
		" GROUP BY "+boardLines(sc)+", i.state, i.due_state, i.rung", w.args, func(rows *sql.Rows) error {
		var agency int64
		var state lifecycle.State
		var clock regime.State
		var rung, n, late int
		if err := rows.Scan(&agency, &state, &clock, &rung, &n, &late); err != nil {
			return err
		}
		l := line(agency)
		switch state {
		case lifecycle.Approval:
			l.Approval += n
		case lifecycle.Rework:
			l.Returned += n
		}
		if clock == regime.Paused {
			l.Paused += n
		}
		if rung >= highRung {
			l.Raised += late
		}
		return nil
	})
}

// over names the index where SQLite would choose another one: it would sort the groups, or
// touch the rows.
func (s clocks) over(index string) string {
	if s.t.link.d.plans {
		return "incident i INDEXED BY " + index
	}
	return "incident i"
}
