// Package watchbench measures how many messages a second the standing queries
// take, reading included: what `otklik bench watch` prints.
//
// Run reads queries and messages, a line each, compiles the set, empties the
// cache of words, and sends every message through the analyzer and the set: once
// from that cold start, then again and again until the time is up.
package watchbench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/fault"
	"otklik/internal/russian"
	"otklik/internal/watch"
)

// Options say what to measure.
type Options struct {
	Queries  string  // file: one query a line; empty lines never match
	Messages string  // file: one message a line
	Threads  int     // goroutines; 1 if less
	Seconds  float64 // of the second, warm part; at least 5 are measured
	Digest   bool    // also compute the digest of the matches
}

// A Result is what the command prints as JSON.
type Result struct {
	Messages  int     `json:"messages"`                  // lines of the messages file
	Matches   int     `json:"matches"`                   // pairs of message and query, in one pass
	FirstPass float64 `json:"first_pass_per_cpu_second"` // messages, with a cold cache of words
	Warm      float64 `json:"messages_per_cpu_second"`   // messages, over all later passes
	Compile   float64 `json:"compile_cpu_seconds"`       // before the first pass: the set, and the texts it learns rare words from
	RSS       float64 `json:"rss_mb"`                    // largest resident size of the process, the digest's pairs aside
	// Digest is the SHA-256, in hex, of the lines "message line number TAB query
	// line number LF", numbers from 1, sorted as bytes. Empty if not asked for.
	Digest string `json:"digest,omitempty"`
}

// sampled is how many texts tell the set which words are rare.
const sampled = 1000

// chunk is how many messages a goroutine takes at a time.
const chunk = 256

// Run measures. Its errors name file and line, never the text.
func Run(ctx context.Context, o Options) (r Result, err error) {
	defer fault.Wrap(&err, "watchbench.Run")
	if math.IsNaN(o.Seconds) || o.Seconds > 24*60*60 {
		return r, fault.New(fault.Invalid, "seconds is %g", o.Seconds).At("seconds").Mend("give a number from 5 to a day")
	}
	analyzer, err := russian.New()
	if err != nil {
		return r, err
	}
	lines, err := readLines(o.Queries)
	if err != nil {
		return r, err
	}
	if strings.TrimSpace(strings.Join(lines, "")) == "" {
		return r, fault.New(fault.Invalid, "%s holds no queries", o.Queries).At("queries").Mend("write one query a line")
	}
	queries := make([]*watch.Query, len(lines))
	for i, l := range lines {
		if l == "" {
			continue
		}
		if queries[i], err = watch.Parse(analyzer, l); err != nil {
			return r, fmt.Errorf("%s:%d: %w", o.Queries, i+1, err)
		}
	}
	messages, err := readLines(o.Messages)
	if err != nil {
		return r, err
	}
	if len(messages) == 0 {
		return r, fault.New(fault.Invalid, "%s holds no messages", o.Messages).At("messages").Mend("write one message a line")
	}
	b := &bench{ctx: ctx, analyzer: analyzer, messages: messages, threads: max(1, o.Threads)}
	r.Messages = len(messages)

	from := cpuSeconds()
	// The service compiles its set on the texts it saw last; here the first of
	// the stream stand for them.
	var sample []*russian.Text
	for _, m := range messages[:min(len(messages), sampled)] {
		sample = append(sample, analyzer.Read(m))
	}
	b.set = watch.NewSet(queries, watch.WithSample(sample))
	r.Compile = cpuSeconds() - from

	// Queries and sample have left words in the cache that a first pass has not seen.
	analyzer.Forget()
	from = cpuSeconds()
	if r.Matches, err = b.pass(false); err != nil {
		return r, err
	}
	r.FirstPass = float64(len(messages)) / (cpuSeconds() - from)

	from = cpuSeconds()
	n, until := 0, time.Now().Add(time.Duration(max(5, o.Seconds)*float64(time.Second)))
	for time.Now().Before(until) {
		if _, err = b.pass(false); err != nil {
			return r, err
		}
		n += len(messages)
	}
	r.Warm = float64(n) / (cpuSeconds() - from)
	r.RSS = residentMB()
	if o.Digest { // a pass of its own: keeping the pairs is no part of matching
		if _, err = b.pass(true); err != nil {
			return r, err
		}
		r.Digest = digest(b.pairs)
	}
	return r, nil
}

type bench struct {
	ctx      context.Context
	analyzer *russian.Analyzer
	set      *watch.Set
	messages []string
	threads  int
	pairs    [][2]int32 // message, query; only when asked for
}

// pass sends every message through once and counts the matches.
func (b *bench) pass(keep bool) (matches int, err error) {
	var (
		next  atomic.Int64
		total atomic.Int64
		mu    sync.Mutex
		wg    sync.WaitGroup
	)
	for range b.threads {
		wg.Go(func() {
			var text russian.Text
			var buf watch.Buffer
			var found [][2]int32
			count := 0
			for b.ctx.Err() == nil {
				from := int(next.Add(chunk)) - chunk
				if from >= len(b.messages) {
					break
				}
				for i := from; i < min(from+chunk, len(b.messages)); i++ {
					b.analyzer.ReadInto(&text, b.messages[i])
					hits := b.set.Match(&text, &buf)
					count += len(hits)
					if keep {
						for _, h := range hits {
							found = append(found, [2]int32{int32(i), h.Query})
						}
					}
				}
			}
			total.Add(int64(count))
			mu.Lock()
			b.pairs = append(b.pairs, found...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return int(total.Load()), b.ctx.Err()
}

// digest is documented at Result.Digest.
func digest(pairs [][2]int32) string {
	lines := make([][]byte, len(pairs))
	for i, p := range pairs {
		l := strconv.AppendInt(make([]byte, 0, 16), int64(p[0])+1, 10)
		l = append(l, '\t')
		l = strconv.AppendInt(l, int64(p[1])+1, 10)
		lines[i] = append(l, '\n')
	}
	slices.SortFunc(lines, bytes.Compare)
	h := sha256.New()
	for _, l := range lines {
		h.Write(l)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "%v", err).Mend("name a file with one line each")
	}
	defer f.Close()
	var lines []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		lines = append(lines, sc.Text())
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, len(lines)+1, err)
	}
	return lines, nil
}
