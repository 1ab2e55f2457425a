package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// pageRows is the default length of a page; mostRows the longest.
const (
	pageRows = 50
	mostRows = 1000
)

// excerpt is how many characters of the first message a row shows.
const excerpt = 280

// filter adds what f lets through; words are added by the caller.
func (w *where) filter(f *incident.Filter) {
	if len(f.States) > 0 {
		states := make([]any, len(f.States))
		for k, s := range f.States {
			states[k] = string(s)
		}
		w.in("i.state", states...)
	}
	if f.Open {
		w.and("i.is_open = 1")
	}
	if f.Topic != "" {
		w.and("i.topic = ?", string(f.Topic))
	}
	if f.Group != "" {
		w.and("i.topic_group = ?", f.Group)
	}
	if f.Agency != 0 {
		w.and("i.agency = ?", f.Agency)
	}
	if f.NoAgency {
		w.and("i.agency = 0")
	}
	if f.Centre != "" {
		w.and("i.centre = ?", f.Centre)
	}
	if f.Urgency != "" {
		w.and("i.calm = ?", 2-f.Urgency.Rank())
	}
	if f.Channel != "" {
		w.and("i.channel = ?", string(f.Channel))
	}
	if f.Missing {
		w.and("i.missing <> ''")
	}
	if f.Doubted {
		w.and("i.id IN (SELECT incident FROM reply WHERE lint_doubt = 1 AND state <> 'returned')")
	}
	if f.Suspect {
		w.and("i.id IN (SELECT m.incident FROM suspicion q JOIN message m ON m.id = q.message WHERE q.settled_at = 0)")
	}
	if f.Claimed != 0 {
		w.and("i.claimed_by = ?", int64(f.Claimed))
	}
	if f.Free {
		w.and("i.claimed_by = 0")
	}
	if !f.DueSince.IsZero() {
		w.and("i.due_key > ?", micros(f.DueSince))
	}
	if !f.DueUntil.IsZero() {
		w.and("i.due_key <= ?", micros(f.DueUntil))
	}
	w.result(f.Result, f.At)
	w.shown(f.Shown)
	if f.Paused {
		w.and("i.due_state = ?", string(regime.Paused))
	}
	if f.Executor != 0 {
		w.and("i.executor = ?", int64(f.Executor))
	}
	if f.Crowd != 0 {
		w.and("(i.id = ? OR i.id IN (SELECT p.high FROM proposal p WHERE p.low = ? AND p.into_id = ? AND p.kind = 'burst' AND p.state = 'waiting'))", int64(f.Crowd), int64(f.Crowd), int64(f.Crowd))
	}
	if !f.Since.IsZero() {
		w.and(w.key()+" >= ?", openedKey(f.Since, 0))
	}
	if !f.Until.IsZero() {
		w.and(w.key()+" < ?", openedKey(f.Until, 0))
	}
}

// key is the column that holds openedKey: that of the search index where it leads,
// so that it is read in this order and from this place on.
func (w *where) key() string {
	if w.searched {
		return "s.rowid"
	}
	return "i.opened_key"
}

// shown lets through what publicface.Rule.Hidden shows.
func (w *where) shown(r *incident.Shown) {
	if r == nil {
		return
	}
	w.not("i.regime", texted(r.NotRegimes)...)
	w.not("i.outcome", texted(r.NotOutcomes)...)
	w.in("i.kind", texted(r.Kinds)...)
	w.and("(i.state <> ? AND i.regime <> ? OR i.channel = ?)", string(r.Unread), string(r.PastRegime), string(r.Published))
}

// after lets through what follows the cursor in the order.
func (w *where) after(order incident.Order, c incident.Cursor) error {
	if c.Key == "" {
		return nil
	}
	first, second, two := strings.Cut(c.Key, ".")
	a, err := strconv.ParseInt(first, 10, 64)
	b := int64(0)
	if err == nil && two {
		b, err = strconv.ParseInt(second, 10, 64)
	}
	if err != nil || two != (order == incident.Urgent || order == incident.DueNext) {
		return fault.New(fault.Invalid, "the cursor does not fit the order").At("after").Say("Эта страница очереди больше не существует. Начните с первой.")
	}
	switch order {
	case incident.Oldest:
		w.and(w.key()+" > ?", a)
	case incident.Urgent:
		w.and("(i.calm, i.opened_key) > (?, ?)", a, b)
	case incident.DueNext:
		w.and("(i.due_key, i.opened_key) > (?, ?)", a, b)
	case incident.Changed:
		w.and("(i.updated_at, i.id) < (?, ?)", a, int64(c.ID))
	default:
		w.and(w.key()+" < ?", a)
	}
	return nil
}

func (w *where) orderBy(order incident.Order) string {
	switch order {
	case incident.Oldest:
		return " ORDER BY " + w.key()
	case incident.Urgent:
		return " ORDER BY i.calm, i.opened_key"
	case incident.DueNext:
		return " ORDER BY i.due_key, i.opened_key"
	case incident.Changed:
		return " ORDER BY i.updated_at DESC, i.id DESC"
	}
	return " ORDER BY " + w.key() + " DESC"
}

func cursor(order incident.Order, r *incident.Row) incident.Cursor {
	key := openedKey(r.OpenedAt, int64(r.ID))
	c := incident.Cursor{ID: r.ID}
	switch order {
	case incident.Urgent:
		c.Key = fmt.Sprintf("%d.%d", 2-r.Urgency.Rank(), key)
	case incident.DueNext:
		c.Key = fmt.Sprintf("%d.%d", dueKey(r.Clock.Due), key)
	case incident.Changed:
		c.Key = strconv.FormatInt(micros(r.UpdatedAt), 10)
	default:
		c.Key = strconv.FormatInt(key, 10)
	}
	return c
}

func parseOrder(o incident.Order) (incident.Order, error) {
	switch o {
	case "":
		return incident.Newest, nil
	case incident.Newest, incident.Oldest, incident.Urgent, incident.Changed, incident.DueNext:
		return o, nil
	}
	return "", fault.New(fault.Invalid, "order %q is unknown", o).At("order").Say("Такого порядка нет: " + string(o))
}

// page writes the question for the ids of a page, one more than it shows.
func (s incidents) page(ctx context.Context, sc scope.Scope, f *incident.Filter, limit int) (q string, args []any, err error) {
	var w where
	from, err := s.t.question(ctx, sc, f, f.Order, limit+1, &w)
	if err != nil {
		return "", nil, err
	}
	if err := w.after(f.Order, f.After); err != nil {
		return "", nil, err
	}
	q = "SELECT i.id FROM " + from + w.String() + w.orderBy(f.Order) + " LIMIT " + w.arg(limit+1)
	return q, w.args, nil
}

// Queue implements incident.Store. It finds the page's ids first and joins what
// a row shows for these alone.
func (s incidents) Queue(ctx context.Context, sc scope.Scope, f incident.Filter) (p incident.Page, err error) {
	defer fault.Wrap(&err, "store.Queue")
	if f.Order, err = parseOrder(f.Order); err != nil {
		return incident.Page{}, err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = pageRows
	}
	limit = min(limit, mostRows)
	q, args, err := s.page(ctx, sc, &f, limit)
	if err != nil {
		return incident.Page{}, err
	}
	ids := make([]incident.ID, 0, limit+1)
	err = s.t.link.query(ctx, q, args, func(rows *sql.Rows) error {
		var id incident.ID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return incident.Page{}, err
	}
	more := len(ids) > limit
	if p.Rows, err = s.Rows(ctx, sc, ids[:min(limit, len(ids))]); err != nil {
		return incident.Page{}, err
	}
	if more && len(p.Rows) > 0 {
		p.Next = cursor(f.Order, &p.Rows[len(p.Rows)-1])
	}
	return p, nil
}

func (s incidents) Count(ctx context.Context, sc scope.Scope, f incident.Filter, limit int) (n int, err error) {
	defer fault.Wrap(&err, "store.Count")
	var w where
	from, err := s.t.question(ctx, sc, &f, "", limit, &w)
	if err != nil {
		return 0, err
	}
	q := "SELECT count(*) FROM (SELECT 1 FROM " + from + w.String() + " LIMIT " + w.arg(limit) + ") c"
	_, err = s.t.link.one(ctx, q, w.args, &n)
	return n, err
}

func (s incidents) Near(ctx context.Context, sc scope.Scope, n incident.Near) (_ []incident.Row, err error) {
	defer fault.Wrap(&err, "store.Near")
	limit := n.Limit
	if limit <= 0 {
		limit = pageRows
	}
	var w where
	w.scope("i", sc)
	if n.Topic != "" {
		w.and("i.topic = ?", string(n.Topic))
	} else {
		w.and("i.settlement <> ''") // says to both databases that incident_place holds the answer
	}
	w.and("i.settlement = ?", n.Settlement)
	if n.Landmark != "" {
		w.and("i.landmark = ?", n.Landmark)
	}
	if n.Street != "" {
		w.and("i.street = ?", n.Street)
	}
	if n.House != "" {
		w.and("i.house = ?", n.House)
	}
	if !n.Since.IsZero() {
		w.and("i.opened_key >= ?", openedKey(n.Since, 0))
	}
	if n.Not != 0 {
		w.and("i.id <> ?", int64(n.Not))
	}
	if n.OnlyOpen {
		w.and("i.is_open = 1")
	}
	var ids []incident.ID
	err = s.t.link.query(ctx, "SELECT i.id FROM incident i"+w.String()+" ORDER BY i.opened_key DESC LIMIT "+w.arg(limit), w.args, func(rows *sql.Rows) error {
		var id incident.ID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Rows(ctx, sc, ids)
}

// Rows implements incident.Store.
func (s incidents) Rows(ctx context.Context, sc scope.Scope, ids []incident.ID) (_ []incident.Row, err error) {
	defer fault.Wrap(&err, "store.Rows(%d)", len(ids))
	out := make([]incident.Row, 0, len(ids))
	at := make(map[incident.ID]int, len(ids))
	const step = 50
	for from := 0; from < len(ids); from += step {
		part := ids[from:min(from+step, len(ids))]
		var w where
		args := make([]any, step) // always as many, so that one prepared statement serves all pages
		for k := range args {
			args[k] = int64(part[min(k, len(part)-1)])
		}
		w.in("i.id", args...)
		w.helped("i", sc)
		q := "SELECT " + incidentColumns + `, coalesce(substr(w.text, 1, ` + strconv.Itoa(excerpt) + `), ''), coalesce(m.gone, 0), coalesce(a.short, ''), coalesce(c.name, '')
			FROM incident i LEFT JOIN message m ON m.id = i.first_message LEFT JOIN message_words w ON w.message = m.id AND w.n = m.current
			LEFT JOIN agency a ON a.id = i.agency LEFT JOIN account c ON c.id = i.claimed_by` + w.String()
		err := s.t.link.query(ctx, q, w.args, func(rows *sql.Rows) error {
			out = append(out, incident.Row{})
			r := &out[len(out)-1]
			err := scanIncident(rows, &r.Incident, &r.Excerpt, &r.Gone, &r.Agency, &r.Claimer)
			at[r.ID] = len(out) - 1
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sorted := make([]incident.Row, 0, len(out))
	for _, id := range ids {
		if k, ok := at[id]; ok {
			sorted = append(sorted, out[k])
		}
	}
	return sorted, nil
}
