package lookout

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// Month is how many days of hits a Watch shows.
const Month = 30

// A Watch is a saved query with what is known of it now.
type Watch struct {
	standing.Query
	Broken  string // why it does not parse, in Russian; "" for one that does
	Column  int    // of the fault, from 1
	Failing int    // examples that it does not keep
	UsedBy  []string
	Uses    []string // names behind @, as keys
	Days    []int64  // hits of the last Month days (UTC), the last is today
}

// Today returns the hits of this day (UTC).
func (w *Watch) Today() int64 { return w.Days[len(w.Days)-1] }

// Week returns the hits of the last seven days, this one with them.
func (w *Watch) Week() (sum int64) {
	for _, n := range w.Days[len(w.Days)-7:] {
		sum += n
	}
	return sum
}

// List returns the queries that a scope sees: broken ones first, then by name.
func (l *Lookout) List(ctx context.Context, sc scope.Scope) ([]Watch, error) {
	store := l.Store.Reader().Standing()
	list, err := store.Queries(ctx, sc)
	if err != nil {
		return nil, err
	}
	out := make([]Watch, len(list))
	for k := range list {
		if out[k], err = l.watch(ctx, list, &list[k]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b Watch) int { return cmp.Compare(rank(&a), rank(&b)) })
	return out, nil
}

func rank(w *Watch) int {
	switch {
	case w.Broken != "":
		return 0
	case w.Failing > 0:
		return 1
	case w.On:
		return 2
	}
	return 3
}

// One returns one query; fault.NotFound outside the scope.
func (l *Lookout) One(ctx context.Context, sc scope.Scope, id standing.ID) (*Watch, error) {
	q, err := l.Store.Reader().Standing().Query(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	list, err := l.Store.Reader().Standing().Queries(ctx, sc)
	if err != nil {
		return nil, err
	}
	w, err := l.watch(ctx, list, q)
	return &w, err
}

func (l *Lookout) watch(ctx context.Context, list []standing.Query, q *standing.Query) (Watch, error) {
	w := Watch{Query: *q, Uses: watch.Mentions(q.Text), UsedBy: usersOf(list, q), Days: make([]int64, Month)}
	c, err := l.conditionOf(ctx, q)
	if err != nil {
		return w, err
	}
	w.Broken, w.Column, w.Failing = c.broken, c.column, c.failing
	today := l.Now().UTC().Truncate(24 * time.Hour)
	days, err := l.Store.Reader().Standing().Days(ctx, q.ID, today.AddDate(0, 0, 1-Month))
	if err != nil {
		return w, err
	}
	for _, d := range days {
		if ago := int(today.Sub(d.Day) / (24 * time.Hour)); ago >= 0 && ago < Month {
			w.Days[Month-1-ago] += d.Hits
		}
	}
	return w, nil
}

// conditionOf says how a stored query stands; what another process has stored
// meanwhile is loaded first.
func (l *Lookout) conditionOf(ctx context.Context, q *standing.Query) (condition, error) {
	l.mu.Lock()
	c, ok := l.state[q.ID]
	l.mu.Unlock()
	if ok {
		return c, nil
	}
	if err := l.Load(ctx); err != nil {
		return c, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state[q.ID], nil
}

// Broken counts the queries that do not parse, of those that a scope sees.
func (l *Lookout) Broken(ctx context.Context, sc scope.Scope) (n int, err error) {
	list, err := l.Store.Reader().Standing().Queries(ctx, sc)
	if err != nil {
		return 0, err
	}
	for k := range list {
		c, err := l.conditionOf(ctx, &list[k])
		if err != nil {
			return 0, err
		}
		if c.broken != "" {
			n++
		}
	}
	return n, nil
}
