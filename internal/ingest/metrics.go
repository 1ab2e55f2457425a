package ingest

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// counters counts what intake has done since the start, by fate. Labels hold
// fates only, never sources or words.
type counters struct {
	mu    sync.Mutex
	total Summary
}

func (c *counters) add(s Summary) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.Add(s)
}

// Metrics returns the collector of intake.
func (in *Intake) Metrics() prometheus.Collector { return &in.counted }

var messagesDesc = prometheus.NewDesc("otklik_messages_total", "Messages that intake has seen, by what became of them.", []string{"fate"}, nil)

// Describe implements prometheus.Collector.
func (c *counters) Describe(out chan<- *prometheus.Desc) { out <- messagesDesc }

// Collect implements prometheus.Collector.
func (c *counters) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	s := c.total
	c.mu.Unlock()
	for fate, n := range map[string]int64{
		"duplicate": s.Duplicate, "not_ours": s.NotOurs, "opened": s.Opened, "attached": s.Attached,
		"kept_without_incident": s.KeptWithoutIncident, "rejected": s.Rejected,
	} {
		out <- prometheus.MustNewConstMetric(messagesDesc, prometheus.CounterValue, float64(n), fate)
	}
}
