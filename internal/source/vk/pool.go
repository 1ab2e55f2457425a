package vk

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// What a token may do in a day. The number of lists is VK's; for the other methods VK names
// none and answers with a captcha at will, so we keep to one call a second in the mean.
const (
	ListsPerDay = 5000
	CallsPerDay = 86400
)

// A Pool reads many walls with a few tokens. Each wall stays a source of its own, with its
// cursor and its loop; the loop waits in Turn until the pool's plan finds it worth a call.
// Between turns the pool asks the counts of posts of all walls, 100 in one call.
//
// The plan holds nothing that is lost by a restart: the walls' cursors tell it all anew, and
// the Ledger what the tokens have spent.
type Pool struct {
	Limits  *Limits // calls per second; nil: our own
	Lists   int     // of wall.get a token and day; 0: ListsPerDay
	Calls   int     // of other methods; 0: CallsPerDay, negative: no limit of ours
	Asks    int     // of each searching method; 0: SearchesPerDay, which is VK's
	BaseURL string
	HTTP    *http.Client
	Now     func() time.Time
	Idle    time.Duration // how long nothing is asked when nothing is worth it; 0: 200 ms
	Ledger  Ledger        // of what tokens spent; nil: a restart begins a new day, and VK's error 29 tells

	once sync.Once
	api  *client

	mu      sync.Mutex
	plan    *plan.Plan
	tokens  []*token
	gates   map[int64]*gate
	busy    map[int64]time.Time // walls that were let through and are being read
	waiting int
	stop    context.CancelFunc // of the loop; nil: it does not run
	trouble error              // why nothing can be asked

	searches searches

	books sync.Mutex // held while something is written into the ledger; before mu
	kept  map[string]map[spending]int
}

// A gate is where a wall's loop waits.
type gate struct {
	open   chan struct{} // one place
	list   bool
	posts  map[int64]int64 // counts of the posts that grew
	listed int64           // of the last committed cursor
	since  time.Time       // of the oldest permit that nobody took
	waits  bool
}

func (p *Pool) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

func (p *Pool) client() *client {
	p.once.Do(func() {
		w := &Wall{BaseURL: p.BaseURL, HTTP: p.HTTP, Limits: p.Limits}
		p.api = w.client()
	})
	return p.api
}

// A Watched is a wall that is read in turn with the others of a pool. It is source.Paced.
type Watched struct{ *Wall }

var _ source.Paced = Watched{}

// Watch makes a wall read by the pool.
func (p *Pool) Watch(w *Wall) Watched {
	w.pool = p
	return Watched{w}
}

// Turn implements source.Paced.
func (w Watched) Turn(ctx context.Context, cursor []byte) error {
	p, owner := w.pool, w.owner()
	c := parseCursor(cursor)
	p.mu.Lock()
	g := p.commit(owner, c)
	delete(p.busy, owner)
	if len(c.Queue) > 0 { // pages of an earlier round, cut off by a restart
		p.mu.Unlock()
		return nil
	}
	g.waits = true
	p.waiting++
	p.trouble = nil // asked anew
	if p.stop == nil {
		loop, stop := context.WithCancel(context.Background())
		p.stop = stop
		go p.drive(loop)
	}
	defer p.mu.Unlock()
	defer func() {
		p.waiting--
		g.waits = false
		if ctx.Err() != nil { // the source was closed
			p.forget(owner)
		}
	}()
	for {
		switch {
		case g.list || len(g.posts) > 0:
			p.busy[owner] = p.now()
			return nil
		case p.trouble != nil:
			return p.trouble
		}
		p.mu.Unlock()
		select {
		case <-g.open:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// commit takes a committed cursor in. The caller holds mu.
func (p *Pool) commit(owner int64, c *cursor) *gate {
	if p.plan == nil {
		p.plan, p.gates, p.busy = plan.New(), map[int64]*gate{}, map[int64]time.Time{}
	}
	var known []plan.Post
	for id, s := range c.Posts {
		if !s.Gone {
			known = append(known, plan.Post{ID: id, Born: time.Unix(s.Date, 0), Count: int(s.Count)})
		}
	}
	now := p.now()
	g := p.gates[owner]
	switch {
	case g == nil:
		g = &gate{open: make(chan struct{}, 1), posts: map[int64]int64{}, listed: c.Listed}
		p.gates[owner] = g
		p.plan.Add(owner)
		var listed time.Time
		if c.Listed != 0 {
			listed = time.Unix(c.Listed, 0)
		}
		p.plan.Recall(owner, known, listed, now)
	case g.listed != c.Listed:
		g.listed = c.Listed
		counts := c.Posts
		p.plan.Listed(owner, known, func(id int64) int { return int(counts[id].Count) }, now)
	}
	for _, k := range known {
		p.plan.Settle(plan.Known{Wall: owner, Post: k.ID}, k.Count)
	}
	return g
}

// Poll reads what the pool let the wall through for; a wall that was not let through, all.
func (w Watched) Poll(ctx context.Context, cursor []byte) (source.Batch, error) {
	p := w.pool
	p.mu.Lock()
	list, posts := true, map[int64]int64(nil)
	if g := p.gates[w.owner()]; g != nil {
		if len(g.posts) > 0 {
			list, posts = g.list, g.posts
		}
		g.list, g.posts, g.since = false, map[int64]int64{}, time.Time{}
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.busy, w.owner())
		p.mu.Unlock()
	}()
	if list {
		return w.Wall.Poll(ctx, cursor)
	}
	return w.grown(ctx, cursor, posts)
}

// forget lets a wall go. The caller holds mu.
func (p *Pool) forget(owner int64) {
	p.plan.Remove(owner)
	delete(p.gates, owner)
	delete(p.busy, owner)
	if p.waiting == 0 && p.stop != nil {
		p.stop()
	}
}

// drive asks for counts and lets walls through, as long as one waits.
func (p *Pool) drive(ctx context.Context) {
	idle := p.Idle
	if idle == 0 {
		idle = 200 * time.Millisecond
	}
	for {
		p.mu.Lock()
		if p.waiting == 0 || ctx.Err() != nil {
			p.stop = nil
			p.mu.Unlock()
			return
		}
		a := p.next()
		p.mu.Unlock()
		switch {
		case a.Kind == plan.Counts:
			p.count(ctx, a.Posts)
		case a.Kind == plan.Nothing:
			select {
			case <-ctx.Done():
			case <-time.After(idle):
			}
		}
	}
}

// next decides, and lets a wall through where that is the decision. The caller holds mu.
func (p *Pool) next() plan.Ask {
	now := p.now()
	for owner, since := range p.busy {
		if now.Sub(since) > time.Minute { // its loop ended between Turn and Poll, or crawls
			delete(p.busy, owner)
		}
	}
	var can plan.Can
	good := 0
	for _, t := range p.tokens {
		if t.usable(now) {
			good++
			can.List = can.List || t.lists.Ready(now, p.plan.ListBusy(now))
			can.Call = can.Call || t.calls.Ready(now, p.plan.Busy(now))
		}
	}
	if good == 0 {
		p.tellAll(p.none(now))
		return plan.Ask{}
	}
	p.trouble = nil
	if len(p.busy) >= 2*good {
		return plan.Ask{}
	}
	a := p.plan.Next(now, can)
	if a.Kind != plan.List && a.Kind != plan.Comments {
		return a
	}
	g := p.gates[a.Wall]
	if !g.since.IsZero() && now.Sub(g.since) > 10*time.Minute { // nobody comes for it
		p.forget(a.Wall)
		return a
	}
	if g.since.IsZero() {
		g.since = now
	}
	if a.Kind == plan.List {
		g.list = true
	} else {
		g.posts[a.Post] = int64(p.plan.Count(plan.Known{Wall: a.Wall, Post: a.Post}))
	}
	select {
	case g.open <- struct{}{}:
		p.busy[a.Wall] = now
	default:
	}
	return a
}

// tellAll lets every waiting wall know why nothing can be asked, when that takes longer than
// a moment. The caller holds mu.
func (p *Pool) tellAll(err error) {
	var e *source.Error
	if errors.As(err, &e) && e.Trouble == source.Later && e.After < time.Minute {
		return
	}
	p.trouble = err
	for _, g := range p.gates {
		if g.waits {
			select {
			case g.open <- struct{}{}:
			default:
			}
		}
	}
}

// count asks the counts of posts.
func (p *Pool) count(ctx context.Context, posts []plan.Known) {
	names := make([]string, len(posts))
	for k, n := range posts {
		names[k] = strconv.FormatInt(n.Wall, 10) + "_" + strconv.FormatInt(n.Post, 10)
	}
	var out struct {
		Items list `json:"items"`
	}
	err := p.call(ctx, "wall.getById", url.Values{"posts": {strings.Join(names, ",")}, "copy_history_depth": {"0"}}, &out)
	if err != nil {
		return // the posts were taken for looked at, and come again
	}
	shown := map[plan.Known]int{}
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) == nil && it.ID != 0 && !it.gone() {
			shown[plan.Known{Wall: int64(it.OwnerID), Post: int64(it.ID)}] = int(it.replies().Count)
		}
	}
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range posts {
		n, ok := shown[k]
		if !ok {
			n = -1
		}
		p.plan.Counted(k, n, now)
	}
}

// Walls returns the owners of the walls that are watched.
func (p *Pool) Walls() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int64
	for owner := range maps.Keys(p.gates) {
		out = append(out, owner)
	}
	return out
}
