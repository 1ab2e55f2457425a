package loops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/bench/walls"
	"otklik/internal/source/vk/vkfake"
)

// Foreign are many walls of others that a pool of tokens reads, in a process of its own, at a
// VK that enforces its numbers per second and day. The clock runs faster for both.
type Foreign struct {
	Walls, Comments int // in all and a day
	Tokens          int
	Lists, Calls    int // of wall.get and of each other method a token and day, for VK and pool alike
	Seed            uint64
	Before          time.Duration // how old comments are at most that stand there at first
	For             time.Duration // of the network's time, in which people write
	Rest            time.Duration // how long after it what they wrote may still be found
	Speed           float64
	Kills           int // of the reading process with SIGKILL, at random
}

// Pooled is what became of the comments, and what reading them cost.
type Pooled struct {
	Comments, Lost, Double int // Double: kept with more than one revision, or though nobody wrote it
	Seen                   float64
	P50, P99               time.Duration  // of the network's time, of comments written meanwhile and seen when people ended
	Refused                map[int]int    // by VK's error, of the calls of a second and of a day
	Calls                  map[string]int // by method
	Most                   map[string]int // of a token in the last 24 hours, by method
	Day                    map[string]int // of all tokens in the last 24 hours
	Booked                 map[string]int // the same as the reader's ledger has it, with what is reserved
	For, Took              time.Duration  // by the network's clock and by ours
	CPU                    time.Duration  // of the reading process, intake and database included
	RSS                    int64          // bytes, at most
	Lives                  int
}

// lag writes a percentile: one that stands at a comment that had not come yet has no end.
func lag(d time.Duration) string {
	if d == math.MaxInt64 {
		return "not yet"
	}
	return d.String()
}

var pooled = []string{"wall.get", "wall.getById", "wall.getComments"}

func (p Pooled) String() string {
	return fmt.Sprintf("%d comments, %d lost, %d double; %.2f%% seen when people ended, p50 %s, p99 %s; errors 6: %d, 29: %d; calls %v, most of a token in 24 h %v; %s of the network in %s; %s of processor, %d MB, %d lives",
		p.Comments, p.Lost, p.Double, 100*p.Seen, lag(p.P50), lag(p.P99), p.Refused[6], p.Refused[29], p.Calls, p.Most,
		p.For.Round(time.Minute), p.Took.Round(time.Second), p.CPU.Round(100*time.Millisecond), p.RSS>>20, p.Lives)
}

// A line is something that happens on a wall.
type line struct {
	at   time.Duration // after the beginning
	wall int
	post int // number of the thread
	n    int // of the comment, from 1; 0: the post itself
}

func (f *Foreign) lines() (list []line) {
	w := walls.NewWorld(f.Seed, f.Walls, f.Comments, int((f.For+24*time.Hour-1)/(24*time.Hour)), 1.1)
	after := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	for k, threads := range w.Walls {
		for _, t := range threads {
			if after(t.Born) < f.For {
				list = append(list, line{at: after(t.Born), wall: k, post: t.Number})
			}
			for n, at := range t.Times {
				if at := after(at); at >= -f.Before && at < f.For {
					list = append(list, line{at, k, t.Number, n + 1})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	return list
}

// crowd is the network with what was written there.
type crowd struct {
	*Foreign
	fakes []*vkfake.Fake
	quota *vkfake.Quota
	posts map[[2]int]int64         // ids, by wall and thread
	wrote map[string]time.Duration // when each comment was written, by source and native id
}

func (f *Foreign) crowd(o *Options) (*crowd, error) {
	day := map[string]int{}
	for _, m := range pooled {
		day[m] = f.Calls
	}
	day["wall.get"] = f.Lists
	c := &crowd{Foreign: f, posts: map[[2]int]int64{}, wrote: map[string]time.Duration{}}
	c.quota = &vkfake.Quota{PerSecond: 3, PerDay: day, Rolling: true, Now: o.Clock()}
	for k := range f.Walls {
		fake, err := vkfake.New(vkfake.Options{Group: int64(k + 1), Name: "Стена", ServiceTokens: o.Tokens, Quota: c.quota, Now: o.Clock()})
		if err != nil {
			return nil, err
		}
		c.fakes = append(c.fakes, fake)
	}
	return c, nil
}

func (c *crowd) write(begin time.Time, l line) error {
	f, at := c.fakes[l.wall], begin.Add(l.at)
	if l.n == 0 {
		c.posts[[2]int{l.wall, l.post}] = f.PostAt(0, fmt.Sprintf("Запись %d стены %d", l.post, l.wall+1), at)
		return nil
	}
	post := c.posts[[2]int{l.wall, l.post}]
	id, err := f.CommentAt(post, 0, 500001, fmt.Sprintf("Комментарий %d под записью %d стены %d", l.n, l.post, l.wall+1), at)
	c.wrote[fmt.Sprintf("vk:%d wall%d_%d_r%d", f.Owner(), f.Owner(), post, id)] = l.at
	return err
}

// Measure lets people write and a process read, and looks into its database.
func (f Foreign) Measure(ctx context.Context) (res Pooled, err error) {
	f.Lists, f.Calls = cmp.Or(f.Lists, 5000), cmp.Or(f.Calls, 86400)
	dir, err := os.MkdirTemp("", "otklik-pool-")
	if err != nil {
		return res, err
	}
	defer os.RemoveAll(dir)
	lines := f.lines()
	o := Options{Dir: dir, Walls: f.Walls, Lists: f.Lists, Calls: f.Calls, Speed: f.Speed}
	o.begin()
	for n := range f.Tokens {
		o.Tokens = append(o.Tokens, fmt.Sprint("token-", n+1))
	}
	c, err := f.crowd(&o)
	if err != nil {
		return res, err
	}
	next := 0
	for ; next < len(lines) && lines[next].at < 0; next++ {
		if err := c.write(o.Begin, lines[next]); err != nil {
			return res, err
		}
	}
	srv := httptest.NewServer(vkfake.Many(c.fakes...))
	defer srv.Close()
	o.Dial = strings.TrimPrefix(srv.URL, "http://")
	made, err := Open(ctx, o) // the sources, before the clock counts
	if err = errors.Join(err, made.Close()); err != nil {
		return res, err
	}
	start, begin, now := time.Now(), o.begin(), o.Clock()
	r := reader{Options: &o, res: &res}
	if err := r.start(ctx); err != nil {
		return res, err
	}
	defer r.kill()
	kills := make([]time.Duration, f.Kills)
	rnd := rand.New(rand.NewPCG(f.Seed, 9))
	for k := range kills {
		kills[k] = f.For/20 + time.Duration(rnd.Int64N(int64(f.For)*9/10))
	}
	slices.Sort(kills)
	for at := time.Duration(0); at < f.For; at = now().Sub(begin) {
		for ; next < len(lines) && lines[next].at <= at; next++ {
			if err := c.write(begin, lines[next]); err != nil {
				return res, err
			}
		}
		if len(kills) > 0 && kills[0] <= at {
			kills = kills[1:]
			r.kill()
			if err := r.start(ctx); err != nil {
				return res, err
			}
		}
		select {
		case <-ctx.Done():
			return res, ctx.Err()
		case <-r.ended:
			return res, fmt.Errorf("the reader ended by itself: %w\n%s", r.err, r.said.String())
		case <-time.After(2 * time.Millisecond):
		}
	}
	res.For, res.Took, res.Comments = now().Sub(begin), time.Since(start), len(c.wrote)
	if err := c.lags(ctx, dir, begin, &res); err != nil {
		return res, err
	}
	for now().Sub(begin) < f.For+f.Rest { // what is on its way
		if n, err := c.seen(ctx, dir, begin, nil); err != nil || n >= len(c.wrote) {
			break
		}
		select {
		case <-ctx.Done():
			return res, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	if err := r.stop(); err != nil {
		return res, err
	}
	return res, c.count(ctx, dir, &res)
}

// count compares what stands in the network with what the reader kept.
func (c *crowd) count(ctx context.Context, dir string, res *Pooled) error {
	res.Refused = map[int]int{6: c.quota.Refused(6), 29: c.quota.Refused(29)}
	res.Calls, res.Most, res.Day, res.Booked = map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, m := range pooled {
		for _, f := range c.fakes {
			res.Calls[m] += f.Called(m)
		}
		for k := range c.Tokens {
			n := c.quota.Used(fmt.Sprint("token-", k+1), m)
			res.Most[m], res.Day[m] = max(res.Most[m], n), res.Day[m]+n
		}
	}
	census, err := rig.TakeCensus(ctx, filepath.Join(dir, "otklik.db"))
	if err != nil {
		return err
	}
	for key, what := range census.Messages {
		if _, said := c.wrote[key]; strings.Contains(key, "_r") && (!said || !strings.HasPrefix(what, "1 ") || !strings.HasSuffix(what, "gone=0")) {
			res.Double++
		}
	}
	for key := range c.wrote {
		if census.Messages[key] == "" {
			res.Lost++
		}
	}
	db, err := (&rig.Centre{Dir: dir}).Tables()
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT method, sum(calls) FROM source_spent GROUP BY method")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var method string
		var n int
		if err := rows.Scan(&method, &n); err != nil {
			return err
		}
		res.Booked[method] = n
	}
	return rows.Err()
}

// seen counts the comments that stand in the database, and tells each of them.
func (c *crowd) seen(ctx context.Context, dir string, begin time.Time, each func(wrote, seen time.Duration)) (n int, err error) {
	db, err := (&rig.Centre{Dir: dir}).Tables()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if each == nil {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM message WHERE form = 'comment'").Scan(&n)
		return n, err
	}
	rows, err := db.QueryContext(ctx, "SELECT source || ' ' || native, seen_at FROM message WHERE form = 'comment'")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			return n, err
		}
		if wrote, ok := c.wrote[key]; ok {
			each(wrote, time.UnixMicro(at).Sub(begin))
			n++
		}
	}
	return n, rows.Err()
}

// lags says how late comments were seen that were written meanwhile.
func (c *crowd) lags(ctx context.Context, dir string, begin time.Time, res *Pooled) error {
	var lags []time.Duration
	all := 0
	for _, at := range c.wrote {
		if at >= 0 {
			all++
		}
	}
	_, err := c.seen(ctx, dir, begin, func(wrote, seen time.Duration) {
		if wrote >= 0 {
			lags = append(lags, max(seen-wrote, 0))
		}
	})
	slices.Sort(lags)
	at := func(share float64) time.Duration {
		if k := int(share * float64(all)); k < len(lags) {
			return lags[k].Round(time.Second)
		}
		return walls.Never
	}
	if all > 0 {
		res.Seen, res.P50, res.P99 = float64(len(lags))/float64(all), at(0.5), at(0.99)
	}
	return err
}

// A reader is the process that reads.
type reader struct {
	*Options
	res   *Pooled
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
	said  *strings.Builder

	counted bool // what the process took is in res
}

func (r *reader) start(ctx context.Context) error {
	said, err := json.Marshal(r.Options)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r.cmd, r.said, r.ended, r.counted = exec.CommandContext(ctx, self), &strings.Builder{}, make(chan struct{}), false
	r.cmd.Env = append(os.Environ(), Env+"="+string(said))
	r.cmd.Stderr = r.said
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.res.Lives++
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	return nil
}

// kill ends the process as `kill -9` does.
func (r *reader) kill() {
	_ = r.cmd.Process.Kill()
	r.wait()
}

// stop ends it as a service manager does.
func (r *reader) stop() error {
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	r.wait()
	if r.err != nil {
		return fmt.Errorf("the reader: %w\n%s", r.err, r.said.String())
	}
	return nil
}

func (r *reader) wait() {
	<-r.ended
	if r.counted {
		return
	}
	r.counted = true
	s := r.cmd.ProcessState
	r.res.CPU += s.UserTime() + s.SystemTime()
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		r.res.RSS = max(r.res.RSS, u.Maxrss<<10)
	}
}
