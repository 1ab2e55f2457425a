package staff

import (
	"sync"
	"time"
)

// A memory keeps what pages ask for again and again (agencies, names of
// colleagues) for a moment, so that fifty open queues do not ask the store fifty
// times. The zero memory is ready.
type memory[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

// of returns the value under key, making it when it is older than life.
func (m *memory[K, V]) of(key K, now time.Time, life time.Duration, make_ func() (V, error)) (V, error) {
	m.mu.Lock()
	k, ok := m.kept[key]
	m.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.value, nil
	}
	v, err := make_()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) > 1000 {
		m.kept = map[K]kept[V]{}
	}
	m.kept[key] = kept[V]{v, now.Add(life)}
	return v, nil
}

// forget drops everything, after a change made here.
func (m *memory[K, V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = nil
}
