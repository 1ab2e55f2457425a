package api

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"otklik/internal/fault"
)

const (
	together  = 512             // calls under way: each holds its body, and the disk takes no more at a time
	patience  = 8 * time.Second // for the store; who calls again finds what was stored after all
	storeWait = 30 * time.Second
	busyWait  = 2 * time.Second
	logEvery  = 5 * time.Second
)

// A gate keeps a slow disk from filling the memory with calls that wait for it, and the log
// with one line for each.
type gate struct {
	inside atomic.Int64
	logged atomic.Int64 // Unix nanoseconds
}

// enter lets a call in while fewer than limit are inside.
func (g *gate) enter(limit int) (leave func(), ok bool) {
	leave = func() { g.inside.Add(-1) }
	if g.inside.Add(1) > int64(limit) {
		leave()
		return nil, false
	}
	return leave, true
}

// seldom reports whether it is time for another line in the log.
func (g *gate) seldom() bool {
	now, last := time.Now().UnixNano(), g.logged.Load()
	return now-last >= int64(logEvery) && g.logged.CompareAndSwap(last, now)
}

// within does what must be done before an answer. When that takes longer than d it returns
// the context's error and leaves do to its own end: what is under way in the store may be
// kept after all, and a caller who is told to call again is then told of a duplicate.
func within(ctx context.Context, d time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	end := make(chan error, 1)
	go func() {
		defer cancel()
		defer func() {
			if p := recover(); p != nil { // outside of the server's own guard; its value may hold words
				end <- fault.New(fault.Internal, "a call panicked\n%s", debug.Stack())
			}
		}()
		end <- do(ctx)
	}()
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
	}
	select { // both may have come at once
	case err := <-end:
		return err
	default:
		return ctx.Err()
	}
}
