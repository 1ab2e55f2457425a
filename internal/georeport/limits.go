package georeport

import (
	"net/http"
	"sync"
	"time"

	"otklik/internal/source"
)

// Most calls within a minute.
const (
	visits  = 600 // of one address
	guesses = 20  // of wrong keys, of one address
	posts   = 120 // of one key, where its sender has no limit of its own
	most    = 20_000
)

// limits count calls of addresses and keys in the minute under way.
type limits struct {
	mu     sync.Mutex
	minute time.Time
	of     map[string]int
}

// count adds n to a name's count, and reports whether it was below the limit.
func (l *limits) count(name string, n, limit int, now time.Time) *refusal {
	minute := now.Truncate(time.Minute)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.minute.Equal(minute) || l.of == nil || len(l.of) >= most {
		l.minute, l.of = minute, map[string]int{}
	}
	if l.of[name] >= limit {
		return &refusal{status: http.StatusTooManyRequests, list: []fail{{"too_many", "Слишком много запросов за минуту. Подождите и повторите."}}, after: max(minute.Add(time.Minute).Sub(now), time.Second)}
	}
	l.of[name] += n
	return nil
}

func (l *limits) visit(address string, now time.Time) *refusal {
	return l.count("visit "+address, 1, visits, now)
}

func (l *limits) guess(address string, now time.Time, wrong bool) *refusal {
	n := 0
	if wrong {
		n = 1
	}
	return l.count("guess "+address, n, guesses, now)
}

func (l *limits) post(s *source.Sender, now time.Time) *refusal {
	limit := posts
	if s.PerMinute > 0 {
		limit = s.PerMinute
	}
	return l.count("post "+s.Source, 1, limit, now)
}
