package site

import "sync"

// ends tells long answers (events) that the session they were given to is over.
type ends struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // token → who waits
}

// wait returns a channel that is closed when the session ends here.
func (e *ends) wait(token string) (ended <-chan struct{}, stop func()) {
	ch := make(chan struct{})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiting[token] == nil {
		e.waiting[token] = map[chan struct{}]bool{}
	}
	e.waiting[token][ch] = true
	return ch, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.waiting[token], ch)
		if len(e.waiting[token]) == 0 {
			delete(e.waiting, token)
		}
	}
}

func (e *ends) end(token string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ch := range e.waiting[token] {
		close(ch)
	}
	delete(e.waiting, token)
}
