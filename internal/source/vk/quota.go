package vk

import (
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// gauges count what went with one token outside of a pool's plan.
type gauges struct {
	reads, writes source.Gauge
	lists         plan.Purse
}

func (l *Limits) gauges(token string) *gauges {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spent == nil {
		l.spent = map[string]*gauges{}
	}
	if l.spent[token] == nil {
		l.spent[token] = &gauges{}
	}
	return l.spent[token]
}

// spend notes a call that goes now.
func (l *Limits) spend(token, method string, write bool) {
	s, now := l.gauges(token), l.now()
	switch {
	case write:
		s.writes.Spend(now, time.Second)
	default:
		s.reads.Spend(now, time.Second)
	}
	if method == listMethod {
		l.mu.Lock()
		s.lists.Spend(now, 1)
		l.mu.Unlock()
	}
}

// rested notes that VK told a token to wait.
func (l *Limits) rested(token string, err *source.Error) {
	if err.Trouble != source.Later && err.Trouble != source.Flood || err.After <= 0 {
		return
	}
	switch err.Code {
	case 6, 9, 29:
		l.gauges(token).reads.Rest(l.now().Add(err.After))
	}
}

const (
	readsName  = "запросы на чтение"
	writesName = "запросы на запись"
	listsName  = "списки записей (wall.get)"
	searchName = "запросы поиска"
	otherName  = "остальные запросы"
)

// Quotas implements source.Meter.
func (w *Wall) Quotas() (out []source.Quota) {
	l := w.client().limits
	now := l.now()
	if w.ServiceToken != "" {
		s := l.gauges(w.ServiceToken)
		q := s.reads.Quota(readsName, int(max(readsPerSecond, l.Reads)), time.Second, now)
		q.Whose, q.Free = "ключ чтения", l.PerSecond < 0
		out = append(out, q)
		if w.pool == nil {
			l.mu.Lock()
			out = append(out, source.Quota{Name: listsName, Whose: "ключ чтения", Allowed: ListsPerDay, Per: day, Used: s.lists.Used(now), Back: s.lists.Back(now)})
			l.mu.Unlock()
		}
	}
	if w.pool != nil {
		out = append(out, w.pool.purses()...)
	}
	if w.CommunityToken != "" {
		q := l.gauges(w.CommunityToken).writes.Quota(writesName, writesPerSecond, time.Second, now)
		q.Whose, q.Free = "ключ сообщества", l.PerSecond < 0
		out = append(out, q)
	}
	return out
}

const day = 24 * time.Hour

// purses returns what all tokens of the pool may ask in a day, together.
func (p *Pool) purses() []source.Quota {
	all := "все ключи чтения"
	lists, calls := source.Quota{Name: listsName, Whose: all, Per: day}, source.Quota{Name: otherName, Whose: all, Per: day, Ours: true}
	for _, t := range p.Tokens() {
		for _, q := range t.Quotas() {
			sum := &calls
			if q.Name == listsName {
				sum = &lists
			}
			sum.Allowed, sum.Used = sum.Allowed+q.Allowed, sum.Used+q.Used
			if sum.Back.IsZero() || !q.Back.IsZero() && q.Back.Before(sum.Back) {
				sum.Back = q.Back
			}
		}
	}
	return []source.Quota{lists, calls}
}

// Quotas returns what one token of a pool may ask in a day.
func (t *TokenState) Quotas() []source.Quota {
	return []source.Quota{
		{Name: listsName, Allowed: ListsPerDay, Per: day, Used: max(ListsPerDay-t.Lists, 0), Back: t.ListsBack},
		{Name: otherName, Allowed: CallsPerDay, Per: day, Used: max(CallsPerDay-t.Calls, 0), Back: t.CallsBack, Ours: true},
	}
}

// Quotas implements source.Meter.
func (s *Search) Quotas() []source.Quota {
	if s.pool == nil {
		return nil
	}
	method := s.method()
	left, all, back := s.pool.searchesLeft(method)
	return []source.Quota{{Name: searchName + " (" + method + ")", Whose: "все ключи чтения", Allowed: all, Per: day, Used: all - left, Back: back}}
}

func (p *Pool) searchesLeft(method string) (left, all int, back time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for _, t := range p.tokens {
		purse := p.searchPurse(t.secret, method)
		all, left = all+purse.PerDay, left+purse.Left(now)
		if b := purse.Back(now); back.IsZero() || !b.IsZero() && b.Before(back) {
			back = b
		}
	}
	return left, all, back
}

// Rhythm implements source.Planned: a wall that sleeps by plan is asked seldom.
func (w Watched) Rhythm() (source.Rhythm, bool) {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plan == nil {
		return source.Rhythm{}, false
	}
	last, next := p.plan.Rhythm(w.owner(), p.now())
	return source.Rhythm{Last: last, Next: next}, !next.IsZero()
}

// Rhythm implements source.Planned: the day's questions are shared among all searches.
func (s Searching) Rhythm() (source.Rhythm, bool) {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.searches.asked[s.Search]
	if t := p.searches.waiting[s.Search]; t != nil && t.since.After(last) {
		last = t.since
	}
	if last.IsZero() || len(p.tokens) == 0 {
		return source.Rhythm{}, false
	}
	others := 0
	for o := range p.searches.waiting {
		if o.method() == s.method() {
			others++
		}
	}
	share := day / time.Duration(SearchesPerDay*len(p.tokens)) * time.Duration(max(others, 1))
	return source.Rhythm{Last: last, Next: last.Add(max(share, s.Every, time.Minute))}, true
}

var (
	_ source.Planned = Watched{}
	_ source.Planned = Searching{}
	_ source.Meter   = (*Wall)(nil)
	_ source.Meter   = (*Search)(nil)
)
