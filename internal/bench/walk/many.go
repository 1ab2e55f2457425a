package walk

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/incident"
)

// Length is about how many things happen in one history.
const Length = 16

// InMemory makes empty Memories. What they lack is read from rest, an empty store.
func InMemory(rest incident.Tx) func() (Store, error) {
	return func() (Store, error) { return &Memory{Tx: rest}, nil }
}

// Many leads n histories in memory, the k-th by the seed first+k, on all processors, and
// returns what was reached; it ends with the first law that is broken. It prints where it
// is every minute.
func Many(ctx context.Context, out io.Writer, rest incident.Tx, first, n uint64) (Tally, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next, done atomic.Uint64
	var mu sync.Mutex
	var total Tally
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			w, err := New(ctx, InMemory(rest))
			for err == nil && ctx.Err() == nil {
				k := next.Add(1) - 1
				if k >= n {
					break
				}
				if err = w.Walk(first+k, Length); err == nil {
					done.Add(1)
				}
			}
			if err != nil {
				stop(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if w != nil {
				total.Add(&w.Tally)
			}
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	for began, tick := time.Now(), time.NewTicker(time.Minute); ; {
		select {
		case <-ended:
			tick.Stop()
			return total, context.Cause(ctx)
		case <-tick.C:
			fmt.Fprintf(out, "%d of %d histories, %.0f a second\n", done.Load(), n, float64(done.Load())/time.Since(began).Seconds())
		}
	}
}
