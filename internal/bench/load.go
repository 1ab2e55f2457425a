package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/app"
	"otklik/internal/bench/rig"
	"otklik/internal/config"
)

// Load says how much to ask of a running centre.
type Load struct {
	Incidents int
	Browsers  int
	Rate      float64 // pages a second
	Intake    float64 // pushed messages a second
	Seconds   float64
	Events    bool // every browser holds its stream of events open
	// Profile names a file for a CPU profile. The service then runs in this
	// process, and the generator stands in the profile beside it.
	Profile string
}

func esc(s string) string { return url.QueryEscape(s) }

// Pages measures pages of a centre with many incidents: signed-in browsers ask
// for them at a fixed mean rate with exponential gaps, whether the service keeps
// up or not, and each time runs from the moment at which the page was due, so a
// stalled service is charged for everybody who had to wait (no coordinated
// omission). The generator speaks HTTP itself and shares the machine with the
// service.
func Pages(ctx context.Context, out io.Writer, bin string, l Load) error {
	dir, err := os.MkdirTemp("", "otklik-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := rig.NewCentre(ctx, bin, filepath.Join(dir, "centre"), khakassia, "", func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	if err != nil {
		return err
	}
	from := time.Now()
	if err := fillTown(ctx, c, l.Incidents, l.Browsers, nil); err != nil {
		return err
	}
	fmt.Fprintf(out, "pages: %d incidents made in %v\n", l.Incidents, time.Since(from).Round(time.Second))
	base, pid, end, err := start(ctx, c, l.Profile)
	if err != nil {
		return err
	}
	defer end()
	cookies := make([]string, l.Browsers)
	for k := range cookies {
		b, err := rig.SignIn(ctx, base, login(k), rig.Person)
		if err != nil {
			return err
		}
		cookies[k] = b.Cookies()
	}
	host := strings.TrimPrefix(base, "http://")
	running, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	var events atomic.Int64
	if l.Events {
		for k := range cookies {
			wg.Go(func() { listen(running, host, cookies[k], &events) })
		}
	}
	var pushed, refused atomic.Int64
	wg.Go(func() { intake(running, base, l.Intake, &pushed, &refused) })

	if _, err := open(ctx, host, cookies, l.Rate, 3, l.Incidents); err != nil { // the first pages fill the operating system's cache
		return err
	}
	used := cpuTime(pid)
	since, already, heard := time.Now(), pushed.Load(), events.Load()
	r, err := open(ctx, host, cookies, l.Rate, l.Seconds, l.Incidents)
	if err != nil {
		return err
	}
	took := time.Since(since).Seconds()
	fmt.Fprintf(out, "pages at %.0f/s, %d browsers, %d filters: %s; intake %.1f messages/s (%d refused), %.0f events/s heard; the service used %.2f ms of processor a page, all included, and %d MB; load %s\n", l.Rate, l.Browsers, len(filters()), r,
		float64(pushed.Load()-already)/took, refused.Load(), float64(events.Load()-heard)/took,
		float64((cpuTime(pid)-used).Microseconds())/1000/float64(max(1, len(r.times))), residentMB(pid), loadAverage())
	slowest(out, host, cookies[0])
	for rate := l.Rate * 1.25; ; rate *= 1.25 {
		more, err := open(ctx, host, cookies, rate, min(l.Seconds, 8), l.Incidents)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "pages at %.0f/s: %s; load %s\n", rate, more, loadAverage())
		if more.quantile(0.99) > 50*time.Millisecond || rate > 10_000 {
			break
		}
	}
	busy, err := open(ctx, host, cookies, 0, min(l.Seconds, 8), l.Incidents)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "pages, saturated (every browser asks again at once): %.0f/s, %s; load %s\n", float64(len(busy.times))/busy.took.Seconds(), busy, loadAverage())
	return nil
}

// start starts the service, as a process of its own or, for a profile, inside.
func start(ctx context.Context, c *rig.Centre, profile string) (base string, pid int, end func(), err error) {
	if profile == "" {
		s, err := c.Serve(ctx)
		if err != nil {
			return "", 0, nil, err
		}
		return s.URL, s.Cmd.Process.Pid, s.Kill, nil
	}
	conf, err := config.Load(c.Dir)
	if err != nil {
		return "", 0, nil, err
	}
	a, err := app.Open(ctx, app.Options{Dir: c.Dir, Config: conf, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", 0, nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", 0, nil, errors.Join(err, a.Close())
	}
	f, err := os.Create(profile)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		return "", 0, nil, errors.Join(err, l.Close(), a.Close())
	}
	running, stop := context.WithCancel(ctx)
	over := make(chan error, 1)
	go func() { over <- a.Run(running, l) }()
	return "http://" + l.Addr().String(), os.Getpid(), func() {
		pprof.StopCPUProfile()
		f.Close()
		stop()
		if err := errors.Join(<-over, a.Close()); err != nil {
			fmt.Fprintln(os.Stderr, "the server did not end well:", err)
		}
	}, nil
}

// slowest asks for each filter alone and names the five that take longest.
func slowest(out io.Writer, host, cookie string) {
	b := &browser{host: host, cookie: cookie}
	defer b.close()
	type timed struct {
		path string
		took time.Duration
	}
	var list []timed
	for _, path := range filters() {
		var took []time.Duration
		for range 9 {
			from := time.Now()
			if _, err := b.get(path); err != nil {
				break
			}
			took = append(took, time.Since(from))
		}
		if len(took) > 0 {
			slices.Sort(took)
			list = append(list, timed{path, took[len(took)/2]})
		}
	}
	slices.SortFunc(list, func(x, y timed) int { return cmp.Compare(y.took, x.took) })
	for _, t := range list[:min(5, len(list))] {
		fmt.Fprintf(out, "slowest filters, median alone: %.1f ms %s\n", float64(t.took.Microseconds())/1000, t.path)
	}
}

// A result is what a run of pages took.
type result struct {
	times  []time.Duration // sorted
	failed int
	bytes  int64
	took   time.Duration
}

func (r *result) quantile(q float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	return r.times[min(int(q*float64(len(r.times))), len(r.times)-1)]
}

func (r *result) String() string {
	ms := func(q float64) float64 { return float64(r.quantile(q).Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms, %d pages of %d KB on average, %d failed",
		ms(0.5), ms(0.95), ms(0.99), ms(1), len(r.times), r.bytes/int64(max(1, len(r.times)))>>10, r.failed)
}

// open asks for pages at rate a second for a while; rate 0 asks without a pause.
// Four of five pages are queues with a filter, the fifth is an incident.
func open(ctx context.Context, host string, cookies []string, rate, seconds float64, incidents int) (*result, error) {
	due := make(chan time.Time, 1<<20) // everybody who waits
	done := make(chan struct{})
	total := &result{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	paths := filters()
	var broken error
	began := time.Now()
	for k := range cookies {
		wg.Go(func() {
			b := &browser{host: host, cookie: cookies[k]}
			defer b.close()
			rnd := rand.New(rand.NewPCG(uint64(k), 7))
			mine := &result{}
			for n := k; ; n++ {
				var at time.Time
				if rate > 0 {
					var ok bool
					if at, ok = <-due; !ok {
						break
					}
				} else {
					select {
					case <-done:
					default:
						at = time.Now()
					}
					if at.IsZero() {
						break
					}
				}
				path := paths[n%len(paths)]
				if n%5 == 4 {
					path = fmt.Sprintf("/desk/incidents/%d", 1+rnd.IntN(incidents))
				}
				size, err := b.get(path)
				if err != nil {
					mine.failed++
					mu.Lock()
					broken = fmt.Errorf("%s: %w", path, err)
					mu.Unlock()
					continue
				}
				mine.bytes += size
				mine.times = append(mine.times, time.Since(at))
			}
			mu.Lock()
			defer mu.Unlock()
			total.times = append(total.times, mine.times...)
			total.failed += mine.failed
			total.bytes += mine.bytes
		})
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	end := began.Add(time.Duration(seconds * float64(time.Second)))
	next := began
	for next.Before(end) && ctx.Err() == nil {
		if rate == 0 {
			next = end
		} else {
			next = next.Add(time.Duration(rnd.ExpFloat64() / rate * float64(time.Second)))
		}
		if d := time.Until(next); d > 0 {
			select {
			case <-time.After(d):
			case <-ctx.Done():
			}
		}
		if rate > 0 {
			due <- next
		}
	}
	close(due)
	close(done)
	wg.Wait()
	total.took = time.Since(began)
	slices.Sort(total.times)
	if len(total.times) == 0 {
		return nil, errors.Join(errors.New("no page came"), broken)
	}
	return total, ctx.Err()
}

// A browser asks over one kept connection and reads pages without parsing them.
type browser struct {
	host, cookie string
	conn         net.Conn
	in           *bufio.Reader
}

func (b *browser) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

func (b *browser) get(path string) (size int64, err error) {
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.conn == nil {
		if b.conn, err = net.Dial("tcp", b.host); err != nil {
			return 0, err
		}
		b.in = bufio.NewReaderSize(b.conn, 64<<10)
	}
	if err = b.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, err
	}
	if _, err = fmt.Fprintf(b.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nCache-Control: no-cache\r\nAccept: text/html\r\n\r\n", path, b.host, b.cookie); err != nil {
		return 0, err
	}
	line, err := b.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	ok := strings.HasPrefix(string(line), "HTTP/1.1 200")
	status := strings.TrimSpace(string(line))
	length, chunked := int64(-1), false
	for {
		if line, err = b.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		h := strings.TrimSpace(string(line))
		if h == "" {
			break
		}
		name, value, _ := strings.Cut(h, ":")
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
				return 0, err
			}
		case "transfer-encoding":
			chunked = true
		}
	}
	switch {
	case chunked:
		size, err = b.chunks()
	case length >= 0:
		size = length
		_, err = b.in.Discard(int(length))
	default:
		err = errors.New("an answer without a length")
	}
	if err == nil && !ok {
		err = errors.New(status)
	}
	return size, err
}

func (b *browser) chunks() (size int64, err error) {
	for {
		line, err := b.in.ReadSlice('\n')
		if err != nil {
			return size, err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return size, err
		}
		if _, err := b.in.Discard(int(n) + 2); err != nil || n == 0 {
			return size, err
		}
		size += n
	}
}

// listen holds a stream of events open and counts them.
func listen(ctx context.Context, host, cookie string, count *atomic.Int64) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	fmt.Fprintf(conn, "GET /desk/events HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nAccept: text/event-stream\r\n\r\n", host, cookie)
	in := bufio.NewScanner(conn)
	for in.Scan() {
		if strings.HasPrefix(in.Text(), "event:") {
			count.Add(1)
		}
	}
}

// intake pushes messages at a rate, one a call.
func intake(ctx context.Context, base string, rate float64, pushed, refused *atomic.Int64) {
	texts := rig.Texts(12, 5000)
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m := texts[n%len(texts)]
		id := fmt.Sprintf("load-%d", n)
		_, _, err := rig.Push(ctx, http.DefaultClient, base, id, []rig.Pushed{{ID: id, Text: m.Text, PublishedAt: time.Now()}})
		if err != nil {
			refused.Add(1)
			continue
		}
		pushed.Add(1)
	}
}
