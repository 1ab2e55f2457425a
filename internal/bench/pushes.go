package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/api"
	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/store"
	pushed "otklik/internal/stream"
)

// Pushes says how to push.
type Pushes struct {
	Rate    float64 // calls a second, of one message each
	Seconds float64
	Callers int    // connections
	Profile string // as in Load
	Bar     string // that the figures are held against, in words
}

// Push measures calls from outside that are answered when they are on the disk: signed ones to
// a running centre, whose intake reads them meanwhile, and calls of VK to a source, without
// intake. Calls are due at a fixed mean rate with exponential gaps, and each time runs from
// the moment at which the call was due. The generator shares the machine. The baseline of the
// same run is a plain loop that commits rows by 64.
func Push(ctx context.Context, out io.Writer, bin string, p Pushes) error {
	dir, err := os.MkdirTemp("", "otklik-push-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plain, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	bare, err := bareRows(ctx, plain, "INTEGER", 20_000, 64)
	plain.Close()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "baseline: a plain loop of rows of 1 KB, 64 a commit (SQLite, synchronous=FULL): %.0f rows/s; load %s\n", bare, loadAverage())
	if err := p.called(ctx, out, dir, bare); err != nil {
		return err
	}
	c, err := rig.NewCentre(ctx, bin, filepath.Join(dir, "centre"), khakassia, "", func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	if err != nil {
		return err
	}
	base, pid, end, err := start(ctx, c, p.Profile)
	if err != nil {
		return err
	}
	defer end()
	texts := rig.Texts(23, 20_000)
	used := cpuTime(pid)
	err = p.run(ctx, out, "signed calls", bare, func(ctx context.Context, k int) (*http.Request, error) {
		m := texts[k%len(texts)]
		return rig.PushRequest(ctx, base, fmt.Sprint("bench-", k), []rig.Pushed{{ID: fmt.Sprint(k), Text: m.Text, PublishedAt: time.Now().Add(-time.Minute)}})
	})
	if err == nil && p.Profile == "" {
		fmt.Fprintf(out, "the service used %.1f s of processor, intake included, and %d MB\n", (cpuTime(pid) - used).Seconds(), residentMB(pid))
	}
	return err
}

// called pushes events of VK to a source on a store of its own.
func (p Pushes) called(ctx context.Context, out io.Writer, dir string, bare float64) error {
	db, err := store.Open(ctx, filepath.Join(dir, "calls.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	quiet := slog.New(slog.DiscardHandler)
	inbox := pushed.NewInbox(db, time.Now, quiet)
	wall := &vk.Wall{Group: 1001, CommunityToken: "a token of nobody"}
	h := &api.Calls{
		Receiver: func(int64) (source.Source, source.Receiver) { return source.Source{ID: wall.ID()}, wall },
		Bring: func(ctx context.Context, s source.Source, r source.Received) error {
			_, err := inbox.Bring(ctx, s.ID, r.ID, r.Messages, nil)
			return err
		},
		Refused: func(source.Source, error) {}, Log: quiet,
	}
	mux := http.NewServeMux()
	mux.Handle("/hooks/sources/{number}", h)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	texts := rig.Texts(24, 20_000)
	return p.run(ctx, out, "calls of VK to a source, without intake", bare, func(ctx context.Context, k int) (*http.Request, error) {
		text := texts[k%len(texts)].Text
		words, err := json.Marshal(text)
		if err != nil {
			return nil, err
		}
		body := fmt.Sprintf(`{"type":"wall_reply_new","group_id":1001,"event_id":"e%d","v":"5.199","secret":%q,"object":{"id":%d,"from_id":-77,"date":%d,"text":%s,"post_owner_id":-1001,"post_id":5}}`,
			k, wall.Secret(), k+1, time.Now().Unix(), words)
		return http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Addr().String()+"/hooks/sources/1", strings.NewReader(body))
	})
}

// run pushes at the rate, then as fast as the callers can.
func (p Pushes) run(ctx context.Context, out io.Writer, what string, bare float64, call func(ctx context.Context, k int) (*http.Request, error)) error {
	next := 0
	r, err := p.load(ctx, p.Rate, &next, call)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %.0f due a second (bar: %s): %s; load %s\np99 of those due in each second, ms: %s\n", what, p.Rate, p.Bar, r, loadAverage(), r.bySecond())
	if r, err = p.load(ctx, 0, &next, call); err != nil {
		return err
	}
	many := float64(len(r.times)) / r.took.Seconds()
	fmt.Fprintf(out, "%s, as fast as %d callers can: %.0f a second (ratio to the plain loop %.2f), %s; load %s\n", what, p.Callers, many, many/bare, r, loadAverage())
	return nil
}

// A pushing is what came of calls.
type pushing struct {
	result
	busy  int                     // answered 503
	wrong int                     // any other end
	by    map[int][]time.Duration // times of those due in each second from the first
}

// bySecond writes p99 of each second, which shows what only the beginning costs.
func (p *pushing) bySecond() string {
	var list []string
	for k := range len(p.by) {
		part := result{times: slices.Sorted(slices.Values(p.by[k]))}
		list = append(list, fmt.Sprintf("%.0f", float64(part.quantile(0.99).Microseconds())/1000))
	}
	return strings.Join(list, " ")
}

func (p *pushing) String() string {
	return fmt.Sprintf("%d taken in %.1f s, %d told to come later, %d lost; p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms", len(p.times), p.took.Seconds(), p.busy, p.wrong,
		float64(p.quantile(0.5).Microseconds())/1000, float64(p.quantile(0.95).Microseconds())/1000, float64(p.quantile(0.99).Microseconds())/1000, float64(p.quantile(1).Microseconds())/1000)
}

func (p Pushes) load(ctx context.Context, rate float64, next *int, call func(ctx context.Context, k int) (*http.Request, error)) (*pushing, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: p.Callers, MaxConnsPerHost: p.Callers}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var (
		mu  sync.Mutex
		all sync.WaitGroup
		r   pushing
	)
	type turn struct {
		k   int
		due time.Time
	}
	from := time.Now()
	r.by = map[int][]time.Duration{}
	turns := make(chan turn, 1<<16)
	for range p.Callers {
		all.Go(func() {
			for t := range turns {
				if rate == 0 {
					t.due = time.Now()
				}
				status, err := one(ctx, client, t.k, call)
				took := time.Since(t.due)
				mu.Lock()
				switch {
				case err == nil && status == http.StatusOK:
					r.times = append(r.times, took)
					second := int(t.due.Sub(from) / time.Second)
					r.by[second] = append(r.by[second], took)
				case err == nil && status == http.StatusServiceUnavailable:
					r.busy++
				default:
					r.wrong++
				}
				mu.Unlock()
			}
		})
	}
	end := from.Add(time.Duration(p.Seconds * float64(time.Second)))
	for due := from; due.Before(end) && ctx.Err() == nil; {
		if rate > 0 {
			due = due.Add(time.Duration(rand.ExpFloat64() / rate * float64(time.Second)))
			time.Sleep(time.Until(due))
		} else if due = time.Now(); len(turns) > p.Callers {
			time.Sleep(time.Millisecond)
			continue
		}
		turns <- turn{*next, due}
		*next++
	}
	close(turns)
	all.Wait()
	r.took = time.Since(from)
	slices.Sort(r.times)
	return &r, ctx.Err()
}

func one(ctx context.Context, client *http.Client, k int, call func(ctx context.Context, k int) (*http.Request, error)) (int, error) {
	r, err := call(ctx, k)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}
