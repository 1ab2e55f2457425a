// Package plan decides what to ask VK next, so that the comments of many walls are seen
// with the least delay that the calls allow. It asks nobody and reads no clock: it is told
// what was seen and when, and answers with one question.
//
// VK offers three questions. The list of a wall (wall.get) shows new posts and is dear:
// 5,000 a day and token. The counts of 100 known posts of any walls (wall.getById) are one
// call. The comments of one post (wall.getComments) are one call or more, asked only where
// the count grew.
//
// The rule is one for all: each question has a worth in harm of delay, and the call goes
// where that is most. The harm of one comment's delay grows as its power 0.7 (harm below): a
// minute more matters more to what would be seen within one than to what waits for an hour.
//
// Looking: for a post that gets r comments a second and was looked at d seconds ago the price
// of a look at which looking now and later cost the same is r·d^(p+1)·p/(p+1). For the list of
// a wall it grows with d³. So the time between looks falls with activity: a busy post is asked
// often, a sleeping one seldom, and since the pile grows with time no one is forgotten.
//
// Reading: m comments that wait are worth r^-p·(m^(p+1)·p/(p+1) + m^p/2), the index of Whittle
// for a batch that fills at the rate r: the price of a call at which reading now and waiting
// for one more comment cost the same. Where nobody else will write soon, waiting saves no
// call, and even one comment is read at once; under a busy post some are left to gather, so
// that one call brings them all.
//
// Start with New, Add and Next; Listed, Counted and Read tell what came of it.
package plan

import (
	"math"
	"time"
)

// Batch is how many posts one call for counts may name.
const Batch = 100

// What is expected where nothing is known, and how fast it is forgotten.
const (
	fade     = 8 * 3600.0      // seconds after which a post gets a third of the comments
	recent   = 600.0           // seconds over which a burst is measured
	slowest  = 1 / (7 * 86400) // comments a second that every watched post may get
	weight   = 0.5             // comments that the expectation from the wall's other posts is worth
	soonest  = 1.0             // seconds between two looks at one post
	shortest = 60.0            // seconds between two lists of one wall
	harm     = 0.7             // power of a delay by which it harms
	least    = 0.2             // harm (of one comment in one second: 1) for which a call is worth it
	keepPost = 14 * 86400.0    // seconds after which a post is watched no more
	keepMost = 100             // posts of one wall
	keepLast = 10              // newest posts that are watched whatever their age
)

// An Ask is what to ask next.
type Ask struct {
	Kind  Kind
	Wall  int64   // of List and Comments: the owner, negative
	Post  int64   // of Comments
	Posts []Known // of Counts
	Gain  float64 // harm of delay that it is expected to end
}

// A Kind of question.
type Kind string

// Kinds. The empty one says that nothing is worth a call now.
const (
	Nothing  Kind = ""
	List     Kind = "list"     // newest posts of a wall
	Counts   Kind = "counts"   // counts of known posts
	Comments Kind = "comments" // comments of one post
)

// A Known is a post that is watched.
type Known struct{ Wall, Post int64 }

// A Post is what the list of a wall shows of one.
type Post struct {
	ID    int64
	Born  time.Time
	Count int // comments, as VK counts them
}

// Can says which calls the tokens allow at this moment.
type Can struct{ List, Call bool }

// A Plan knows walls and their posts. It is not safe for concurrent use.
type Plan struct {
	walls   map[int64]*wall
	order   []*wall // of walls, for a steady choice
	classes [classes]queue
	waiting map[*post]struct{} // posts whose count grew
	hours   Hours

	listWorth, lookWorth float64 // at which lists and counts were asked last, the lists' in the mean
}

type wall struct {
	owner  int64
	posts  map[int64]*post
	listed float64 // Unix seconds; 0: never
	born   float64 // posts a second
	each   float64 // comments that a post gets in all
	hours  Hours
	number int
}

type post struct {
	wall   *wall
	id     int64
	born   float64
	looked float64 // when its count was last seen
	count  int     // last seen
	read   int     // count at the last reading of its comments
	heat   float64 // comments of the last hours, forgotten by fade
	burst  float64 // comments of the last minutes, forgotten by recent
	rate   float64 // comments a second expected now
	turn   int     // of its place in a queue: an older place is void
	gone   bool
}

// New returns a plan of no walls.
func New() *Plan { return &Plan{walls: map[int64]*wall{}, waiting: map[*post]struct{}{}} }

// Add begins to watch a wall.
func (p *Plan) Add(owner int64) {
	if p.walls[owner] != nil {
		return
	}
	w := &wall{owner: owner, posts: map[int64]*post{}, number: len(p.order)}
	p.walls[owner], p.order = w, append(p.order, w)
}

// Remove forgets a wall.
func (p *Plan) Remove(owner int64) {
	w := p.walls[owner]
	if w == nil {
		return
	}
	for _, q := range w.posts {
		p.drop(q)
	}
	delete(p.walls, owner)
	last := p.order[len(p.order)-1]
	p.order[w.number], last.number = last, w.number
	p.order = p.order[:len(p.order)-1]
}

// Walls returns how many walls are watched.
func (p *Plan) Walls() int { return len(p.order) }

// Listed says what the list of a wall showed. A post that is new here counts as unread with
// all its comments, unless read says how many of them are known already.
func (p *Plan) Listed(owner int64, shown []Post, read func(post int64) int, now time.Time) {
	w := p.walls[owner]
	if w == nil {
		return
	}
	t := seconds(now)
	w.learn(shown, t)
	w.listed = t
	for _, s := range shown {
		q := w.posts[s.ID]
		if q != nil {
			p.look(q, s.Count, now)
			continue
		}
		q = &post{wall: w, id: s.ID, born: seconds(s.Born), looked: t, count: s.Count, heat: math.NaN()}
		if read != nil {
			q.read = read(s.ID)
		}
		if q.read != q.count {
			p.waiting[q] = struct{}{}
		}
		w.posts[s.ID] = q
		p.place(q, t, now)
	}
	w.trim(p, t)
}

// Recall says what is known of a wall's posts from earlier, each with its count at the last
// reading of its comments, and when its list was last asked.
func (p *Plan) Recall(owner int64, known []Post, listed, now time.Time) {
	w := p.walls[owner]
	if w == nil {
		return
	}
	read := make(map[int64]int, len(known))
	for _, k := range known {
		read[k.ID] = k.Count
	}
	p.Listed(owner, known, func(id int64) int { return read[id] }, now)
	w.listed = 0
	if !listed.IsZero() {
		w.listed = seconds(listed)
		for _, q := range w.posts { // nobody looked since
			q.looked = min(q.looked, max(w.listed, seconds(now)-86400))
			q.turn++
			p.place(q, q.looked, now)
		}
	}
}

// Counted says what a call for counts showed of a post; a negative count says that the post
// was not shown.
func (p *Plan) Counted(k Known, count int, now time.Time) {
	q := p.find(k)
	switch {
	case q == nil:
	case count < 0:
		p.drop(q)
		q.wall.listed = min(q.wall.listed, seconds(now)-6*3600) // its list tells whether it is deleted
	default:
		p.look(q, count, now)
	}
}

// Read says that the comments of a post were read, when its count was this.
func (p *Plan) Read(k Known, count int, now time.Time) {
	q := p.find(k)
	if q == nil {
		return
	}
	q.read = count
	p.look(q, max(count, q.count), now)
	if q.read >= q.count {
		delete(p.waiting, q)
		q.read = q.count
	}
}

// Settle says up to which count the comments of a post are known for good.
func (p *Plan) Settle(k Known, count int) {
	q := p.find(k)
	if q == nil || q.read == count {
		return
	}
	if q.read = count; q.count == count {
		delete(p.waiting, q)
	}
}

// Count returns the count of a post that was seen last.
func (p *Plan) Count(k Known) int {
	if q := p.find(k); q != nil {
		return q.count
	}
	return 0
}

// Next returns what is best asked now. What it returns counts as asked.
func (p *Plan) Next(now time.Time, can Can) Ask {
	t := seconds(now)
	if can.List {
		if w := p.neediest(t, now); w != nil {
			a := Ask{Kind: List, Wall: w.owner, Gain: w.gain(t, 1)}
			if g := w.gain(t, p.share(w, now)); !math.IsInf(g, 0) {
				p.listWorth += (g - p.listWorth) / min(20, float64(len(p.order)))
			}
			w.listed = t
			return a
		}
	}
	if !can.Call {
		return Ask{}
	}
	var best *post
	var worth float64
	for q := range p.waiting {
		if g := q.worth(t); best == nil || g > worth || g == worth && q.before(best) {
			best, worth = q, g
		}
	}
	known, gain, last := p.due(t)
	switch {
	case best != nil && worth >= gain:
		delete(p.waiting, best) // until a look shows that it has still something unread
		return Ask{Kind: Comments, Wall: best.wall.owner, Post: best.id, Gain: worth}
	case gain >= least:
		p.lookWorth = last
		for _, q := range known {
			p.push(q, t)
		}
		a := Ask{Kind: Counts, Gain: gain, Posts: make([]Known, len(known))}
		for k, q := range known {
			a.Posts[k] = Known{q.wall.owner, q.id}
		}
		return a
	}
	return Ask{}
}

// worth is what it is worth to read the comments of a post now: those known to wait, and
// what has come since as far as can be expected.
func (q *post) worth(t float64) float64 {
	m := float64(abs(q.count-q.read)) + q.rate*max(t-q.looked, 0)
	p := math.Pow(m, harm)
	return math.Pow(q.rate, -harm) * p * (m*harm/(harm+1) + 0.5)
}

// before makes the choice among equals steady.
func (q *post) before(o *post) bool {
	return q.wall.owner > o.wall.owner || q.wall.owner == o.wall.owner && q.id < o.id
}

// look takes in a count.
func (p *Plan) look(q *post, count int, now time.Time) {
	t := seconds(now)
	since := max(t-q.looked, 0)
	grown := float64(max(count-q.count, 0))
	if math.IsNaN(q.heat) {
		q.heat = 0
	}
	q.heat = q.heat*math.Exp(-since/fade) + grown
	q.burst = q.burst*math.Exp(-since/recent) + grown
	q.count, q.looked = count, t
	if grown > 0 {
		p.hours.Add(now, grown)
		q.wall.hours.Add(now, grown)
	}
	if q.count != q.read {
		p.waiting[q] = struct{}{}
	} else {
		delete(p.waiting, q)
	}
	p.place(q, t, now)
}

// place says how many comments a post may be expected to get, and queues it for its next
// look: what its wall's posts get at this age and hour, corrected by what this one got, and
// at least what it got in the last minutes.
func (p *Plan) place(q *post, t float64, now time.Time) {
	age := max(t-q.born, 0)
	expected := max(q.wall.each/fade*math.Exp(-age/fade)*p.share(q.wall, now), slowest)
	rate := expected
	if !math.IsNaN(q.heat) {
		span := fade * (1 - math.Exp(-max(age, 60)/fade))
		rate = (q.heat + weight) / (span + weight/expected)
	}
	q.rate = max(rate, (q.burst-1)/recent, slowest) // one comment is no burst
	p.push(q, t)
}

func (p *Plan) find(k Known) *post {
	if w := p.walls[k.Wall]; w != nil {
		return w.posts[k.Post]
	}
	return nil
}

func (p *Plan) drop(q *post) {
	q.gone = true
	delete(p.waiting, q)
	delete(q.wall.posts, q.id)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func abs(n int) int { return max(n, -n) }
