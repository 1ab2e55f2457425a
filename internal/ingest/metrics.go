package ingest

import "sync"

// counters counts what intake has done since the start, by fate.
type counters struct {
	mu    sync.Mutex
	total Summary
}

func (c *counters) add(s Summary) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.Add(s)
}

// Counted returns what intake has done since the start of the process.
func (in *Intake) Counted() Summary {
	in.counted.mu.Lock()
	defer in.counted.mu.Unlock()
	return in.counted.total
}
