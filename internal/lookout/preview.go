package lookout

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// A Preview says what a draft would have caught among the last messages. All
// figures are of what the scope of who asked sees.
type Preview struct {
	Failures []watch.Failure // examples that it does not keep; the index is of the draft's examples

	Looked  int       // messages looked at, at most message.RingSize
	Since   time.Time // the oldest of them; zero for none
	Ours    int       // of them, those that the centre keeps
	Kept    int       // caught, and ours already
	KeptDay int       // of these, seen during the last 24 hours
	Dropped int       // caught, and not ours: new ones. The ring remembers them for a day
	Found   []Found   // the newest, Shown at most
}

// Caught counts both.
func (p *Preview) Caught() int { return p.Kept + p.Dropped }

// A Found is one message that a draft catches.
type Found struct {
	message.Seen
	Spans    []russian.Span // the words that made it
	Personal []message.Personal
}

// Shown is how many messages a preview shows.
const Shown = 50

// Check parses a draft among the stored queries and runs its examples.
func (l *Lookout) Check(ctx context.Context, who account.Actor, q *standing.Query) ([]watch.Failure, error) {
	_, failures, err := l.draft(ctx, who, q)
	return failures, err
}

func (l *Lookout) draft(ctx context.Context, who account.Actor, q *standing.Query) (*watch.Rule, []watch.Failure, error) {
	if err := l.allowed(who); err != nil {
		return nil, nil, err
	}
	l.tidy(q)
	if q.Name == "" {
		q.Name = "новое правило" // a draft may be tried before it is named
	}
	if err := q.Check(); err != nil {
		return nil, nil, err
	}
	store := l.Store.Reader().Standing()
	list, err := store.Queries(ctx, scope.All())
	if err != nil {
		return nil, nil, err
	}
	var was *standing.Query
	q.Place = l.of(who)
	if q.ID != 0 {
		if was, err = store.Query(ctx, who.Scope, q.ID); err != nil {
			return nil, nil, err
		}
		if err := l.Changeable(who, was.Place); err != nil {
			return nil, nil, err
		}
		q.Place = was.Place
	}
	if err := l.listens(q); err != nil {
		return nil, nil, err
	}
	parsed, failures, err := l.parse(list, was, q)
	if err != nil {
		return nil, nil, err
	}
	rule := l.rule(q, parsed)
	return &rule, failures, nil
}

// Try previews a draft. One preview runs at a time; it reads outside of any
// transaction, so that intake waits for nothing but its share of the processor.
func (l *Lookout) Try(ctx context.Context, who account.Actor, q *standing.Query) (*Preview, error) {
	rule, failures, err := l.draft(ctx, who, q)
	if err != nil {
		return nil, err
	}
	select {
	case l.trying <- struct{}{}:
		defer func() { <-l.trying }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "other previews are under way: %w", ctx.Err()).Say("Сейчас проверяют другие правила. Повторите через несколько секунд.")
	}
	now := l.Now()
	seen, err := l.Store.Reader().Ring().Seen(ctx, who.Scope, time.Time{}, message.RingSize)
	if err != nil {
		return nil, err
	}
	p := &Preview{Failures: failures, Looked: len(seen)}
	set := watch.NewSet([]*watch.Query{rule.Query})
	var b watch.Buffer
	for k := range seen {
		one := &seen[k]
		if k%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if one.Kept {
			p.Ours++
		}
		if k == len(seen)-1 {
			p.Since = one.Message.SeenAt
		}
		c := l.Of(one.Message)
		if !rule.Admits(c) {
			continue
		}
		text := l.Reader.Read(one.Message.Text)
		hits := set.MatchIn(text, c, &b)
		if len(hits) == 0 {
			continue
		}
		switch {
		case !one.Kept:
			p.Dropped++
		case now.Sub(one.Message.SeenAt) < message.RingAge:
			p.KeptDay++
			p.Kept++
		default:
			p.Kept++
		}
		if len(p.Found) < Shown {
			p.Found = append(p.Found, Found{*one, set.Spans(hits[0], text, &b, nil), l.Personal(one.Message.Text)})
		}
	}
	return p, nil
}
