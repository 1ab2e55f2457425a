package vk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// A Ledger keeps what tokens have spent of their days, so that a pool that starts again does
// not believe in fresh ones.
type Ledger interface {
	// Spend keeps these in place of what it had of the same token, method and quarter of an
	// hour, and may forget quarters before forget.
	Spend(ctx context.Context, list []source.Spent, forget int64) error
}

// Calls are written down before they are made, some at once: ahead of each write, so that the
// database is asked a few times in a quarter of an hour and a kill costs no more than these.
const (
	aheadShare = 400 // of a day
	aheadLeast = 4
)

// A booking is how many calls of a method the ledger knows of, made or to come.
type booking struct {
	quarter int64
	calls   int
}

// digest names a token in the ledger.
func digest(secret string) string {
	sum := sha256.Sum256([]byte("otklik vk spent\x00" + secret))
	return hex.EncodeToString(sum[:16])
}

// A spending names a method in a quarter of an hour.
type spending struct {
	method  string
	quarter int64
}

// Recall gives the pool what a ledger kept, before any token.
func (p *Pool) Recall(list []source.Spent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(list, 0)
}

// keep notes what the ledger knows. The caller holds mu.
func (p *Pool) keep(list []source.Spent, forget int64) {
	if p.kept == nil {
		p.kept = map[string]map[spending]int{}
	}
	for _, s := range list {
		if p.kept[s.Token] == nil {
			p.kept[s.Token] = map[spending]int{}
		}
		p.kept[s.Token][spending{s.Method, s.Quarter}] = s.Calls
		maps.DeleteFunc(p.kept[s.Token], func(k spending, _ int) bool { return k.quarter < forget })
	}
}

// recall gives a new token what it had spent. The caller holds mu.
func (p *Pool) recall(t *token) {
	for k, n := range p.kept[digest(t.secret)] {
		if searching(k.method) {
			delete(p.searches.purses, k.method+" "+t.secret)
		}
		if k.quarter > t.booked[k.method].quarter {
			t.booked[k.method] = booking{k.quarter, n}
		}
	}
	for k, n := range p.kept[digest(t.secret)] {
		if searching(k.method) {
			p.searchPurse(t.secret, k.method).Recall(k.quarter, n)
		} else {
			t.purse(k.method == listMethod).Recall(k.quarter, n)
			t.use(k.method).Recall(k.quarter, n)
		}
	}
}

// counted returns the purse that holds the calls of one method. The caller holds mu.
func (p *Pool) counted(t *token, method string) *plan.Purse {
	switch {
	case searching(method):
		return p.searchPurse(t.secret, method)
	case method == listMethod:
		return &t.lists
	}
	return t.use(method)
}

// booked reports whether the ledger knows of all calls of a method that were spent. The
// caller holds mu.
func (p *Pool) booked(t *token, method string, now time.Time) bool {
	b := t.booked[method]
	return p.Ledger == nil || b.quarter == plan.Quarter(now) && b.calls >= p.counted(t, method).In(b.quarter)
}

// book writes down what was spent and is not known to the ledger, and some calls ahead.
func (p *Pool) book(ctx context.Context, t *token, method string) error {
	if p.Ledger == nil {
		return nil
	}
	p.books.Lock() // who comes meanwhile waits for the calls to be written down, too
	defer p.books.Unlock()
	p.mu.Lock()
	now := p.now()
	if p.booked(t, method, now) {
		p.mu.Unlock()
		return nil
	}
	purse, of, quarter := p.counted(t, method), digest(t.secret), plan.Quarter(now)
	day := purse.PerDay
	if day <= 0 {
		day = CallsPerDay
	}
	next := booking{quarter, purse.In(quarter) + max(day/aheadShare, aheadLeast) - 1}
	var list []source.Spent
	if was := t.booked[method]; was.quarter != 0 && was.quarter != quarter { // it had fewer in the end
		list = append(list, source.Spent{Token: of, Method: method, Quarter: was.quarter, Calls: purse.In(was.quarter)})
	}
	list = append(list, source.Spent{Token: of, Method: method, Quarter: quarter, Calls: next.calls})
	p.mu.Unlock()
	if err := p.Ledger.Spend(ctx, list, quarter-plan.Day-1); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return source.Fail(source.Later, "Не удаётся записать, сколько запросов к ВКонтакте сделано: проверьте место на диске и базу данных. Продолжим сами.", "vk: what tokens spend cannot be kept: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if digest(t.secret) == of { // else another secret stands under its name by now
		t.booked[method] = next
	}
	p.keep(list, quarter-plan.Day-1)
	return nil
}

// Settle writes down how many calls were made indeed, when no more will come.
func (p *Pool) Settle(ctx context.Context) error {
	if p.Ledger == nil {
		return nil
	}
	p.books.Lock()
	defer p.books.Unlock()
	p.mu.Lock()
	quarter := plan.Quarter(p.now())
	var list []source.Spent
	for _, t := range p.tokens {
		for method, b := range t.booked {
			n := p.counted(t, method).In(b.quarter)
			if n != b.calls && b.quarter > quarter-plan.Day-1 {
				list = append(list, source.Spent{Token: digest(t.secret), Method: method, Quarter: b.quarter, Calls: n})
				t.booked[method] = booking{b.quarter, n}
			}
		}
	}
	p.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	return p.Ledger.Spend(ctx, list, quarter-plan.Day-1)
}
