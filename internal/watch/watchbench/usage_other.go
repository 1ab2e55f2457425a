//go:build !unix

package watchbench

import (
	"runtime"
	"time"
)

var started = time.Now()

// cpuSeconds is elapsed time where the system does not tell processor time.
func cpuSeconds() float64 { return time.Since(started).Seconds() }

// residentMB is what the runtime took from the system.
func residentMB() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / 1e6
}
