package ingest

import (
	"sync"
	"time"

	"otklik/internal/message"
)

// A thread is one talk at one source.
type thread struct{ source, root string }

// ringSize and ringAge bound what is remembered of messages that concern
// nobody: the last ten thousand of them, a day at most, in memory only. A text
// longer than ringText is no remark in a talk, and would fill the memory.
const (
	ringSize = 10_000
	ringAge  = 24 * time.Hour
	ringText = 4096 // bytes
)

// A ring remembers the last dropped messages, so that those of a thread can be
// taken in when the thread becomes ours. It is erased with the process.
type ring struct {
	mu   sync.Mutex
	list []message.Message // a ring once it is full
	next int
}

func (r *ring) add(dropped []message.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(dropped) > 0 {
		for k := range r.list {
			if dropped[0].SeenAt.Sub(r.list[k].SeenAt) > ringAge {
				r.list[k] = message.Message{}
			}
		}
	}
	for _, m := range dropped {
		if len(m.Text) > ringText {
			continue
		}
		if len(r.list) < ringSize {
			r.list = append(r.list, m)
			continue
		}
		r.list[r.next] = m
		r.next = (r.next + 1) % ringSize
	}
}

// recall takes the messages of the threads out of the ring.
func (r *ring) recall(threads map[thread]struct{}) []message.Message {
	if len(threads) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []message.Message
	newest := time.Time{}
	for k := range r.list {
		if at := r.list[k].SeenAt; at.After(newest) {
			newest = at
		}
	}
	for k := range r.list {
		m := &r.list[k]
		if _, ok := threads[thread{m.Source, m.Thread}]; ok && m.Native != "" {
			if newest.Sub(m.SeenAt) <= ringAge {
				out = append(out, *m)
			}
			*m = message.Message{}
		}
	}
	return out
}
