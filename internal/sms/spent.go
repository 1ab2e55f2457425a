package sms

import (
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/notify"
)

// spent counts paid messages of a day. It is kept in memory: a restart begins the day's
// count anew.
type spent struct {
	mu  sync.Mutex
	day string
	all int
	to  map[string]int
}

// take counts n messages to a number, or returns a *notify.Pause until the next day.
func (s *spent) take(now time.Time, number string, n, perNumber, perDay int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if day := now.Format(time.DateOnly); day != s.day {
		s.day, s.all, s.to = day, 0, map[string]int{}
	}
	if s.all+n > perDay || s.to[number]+n > perNumber {
		y, m, d := now.Date()
		return &notify.Pause{After: time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).Sub(now),
			Err: fault.New(fault.Unavailable, "sms: the limit of the day is spent").Say("Дневной предел СМС исчерпан, следующие уйдут завтра.")}
	}
	s.all += n
	s.to[number] += n
	return nil
}

// back gives back what surely did not leave.
func (s *spent) back(now time.Time, number string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Format(time.DateOnly) == s.day {
		s.all -= n
		s.to[number] -= n
	}
}
