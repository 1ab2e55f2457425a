package vk

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/url"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// SearchesPerDay is how often a token may call newsfeed.search in a day, and wall.search
// likewise.
const SearchesPerDay = 1000

// searches shares the few questions that tokens may ask among all searches. Each token's
// day is spread evenly (plan.Purse), so that what is left in the evening is as much as in
// the morning, after a restart, too.
type searches struct {
	purses  map[string]*plan.Purse // by token and method
	waiting map[*Search]*turn
	asked   map[*Search]time.Time
	busy    map[*Search]time.Time // granted and not asked yet: two must not count on one question
}

// A turn is what a search waits with.
type turn struct {
	since   time.Time // when it last asked
	hits    float64   // new posts an answer
	walking bool      // in the middle of a walk
}

// need says how much a search needs to ask: the longer it waits, the more.
func (t *turn) need(now time.Time) float64 {
	n := now.Sub(t.since).Seconds() * math.Sqrt(0.1+t.hits)
	if t.walking {
		n *= 4
	}
	return n
}

// A Searching is a search whose questions a pool shares out. It is source.Paced.
type Searching struct{ *Search }

var _ source.Paced = Searching{}

// Search makes a search ask with the pool's tokens, in turn with the others.
func (p *Pool) Search(s *Search) Searching {
	s.pool = p
	return Searching{s}
}

// Turn implements source.Paced: it returns when the day's plan has a question for this
// search.
func (s Searching) Turn(ctx context.Context, cur []byte) error {
	p, h := s.pool, parseHunt(cur)
	t := &turn{walking: h.walking()}
	for _, a := range h.Asked {
		t.hits += a.Hits
		if at := time.Unix(a.At, 0); a.At != 0 && at.After(t.since) {
			t.since = at
		}
	}
	p.mu.Lock()
	if p.searches.waiting == nil {
		p.searches.waiting, p.searches.asked = map[*Search]*turn{}, map[*Search]time.Time{}
		p.searches.busy = map[*Search]time.Time{}
	}
	if at := p.searches.asked[s.Search]; at.After(t.since) { // asked, and not committed
		t.since = at
	}
	p.searches.waiting[s.Search] = t
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.searches.waiting, s.Search)
		if ctx.Err() != nil {
			delete(p.searches.asked, s.Search)
		}
	}()
	idle := cmp.Or(p.Idle, time.Second)
	for {
		granted, err := p.grant(s.Search, t)
		if err != nil || granted {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(idle):
		}
	}
}

// grant reports whether the next question is this search's.
func (p *Pool) grant(s *Search, t *turn) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if !t.walking && now.Sub(t.since) < cmp.Or(s.Every, time.Minute) {
		return false, nil
	}
	good, ready := 0, false
	for _, k := range p.tokens {
		if k.usable(now) {
			good++
			ready = ready || p.searchPurse(k.secret, s.method()).Ready(now, 1)
		}
	}
	switch {
	case good == 0:
		err := p.none(now)
		var e *source.Error
		if errors.As(err, &e) && e.Trouble == source.Later && e.After < time.Minute { // a moment's rest
			return false, nil
		}
		return false, err
	case !ready:
		return false, nil
	}
	for other, o := range p.searches.waiting {
		if other != s && other.method() == s.method() && o.need(now) > t.need(now) && (o.walking || now.Sub(o.since) >= cmp.Or(other.Every, time.Minute)) {
			return false, nil
		}
	}
	for other, since := range p.searches.busy {
		switch {
		case now.Sub(since) > time.Minute: // its loop ended between Turn and Poll, or crawls
			delete(p.searches.busy, other)
		case other.method() == s.method():
			return false, nil
		}
	}
	p.searches.asked[s], p.searches.busy[s] = now, now
	return true, nil
}

func (s *Search) method() string {
	if s.Group != 0 {
		return searchWall
	}
	return searchAll
}

const searchWall, searchAll = "wall.search", "newsfeed.search"

// searching reports whether a method has a day of its own that searches share.
func searching(method string) bool { return method == searchWall || method == searchAll }

// searchPurse returns what a token may search in a day. The caller holds mu.
func (p *Pool) searchPurse(secret, method string) *plan.Purse {
	key, s := method+" "+secret, &p.searches
	if s.purses == nil {
		s.purses = map[string]*plan.Purse{}
	}
	if s.purses[key] == nil {
		s.purses[key] = &plan.Purse{PerDay: cmp.Or(p.Asks, SearchesPerDay)}
	}
	return s.purses[key]
}

// call asks a search, with whatever token has most left.
func (s *Search) call(ctx context.Context, method string, params url.Values, out any) error {
	if s.pool == nil {
		return s.client().call(ctx, method, s.ServiceToken, false, params, out)
	}
	defer func() {
		s.pool.mu.Lock()
		defer s.pool.mu.Unlock()
		delete(s.pool.searches.busy, s)
	}()
	return s.pool.find(ctx, method, params, out)
}

// read asks anything else.
func (s *Search) read(ctx context.Context, method string, params url.Values, out any) error {
	if s.pool == nil {
		return s.client().call(ctx, method, s.ServiceToken, false, params, out)
	}
	return s.pool.call(ctx, method, params, out)
}

func (s *Search) client() *client {
	s.once.Do(func() {
		w := &Wall{BaseURL: s.BaseURL, HTTP: s.HTTP, Limits: s.Limits}
		s.api = w.client()
	})
	return s.api
}

// find calls a searching method. Error 29 ends the token's day of searching, not its other
// work.
func (p *Pool) find(ctx context.Context, method string, params url.Values, out any) error {
	var last error
	for range p.tries() {
		t, secret, err := p.searcher(method)
		if err != nil {
			return cmp.Or(last, err)
		}
		if err := p.book(ctx, t, method); err != nil {
			return err
		}
		began := p.now()
		err = p.client().call(ctx, method, secret, false, params, out)
		p.late(t, method, began)
		var e *source.Error
		if err == nil || !errors.As(err, &e) {
			return err
		}
		p.mu.Lock()
		again := e.Code == 29
		if again {
			p.searchPurse(secret, method).Empty(p.now())
			last = nil
		} else if again = t.secret == secret && t.refused(method, e, p.now()); again {
			last = err
		}
		p.mu.Unlock()
		if !again {
			return err
		}
		if e.Code == 29 { // the rest of its day is gone
			_ = p.book(ctx, t, method)
		}
	}
	if last == nil {
		last = spentSearches()
	}
	return last
}

// searcher takes the token that has most searches left, and spends one.
func (p *Pool) searcher(method string) (*token, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var best *token
	most, good := 0, false
	for _, t := range p.tokens {
		if !t.usable(now) {
			continue
		}
		good = true
		if left := p.searchPurse(t.secret, method).Left(now); left > most {
			best, most = t, left
		}
	}
	switch {
	case !good:
		return nil, "", p.none(now)
	case best == nil:
		return nil, "", spentSearches()
	}
	p.searchPurse(best.secret, method).Spend(now, 1)
	return best, best.secret, nil
}

func spentSearches() error {
	e := source.Fail(source.Later, "Суточный запас поиска ВКонтакте исчерпан: 1000 запросов на ключ. Продолжим сами; добавьте ещё один ключ, чтобы искать чаще.", "vk: no token may search any more today")
	e.After = time.Hour
	return e
}

// Searches returns how many questions of the network's search the tokens have left in these
// 24 hours, and how many they have in all.
func (p *Pool) Searches() (left, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for _, t := range p.tokens {
		purse := p.searchPurse(t.secret, searchAll)
		all, left = all+purse.PerDay, left+purse.Left(now)
	}
	return left, all
}
