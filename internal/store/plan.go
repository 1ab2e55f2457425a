package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// SQLite chooses among indexes by averages over a table, and knows nothing of a
// LIMIT: asked for the open incidents of a small town it may walk through those
// of the capital. The queue is the page that everybody looks at all day, so the
// store chooses by itself: each filter of the queue has a covering index in the
// order of opening, and each order has one; the cheapest by the estimate below is
// named in the question. PostgreSQL keeps histograms and is left alone.

// A dimension is a filter that an index answers.
type dimension struct {
	index string
	cond  string // what the index's entries have in common; with an argument
	arg   any
}

// dimensions returns what f and sc ask for that an index answers.
func dimensions(sc scope.Scope, f *incident.Filter) (out []dimension) {
	add := func(index, cond string, arg any) { out = append(out, dimension{index, cond, arg}) }
	if f.Topic != "" {
		add("incident_topic", "i.topic = ?", string(f.Topic))
	}
	if f.Group != "" {
		add("incident_group", "i.topic_group = ?", f.Group)
	}
	if f.Agency != 0 {
		add("incident_agency", "i.agency = ?", f.Agency)
	}
	if sc.Agency != 0 && sc.Agency != f.Agency {
		add("incident_agency", "i.agency = ?", sc.Agency)
	}
	if f.NoAgency {
		add("incident_agency", "i.agency = ?", int64(0))
	}
	if f.Centre != "" {
		add("incident_centre", "i.centre = ?", f.Centre)
	}
	if sc.Centre != "" && sc.Centre != f.Centre {
		add("incident_centre", "i.centre = ?", sc.Centre)
	}
	if f.Urgency != "" {
		add("incident_urgent", "i.calm = ?", int64(2-f.Urgency.Rank()))
	}
	if f.Channel != "" {
		add("incident_channel", "i.channel = ?", string(f.Channel))
	}
	if f.Claimed != 0 {
		add("incident_claimed", "i.claimed_by <> 0 AND i.claimed_by = ?", int64(f.Claimed))
	}
	if len(f.States) == 1 {
		add("incident_state", "i.state = ?", string(f.States[0]))
	}
	if f.Missing {
		add("incident_missing", "i.missing <> ''", nil)
	}
	if !f.DueUntil.IsZero() && f.Open {
		// rounded, so that the figure is remembered while now moves on
		add("incident_due", "i.is_open = 1 AND i.due_key <= ?", micros(f.DueUntil.Truncate(5*time.Minute)))
	}
	if f.Open {
		add("incident_open", "i.is_open = 1", nil)
	}
	return out
}

// inOrder returns the index that holds all rows in the order, and whether those
// of a dimension come in it too.
func inOrder(order incident.Order, open bool) (index string, each bool) {
	switch {
	case order == incident.DueNext:
		return "incident_due", false
	case order == incident.Urgent && open:
		return "incident_open_urgent", false
	case order == incident.Urgent:
		return "incident_urgent", false
	case order == incident.Changed && open:
		return "incident_open_changed", false
	case order == incident.Changed:
		return "incident_changed", false
	case open:
		return "incident_open", true
	}
	return "incident_opened", true
}

// A plan is a way to answer a question.
type plan struct {
	index string  // of incident; "" when the search index leads
	cost  float64 // entries touched, about
	check bool    // words are looked up row by row, not in the search index
}

// Costs of touching one entry, in entries of a covering index.
const (
	sorting = 1.6  // of an entry that is read and sorted
	row     = 4.0  // of the row itself, where an index does not hold what is asked
	hit     = 8.0  // of a hit of the search index with its incident
	looking = 9.0  // of looking up the words of one incident
	doubt   = 0.01 // filters that exclude each other: a part of the whole index
)

// choose returns the cheapest plan for limit rows in the order; order "" stands
// for any (counting).
func (t *tx) choose(ctx context.Context, sc scope.Scope, f *incident.Filter, order incident.Order, words [][]string, limit int) (plan, error) {
	e := &t.db.stats
	total, err := e.recall(ctx, t.link, "", "SELECT i.opened_key AS key FROM incident i ORDER BY i.opened_key", where{}, enough)
	if err != nil {
		return plan{}, err
	}
	total = max(total, 1)
	dims := dimensions(sc, f)
	counts := make([]float64, len(dims))
	matches := total
	for k, d := range dims {
		if counts[k], err = e.estimate(ctx, t.link, d); err != nil {
			return plan{}, err
		}
		matches *= min(counts[k]/total, 1)
	}
	hits := total
	if len(words) > 0 {
		if hits, err = e.hits(ctx, t.link, t.link.d.match(words)); err != nil {
			return plan{}, err
		}
		matches *= min(hits/total, 1)
	}
	matches = max(matches, 1)

	best := plan{cost: math.Inf(1)}
	// walk is the cost of going through n entries in order until the page is full.
	walk := func(n float64) float64 { return min(n, float64(limit)*n/matches) + doubt*n }
	consider := func(index string, n float64, ordered bool) {
		visited := n * sorting
		if ordered {
			visited = walk(n)
		}
		each := 1.0
		if f.Topic != "" && index != "incident_topic" || f.Group != "" && index != "incident_group" {
			each = row
		}
		if len(words) > 0 {
			each += looking
		}
		if c := visited * each; c < best.cost {
			best = plan{index: index, cost: c, check: len(words) > 0}
		}
	}
	whole, each := inOrder(order, f.Open)
	if order == "" {
		each = true
	}
	all := total
	for k, d := range dims {
		if d.index == "incident_open" {
			all = counts[k]
		}
	}
	consider(whole, all, true)
	for k, d := range dims {
		// A part of incident_urgent is in the order of opening, and so in that of urgency.
		consider(d.index, counts[k], each || order == incident.Urgent && d.index == "incident_urgent")
	}
	if len(words) > 0 {
		visited := hits * sorting
		if each {
			visited = walk(hits)
		}
		if c := visited * hit; c <= best.cost {
			best = plan{cost: c}
		}
	}
	return best, nil
}

// question writes FROM and WHERE for the plan.
func (t *tx) question(ctx context.Context, sc scope.Scope, f *incident.Filter, order incident.Order, limit int, w *where) (from string, err error) {
	words := tokens(f.Words)
	if order == incident.DueNext { // nothing else is due
		f.Open = true
	}
	if len(f.States) > 0 && !slices.ContainsFunc(f.States, func(st lifecycle.State) bool { return !st.Open() }) {
		f.Open = true // it says so already, and the short indexes of open incidents serve it
	}
	from = "incident i"
	if t.link.d.plans {
		p, err := t.choose(ctx, sc, f, order, words, limit)
		if err != nil {
			return "", err
		}
		switch {
		case p.index == "":
			from = "incident_search s CROSS JOIN incident i INDEXED BY incident_opened ON i.opened_key = s.rowid"
			t.search(w, words)
			w.searched = true
		default:
			from = "incident i INDEXED BY " + p.index
			if p.check {
				w.lookUp(words)
			}
		}
		if p.index == "incident_claimed" {
			w.and("i.claimed_by <> 0") // without it the partial index does not fit a bound value
		}
	} else if len(words) > 0 {
		from = "incident_search s JOIN incident i ON i.opened_key = s.rowid"
		t.search(w, words)
	}
	w.scope("i", sc)
	w.filter(f)
	return from, nil
}

// search asks the full-text index.
func (t *tx) search(w *where, words [][]string) {
	w.parts = append(w.parts, strings.Replace(t.link.d.likeWords, "?", w.arg(t.link.d.match(words)), 1))
}

// lookUp asks for the words row by row.
func (w *where) lookUp(words [][]string) {
	for _, alternatives := range words {
		conds := make([]string, len(alternatives))
		for k, word := range alternatives {
			conds[k] = "instr(l.lemmas, " + w.arg(" "+word+" ") + ") > 0"
		}
		w.parts = append(w.parts, "EXISTS (SELECT 1 FROM incident_words l WHERE l.incident = i.id AND ("+strings.Join(conds, " OR ")+"))")
	}
}

// stats remembers for some minutes about how many incidents a filter lets
// through: figures for choosing an index, never an answer.
type stats struct {
	mu    sync.Mutex
	known map[string]figure
}

type figure struct {
	n     float64
	until time.Time
}

const (
	figureKept = 5 * time.Minute
	figures    = 10_000 // remembered at most
	// enough is where counting stops: what is longer is walked in order, and how
	// much longer matters little.
	enough     = 6000
	enoughHits = 1500
)

// estimate returns about how many incidents the dimension holds.
func (s *stats) estimate(ctx context.Context, l *link, d dimension) (float64, error) {
	var w where
	if d.arg != nil {
		w.and(d.cond, d.arg)
	} else {
		w.parts = append(w.parts, d.cond)
	}
	return s.recall(ctx, l, fmt.Sprint(d.cond, "\x00", d.arg),
		"SELECT i.opened_key AS key FROM incident i INDEXED BY "+d.index+w.String()+" ORDER BY i.opened_key", w, enough)
}

// hits returns about how many incidents the search query finds.
func (s *stats) hits(ctx context.Context, l *link, match string) (float64, error) {
	var w where
	w.arg(match)
	return s.recall(ctx, l, "words\x00"+match, "SELECT s.rowid AS key FROM incident_search s WHERE s.incident_search MATCH $1 ORDER BY s.rowid", w, enoughHits)
}

// recall returns a figure, counted anew when it is old. keys asks for opened
// keys in their order. Where counting stops, the rest is judged by how far it
// came: a tenth of all time for the first thousand makes ten thousand.
func (s *stats) recall(ctx context.Context, l *link, name, keys string, w where, limit int) (float64, error) {
	now := time.Now()
	s.mu.Lock()
	f, ok := s.known[name]
	s.mu.Unlock()
	if ok && now.Before(f.until) {
		return f.n, nil
	}
	var n, last, first, end int64
	if _, err := l.one(ctx, "SELECT count(*), coalesce(max(key), 0) FROM ("+keys+" LIMIT "+w.arg(limit)+") c", w.args, &n, &last); err != nil {
		return 0, err
	}
	f = figure{float64(n), now.Add(figureKept)}
	if n >= int64(limit) {
		_, err := l.one(ctx, "SELECT coalesce((SELECT min(opened_key) FROM incident), 0), coalesce((SELECT max(opened_key) FROM incident), 0)", nil, &first, &end)
		if err != nil {
			return 0, err
		}
		if part := float64(last-first) / float64(max(end-first, 1)); part > 0 && part < 1 {
			f.n /= part
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= figures {
		s.known = map[string]figure{}
	}
	s.known[name] = f
	return f.n, nil
}
