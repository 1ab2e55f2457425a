package vk

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// Health of a token.
type Health string

// Healths.
const (
	Good    Health = "good"
	Resting Health = "resting" // VK told to wait
	Revoked Health = "revoked" // VK knows it no more: a person gives another one
	Captcha Health = "captcha" // VK asks for a person
)

// A TokenState is how one token of a pool fares, for the page of sources.
type TokenState struct {
	Name     string // of the key; never the token itself
	Health   Health
	Until    time.Time // when it is tried again
	Sentence string    // what to do, in Russian
	Lists    int       // calls of wall.get that the last 24 hours leave
	Calls    int       // other calls that our own limit leaves

	ListsBack, CallsBack time.Time      // when the first of the day's calls count no more; zero: there were none
	Used                 map[string]int // calls of the last 24 hours, by method
	Rests                []Rest         // of the last day, oldest first
}

// A token with what it has spent.
type token struct {
	name, secret string
	health       Health
	until        time.Time
	sentence     string
	lists, calls plan.Purse
	used         map[string]*plan.Purse // by method; they limit nothing
	booked       map[string]booking     // by method, the newest
	rests        []Rest
}

// usable reports whether a call may be tried, and mends what has rested.
func (t *token) usable(now time.Time) bool {
	if t.health != Good && !now.Before(t.until) {
		t.health, t.until, t.sentence = Good, time.Time{}, ""
	}
	return t.health == Good
}

func (t *token) purse(list bool) *plan.Purse {
	if list {
		return &t.lists
	}
	return &t.calls
}

// retryPerson is when a token that waits for a person is tried again unasked: a captcha ends
// by itself at times, and nobody needs to tell us that it was solved.
const retryPerson = time.Hour

// refused notes what an error says of the token; it reports whether another token may have
// more luck.
func (t *token) refused(method string, e *source.Error, now time.Time) bool {
	rest := func(h Health, d time.Duration) bool {
		t.health, t.until, t.sentence = h, now.Add(d), e.Sentence
		t.rest(Rest{Method: method, Health: h, From: now, Until: t.until})
		return true
	}
	switch e.Code {
	case 6:
		return rest(Resting, time.Second)
	case 9:
		return rest(Resting, max(e.After, time.Minute))
	case 29:
		if method == listMethod { // the others go on
			t.lists.Empty(now)
			t.rest(Rest{Method: method, Health: Resting, From: now, Until: t.lists.Back(now)})
			return true
		}
		return rest(Resting, time.Hour)
	case 5, 1117, 27:
		return rest(Revoked, retryPerson)
	case 14, 17, 24:
		return rest(Captcha, retryPerson)
	}
	return false
}

const listMethod = "wall.get"

// Token gives the pool a token by the name of its key, or another one under that name; that
// one is taken for good, whatever became of the former.
func (p *Pool) Token(name, secret string) {
	if secret == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tokens {
		if t.name == name {
			if t.secret != secret {
				*t = *p.fresh(name, secret)
			}
			return
		}
		if t.secret == secret { // one token, however often it is named
			return
		}
	}
	p.tokens = append(p.tokens, p.fresh(name, secret))
}

func (p *Pool) fresh(name, secret string) *token {
	t := &token{
		name: name, secret: secret, health: Good, used: map[string]*plan.Purse{}, booked: map[string]booking{},
		lists: plan.Purse{PerDay: cmp.Or(p.Lists, ListsPerDay)}, calls: plan.Purse{PerDay: cmp.Or(p.Calls, CallsPerDay)},
	}
	p.recall(t)
	return t
}

// Tokens returns how the tokens fare.
func (p *Pool) Tokens() []TokenState {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var out []TokenState
	for _, t := range p.tokens {
		t.usable(now)
		out = append(out, t.state(now))
	}
	return out
}

// choose takes the token that has most left, and spends the call.
func (p *Pool) choose(method string) (*token, string, error) {
	list := method == listMethod
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var best *token
	for _, t := range p.tokens {
		if t.usable(now) && t.purse(list).Left(now) > 0 && (best == nil || t.purse(list).Left(now) > best.purse(list).Left(now)) {
			best = t
		}
	}
	if best == nil {
		return nil, "", p.none(now)
	}
	best.spend(method, now)
	return best, best.secret, nil
}

// spent notes a call that a wall makes by itself with a token of the pool.
func (p *Pool) spent(ctx context.Context, secret, method string) error {
	p.mu.Lock()
	var of *token
	for _, t := range p.tokens {
		if t.secret == secret {
			t.spend(method, p.now())
			of = t
		}
	}
	p.mu.Unlock()
	if of == nil {
		return nil
	}
	return p.book(ctx, of, method)
}

// none says why no token can be used: the sentence of one that waits for a person, or else
// when the first is free again. The caller holds mu.
func (p *Pool) none(now time.Time) error {
	if len(p.tokens) == 0 {
		return source.Fail(source.Person, "Не задан токен ВКонтакте: впишите его в настройки источника.", "vk: the pool has no token")
	}
	wait := time.Hour
	all := true
	for _, t := range p.tokens {
		all = all && (t.health == Revoked || t.health == Captcha)
		if t.health == Resting {
			wait = min(wait, t.until.Sub(now))
		}
	}
	if all {
		return source.Fail(source.Person, p.tokens[0].sentence, "vk: no token of %d is good", len(p.tokens))
	}
	e := source.Fail(source.Later, "Суточный запас запросов к ВКонтакте исчерпан: продолжим сами. Добавьте ещё один ключ, чтобы читать чаще.", "vk: all %d tokens rest", len(p.tokens))
	e.After = max(wait, time.Second)
	return e
}

// call calls a reading method with whatever token can; one that VK refuses leaves the call
// to the next.
func (p *Pool) call(ctx context.Context, method string, params url.Values, out any) error {
	var last error
	for range p.tries() {
		t, secret, err := p.choose(method)
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
		again := t.secret == secret && t.refused(method, e, p.now())
		p.mu.Unlock()
		if !again {
			return err
		}
		if e.Code == 29 { // the rest of its day is gone
			_ = p.book(ctx, t, method)
		}
		last = err
	}
	return last
}

// late counts a call again that was on its way into another quarter of an hour: VK counts it
// from when it arrived, and that was no later than now.
func (p *Pool) late(t *token, method string, began time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); plan.Quarter(now) > plan.Quarter(began) {
		p.counted(t, method).Spend(now, 1)
		if method != listMethod && !searching(method) {
			t.calls.Spend(now, 1)
		}
	}
}

// tries is how many tokens a call may meet.
func (p *Pool) tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(len(p.tokens), 1)
}
