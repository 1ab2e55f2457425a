package ingest

import (
	"maps"
	"sync"
)

// counters counts what intake has done since the start, by fate.
type counters struct {
	mu    sync.Mutex
	total Summary
	left  map[string]int64
}

// leftOut counts what sources left out: letters of machines and the like, by why.
func (c *counters) leftOut(n map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == nil {
		c.left = map[string]int64{}
	}
	for why, k := range n {
		c.left[why] += int64(k)
	}
}

// LeftOut returns what sources left out since the start of the process, by why.
func (in *Intake) LeftOut() map[string]int64 {
	in.counted.mu.Lock()
	defer in.counted.mu.Unlock()
	return maps.Clone(in.counted.left)
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
