package vk

import (
	"time"

	"otklik/internal/source/vk/plan"
)

// A Rest is a time in which VK let a token do nothing, or no calls of one method.
type Rest struct {
	Method      string // that was refused
	Health      Health
	From, Until time.Time
}

// restsKept is how many rests of a token are kept: a day of them once in half an hour.
const restsKept = 48

// rest notes a rest; one that goes on becomes longer.
func (t *token) rest(r Rest) {
	if r.Until.Sub(r.From) < time.Minute { // too many in one second: nobody is late for that
		return
	}
	if n := len(t.rests); n > 0 {
		if last := &t.rests[n-1]; last.Health == r.Health && last.Method == r.Method && !r.From.After(last.Until.Add(time.Minute)) {
			last.Until = r.Until
			return
		}
	}
	if t.rests = append(t.rests, r); len(t.rests) > restsKept {
		t.rests = append(t.rests[:0:0], t.rests[1:]...)
	}
}

// spend notes a call.
func (t *token) spend(method string, now time.Time) {
	purse := t.purse(method == listMethod)
	purse.Spend(now, 1)
	if purse.PerDay > 0 && purse.Left(now) == 0 {
		t.rest(Rest{Method: method, Health: Resting, From: now, Until: purse.Back(now)})
	}
	t.use(method).Spend(now, 1)
}

// use returns what counts the calls of a method.
func (t *token) use(method string) *plan.Purse {
	if t.used[method] == nil {
		t.used[method] = &plan.Purse{}
	}
	return t.used[method]
}

func (t *token) state(now time.Time) TokenState {
	out := TokenState{
		Name: t.name, Health: t.health, Until: t.until, Sentence: t.sentence, Lists: t.lists.Left(now), Calls: t.calls.Left(now),
		ListsBack: t.lists.Back(now), CallsBack: t.calls.Back(now), Used: map[string]int{},
	}
	for method, p := range t.used {
		if n := p.Used(now); n > 0 {
			out.Used[method] = n
		}
	}
	for _, r := range t.rests {
		if r.Until.After(now.Add(-24 * time.Hour)) {
			out.Rests = append(out.Rests, r)
		}
	}
	return out
}

// A PoolState is what a pool watches with its tokens.
type PoolState struct {
	Walls, Posts int
	Comments     float64 // a day, as far as the pool expects
	Tokens       []TokenState
}

// State returns how the pool fares.
func (p *Pool) State() PoolState {
	out := PoolState{Tokens: p.Tokens()}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plan != nil {
		out.Walls, out.Posts, out.Comments = p.plan.Walls(), p.plan.Posts(), p.plan.Rate()*86400
	}
	return out
}

// Town returns what the sources page asks plan.Tokens about: how many tokens a lag costs.
func (s *PoolState) Town() plan.Town {
	return plan.Town{Walls: s.Walls, Posts: s.Posts, Comments: s.Comments, Lists: ListsPerDay, Calls: CallsPerDay}
}

// Visits returns when a wall's list and the counts of a post of it were asked, and when they
// will be as far as the plan can tell; known is false for what it does not watch.
func (p *Pool) Visits(wall, post int64) (list, counts plan.Visit, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plan == nil {
		return list, counts, false
	}
	return p.plan.Visits(plan.Known{Wall: wall, Post: post}, p.now())
}

// Watches reports whether the pool reads a wall.
func (p *Pool) Watches(owner int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gates[owner] != nil
}
